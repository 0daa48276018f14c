"""A city in which people of every role, and the platform, do at random what the desks let them do to orders."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import FangkongError, Forbidden
from fangkong.desks.control import actions as control
from fangkong.desks.control.gates import gate_kind, gates_of
from fangkong.desks.control.group_orders import group_kinds
from fangkong.desks.control.tests import people
from fangkong.desks.trace.judgements import exposure_judge
from fangkong.record.access import Actor, system_actor
from fangkong.record.access.actor import roles
from fangkong.record.identities import identity_load
from fangkong.record.load import load
from fangkong.record.models import (
    Appeal,
    Case,
    Consent,
    Contact,
    Household,
    HouseholdMember,
    Order,
    Person,
    Rejudgement,
)
from fangkong.record.retention.purging import purge_due, purge_run

DISEASE, CITY, DISTRICT = "covid-19", "9901", people.DISTRICT
BUILDING = "990101001001001007"
#: The days on which walks begin: under the eighth edition, the ninth with its nine don'ts, the twenty measures,
#: and days before the disease stopped being managed as class A.
BEGINNINGS = (date(2022, 4, 18), date(2022, 7, 4), date(2022, 11, 14), date(2023, 1, 4))
#: adult and carer, her child, a contact known late, the neighbour, one tested positive, a case.
CARER, CHILD, LATE, NEIGHBOUR, POSITIVE, ILL = PEOPLE = ("carer", "child", "late", "neighbour", "pos", "ill")
#: Who lives together: the ill person, the carer and her child, and one of whom nothing is known at first.
HOME, AT_HOME = "home-1", (CARER, CHILD, LATE, ILL)
EXTENTS = (("building", 80, 240), ("compound", 600, 1800), ("district", 80_000, 400_000), ("building", 0, 0))


def office() -> dict[str, Actor]:
    """Key -> actor: everybody who may sign in, at three ranks, and the platform."""
    places = [(role, area) for role in roles() for area in (DISTRICT, CITY)]
    places += [("co_chair", "99"), ("health_authority", "99"), ("co_chair", people.NEIGHBOUR)]
    actors = [people.colleague(role, area) for role, area in places]
    actors += [people.colleague("health_authority", DISTRICT, "second doctor"), system_actor("reaction")]
    return {actor.key: actor for actor in actors}


@dataclass
class Walk:
    """One walk: what was done, what was refused, and where the clock stands."""

    seed: int
    actors: dict[str, Actor]
    at: datetime = field(init=False)
    rng: random.Random = field(init=False)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    log: list[str] = field(default_factory=list)
    #: True when the last step was done and not refused.
    changed: bool = True

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.at = people.clock(BEGINNINGS[self.seed % len(BEGINNINGS)].isoformat(), "08:00")
        self._people()

    @property
    def today(self) -> date:
        return civil_day(self.at, people.SHANGHAI)

    def _people(self) -> None:
        known = self.at - timedelta(hours=1)
        carers = {CHILD: {"carer_key": CARER, "birth_year": 2014}}
        for key in PEOPLE:
            people.person(key, people.NEIGHBOUR if key == NEIGHBOUR else BUILDING, known=known)
            if key in carers:
                row = {"key": key, **carers[key]}
                load(Person, [row], actor="test", source_key="t", known_from=known + timedelta(minutes=1))
        people.case(known=known, person_key=ILL, area_code=BUILDING)
        people.positive("positive-1", known=known, person_key=POSITIVE, area_code=BUILDING)
        for n, key in enumerate((CARER, CHILD, POSITIVE, NEIGHBOUR)):
            people.contact(
                f"contact-{key}",
                known=known,
                last=self.today - timedelta(days=n % 3),
                person_key=key,
                area_code=people.NEIGHBOUR if key == NEIGHBOUR else BUILDING,
                tier="secondary" if key == NEIGHBOUR else "close",
            )
        home = {"key": HOME, "area_code": BUILDING}
        load(Household, [home], actor="test", source_key="t", known_from=known)
        members = [{"key": f"home-{who}", "household_key": HOME, "person_key": who} for who in AT_HOME]
        load(HouseholdMember, members, actor="test", source_key="t", known_from=known)
        for key in PEOPLE:
            # From 2022-11-11 nobody may hold the name of a contact's contact: then there is none.
            with suppress(Forbidden):
                identity_load([(key, {"name": f"名{key}"})], actor="test", at=self.at)

    def step(self) -> None:
        """Time goes on, and somebody does something, or is refused."""
        days = self.rng.choices((0, 1, 4), (86, 10, 4))[0]
        self.at += timedelta(days=days, minutes=self.rng.randint(1, 90))
        states = set(Order.objects.open().values_list("state", flat=True))
        states |= set(Appeal.objects.open().values_list("state", flat=True))
        states |= set(Rejudgement.objects.open().values_list("state", flat=True))
        names = [name for name in DEEDS if states.issuperset(NEEDS.get(name, ()))]
        name = self.rng.choices(names, [DEEDS[name][1] for name in names])[0]
        deed, _, permission = DEEDS[name]
        actor = self._who(permission)
        self.log.append(f"{self.at:%m-%d %H:%M} {name} by {actor.role} of {actor.area_code}")
        self.changed = False
        try:
            deed(self, actor)
        except FangkongError as refusal:
            self.refused[refusal.code] += 1
            self.log[-1] += f": {refusal.code}"
        else:
            self.done[name] += 1
            self.changed = True

    def _who(self, permission: str) -> Actor:
        """Mostly somebody whose role may do it, so that walks get somewhere; often enough anybody."""
        able = [actor for actor in self.actors.values() if permission in actor.permissions]
        if able and self.rng.random() < 0.85:
            return self.rng.choice(able)
        return self.rng.choice(list(self.actors.values()))

    def order(self, *states: str, people: bool | None = None) -> str:
        """The key of some order, mostly one in ``states`` and on people (or on none)."""
        orders = list(Order.objects.open().order_by("key").values_list("key", "state", "subject_kind"))
        fitting = [
            key
            for key, state, on in orders
            if state in states and (people is None or people == (on == "person"))
        ]
        pool = fitting if fitting and self.rng.random() < 0.9 else [key for key, *_ in orders]
        return self.rng.choice(pool) if pool else "no-such-order"

    def row(self, model: type, state: str) -> str:
        """The key of some open row of ``model`` in ``state``."""
        keys = list(model.objects.open().filter(state=state).order_by("key").values_list("key", flat=True))  # type: ignore[attr-defined]
        return self.rng.choice(keys) if keys else "none"

    def reason(self) -> str:
        return self.rng.choice((*["seen and weighed"] * 6, " "))


def _contact(walk: Walk, actor: Actor) -> None:
    keys = sorted(Contact.objects.open().values_list("key", flat=True))
    control.order_propose_for_contact(walk.rng.choice(keys), actor=actor, at=walk.at)


def _positive(walk: Walk, actor: Actor) -> None:
    person, reason = walk.rng.choice(((POSITIVE, "positive-1"), (ILL, "case-1")))
    control.order_propose_for_positive(person, DISEASE, BUILDING, reason, actor=actor, at=walk.at)


def _by_hand(walk: Walk, actor: Actor) -> None:
    person = walk.rng.choice(PEOPLE)
    reasons = {POSITIVE: "positive-1", ILL: "case-1"}
    control.order_propose(
        walk.rng.choice(("quarantine", "isolation", "monitoring", "banishment")),
        person_key=person,
        disease=DISEASE,
        area_code=BUILDING,
        reason_key=walk.rng.choice((reasons.get(person, f"contact-{person}"), "hearsay")),
        place=walk.rng.choice(("central", "home_monitoring", "home_isolation")),
        starts_on=walk.today,
        expires_on=walk.today + timedelta(days=walk.rng.randint(-1, 15)),
        legal_basis=walk.rng.choice(("notice of the county", "notice of the county", "")),
        actor=actor,
        at=walk.at,
    )


def _household(walk: Walk, actor: Actor) -> None:
    reason = walk.rng.choice(("case-1", f"contact-{CHILD}", f"contact-{CARER}", "hearsay"))
    control.household_order_propose(HOME, disease=DISEASE, reason_key=reason, actor=actor, at=walk.at)


def _decide_household(walk: Walk, actor: Actor) -> None:
    bound = Order.objects.open().filter(subject_key=HOME, state="proposed").order_by("key")
    key = walk.rng.choice([order.key for order in bound] or [walk.order("proposed", people=True)])
    approve = walk.rng.random() < 0.85
    decided = control.household_order_decide(
        key, approve=approve, reason=walk.reason(), actor=actor, at=walk.at
    )
    for order_key in decided if approve else ():
        # What the platform does when it hears of it.
        control.orders_supersede_earlier(order_key, actor=system_actor("reaction"), at=walk.at)


def _gates(walk: Walk, kind: str) -> dict[str, Any]:
    every = gates_of(kind)
    chosen = [gate for gate in every if walk.rng.random() < 0.96]
    numbers = (walk.rng.choice((79, 80, *[90_000] * 8)) for _ in every)
    capacity = dict(zip(every, numbers, strict=True))
    return {
        gate: capacity[gate] if gate_kind(gate) == "households_per_day" else "wardens named"
        for gate in chosen
    }


def _group(walk: Walk, actor: Actor) -> None:
    kind = walk.rng.choice((*group_kinds(), "risk_area", "stay_in", "risk_area"))
    unit, households, residents = walk.rng.choice(EXTENTS[:1] * 8 + EXTENTS)
    more: dict[str, Any] = {"venue_risk": walk.rng.choice(("low", "medium", "high"))}
    control.order_propose_for_group(
        kind,
        disease=DISEASE,
        area_code={"district": DISTRICT}.get(unit, BUILDING),
        extent=control.Extent(
            unit=unit,
            households=households,
            residents=residents,
            level=walk.rng.choice(("high", "high", "high", "high", "medium", "lock", "")),
            infections=("found_in_community",),
            more=more if kind == "closure" else {},
        ),
        starts_on=walk.today,
        expires_on=walk.today + timedelta(days=walk.rng.choice((2, 3, 4, 4, 6, 20))),
        evidence=walk.reason(),
        proportionality_note="the building alone",
        subject_key="place-1" if kind in ("closure", "disinfection") else "",
        gates=_gates(walk, kind),
        legal_basis="notice of the county",
        actor=actor,
        at=walk.at,
    )


def _meet(walk: Walk, actor: Actor) -> None:
    key = walk.order("proposed")
    kind = Order.objects.open().filter(key=key).values_list("kind", flat=True).first() or "stay_in"
    control.order_gates_meet(key, gates=_gates(walk, kind), actor=actor, at=walk.at)


def _decided(
    what: Callable[..., Any], *states: str, people: bool | None = None
) -> Callable[[Walk, Actor], None]:
    def deed(walk: Walk, actor: Actor) -> None:
        what(walk.order(*states, people=people), reason=walk.reason(), actor=actor, at=walk.at)

    return deed


def _ending(what: Callable[..., Any]) -> Callable[[Walk, Actor], None]:
    def deed(walk: Walk, actor: Actor) -> None:
        day = walk.today + timedelta(days=walk.rng.randint(-1, 12))
        key = walk.order("approved", "suspended")
        what(key, expires_on=day, reason=walk.reason(), actor=actor, at=walk.at)

    return deed


def _renew(walk: Walk, actor: Actor) -> None:
    day = walk.today + timedelta(days=walk.rng.randint(-1, 20))
    key = walk.order("approved", people=False)
    control.order_renew(key, expires_on=day, reason=walk.reason(), actor=actor, at=walk.at)


def _supersede(walk: Walk, actor: Actor) -> None:
    if walk.rng.random() < 0.7:
        control.orders_supersede_earlier(walk.order("approved"), actor=actor, at=walk.at)
    else:
        follower = walk.order("approved")
        control.order_supersede(walk.order("approved"), by_key=follower, actor=actor, at=walk.at)


def _suspend_area(walk: Walk, actor: Actor) -> None:
    areas = Order.objects.open().filter(subject_kind="area", state="approved").order_by("key")
    key = walk.rng.choice([order.key for order in areas] or [walk.order("approved", people=False)])
    control.order_suspend(key, reason=walk.reason(), actor=actor, at=walk.at)


def _sign(walk: Walk, actor: Actor) -> None:
    key = walk.order("proposed", people=True)
    control.order_approve(key, reason=walk.reason(), actor=actor, at=walk.at)
    if walk.rng.random() < 0.8:
        # What the platform does when it hears of it.
        control.orders_supersede_earlier(key, actor=system_actor("reaction"), at=walk.at)


def _falls_ill(walk: Walk, actor: Actor) -> None:
    """Somebody in quarantine tests positive; isolation is proposed, signed, and takes the quarantine's place."""
    held = Order.objects.open().filter(state="approved", kind="quarantine").order_by("key")
    person = walk.rng.choice(sorted({order.person_key for order in held}) or [NEIGHBOUR])
    key = people.positive(f"result-{walk.at:%m%d%H%M}", known=walk.at, person_key=person, area_code=BUILDING)
    platform = system_actor("reaction")
    made = control.order_propose_for_positive(person, DISEASE, BUILDING, key, actor=platform, at=walk.at)
    walk.at += timedelta(minutes=5)
    control.order_approve(made.order_key, actor=actor, at=walk.at, reason=walk.reason())
    walk.at += timedelta(minutes=5)
    control.orders_supersede_earlier(made.order_key, actor=platform, at=walk.at)


