"""Cases, their history, their contacts and their timeline, each in scope and as known on a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fangkong.core.errors import Forbidden, InputError, NotFound
from fangkong.desks.trace import queries
from fangkong.record.access import system_actor
from fangkong.record.load import revise
from fangkong.record.models import Case, Contact, LabResult, Order, Specimen, Task

from .outbreaks import NOW, TODAY, case, contact, in_area, order, put, put_people

pytestmark = pytest.mark.django_db
OFFICE = system_actor("test")
LATER = NOW + timedelta(days=2)


def listed(**more) -> list[str]:
    asked = {"actor": OFFICE, "at": NOW, "disease": "d", **more}
    return [row.key for row in queries.case_list(**asked).rows]


def test_pages_hold_every_case_once_latest_first():
    put(Case, *(case(f"c{n:02}", reported_on=TODAY - timedelta(days=n % 4)) for n in range(23)))
    seen, after = [], ""
    while True:
        page = queries.case_list(actor=OFFICE, at=NOW, disease="d", after=after, limit=5)
        seen += page.rows
        after = page.after
        if not after:
            break
    assert [row.key for row in seen] == [
        f"c{n:02}" for n in sorted(range(23), key=lambda n: (n % 4, f"c{n:02}"))
    ]
    with pytest.raises(InputError):
        listed(after="yesterday|c01")


def test_filters_of_the_list():
    put(
        Case,
        case("a", channel="controlled"),
        case("b", area="990102", classification="asymptomatic", channel="screening"),
        case("other", disease="e"),
    )
    task = {
        "key": "t",
        "kind": "interview",
        "area_code": "990101",
        "owner_role": "investigation_group",
        "due_at": NOW - timedelta(hours=1),
        "state": "in_progress",
        "subject_kind": "case",
        "subject_key": "a",
        "created_by": "u",
    }
    put(
        Task,
        task,
        task | {"key": "t2", "subject_key": "b", "state": "done"},
        known_from=NOW - timedelta(hours=2),
    )
    assert listed() == ["a", "b"]
    assert listed(area_code="990102") == ["b"]
    assert listed(classification="confirmed") == ["a"]
    assert listed(channel="screening") == ["b"]
    assert listed(overdue=True) == ["a"]
    assert listed(actor=in_area("990102")) == ["b"]
    assert listed(at=NOW - timedelta(hours=1)) == []


def test_a_case_is_seen_where_its_person_has_a_tie():
    put(Case, case("a"))
    put_people("p-a", home="990202")
    assert listed(actor=in_area("9902")) == ["a"]
    assert queries.case_get("a", actor=in_area("9902"), at=NOW).row.area_code == "990101"


@pytest.mark.parametrize(
    "ask",
    [
        queries.case_get,
        queries.case_history,
        queries.case_timeline,
        queries.contacts_of_case,
        queries.links,
        queries.transmission_tree,
    ],
)
def test_outside_the_scope_is_as_if_it_were_not_there(ask):
    put(Case, case("a"))
    ask("a", actor=in_area("990101"), at=NOW)
    with pytest.raises(NotFound) as outside:
        ask("a", actor=in_area("990102"), at=NOW)
    with pytest.raises(NotFound) as absent:
        ask("a", actor=in_area("990101"), at=NOW - timedelta(days=1))
    assert outside.value.code == absent.value.code
    with pytest.raises(Forbidden):
        ask("a", actor=in_area("990101", "board.read"), at=NOW)


def test_the_history_says_what_each_version_changed():
    put(Case, case("a", classification="asymptomatic"))
    revise(
        Case.objects.open().get(key="a"), at=LATER, actor="u", verb="case.revise", classification="confirmed"
    )
    first, second = queries.case_history("a", actor=OFFICE, at=LATER)
    assert (first.classification, first.changed) == ("asymptomatic", {})
    assert second.changed == {"classification": ("asymptomatic", "confirmed")}
    assert (first.known_to, second.known_from) == (LATER, LATER)
    assert len(queries.case_history("a", actor=OFFICE, at=NOW)) == 1
    view = queries.case_get("a", actor=OFFICE, at=NOW)
    assert (view.row.classification, view.version_count, view.contact_count) == ("asymptomatic", 1, 0)


def test_contacts_by_page_tier_and_scope():
    put(Case, case("a"))
    put(
        Contact,
        *(contact(f"k{n}", "a") for n in range(5)),
        contact("s", "a", tier="secondary", area="990201"),
    )
    page = queries.contacts_of_case("a", actor=OFFICE, at=NOW, limit=4)
    rest = queries.contacts_of_case("a", actor=OFFICE, at=NOW, limit=4, after=page.after)
    assert [row.key for row in page.rows + rest.rows] == ["k0", "k1", "k2", "k3", "k4", "s"]
    assert rest.after == ""
    second = queries.contacts_of_case("a", actor=OFFICE, at=NOW, tier="secondary")
    assert [row.key for row in second.rows] == ["s"]
    assert len(queries.contacts_of_case("a", actor=in_area("9901"), at=NOW).rows) == 5


def test_cases_of_a_person_and_of_a_contact():
    put(Case, case("a"), case("b", reported_on=TODAY - timedelta(days=3)), case("again", person_key="p-a"))
    put(Contact, contact("k", "a", person_key="p-k"), contact("k2", "b", person_key="p-k"))
    assert [row.key for row in queries.cases_of_contact("k", actor=OFFICE, at=NOW)] == ["b", "a"]
    assert [row.key for row in queries.cases_of_person("p-a", actor=OFFICE, at=NOW)] == ["a", "again"]
    with pytest.raises(NotFound):
        queries.cases_of_contact("k", actor=in_area("9902"), at=NOW)


def test_the_timeline_tells_a_case_by_lanes():
    put(
        Case,
        case(
            "a",
            classification="asymptomatic",
            onset_on=date(2022, 4, 15),
            exposed_from_on=date(2022, 4, 10),
            exposed_to_on=date(2022, 4, 12),
        ),
    )
    revise(
        Case.objects.open().get(key="a"), at=LATER, actor="u", verb="case.revise", classification="confirmed"
    )
    put(Contact, contact("k", "b", person_key="p-a", last_exposure_on=date(2022, 4, 12)))
    specimen = {"key": "s", "person_key": "p-a", "area_code": "990101"}
    put(Specimen, specimen | {"collected_at": datetime(2022, 4, 16, 17, tzinfo=UTC)})
    result = {"key": "r", "specimen_key": "s", "person_key": "p-a", "disease": "d", "area_code": "990101"}
    result |= {"method": "pcr", "result": "positive", "cycle_threshold": 21.5}
    put(LabResult, result | {"resulted_at": datetime(2022, 4, 17, 2, tzinfo=UTC)})
    put(Order, order("o", "p-a", date(2022, 4, 18), date(2022, 4, 28)))
    entries = queries.case_timeline("a", actor=OFFICE, at=LATER)
    # 17:00 UTC is already the next day in Shanghai.
    assert [(e.lane, e.code, e.first_on.day, e.last_on.day) for e in entries] == [
        ("symptoms", "onset", 15, 15),
        ("tests", "result", 17, 17),
        ("exposures", "exposed", 10, 12),
        ("exposures", "contact", 12, 12),
        ("measures", "order", 18, 28),
        ("classification", "classified", 18, 18),
        ("classification", "classified", 20, 20),
    ]
    assert entries[1].params == {"result": "positive", "method": "pcr", "cycle_threshold": 21.5}
    assert [e.params["classification"] for e in entries[-2:]] == ["asymptomatic", "confirmed"]


@pytest.mark.parametrize("size", [2, 40])
def test_lists_cost_the_same_however_long(size, django_assert_num_queries):
    actor = in_area("9901")
    put(Case, *(case(f"c{n:02}", person_key="p-a") for n in range(size)))
    put(Contact, *(contact(f"k{n:02}", "c00") for n in range(size)))
    with django_assert_num_queries(1):
        assert len(queries.case_list(actor=actor, at=NOW, disease="d").rows) == size
    with django_assert_num_queries(1):
        assert len(queries.cases_of_person("p-a", actor=actor, at=NOW)) == size
    with django_assert_num_queries(3):
        assert len(queries.contacts_of_case("c00", actor=actor, at=NOW).rows) == size
    with django_assert_num_queries(3):
        assert queries.case_get("c00", actor=actor, at=NOW).contact_count == size
    with django_assert_num_queries(8):
        queries.case_timeline("c00", actor=actor, at=NOW)
