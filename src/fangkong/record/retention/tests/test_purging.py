"""When the row lapses the names go: keys, backups and files; the facts and a certificate stay."""

from __future__ import annotations

import json
from datetime import date

import pytest
from cryptography.exceptions import InvalidTag

from fangkong.core.errors import FangkongError, Forbidden, InputError
from fangkong.record import audit
from fangkong.record.digest import record_digest
from fangkong.record.keyring import keyring
from fangkong.record.models import (
    AuditRow,
    Case,
    IdentityDigest,
    IdentityKey,
    PurgeCertificate,
    PurgeRun,
    Specimen,
)
from fangkong.record.retention import categories
from fangkong.record.retention.purging import added, purge_due, purge_run
from fangkong.record.retention.queries import categories_state, certificates, clock_of_person

from . import made_people as made

AFTER = date(2023, 1, 8)
NOTICE = "covid19-cn-early:privacy.collect_scope::2020-02-04:CN"


@pytest.fixture
def town(db) -> None:
    """Two cases, a contact, a secondary contact and a tested person of 2022, and a measles case."""
    made.office()
    for key in ("c1", "c2", "k1", "s1", "t1", "m1"):
        made.person(key)
    made.case("c1")
    made.case("c2", area="990102001")
    made.contact("k1")
    made.contact("s1", tier="secondary")
    made.swabbed("t1")
    made.case("m1", disease="measles")
    for key in ("c1", "c2", "k1", "s1", "t1", "m1"):
        made.named(key)


def named() -> set[str]:
    return set(IdentityKey.objects.values_list("person_key", flat=True))


def run(on: date = AFTER, **more) -> list[PurgeCertificate]:
    return purge_run(**{"actor": made.system(), "at": made.noon(on), **more})


class TestByRule:
    def test_nothing_goes_while_the_rule_runs(self, town):
        assert run(date(2022, 11, 10)) == []
        assert len(named()) == 6
        assert not PurgeRun.objects.exists()

    def test_when_the_row_lapses_exactly_its_people_go(self, town):
        assert [(c.category, c.people) for c in run(date(2022, 11, 11))] == [("secondary_contact", 1)]
        done = run()
        assert {(c.category, c.area_code, c.people) for c in done} == {
            ("case", "990101", 1),
            ("case", "990102", 1),
            ("contact", "990101", 1),
            ("screening", "990101", 1),
        }
        assert named() == {"m1"}

    def test_the_certificate_names_the_row_and_nobody(self, town):
        (done,) = run(categories=["contact"])
        assert (done.rule_row, done.trigger, done.lapsed_on) == (NOTICE, "rule_lapsed", AFTER)
        assert (done.purpose, done.disease, done.by) == ("contact_tracing", "covid-19", "system:test")
        assert done.issued_at == made.noon(AFTER)
        assert "k1" not in json.dumps({f.name: str(getattr(done, f.name)) for f in done._meta.fields})

    def test_whoever_holds_the_list_can_prove_who_was_purged(self, town):
        (done,) = run(categories=["contact"])
        assert done.digest == added("0" * 64, ["k1"])
        assert added(added("0" * 64, ["a"]), ["b"]) == added("0" * 64, ["b", "a"])
        assert added("0" * 64, ["k2"]) != done.digest

    def test_the_deed_is_in_the_audit_chain_without_names(self, town):
        run()
        verbs = set(AuditRow.objects.values_list("verb", flat=True))
        assert {"purge.begin", "purge.destroy", "purge.certify"} <= verbs
        assert audit.verify().problem == ""

    def test_the_facts_stay(self, town):
        before = record_digest(made.noon(AFTER))
        run()
        assert record_digest(made.noon(AFTER)) == before
        assert Case.objects.open().count() == 3

    def test_no_backup_opens(self, town):
        copies = {copy.person_key: copy for copy in IdentityKey.objects.all()}
        run()
        for key in ("c1", "m1"):
            with pytest.raises((FangkongError, InvalidTag)):
                keyring().unwrap(copies[key].master, bytes(copies[key].wrapped), key)
        assert set(IdentityDigest.objects.values_list("person_key", flat=True)) == {"m1"}

    def test_a_second_run_does_nothing(self, town):
        run()
        assert run() == []
        assert PurgeRun.objects.count() == 1

    def test_what_is_held_back_is_listed_and_not_purged(self, town):
        made.order("k1", date(2023, 1, 5), date(2023, 1, 12))
        (line,) = purge_due(made.noon(AFTER), actor=made.system(), categories=["contact"])
        assert (line.people, line.held_back) == (0, (("running_order", 1),))
        run()
        assert named() == {"k1", "m1"}
        run(date(2023, 1, 13))
        assert named() == {"m1"}

    def test_tables_that_go_with_the_identity_go(self, town, monkeypatch):
        made.put(Specimen, made.CLASS_A, key="x", person_key="k1", area_code=made.STREET)
        stored = categories.tomllib.loads(
            (categories.Path(categories.__file__).with_name("categories.toml")).read_text(encoding="utf-8")
        )
        stored["category"]["screening"]["erase"] = ["Specimen"]
        monkeypatch.setattr("fangkong.record.retention.purging.retention", lambda: categories.read(stored))
        done = run()
        assert sum(c.rows for c in done) == 1
        assert not Specimen.objects.exists()