def _lapse(walk: Walk, actor: Actor) -> None:
    control.order_lapse_due(walk.at, actor=actor)


def _appeal(walk: Walk, actor: Actor) -> None:
    ground = walk.rng.choice(("wrong_date", "hardship", "no such ground"))
    control.appeal_file(walk.order("approved"), ground=ground, actor=actor, at=walk.at)


def _answer(walk: Walk, actor: Actor) -> None:
    upheld = walk.rng.random() < 0.6
    control.appeal_decide(
        walk.row(Appeal, "filed"), upheld=upheld, answer=walk.reason(), actor=actor, at=walk.at
    )


def _consent(walk: Walk, actor: Actor) -> None:
    person = walk.rng.choice((CHILD, CHILD, CARER))
    control.consent_record(walk.order("proposed"), person, carer_key=CARER, actor=actor, at=walk.at)


def _take_back(walk: Walk, actor: Actor) -> None:
    given = Consent.objects.open().filter(state="given").order_by("key").first()
    key, person = (given.order_key, given.person_key) if given else (walk.order("approved"), CHILD)
    control.consent_take_back(key, person, actor=actor, at=walk.at)


def _rejudge(walk: Walk, actor: Actor) -> None:
    cause = walk.rng.choice(("rules", "result", "classification", "exposure"))
    control.orders_rejudge(cause=cause, actor=actor, at=walk.at)


