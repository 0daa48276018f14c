"""Every identity held has a purge clock: open under a rule that runs, held back by something, or due."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fangkong.core.errors import Forbidden
from fangkong.record.load import withdraw
from fangkong.record.models import Contact, IdentityKey
from fangkong.record.retention.clocks import Clocks, PurgeClock, identities_held, purge_clock
from fangkong.record.retention.purging import purge_run

from . import made_people as made

AFTER = date(2023, 1, 8)


def clock_of(key: str, on: date, over: str = "") -> PurgeClock:
    return Clocks.of_the_office(made.noon(on), over=over).read([key])[key]


@pytest.mark.django_db
class TestOneClock:
    @pytest.fixture(autouse=True)
    def _office(self, db):
        made.office()

    def test_open_while_the_rule_runs_and_due_on_the_day_after(self):
        made.case("p1")
        made.named("p1")
        last_day = clock_of("p1", date(2023, 1, 7))
        assert (last_day.state, last_day.purge_by) == ("open", AFTER)
        lapsed = clock_of("p1", AFTER)
        assert (lapsed.state, lapsed.purge_by, lapsed.needs_release) == ("due", AFTER, False)
        assert lapsed.deciding.rule_row == "covid19-cn-early:privacy.collect_scope::2020-02-04:CN"

    def test_the_purpose_that_lasts_longest_decides(self):
        made.contact("p1", tier="secondary")
        made.named("p1")
        assert clock_of("p1", date(2022, 11, 11)).state == "due"
        made.case("p1")
        assert clock_of("p1", date(2022, 11, 11)).state == "open"

    def test_a_disease_without_a_written_end_stays_open_under_its_rule(self):
        made.case("p1", made.TODAY, disease="measles")
        made.named("p1")
        clock = clock_of("p1", made.TODAY + timedelta(days=400))
        assert (clock.state, clock.purge_by) == ("open", None)
        assert "law.data_use" in clock.deciding.rule_row

    def test_the_days_after_the_last_case_end_the_event_and_a_person_releases(self):
        """Chikungunya: 14 days after the last case, by its row; the row asks, a named person decides."""
        made.case("p1", date(2025, 9, 1), disease="chikungunya")
        made.case("p2", date(2025, 9, 10), disease="chikungunya")
        made.named("p1")
        assert clock_of("p1", date(2025, 9, 24)).state == "open"
        over = clock_of("p1", date(2025, 9, 25))
        assert (over.state, over.deciding.trigger, over.needs_release) == ("due", "event_ended", True)
        assert "outbreak.end_days" in over.deciding.rule_row

    @pytest.mark.parametrize("state", ["proposed", "approved", "suspended"])
    def test_a_running_order_holds_until_its_last_day(self, state):
        made.contact("p1")
        made.named("p1")
        made.order("p1", date(2023, 1, 5), date(2023, 1, 12), state=state)
        held = clock_of("p1", AFTER)
        assert (held.state, held.holds, held.held_until) == ("held", ("running_order",), date(2023, 1, 12))
        assert clock_of("p1", date(2023, 1, 13)).state == "due"

    def test_an_unfinished_task_about_the_contact_holds(self):
        made.contact("p1")
        made.named("p1")
        made.task("1", "contact-p1", made.CLASS_A, state="overdue")
        assert clock_of("p1", AFTER).holds == ("open_task",)

    def test_a_suspected_case_holds(self):
        made.case("p1", classification="suspected")
        made.named("p1")
        assert clock_of("p1", AFTER).holds == ("suspected_case",)

    def test_a_withdrawn_contact_leaves_no_purpose(self):
        made.contact("p1")
        made.named("p1")
        day = made.CLASS_A + timedelta(days=1)
        withdraw(Contact, ["contact-p1"], at=made.noon(day), actor="test", reason="wrong person")
        clock = clock_of("p1", day + timedelta(days=1))
        assert (clock.state, clock.deciding.trigger, clock.needs_release) == ("due", "no_purpose", True)

    def test_a_look_back_sees_the_clock_of_that_day(self):
        made.case("p1")
        made.named("p1")
        assert clock_of("p1", made.CLASS_A).state == "open"

    def test_nobody_without_an_identity_has_a_clock(self):
        made.case("p1")
        assert purge_clock("p1", at=made.noon(made.CLASS_A)) is None


DAYS = st.sampled_from(
    [date(2014, 3, 1), made.CLASS_A, date(2022, 11, 20), AFTER, date(2025, 9, 1), made.TODAY]
)
DEED = st.tuples(
    st.sampled_from(
        ["case", "contact", "secondary", "swabbed", "order", "task", "named", "purge", "withdraw"]
    ),
    st.integers(0, 3),
    DAYS,
    st.sampled_from(["covid-19", "measles", "chikungunya", "never-heard-of"]),
    st.sampled_from([made.STREET, "310115001", "KR"]),
)


class TestNoIdentityWithoutAClock(TestCase):
    """No reachable state holds an identity without a clock: whatever is done, in whatever order."""

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(deeds=st.lists(DEED, min_size=1, max_size=12), on=DAYS)
    def test_in_any_state_that_deeds_can_reach(self, deeds, on):
        made.office()
        for number, (what, who, day, disease, area) in enumerate(deeds):
            self.do(what, f"p{who}", day, disease, area, number)
        clocks = Clocks.of_the_office(made.noon(on))
        held = [key for chunk in identities_held() for key in chunk]
        assert held == sorted(IdentityKey.objects.values_list("person_key", flat=True))
        found = clocks.read(held)
        assert sorted(found) == held
        for clock in found.values():
            assert clock.state in ("open", "held", "due")
            assert clock.deciding.purpose
            if clock.state == "open":
                assert clock.deciding.rule_row, "an open clock names the rule that runs"
                assert clock.purge_by is None or clock.purge_by > on
            else:
                assert clock.purge_by is not None
                assert clock.purge_by <= on
                assert bool(clock.holds) == (clock.state == "held")

    def do(self, what: str, key: str, day: date, disease: str, area: str, number: int) -> None:
        if what in ("case", "swabbed"):
            getattr(made, what)(f"{key}", day, disease=disease, area=area)
        elif what in ("contact", "secondary"):
            tier = "close" if what == "contact" else "secondary"
            made.contact(key, day, tier=tier, disease=disease, area=area)
        elif what == "order":
            made.order(f"{key}", day, day + timedelta(days=7), disease=disease)
        elif what == "task":
            made.task(str(number), f"contact-{key}", day)
        elif what == "purge":
            purge_run(actor=made.system(), at=made.noon(day))
        elif what == "withdraw":
            later = made.noon(day + timedelta(days=1))
            withdraw(Contact, [f"contact-{key}"], at=later, actor="test", reason="x")
        else:
            try:
                made.named(key)
            except Forbidden as refused:
                assert refused.code in ("retention.no_basis", "retention.limited")  # noqa: PT017
                assert not IdentityKey.objects.filter(person_key=key).exists()