class TestOnRelease:
    @pytest.fixture
    def nobody_s(self, town) -> None:
        made.person("u1")
        made.named("u1")

    def test_what_no_rule_ends_waits_for_a_person(self, nobody_s):
        run(date(2022, 5, 1))
        assert "u1" in named()
        (line,) = purge_due(made.noon(date(2022, 5, 1)), actor=made.system())
        assert (line.line.trigger, line.needs_release, line.people) == ("no_purpose", True, 1)
        (done,) = run(date(2022, 5, 1), actor=made.actor(), release=True, reason="收集后未使用")
        assert (done.category, done.trigger, done.people) == ("identity", "no_purpose", 1)
        assert named() == {"c1", "c2", "k1", "s1", "t1", "m1"}

    def test_the_platform_never_releases(self, nobody_s):
        with pytest.raises(Forbidden, match="release_by_person"):
            run(release=True, reason="x")

    def test_a_role_that_may_not_decide_may_not_release(self, nobody_s):
        with pytest.raises(Forbidden, match="not_your_role"):
            run(actor=made.actor("duty_officer"), release=True, reason="x")

    def test_a_reason_is_written(self, nobody_s):
        with pytest.raises(InputError, match="reason_missing"):
            run(actor=made.actor(), release=True, reason=" ")

    def test_a_response_declared_over_releases_its_disease_alone(self, nobody_s):
        (done,) = run(
            date(2022, 12, 1), actor=made.actor(), over="covid-19", reason="应对结束", categories=["contact"]
        )
        assert (done.trigger, done.people) == ("declared_over", 1)
        assert "privacy.delete_when" in done.rule_row
        assert named() >= {"c1", "m1", "u1"}

    def test_a_person_purges_in_their_own_area_only(self, town):
        run(actor=made.actor(area="990102"))
        assert named() == {"c1", "k1", "s1", "t1", "m1", "c2"}
        made.put(made.PersonArea, made.CLASS_A, key="t2", person_key="c2", kind="work", area_code="990102001")
        run(actor=made.actor(area="990102"))
        assert named() == {"c1", "k1", "s1", "t1", "m1"}


class TestWhatIsShown:
    def test_every_category_with_its_basis_today(self, town):
        states = {
            each.category.code: each for each in categories_state(actor=made.actor(), at=made.noon(AFTER))
        }
        assert set(states) == set(categories.retention().categories)
        assert not states["contact"].open
        assert states["case"].open

    def test_certificates_in_scope_only(self, town):
        run()
        shown = certificates(actor=made.actor("oversight", "990102"))
        assert [(each.category, each.area_code) for each in shown] == [("case", "990102")]
        assert len(certificates(actor=made.actor("oversight"))) == PurgeCertificate.objects.count()

    def test_roles_without_orders_see_nothing(self, town):
        with pytest.raises(Forbidden):
            certificates(actor=made.actor("laboratory"))

    def test_the_clock_of_a_person_in_scope(self, town):
        clock = clock_of_person("c1", actor=made.actor(), at=made.noon(AFTER))
        assert clock is not None
        assert clock.state == "due"
        with pytest.raises(FangkongError, match="not_found"):
            clock_of_person("c1", actor=made.actor(area="990103"), at=made.noon(AFTER))