def _offer(walk: Walk, actor: Actor) -> None:
    what = walk.rng.choice((control.rejudgement_accept, control.rejudgement_decline))
    what(walk.row(Rejudgement, "offered"), actor=actor, at=walk.at, reason=walk.reason())


def _judge(walk: Walk, actor: Actor) -> None:
    exposure_judge(
        "case-1",
        walk.rng.choice((LATE, NEIGHBOUR, f"{LATE} {CHILD}", ILL)),
        last_exposure_on=walk.today - timedelta(days=walk.rng.randint(-1, 3)),
        evidence="seen at one table",
        reason=walk.reason(),
        actor=actor,
        at=walk.at,
    )


def _note(walk: Walk, actor: Actor) -> None:
    day = walk.today + timedelta(days=walk.rng.choice((0, 0, 1)))
    areas = Order.objects.open().filter(kind="risk_area", state="approved").order_by("key")
    key = walk.rng.choice([order.key for order in areas] or [walk.order("approved")])
    control.risk_area_facts_note(
        key, full_round_negative_on=day, no_close_contact=True, actor=actor, at=walk.at
    )


def _area_step(walk: Walk, actor: Actor) -> None:
    areas = Order.objects.open().filter(kind="risk_area", state="approved").order_by("key")
    key = walk.rng.choice([order.key for order in areas] or [walk.order("approved")])
    day = walk.today + timedelta(days=walk.rng.choice((2, 2, 20)))
    control.risk_area_step_take(key, expires_on=day, actor=actor, at=walk.at)


