"""Each of the nine don'ts of 2022-06-05 as an order that is lawful but for that clause: written, never signed.

Every draft is made where people make it, at the desk. It is kept with the one finding that speaks against it, so
that whoever asks later sees what was tried; nobody can approve it. Its twin differs only in that clause and is signed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from fangkong.core.errors import Conflict
from fangkong.desks.control.actions import Extent, order_approve, order_propose, order_propose_for_group
from fangkong.desks.control.gates import gate_kind, gates_of
from fangkong.desks.control.tests.people import clock, colleague, contact, person
from fangkong.record.models import Order
from fangkong.science import rules

pytestmark = pytest.mark.django_db

COUNTY, COMPOUND = "990101", "990101001001001"
DAY = date(2022, 7, 10)
EXPOSED = date(2022, 7, 9)
NOON = clock(DAY.isoformat(), "12:00")
DRIVER = {"kind": "truck", "stopped": True, "code_green": True, "temperature_normal": True}


def group(kind: str, *, days: int = 7, area: str = COUNTY, **changes: Any) -> str:
    """The key of an order on many people proposed for ``days``; ``changes`` are facts of its extent."""
    facts = {name: changes.pop(name) for name in ("unit", "level", "infections") if name in changes}
    extent = Extent(**{"unit": "building", "households": 80, "residents": 240, **facts}, more=changes)
    given = {gate: 80 if gate_kind(gate) == "households_per_day" else "named" for gate in gates_of(kind)}
    made = order_propose_for_group(
        kind,
        disease="covid-19",
        area_code=area,
        extent=extent,
        starts_on=DAY,
        expires_on=DAY + timedelta(days=days - 1),
        evidence="one case, found in the community",
        proportionality_note="nothing smaller holds it",
        subject_key="subject-1",
        gates=given,
        legal_basis="notice of the county",
        actor=colleague("district_officer", COUNTY),
        at=NOON,
    )
    return made.order_key


def on_a_contact(*, tier: str, place: str, days: int) -> str:
    """The key of an order on a contact of the tier, proposed by hand for ``days``."""
    person("person-1", COUNTY, known=clock("2022-07-09"))
    contact(known=clock("2022-07-09"), last=EXPOSED, tier=tier)
    made = order_propose(
        "quarantine",
        person_key="person-1",
        disease="covid-19",
        area_code=COUNTY,
        reason_key="contact-1",
        place=place,
        starts_on=DAY,
        expires_on=DAY + timedelta(days=days - 1),
        legal_basis="notice of the county",
        actor=colleague("district_officer", COUNTY),
        at=NOON,
    )
    return made.order_key


def travellers(measure: str, role: str, risk: str, days: int, **facts: Any) -> str:
    """The key of a checkpoint that would hold people who come from an area of ``risk``."""
    held = {"measure": measure, "role": role, "origin_risk": risk, "place": "home_isolation", "days": days}
    return group("checkpoint", holds={**held, "left_on": EXPOSED.isoformat(), **facts})


def student(risk: str, eligible: bool) -> str:
    return travellers("quarantine", "returning_student", risk, 7, student_eligible=eligible)


def high_area(days: int) -> str:
    found = ("found_in_community",)
    return group("risk_area", days=days, area=COMPOUND, unit="compound", level="high", infections=found)


#: Item -> what makes the draft, and what makes its lawful twin.
NINE: dict[int, tuple[Callable[[], str], Callable[[], str]]] = {
    1: (
        lambda: group("checkpoint", limited_risks=["low", "medium", "high"]),
        lambda: group("checkpoint", limited_risks=["medium", "high"]),
    ),
    2: (
        lambda: travellers("quarantine", "traveller", "low", 3),
        lambda: travellers("quarantine", "traveller", "medium", 7),
    ),
    3: (lambda: high_area(8), lambda: high_area(7)),
    4: (
        lambda: on_a_contact(tier="general", place="home_isolation", days=7),
        lambda: on_a_contact(tier="secondary", place="home_isolation", days=7),
    ),
    5: (
        lambda: on_a_contact(tier="close", place="central", days=10),
        lambda: on_a_contact(tier="close", place="central", days=7),
    ),
    6: (
        lambda: group("closure", venue_risk="medium", refuses_care="regular"),
        lambda: group("closure", venue_risk="medium"),
    ),
    7: (lambda: student("low", eligible=True), lambda: student("medium", eligible=False)),
    8: (
        lambda: group("checkpoint", vehicle=DRIVER | {"pcr_age_hours": 20}),
        lambda: group("checkpoint", vehicle=DRIVER | {"pcr_age_hours": 60}),
    ),
    9: (lambda: group("closure", venue_risk="low"), lambda: group("closure", venue_risk="medium")),
}


def sign(key: str) -> str:
    """The state of the order after somebody with the rank to sign it tried to."""
    order = Order.objects.open().get(key=key)
    role, area = ("health_authority", "9901") if order.subject_kind == "person" else ("co_chair", "99")
    order_approve(key, actor=colleague(role, area), at=clock(DAY.isoformat(), "16:00"), reason="read")
    return Order.objects.open().get(key=key).state


@pytest.mark.parametrize("item", NINE)
def test_an_order_lawful_but_for_one_clause_is_kept_and_cannot_be_signed(item):
    key = NINE[item][0]()
    order = Order.objects.open().get(key=key)
    row = rules.resolve("overreach.forbid", on=DAY, disease="covid-19", item=item)
    found = [(each["item"], each["code"], each["blocks"], each["rule_row"]) for each in order.findings]
    assert found == [(item, f"overreach.{row.value}", True, row.row.row_id)]
    with pytest.raises(Conflict, match=r"order\.over_reach") as refused:
        sign(key)
    assert refused.value.params["findings"] == [f"overreach.{row.value}"]
    order.refresh_from_db()
    assert (order.state, order.decided_by) == ("proposed", "")


@pytest.mark.parametrize("item", NINE)
def test_its_lawful_twin_is_signed(item):
    key = NINE[item][1]()
    assert Order.objects.open().get(key=key).findings == []
    assert sign(key) == "approved"
