"""Many orders in one act come out as the same orders one by one: same proposals, same decisions, same refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fangkong.core.errors import FangkongError, Forbidden, InputError, NotFound
from fangkong.desks.control.actions import (
    consent_record,
    consents_record,
    household_order_propose,
    order_approve,
    order_propose_for_contact,
    order_propose_for_positive,
    orders_approve,
    orders_propose_for_contacts,
    orders_supersede_earlier,
    orders_supersede_earlier_of,
)
from fangkong.desks.control.queries import people_parted, people_parted_by
from fangkong.record.access import Actor, system_actor
from fangkong.record.audit import verify
from fangkong.record.load import load
from fangkong.record.models import AuditRow, Consent, Event, Household, HouseholdMember, Order, Person

from .people import DISTRICT, NEIGHBOUR, case, clock, colleague, contact, person, positive

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")
AT = clock("2022-07-11")
PEOPLE, CONTACTS = 5, 8


@dataclass(frozen=True)
class Exposed:
    """A contact as drawn: who, when exposed, how, where, and known and acted upon how many minutes later."""

    person: int
    exposed_days_ago: int | None
    tier: str
    area_code: str
    minutes: int


@dataclass(frozen=True)
class World:
    """Who cares for whom (a smaller number for a greater one), who is a child, who fell ill, and the contacts."""

    carers: tuple[int | None, ...]
    births: tuple[int | None, ...]
    ill: tuple[int | None, ...]
    contacts: tuple[Exposed, ...]


contacts = st.builds(
    Exposed,
    st.integers(0, PEOPLE - 1),
    st.one_of(st.none(), st.integers(0, 16)),
    st.sampled_from(["close", "close", "secondary", "general"]),
    st.sampled_from([DISTRICT, DISTRICT, DISTRICT, NEIGHBOUR]),
    st.integers(0, 90),
)
worlds = st.builds(
    World,
    st.tuples(*(st.one_of(st.none(), st.integers(0, PEOPLE - 1)) for _ in range(PEOPLE))),
    st.tuples(*(st.sampled_from([None, 1980, 2016]) for _ in range(PEOPLE))),
    st.tuples(*(st.one_of(st.none(), st.none(), st.integers(0, 5)) for _ in range(PEOPLE))),
    st.lists(contacts, min_size=1, max_size=CONTACTS).map(tuple),
)


def made(world: World) -> dict[str, datetime]:
    """The world in the record; contact -> when its order is proposed, in the order in which they are taken."""
    before = AT - timedelta(days=20)
    for n in range(PEOPLE):
        key = f"person-{n}"
        person(key, DISTRICT, known=before)
        carer = world.carers[n]
        row = {
            "key": key,
            "birth_year": world.births[n],
            "carer_key": f"person-{carer}" if carer is not None and carer < n else "",
        }
        load(Person, [row], actor="t", source_key="t", known_from=before + timedelta(minutes=1))
        days = world.ill[n]
        if days is not None:
            case(f"case-of-{n}", known=AT - timedelta(days=days), person_key=key)
    instants = {}
    for n, each in enumerate(world.contacts):
        last = None if each.exposed_days_ago is None else AT.date() - timedelta(days=each.exposed_days_ago)
        contact(
            f"contact-{n}",
            known=AT,
            last=last,
            tier=each.tier,
            person_key=f"person-{each.person}",
            area_code=each.area_code,
            case_key=f"index-{n}",
        )
        instants[f"contact-{n}"] = AT + timedelta(minutes=each.minutes)
    return instants


def facts() -> dict[str, Any]:
    """Orders, consents, events and acts of the chain as they stand, whoever wrote them in how many statements."""
    outside = ("id", "recorded_at")
    rows = {
        model.__name__: sorted(
            str(sorted((name, value) for name, value in row.items() if name not in outside))
            for row in model.objects.values()
        )
        for model in (Order, Consent, Event)
    }
    verbs = AuditRow.objects.exclude(verb="load.chunk").exclude(verb__startswith="user.")
    names = ("actor", "verb", "object_kind", "object_key", "area_code", "digest")
    return rows | {"acts": sorted(verbs.values_list(*names))}


def tried(act: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
    """What ``act`` answers and how the record then stands; afterwards it stands as before."""
    with transaction.atomic():
        answer, stood = act(), facts()
        assert verify().problem == ""
        transaction.set_rollback(True)
    return answer, stood


def refused(act: Callable[[], Any]) -> str:
    """Code and params of the refusal; "" when there is none."""
    try:
        act()
    except FangkongError as refusal:
        return f"{type(refusal).__name__} {refusal}"
    return ""


def one_by_one(instants: dict[str, datetime], authority: Actor, *, consent: bool) -> Any:
    """Every step by the single acts: all proposals, all consents, all approvals, all that they supersede."""
    proposals = {key: order_propose_for_contact(key, actor=HAND, at=at) for key, at in instants.items()}
    decided = decided_at(proposals, instants)
    parted = {key: people_parted(key, actor=authority, at=at) for key, at in decided.items()}
    parted = {key: people for key, people in parted.items() if people}
    if consent:
        for key, people in of_the_district(parted).items():
            for who in people:
                consent_record(key, who, actor=authority, at=decided[key])
    refusals = {
        key: refused(lambda key=key, at=at: order_approve(key, actor=authority, at=at, reason="read"))
        for key, at in decided.items()
    }
    ended = sum(orders_supersede_earlier(key, actor=HAND, at=at) for key, at in decided.items())
    return proposals, parted, {key: why for key, why in refusals.items() if why}, ended


def at_once(instants: dict[str, datetime], authority: Actor, *, consent: bool) -> Any:
    """The same steps, each in one act."""
    proposals = orders_propose_for_contacts(instants, actor=HAND, at=instants)
    decided = decided_at(proposals, instants)
    parted = people_parted_by(decided, actor=authority, at=decided)
    if consent:
        consents_record(of_the_district(parted), actor=authority, at=decided)
    together = orders_approve(decided, actor=authority, at=decided, reason="read")
    ended = orders_supersede_earlier_of(decided, actor=HAND, at=decided)
    refusals = {key: f"{type(why).__name__} {why}" for key, why in together.refused.items()}
    assert sorted([*together.approved, *refusals]) == sorted(decided)
    return proposals, parted, refusals, ended


def of_the_district(parted: dict[str, list[str]]) -> dict[str, list[str]]:
    """Those on whom the authority may record a consent."""
    here = set(Order.objects.open().filter(area_code=DISTRICT).values_list("key", flat=True))
    return {key: people for key, people in parted.items() if key in here}


def decided_at(proposals: dict[str, Any], instants: dict[str, datetime]) -> dict[str, datetime]:
    """Order -> when it is decided on: half an hour after its first proposal."""
    found: dict[str, datetime] = {}
    for key, proposal in proposals.items():
        if proposal.order_key:
            found.setdefault(proposal.order_key, instants[key] + timedelta(minutes=30))
    return found


@given(world=worlds, consent=st.booleans())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_at_once_are_as_one_by_one(authority, world, consent):
    with transaction.atomic():
        instants = made(world)
        answers, stood = tried(lambda: one_by_one(instants, authority, consent=consent))
        answers_at_once, stood_at_once = tried(lambda: at_once(instants, authority, consent=consent))
        transaction.set_rollback(True)
    assert answers_at_once == answers
    assert stood_at_once == stood


@pytest.fixture
def authority() -> Actor:
    return colleague("health_authority")


@pytest.fixture
def proposed() -> list[str]:
    """Orders on three people: a grown-up, a child and somebody of the neighbouring district's list."""
    for n, born in enumerate((1980, 2016, 1990)):
        person(f"person-{n}", DISTRICT, known=AT)
        row = {"key": f"person-{n}", "birth_year": born, "carer_key": "person-0" if n == 1 else ""}
        load(Person, [row], actor="t", source_key="t", known_from=AT + timedelta(minutes=1))
        contact(f"contact-{n}", known=AT, last=date(2022, 7, 10), person_key=f"person-{n}")
    found = orders_propose_for_contacts(
        [f"contact-{n}" for n in range(3)], actor=HAND, at=AT + timedelta(hours=1)
    )
    return [proposal.order_key for proposal in found.values()]


