"""Running orders judged again when rules, a result, a classification or an exposure date has changed.

Every order on a person keeps the facts that its rules were asked with. Judging again asks the same question
on a later day, with the facts as they are known now. Nothing gets longer. What gets shorter is offered with
both computations; what has lost its basis in law ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError
from fangkong.core.keys import stable_key
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.load import Row, fact_of, load
from fangkong.record.models import Case, Contact, Order, Rejudgement
from fangkong.science.rules import NoRuleInForce, Plan, RuleBook
from fangkong.science.rules.rejudging import rejudge

from .measures import ANY_CONTACT, ANY_TIER, stages_as_stored
from .order_rows import RUNNING, order_event
from .rulebook import rulebook

CHUNK_DONE = kill_point("control.rejudge_chunk")

#: Orders judged in one transaction.
_CHUNK = 1000

#: What may have changed.
CAUSES = ("rules", "result", "classification", "exposure")

_READ = (
    "key",
    "person_key",
    "area_code",
    "reason_key",
    "situation",
    "stages",
    "starts_on",
    "expires_on",
    "judged_on",
)


@dataclass
class Rejudged:
    """How many running orders were judged again, and what came of it."""

    looked: int = 0
    unchanged: int = 0
    shorter: int = 0
    ended: int = 0
    not_decided: int = 0


@dataclass(frozen=True)
class Judged:
    """One order judged again: ``outcome``, and the order's fields as the rules of the day give them."""

    outcome: str
    after: dict[str, Any]
    #: True when the rules themselves ask for nothing any more: no person needs to decide that.
    by_law: bool = False


def orders_rejudge(
    *,
    cause: str,
    actor: Actor,
    at: datetime,
    area_code: str = "",
    reason_keys: Sequence[str] | None = None,
    book: RuleBook | None = None,
) -> Rejudged:
    """What came of judging the running orders again; ``reason_keys`` narrows it to orders of those contacts.

    Works in chunks of sorted keys; a killed run goes on where the record stands, for a judgement has a stable
    key made of the order, the day and what it says. Raises InputError ``order.unknown_cause``, Forbidden
    without ``order.propose``.
    """
    actor.require("order.propose")
    if cause not in CAUSES:
        raise InputError("order.unknown_cause", cause=cause, causes=list(CAUSES))
    today, rules = civil_day(at, installation().zone), book or rulebook()
    rows = visible(Order.objects.open(), actor).filter(
        state__in=RUNNING, subject_kind="person", expires_on__gte=today, known_from__lt=at
    )
    if area_code:
        rows = rows.filter(inside_area(area_code))
    if reason_keys is not None:
        rows = rows.filter(reason_key__in=list(reason_keys))
    # The keys are read once: asking for "the next thousand" anew would sort all of them for every chunk.
    keys, done = list(rows.order_by("key").values_list("key", flat=True)), Rejudged()
    for start in range(0, len(keys), _CHUNK):
        chunk: list[dict[str, Any]] = []
        for some in _sliced(keys[start : start + _CHUNK]):
            # By key alone: with the state in the condition SQLite walks every order of that state instead.
            held = Order.objects.open().filter(key__in=some).order_by("key").values(*_READ, "state")
            chunk += [order for order in held if order["state"] in RUNNING]
        _judge_chunk(chunk, rules, cause, today, actor, at, done)
        CHUNK_DONE.passed()
    return done


def _judge_chunk(
    chunk: list[dict[str, Any]],
    book: RuleBook,
    cause: str,
    today: date,
    actor: Actor,
    at: datetime,
    done: Rejudged,
) -> None:
    found: list[Row] = []
    ended: list[str] = []
    known = _known_facts(chunk, at)
    for held in chunk:
        judged = judge_order(held, book, today, known.get(held["reason_key"]))
        if judged is None:
            continue
        done.looked += 1
        if judged.outcome == "unchanged":
            done.unchanged += 1
            continue
        if judged.outcome == "shorter":
            done.shorter += 1
        elif judged.outcome == "ends_now":
            done.ended += 1
        else:
            done.not_decided += 1
        if judged.by_law:
            ended.append(held["key"])
        found.append(_rejudgement(held, judged, cause, today))
    with audit.writing():
        if found:
            _overtake(found, actor, at)
            load(Rejudgement, found, actor=actor.key, source_key=actor.key, known_from=at)
        if ended:
            _lapse(ended, actor, at)


