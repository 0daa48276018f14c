"""No state that the desks let anybody reach has an order without basis, end, fact, gates or two people."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.db import transaction

from fangkong.desks.control.gates import missing_gates
from fangkong.desks.control.rulebook import rulebook
from fangkong.desks.control.starting import RANKS, parted_people, rank_of_area
from fangkong.record.access import Actor
from fangkong.record.installation import installation_set
from fangkong.record.models import Case, Contact, IdentityKey, LabResult, Order
from fangkong.record.retention.clocks import Clocks, purge_clock
from fangkong.science.rules import Plan

from .order_walk import CITY, DEEDS, DISEASE, HOME, PEOPLE, Walk, office

SEEDS, STEPS = 24, 40


@dataclass
class Watch:
    """Looks at every order after every step; remembers what each was before."""

    actors: dict[str, Actor]
    held: dict[str, tuple[str, date, str]] = field(default_factory=dict)
    reached: Counter[str] = field(default_factory=Counter)

    def look(self, walk: Walk) -> list[str]:
        """What is wrong in the record now; empty when nothing is."""
        orders = list(Order.objects.open())
        wrong = [f"{order.kind} {order.state}: {what}" for order in orders for what in self._of(order, walk)]
        for order in orders:
            self.reached[f"{order.subject_kind} {order.state}"] += 1
            self.held[order.key] = (order.state, order.expires_on, order.starts_on.isoformat())
        # A refused step has changed nothing; the clocks are read when something has.
        return wrong + (self._identities(walk) if walk.changed else [])

    def _of(self, order: Order, walk: Walk) -> list[str]:
        state, ended_on, started_on = self.held.get(order.key, ("", date.max, order.starts_on.isoformat()))
        found = {
            "no legal basis": not order.legal_basis or not all(text.strip() for text in order.legal_basis),
            "no end": order.expires_on is None or order.expires_on < order.starts_on,
            "no remedy": not order.remedy,
            "medical emergency is no exception": "medical_emergency" not in order.exceptions,
            "decided by its proposer": order.decided_by == order.proposed_by,
            "decided by nobody": bool(order.decided_by) and order.decided_by not in self.actors,
            "longer than before": order.expires_on > ended_on,
            "begins on another day": order.starts_on.isoformat() != started_on,
            "a stage after the end": any(s["last_on"] > order.expires_on.isoformat() for s in order.stages),
            "member without a fact": order.subject_key == HOME and not self._facts(order),
            "longer than the rules ask of the member": order.subject_key == HOME and self._too_long(order),
            "no fact": order.subject_kind == "person" and not self._facts(order),
        }
        if order.state in ("approved", "suspended"):
            found |= {
                "nobody decided": not order.decided_by,
                "rank too low": self._rank(order.decided_by) < self._asked(order),
                "open gate": order.subject_kind != "person" and bool(missing_gates(order)),
                "over-reach": any(finding.get("blocks") for finding in order.findings),
            }
        if order.state == "superseded" and state != "superseded":
            follower = Order.objects.open().get(key=order.change_reason)
            same = (follower.person_key, follower.disease) == (order.person_key, order.disease)
            found["superseded by another's order"] = not same or follower.key == order.key
        if order.state == "approved" and state != "approved":
            parted = order.subject_kind == "person" and list(parted_people(order, walk.at))
            found["parted without consent"] = bool(parted)
        if order.subject_key == HOME and order.state == "approved" and state == "proposed":
            self.reached["household approved"] += 1
            found["signed by whoever put the household together"] = (
                order.details["household"]["by"] == order.decided_by
            )
        return [what for what, is_so in found.items() if is_so]

    def _rank(self, decided_by: str) -> int:
        actor = self.actors.get(decided_by)
        rank = rank_of_area(actor.area_code) if actor else ""
        return RANKS.index(rank) if rank in RANKS else -1

    @staticmethod
    def _asked(order: Order) -> int:
        return RANKS.index(order.required_rank) if order.required_rank else -1

    @staticmethod
    def _facts(order: Order) -> bool:
        person = {"person_key": order.person_key, "disease": order.disease, "key": order.reason_key}
        return any(model._default_manager.filter(**person).exists() for model in (Contact, Case, LabResult))

    @staticmethod
    def _too_long(order: Order) -> bool:
        """True when it lasts longer than the rules of the day on which it was judged ask of that member alone."""
        if order.kind == "isolation":
            return False
        if not order.situation.get("last_exposure_on"):
            return True
        last = date.fromisoformat(order.situation["last_exposure_on"])
        situation = order.situation | {"last_exposure_on": last}
        plan = rulebook().plan_for(situation, on=order.judged_on, area=order.area_code)
        return not isinstance(plan, Plan) or plan.last_day is None or order.expires_on > plan.last_day

    def _identities(self, walk: Walk) -> list[str]:
        held = sorted(IdentityKey.objects.values_list("person_key", flat=True))
        clocks = Clocks.of_the_office(walk.at).read(held)
        states = {key: clock.state if clock else "none" for key, clock in clocks.items()}
        self.reached.update(f"identity {state}" for state in states.values())
        return [f"{key}: no purge clock" for key in held if states.get(key) not in ("open", "held", "due")]


@pytest.fixture
def actors(db) -> dict[str, Actor]:
    installation_set(actor="test", area_code=CITY, disease=DISEASE)
    return office()


def test_no_walk_through_the_desks_reaches_a_state_that_the_law_does_not_know(actors):
    reached, done, refused = Counter[str](), Counter[str](), Counter[str]()
    for seed in range(SEEDS):
        with transaction.atomic():
            walk, watch = Walk(seed, actors), Watch(actors)
            for _ in range(STEPS):
                walk.step()
                wrong = watch.look(walk)
                assert not wrong, f"seed {seed}: {wrong} after\n" + "\n".join(walk.log)
            if clock := purge_clock(PEOPLE[0], at=walk.at):
                assert clock.state in ("open", "held", "due")
            transaction.set_rollback(True)
        reached += watch.reached
        done += walk.done
        refused += walk.refused
    # The walks went everywhere; otherwise they prove nothing.
    assert {f"area {state}" for state in ("approved", "suspended", "lapsed")} <= set(reached)
    assert {f"{kind} approved" for kind in ("place", "journey", "campaign")} <= set(reached)
    ways = ("proposed", "approved", "suspended", "rejected", "withdrawn", "lapsed", "superseded")
    assert {f"person {state}" for state in ways} <= set(reached)
    assert {"identity open", "identity due"} <= set(reached)
    assert reached["household approved"]
    seen = {"order.gates_missing", "order.over_reach", "order.rank_too_low", "order.consent_needed"}
    seen |= {"order.two_people", "order.system_never_decides", "order.fact_needed", "judgement.one_person"}
    seen |= {"household.nobody_bound", "household.reason_needed", "order.decided_with_household"}
    assert seen <= set(refused), f"never refused: {seen - set(refused)}"
    assert len(set(DEEDS) - set(done)) <= len(DEEDS) // 4, f"never done: {set(DEEDS) - set(done)}"


PLANTED = {
    "no legal basis": {"legal_basis": []},
    "no remedy": {"remedy": ""},
    "longer than before": {"expires_on": date(2023, 6, 1)},
    "no fact": {"reason_key": "hearsay"},
    "over-reach": {"findings": [{"item": 5, "code": "x", "blocks": True}]},
    "rank too low": {"required_rank": "national"},
    "decided by nobody": {"decided_by": "system:reaction-2"},
    "member without a fact": {"subject_key": HOME, "reason_key": "hearsay"},
    "longer than the rules ask of the member": {
        "subject_key": HOME,
        "kind": "quarantine",
        "situation": {"disease": DISEASE, "role": "close_contact", "last_exposure_on": "2022-04-16"},
        "expires_on": date(2022, 5, 20),
    },
    "open gate": {"subject_kind": "area", "kind": "stay_in"},
}


def test_a_planted_violation_is_seen(actors):
    walk, watch = Walk(0, actors), Watch(actors)
    approved = Order.objects.open().filter(state="approved", subject_kind="person")
    while not approved.exists():
        walk.step()
        assert watch.look(walk) == []
    key = approved.values_list("pk", flat=True)[0]
    for wrong, change in PLANTED.items():
        with transaction.atomic():
            Order.objects.filter(pk=key).update(**change)
            assert any(found.endswith(wrong) for found in watch.look(walk)), wrong
            transaction.set_rollback(True)
        watch.look(walk)
        assert watch.look(walk) == []