def after(hours: int) -> datetime:
    return AT + timedelta(hours=hours)


def test_one_that_is_refused_leaves_the_others_alone(proposed, authority):
    order_approve(proposed[0], actor=authority, at=after(2))
    together = orders_approve([*proposed, "order-of-nobody"], actor=authority, at=after(3))
    assert {key: why.code for key, why in together.refused.items()} == {
        proposed[0]: "order.not_proposed",
        "order-of-nobody": "order.unknown",
    }
    assert together.approved == proposed[1:]
    assert set(Order.objects.open().values_list("state", flat=True)) == {"approved"}


def test_every_order_has_an_act_and_an_event_of_its_own(proposed, authority):
    orders_approve(proposed, actor=authority, at=after(2))
    for verb, kind in (("order.propose", "order.proposed"), ("order.approve", "order.approved")):
        acts = AuditRow.objects.filter(verb=verb).values_list("object_key", flat=True)
        told = Event.objects.filter(kind=kind).values_list("subject_key", flat=True)
        assert sorted(acts) == sorted(told) == sorted(proposed)
    assert verify().problem == ""


def test_the_number_of_queries_does_not_grow_with_the_orders(django_assert_max_num_queries, authority):
    for n in range(30):
        person(f"person-{n}", DISTRICT, known=AT)
        contact(f"contact-{n}", known=AT, last=date(2022, 7, 10), person_key=f"person-{n}")
    with django_assert_max_num_queries(20):
        found = orders_propose_for_contacts([f"contact-{n}" for n in range(30)], actor=HAND, at=after(1))
    keys = [proposal.order_key for proposal in found.values()]
    with django_assert_max_num_queries(20):
        assert len(orders_approve(keys, actor=authority, at=after(2)).approved) == 30