def _fact(walk: Walk, actor: Actor) -> None:
    """What the world does: an exposure turns out to be earlier or later, or the case is no case."""
    put = partial(load, actor="test", source_key="t", known_from=walk.at)
    contact = walk.rng.choice(list(Contact.objects.open().order_by("key").values()))
    if walk.rng.random() < 0.1:
        case = Case.objects.open().values().get(key="case-1")
        put(Case, [_again(case) | {"classification": "excluded"}])
    else:
        day = walk.today - timedelta(days=walk.rng.randint(0, 6))
        put(Contact, [_again(contact) | {"last_exposure_on": day}])


def _again(row: dict[str, Any]) -> dict[str, Any]:
    beside = ("id", "known_from", "known_to", "recorded_at", "source_key", "superseded_at")
    return {name: value for name, value in row.items() if name not in beside}


def _purge(walk: Walk, actor: Actor) -> None:
    release = walk.rng.random() < 0.5
    purge_due(walk.at, actor=actor)
    purge_run(actor=actor, at=walk.at, release=release, reason="over" if release else "")


#: What is done -> (how, how often, the permission that it takes).
DEEDS: dict[str, tuple[Callable[[Walk, Actor], None], int, str]] = {
    "propose_for_contact": (_contact, 12, "order.propose"),
    "propose_for_positive": (_positive, 6, "order.propose"),
    "propose_by_hand": (_by_hand, 8, "order.propose"),
    "propose_for_group": (_group, 18, "order.propose"),
    "propose_for_household": (_household, 6, "order.propose"),
    "decide_household": (_decide_household, 8, "order.decide"),
    "meet_gates": (_meet, 5, "order.propose"),
    "approve": (_sign, 20, "order.decide"),
    "approve_area": (_decided(control.order_approve, "proposed", people=False), 26, "area_order.decide"),
    "reject": (_decided(control.order_reject, "proposed"), 4, "order.decide"),
    "withdraw": (_decided(control.order_withdraw, "proposed", "approved"), 3, "order.decide"),
    "suspend": (_decided(control.order_suspend, "approved"), 4, "order.suspend"),
    "suspend_area": (_suspend_area, 10, "order.suspend"),
    "resume": (_decided(control.order_resume, "suspended"), 10, "order.suspend"),
    "shorten": (_ending(control.order_shorten), 6, "order.decide"),
    "renew": (_renew, 4, "order.propose"),
    "supersede": (_supersede, 5, "order.decide"),
    "fall_ill": (_falls_ill, 12, "order.decide"),
    "lapse": (_lapse, 4, ""),
    "appeal": (_appeal, 4, "appeal.file"),
    "answer": (_answer, 12, "appeal.decide"),
    "consent": (_consent, 6, "consent.record"),
    "take_back_consent": (_take_back, 3, "consent.record"),
    "rejudge": (_rejudge, 5, "order.propose"),
    "answer_offer": (_offer, 12, "order.decide"),
    "judge_exposure": (_judge, 4, "exposure.judge"),
    "note_area_facts": (_note, 6, "order.propose"),
    "take_area_step": (_area_step, 7, "area_order.decide"),
    "new_fact": (_fact, 4, ""),
    "purge": (_purge, 1, "order.decide"),
}

#: What is done -> the state in which there must be an order, appeal or offer, for otherwise nothing can come of it.
NEEDS = {
    **dict.fromkeys(
        ("meet_gates", "approve", "approve_area", "reject", "consent", "decide_household"), ("proposed",)
    ),
    **dict.fromkeys(
        ("suspend", "suspend_area", "shorten", "renew", "supersede", "appeal", "fall_ill"), ("approved",)
    ),
    **dict.fromkeys(("note_area_facts", "take_area_step", "take_back_consent"), ("approved",)),
    "answer": ("filed",),
    "answer_offer": ("offered",),
    "withdraw": ("proposed",),
    "resume": ("suspended",),
}
