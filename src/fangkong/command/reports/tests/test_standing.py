"""How the office stands: every figure against a small record that can be counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fangkong.command.models import (
    Concern,
    Directive,
    DirectiveRecipient,
    DutyShift,
    Gap,
    ResponseLevel,
    Review,
)
from fangkong.command.reports import day_pack, situation_report
from fangkong.core.errors import InputError
from fangkong.core.keys import canonical
from fangkong.record.access import Actor, system_actor
from fangkong.record.actions import areas_load
from fangkong.record.installation import installation_set
from fangkong.record.load import load, revise
from fangkong.record.models import Appeal, Case, Order, Passage, Signal, Task, Timer

pytestmark = pytest.mark.django_db

CLI = system_actor("cli")
CITY, NEAR, FAR = "9901", "990101", "990102"
AS_OF = date(2022, 4, 17)
#: 20:00 of the day in the city.
EVENING = datetime(2022, 4, 17, 12, tzinfo=UTC)
KNOWN = datetime(2022, 4, 10, tzinfo=UTC)


def put(model: Any, *rows: dict[str, Any], known: datetime = KNOWN) -> None:
    load(model, rows, actor="test", source_key="test", known_from=known)


@pytest.fixture
def city() -> None:
    """Two districts and one of every noun that the report counts, some late, some elsewhere."""
    installation_set(actor="test", area_code=CITY, disease="covid-19")
    names = {CITY: "临江市", NEAR: "柳堤区", FAR: "望潮区"}
    areas_load(
        [{"key": k, "name_zh": v} for k, v in names.items()], actor="test", known_from=KNOWN, source_key="t"
    )
    put(Case, case("C0", NEAR), case("C1", FAR))
    limit = {"disease": "covid-19", "subject_kind": "case", "rule_row": "made", "started_at": KNOWN}
    put(
        Timer,
        *[
            {**limit, "key": f"T{n}", "subject_key": f"C{n}", "clock": clock, "due_at": due, "state": state}
            | {"area_code": NEAR}
            for n, (clock, due, state) in enumerate(
                [
                    ("report.case_hours", EVENING, "met"),
                    ("report.case_hours", EVENING, "missed"),
                    ("report.preliminary_positive_hours", EVENING - timedelta(days=1), "met"),
                    # Older than the week that is counted, and one that may still be kept.
                    ("report.case_hours", EVENING - timedelta(days=9), "missed"),
                    ("report.case_hours", EVENING + timedelta(days=2), "running"),
                    ("target.notify_days", EVENING, "met"),
                ]
            )
        ],
    )
    put(Directive, directive("D0", "issued", EVENING), directive("D1", "completed", EVENING))
    put(
        DirectiveRecipient,
        receipt("R0", NEAR, "awaiting", EVENING),
        receipt("R1", FAR, "awaiting", EVENING + timedelta(days=1)),
        receipt("R2", FAR, "done", EVENING) | {"acknowledged_at": KNOWN},
    )
    put(Gap, gap("G0", "open", EVENING), gap("G1", "to_verify", EVENING + timedelta(days=9)))
    put(
        Review,
        {"key": "V0", "subject_kind": "case", "subject_key": "C0", "area_code": NEAR, "state": "open"}
        | {"opened_at": KNOWN, "due_at": EVENING + timedelta(hours=10)},
    )
    put(
        Concern,
        *[
            {"key": f"Q{n}", "words": "电话打不通", "channel": "hotline", "area_code": NEAR, "voiced_on": on}
            | {"entered_by": "user-x", "state": state, "answer": "已加人手" if state == "answered" else ""}
            for n, (on, state) in enumerate(
                [(AS_OF, "open"), (AS_OF, "answered"), (date(2022, 4, 12), "open")]
            )
        ],
    )
    put(
        DutyShift,
        {"key": "S0", "area_code": CITY, "starts_at": EVENING, "ends_at": EVENING + timedelta(hours=12)}
        | {"chief_key": "user-chief", "state": "on", "entered_by": "user-x"}
        | {"phone_tests": [{"user_key": "user-chief", "at": "2022-04-17T12:10:00+00:00", "answered": True}]},
    )
    put(
        ResponseLevel,
        {
            "key": "L0",
            "area_code": CITY,
            "hazard": "epidemic",
            "level": 2,
            "rank": "prefecture",
            "state": "in_force",
        }
        | {"legal_basis": [], "starts_on": date(2022, 4, 11), "review_on": date(2022, 5, 11)}
        | {"proposed_by": "user-a", "declared_by": "user-b"},
    )
    put(Order, *[order(f"O{n}", starts) for n, starts in enumerate((date(2022, 4, 15), date(2022, 4, 12)))])
    put(
        Appeal,
        *[
            {"key": f"A{n}", "order_key": "O0", "area_code": NEAR, "ground": "other", "state": state}
            | {"filed_at": KNOWN, "filed_by": "user-x", "due_at": EVENING}
            for n, state in enumerate(("upheld", "dismissed", "dismissed", "filed"))
        ],
    )
    put(
        Passage,
        *[
            {"key": f"P{n}", "kind": "freight", "disease": "covid-19", "place_key": "gate", "area_code": NEAR}
            | {"passed_at": EVENING, "answer": answer, "rule_answer": "pass", "confidence": "verified"}
            | {"emergency": emergency, "recorded_by": "user-x"}
            for n, (answer, emergency) in enumerate([("pass", False), ("pass", True), ("test", False)])
        ],
    )
    put(
        Signal,
        {"key": "X0", "kind": "care_refused", "disease": "covid-19", "area_code": NEAR, "state": "open"}
        | {"raised_at": EVENING},
    )
    put(
        Task,
        {
            "key": "K0",
            "kind": "directed",
            "title": "点清试剂",
            "area_code": NEAR,
            "owner_role": "district_officer",
        }
        | {"due_at": EVENING, "state": "awaiting", "created_by": "user-x", "acknowledge_by": EVENING},
    )


def case(key: str, area: str) -> dict[str, Any]:
    facts = {
        "key": key,
        "case_no": key,
        "person_key": f"person-{key}",
        "disease": "covid-19",
        "area_code": area,
    }
    return facts | {"classification": "confirmed", "reported_on": date(2022, 4, 16)}


def directive(key: str, state: str, due: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "directive_no": f"ZL-{key}",
        "title": "清点试剂",
        "area_code": CITY,
        "issuer_role": "co_chair",
        "purpose": "备足",
        "due_at": due,
        "sunset_on": date(2022, 5, 1),
        "state": state,
        "drafted_by": "user-a",
        "drafted_at": KNOWN,
        "issued_by": "user-b",
        "issued_at": KNOWN,
    }


def receipt(key: str, area: str, state: str, by: datetime) -> dict[str, Any]:
    facts = {"key": key, "directive_key": "D0", "area_code": area, "role": "district_officer", "state": state}
    return facts | {"acknowledge_by": by}


def gap(key: str, state: str, due: datetime) -> dict[str, Any]:
    facts = {
        "key": key,
        "title": "夜间转运车不够",
        "came_of_kind": "review",
        "came_of_key": "V0",
        "area_code": NEAR,
    }
    return facts | {"owner_role": "general_group", "due_at": due, "state": state, "raised_by": "user-x"}


def order(key: str, starts: date) -> dict[str, Any]:
    return {
        "key": key,
        "order_no": f"GL-{key}",
        "kind": "quarantine",
        "disease": "covid-19",
        "subject_kind": "person",
        "person_key": f"person-{key}",
        "area_code": NEAR,
        "reason_key": "C0",
        "state": "approved",
        "proposed_by": "user-a",
        "proposed_at": KNOWN,
        "decided_by": "user-b",
        "starts_on": starts,
        "expires_on": date(2022, 4, 25),
        "stages": [],
        "confidence": "verified",
        "legal_basis": [],
        "rule_rows": [],
        "remedy": "administrative_review",
        "proportionality": "least_restrictive",
    }


def report(area: str = CITY) -> dict[str, Any]:
    return situation_report(actor=CLI, as_of=AS_OF, disease="covid-19", area_code=area)


def told(content: dict[str, Any]) -> dict[str, Any]:
    """Code -> (value, of) of each figure, or the reason for none."""
    entries = [
        *content["timeliness"],
        *content["people"],
        *content["complaints"]["entries"],
        *content["incidents"],
        *content["command"]["entries"],
        *content["next_day"]["entries"],
    ]
    return {
        each["code"]: (each["value"], each.get("of")) if "value" in each else each["refusal"]
        for each in entries
    }


def test_every_figure_is_what_a_hand_counts(city: None) -> None:
    found = told(report())
    assert found["reported_in_time"] == (2, 3)
    assert found["notified_in_time"] == (1, 1)
    assert found["transferred_in_time"] == "no_limit_decided"
    assert found["directives_running"] == (1, None)
    assert (found["receipts_awaiting"], found["receipts_late"]) == ((2, None), (1, None))
    assert (found["gaps_open"], found["gaps_late"]) == ((2, None), (1, None))
    assert (found["reviews_open"], found["reviews_late"], found["reviews_due"]) == (
        (1, None),
        (0, None),
        (1, None),
    )
    assert (found["complaints"], found["complaints_new"], found["complaints_open"]) == (
        (3, None),
        (2, None),
        (2, None),
    )
    assert found["appeals_upheld"] == (1, 3)
    assert found["gates_passed"] == (2, 3)
    assert (found["care_refused"], found["emergencies"]) == ((1, None), (1, None))
    assert found["alarms_open"] == (1, None)
    # Three days and six days under order: the middle is four and a half.
    assert found["restricted_days"] == (4.5, None)
    assert found["duty_reached"] == (1, 1)
    assert found["levels_in_force"] == (1, None)
    assert (found["tasks_open"], found["tasks_not_taken"]) == ((1, None), (1, None))


def test_the_levels_and_the_themes_stand_in_tables(city: None) -> None:
    content = report()
    assert content["command"]["rows"] == [
        {
            "hazard": "epidemic",
            "level": 2,
            "area_code": CITY,
            "starts_on": "2022-04-11",
            "review_on": "2022-05-11",
        }
    ]
    assert content["complaints"]["rows"] == [{"theme": "", "n": 2}]


def test_a_district_counts_its_own_only(city: None) -> None:
    found = told(report(FAR))
    assert found["receipts_awaiting"] == (1, None)
    assert found["gaps_open"] == "none_recorded"
    assert found["reported_in_time"] == "no_limit_decided"


def test_every_entry_has_source_and_day_or_a_reason(city: None) -> None:
    def entries(value: Any) -> list[dict[str, Any]]:
        if isinstance(value, dict):
            own = [value] if "code" in value and ("value" in value or "refusal" in value) else []
            return own + [each for inner in value.values() for each in entries(inner)]
        return [each for inner in value for each in entries(inner)] if isinstance(value, list) else []

    found = entries({name: part for name, part in report().items() if name != "unknowns"})
    assert len(found) > 60
    assert [each for each in found if not (each.get("refusal") or (each["sources"] and each["as_of"]))] == []


def test_what_is_learnt_later_leaves_the_report_of_the_day_byte_equal(city: None) -> None:
    before = canonical(report())
    later = datetime(2022, 4, 19, tzinfo=UTC)
    for model, key, change in (
        (Gap, "G0", {"state": "to_verify", "proof": "两辆车已到位"}),
        (DirectiveRecipient, "R0", {"state": "acknowledged"}),
        (Timer, "T1", {"state": "met"}),
        (Concern, "Q0", {"state": "answered", "answer": "已加人手"}),
        (ResponseLevel, "L0", {"level": 1}),
    ):
        revise(model.objects.open().get(key=key), at=later, actor="test", verb="test.change", **change)
    put(Gap, gap("G9", "open", EVENING), known=later)
    assert canonical(report()) == before


class TestPack:
    """The paper pack holds what the day needs, by number, and names nobody."""

    def pack(self, actor: Actor = CLI, area: str | None = CITY) -> dict[str, Any]:
        return day_pack(AS_OF, actor=actor, disease="covid-19", area_code=area)

    def test_it_holds_orders_with_their_ends_tasks_and_receipts(self, city: None) -> None:
        found = self.pack()
        assert [(row["order_no"], row["expires_on"]) for row in found["orders_in_force"]["rows"]] == [
            ("GL-O0", "2022-04-25"),
            ("GL-O1", "2022-04-25"),
        ]
        assert [row["title"] for row in found["tasks"]["rows"]] == ["点清试剂"]
        assert [(row["directive_no"], row["area_code"]) for row in found["directives"]["rows"]] == [
            ("ZL-D0", NEAR),
            ("ZL-D0", FAR),
        ]
        assert found["duty"]["total"] == 1
        assert "点清试剂" in [row["title"] for row in found["handover"]["rows"]]
        assert found["areas"][NEAR]["name_zh"] == "柳堤区"

    def test_no_person_and_nobody_of_the_office_is_named_by_the_command_line(self, city: None) -> None:
        text = canonical(self.pack())
        assert "person-" not in text
        assert "user-chief" not in text
        assert self.pack()["duty"]["rows"][0]["chief"] == ""

    def test_the_same_day_has_the_same_hash_and_another_has_not(self, city: None) -> None:
        first = self.pack()["content_hash"]
        assert self.pack()["content_hash"] == first
        assert day_pack(AS_OF - timedelta(days=1), actor=CLI, area_code=CITY)["content_hash"] != first

    def test_a_reader_without_a_list_s_permission_has_none(self, city: None) -> None:
        reader = Actor("user-z", "z", CITY, frozenset({"report.read", "task.read"}), "no")
        found = self.pack(reader)
        assert found["orders_in_force"] is None
        assert found["duty"] is None

    def test_a_day_to_come_and_an_unknown_area_are_refused(self, city: None) -> None:
        with pytest.raises(InputError, match=r"report\.future_day"):
            day_pack(date(2999, 1, 1), actor=CLI)
        with pytest.raises(InputError, match=r"print\.area_unknown"):
            self.pack(area="990199")