def test_nobody_without_the_permission_and_never_the_platform_approves_many(proposed, authority):
    with pytest.raises(Forbidden, match="system_never_decides"):
        orders_approve(proposed, actor=HAND, at=after(2))
    with pytest.raises(Forbidden, match="not_your_role"):
        orders_approve(proposed, actor=colleague("duty_officer"), at=after(2))
    elsewhere = orders_approve(proposed, actor=colleague("health_authority", NEIGHBOUR), at=after(2))
    assert {why.code for why in elsewhere.refused.values()} == {"order.unknown"}
    assert set(Order.objects.values_list("state", flat=True)) == {"proposed"}


def test_no_person_proposes_for_many_at_once(authority):
    with pytest.raises(Forbidden, match="not_your_role"):
        orders_propose_for_contacts(["contact-1"], actor=colleague("duty_officer"), at=AT)


def test_a_contact_that_nobody_knows_stops_the_whole_list(authority):
    person("person-1", DISTRICT, known=AT)
    contact(known=AT, last=date(2022, 7, 10))
    with pytest.raises(NotFound, match=r"contact\.unknown"):
        orders_propose_for_contacts(["contact-1", "contact-9"], actor=HAND, at=AT)
    assert not Order.objects.exists()


def test_a_consent_for_somebody_whom_nothing_parts_stops_the_whole_list(proposed, authority):
    with pytest.raises(InputError, match="nobody_parted"):
        consents_record({proposed[0]: ["person-2"]}, actor=authority, at=after(2))
    assert not Consent.objects.exists()


def test_an_isolation_ends_the_quarantines_that_it_follows(proposed, authority):
    orders_approve(proposed, actor=authority, at=after(2))
    isolations = []
    for n in (0, 2):
        positive(f"result-{n}", known=after(20), person_key=f"person-{n}")
        isolations.append(
            order_propose_for_positive(
                f"person-{n}", "covid-19", DISTRICT, f"result-{n}", actor=HAND, at=after(21)
            ).order_key
        )
    parted = people_parted_by(isolations, actor=authority, at=after(22))
    assert parted == {isolations[0]: ["person-1"]}
    consents_record(parted, actor=authority, at=after(22))
    assert orders_approve(isolations, actor=authority, at=after(22), reason="read").refused == {}
    assert orders_supersede_earlier_of(isolations, actor=HAND, at=after(23)) == 2
    assert orders_supersede_earlier_of(isolations, actor=HAND, at=after(24)) == 0
    ended = Order.objects.open().filter(state="superseded").values_list("person_key", flat=True)
    assert sorted(ended) == ["person-0", "person-2"]


def test_the_orders_of_a_household_are_left_to_be_decided_together(proposed, authority):
    load(Household, [{"key": "home", "area_code": DISTRICT}], actor="t", source_key="t", known_from=AT)
    members = [{"key": f"home-{n}", "household_key": "home", "person_key": f"person-{n}"} for n in (0, 1)]
    load(HouseholdMember, members, actor="t", source_key="t", known_from=AT)
    officer = colleague("duty_officer")
    household_order_propose("home", disease="covid-19", reason_key="contact-0", actor=officer, at=after(2))
    together = orders_approve(proposed, actor=authority, at=after(3))
    assert {key: why.code for key, why in together.refused.items()} == dict.fromkeys(
        proposed[:2], "order.decided_with_household"
    )
    assert together.approved == proposed[2:]