def judge_order(
    held: dict[str, Any], book: RuleBook, today: date, facts: dict[str, Any] | None
) -> Judged | None:
    """``held`` (the read fields of an order) under the rules of ``today``; None when it was ordered by hand.

    ``facts`` is what is known now of the contact behind the order: its situation, or ``{"gone": code}``.
    """
    if not held["situation"]:
        return None
    if facts is not None and "gone" in facts:
        return Judged("ends_now", {"why": facts["gone"], "stages": [], "rule_rows": []})
    situation = held["situation"] | (facts or {})
    if situation.get("role") not in ANY_TIER:
        return None
    if held["situation"]["role"] == ANY_CONTACT:
        situation["role"] = ANY_CONTACT
    again = rejudge(
        situation,
        held["stages"],
        ordered_on=held["judged_on"] or held["starts_on"],
        on=today,
        area=held["area_code"],
        book=book,
    )
    if again.outcome == "unchanged":
        return Judged("unchanged", {})
    plan = again.after
    after: dict[str, Any] = {"situation": situation, "rule_rows": [row.row_id for row in again.rules]}
    if isinstance(plan, NoRuleInForce):
        # The law is silent from now on: what rested on it ends.
        return Judged("ends_now", after | {"why": "no_rule_in_force", "stages": []}, by_law=True)
    if not isinstance(plan, Plan):
        return Judged("not_decided", after | {"why": type(plan).__name__})
    after |= {"stages": stages_as_stored(again.stages), "confidence": plan.confidence}
    after["expires_on"] = again.ends_on.isoformat() if again.ends_on else ""
    return Judged(again.outcome, after, by_law=again.outcome == "ends_now" and not plan.stages)


def _known_facts(chunk: list[dict[str, Any]], at: datetime) -> dict[str, dict[str, Any]]:
    """Reason key -> the contact's situation as known now; three queries for the whole chunk."""
    reasons = [held["reason_key"] for held in chunk if held["reason_key"]]
    facts: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    contacts: list[tuple[str, str, str, str, date | None]] = []
    for keys in _sliced(reasons):
        named = Contact.objects.filter(key__in=keys)
        seen |= set(named.values_list("key", flat=True))
        contacts += named.filter(known_from__lte=at, known_to__gt=at).values_list(
            "key", "case_key", "disease", "tier", "last_exposure_on"
        )
    excluded = _excluded_cases([contact[1] for contact in contacts], at)
    for key, case_key, disease, tier, last in contacts:
        if case_key in excluded:
            facts[key] = {"gone": "case_excluded"}
        elif last is None:
            facts[key] = {"gone": "exposure_unknown"}
        elif tier == "general":
            facts[key] = {"gone": "general_contact"}
        else:
            facts[key] = {"disease": disease, "role": f"{tier}_contact", "last_exposure_on": last.isoformat()}
    for key in seen - set(facts):
        facts[key] = {"gone": "contact_withdrawn"}
    return facts


def _excluded_cases(case_keys: list[str], at: datetime) -> set[str]:
    found: set[str] = set()
    for keys in _sliced(sorted(set(case_keys))):
        cases = Case.objects.known_at(at).filter(key__in=keys, classification="excluded")
        found |= set(cases.values_list("key", flat=True))
    return found


def _sliced(keys: list[str], size: int = 500) -> Iterator[list[str]]:
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def _rejudgement(held: dict[str, Any], judged: Judged, cause: str, today: date) -> Row:
    before = {
        "stages": held["stages"],
        "expires_on": held["expires_on"].isoformat(),
        "situation": held["situation"],
        "judged_on": (held["judged_on"] or held["starts_on"]).isoformat(),
    }
    return {
        "key": stable_key("rejudgement", held["key"], today, judged.after),
        "order_key": held["key"],
        "person_key": held["person_key"],
        "area_code": held["area_code"],
        "cause": cause,
        "judged_on": today,
        "outcome": judged.outcome,
        "before": before,
        "after": judged.after,
        "state": "accepted" if judged.by_law else "offered",
    }


def _overtake(found: list[Row], actor: Actor, at: datetime) -> None:
    """Earlier offers for the same orders no longer stand."""
    fresh = {row["key"] for row in found}
    for keys in _sliced([row["order_key"] for row in found]):
        # By order alone, for the same reason as in ``orders_rejudge``.
        earlier = Rejudgement.objects.open().filter(order_key__in=keys)
        rows = [
            fact_of(offer) | {"state": "overtaken"}
            for offer in earlier
            if offer.state == "offered" and offer.known_from < at and offer.key not in fresh
        ]
        if rows:
            load(Rejudgement, rows, actor=actor.key, source_key=actor.key, known_from=at)


def _lapse(order_keys: list[str], actor: Actor, at: datetime) -> None:
    """The orders end: the rules of the day ask for nothing."""
    for keys in _sliced(order_keys):
        orders = list(Order.objects.open().filter(key__in=keys).order_by("key"))
        change = {"state": "lapsed", "change_reason": "basis_ended", "changed_by": actor.key}
        rows = [fact_of(order) | change for order in orders]
        load(Order, rows, actor=actor.key, source_key=actor.key, known_from=at)
        for order in orders:
            order_event(order, "lapsed", at)
