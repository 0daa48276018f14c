"""What one end of a commute asks, requirement by requirement, and which local rows it asks in vain.

An end is home or work. National rows are the ceiling and the end's local rows stand beside them: a stricter
one counts only with reason, evidence, a higher approval and a near end; else it is named and not applied.
``commute.pass`` is compared field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from fangkong.science.rules.answers import Answer, Conflict, InForce, NoRuleInForce, NotInPack
from fangkong.science.rules.basis import Basis, Inquiry
from fangkong.science.rules.movement.reading import may_leave_area, reading
from fangkong.science.rules.overlay import judge_local
from fangkong.science.rules.packs import KeyRule, Row

_COMMUTER = {"person": "commuter"}
_TRAVELLER = {"person": "traveller"}
_ENTRY = "commute.pass"
_CROSS_REGION = "checks.cross_region"
_LANDING = "testing.landing"
_DAY = timedelta(days=1)

Keep = Callable[[Answer], InForce | None]

#: Requirements that are checks of a test: void where the rules in force end checks of cross-region travellers.
_CHECKS = frozenset({"pcr_window", "tests_per_week"})

#: Requirement of a commuter -> field of ``commute.pass``.
_REQUIREMENT_OF_FIELD = {
    "register_hours_ahead": "register_ahead",
    "review_hours": "review",
    "excluded_if_risk_street_days": "risk_street",
    "tests_per_week": "tests_per_week",
    "pcr_hours": "pcr_window",
    "daily_pcr": "pcr_window",
    "point_to_point": "point_to_point",
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that an end asks of the commuter.

    ``code``: ``register_ahead``, ``review``, ``pcr_window`` (timedelta each), ``tests_per_week`` (a count),
    ``risk_street`` (days), ``point_to_point`` (True), ``area_closed`` (the regime), ``isolation`` (days).
    """

    code: str
    end: str
    value: Any
    row: Row

    @property
    def rule_row(self) -> str:
        """The stable name of the row."""
        return self.row.row_id


@dataclass(frozen=True, slots=True)
class NotApplied:
    """A local row in force that is published as flagged: which end, which field of it, and why not applied."""

    end: str
    row: Row
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class EndRules:
    """All that one end asks. ``offers`` are tests that are voluntary; ``unread`` fields nobody can read."""

    end: str
    area: str
    requirements: tuple[Requirement, ...]
    offers: tuple[InForce, ...]
    not_applied: tuple[NotApplied, ...]
    stricter_applied: tuple[Row, ...]
    unread: tuple[str, ...]
    silent: bool
    basis: Basis

    def strictest(self, code: str) -> Requirement | None:
        """The strictest requirement of this kind at this end."""
        return strictest(*(each for each in self.requirements if each.code == code))


def strictest(*requirements: Requirement) -> Requirement | None:
    """The strictest of requirements of one kind; of equals the first by row name, None of none."""
    best: Requirement | None = None
    for each in sorted(requirements, key=lambda requirement: requirement.rule_row):
        if best is None or is_stricter(each, best):
            best = each
    return best


def is_stricter(one: Requirement, other: Requirement) -> bool:
    """True when ``one`` asks more than ``other`` of the same kind."""
    if one.code == "pcr_window":
        return bool(one.value < other.value)
    if one.code in ("point_to_point", "area_closed"):
        return False
    return bool(one.value > other.value)


def end_rules(
    inquiry: Inquiry, end: str, *, risk: str | None, other_risk: str | None, transport: str | None
) -> EndRules:
    """What the end of ``inquiry.area`` asks of a commuter who leaves it and arrives at it every working day.

    ``risk`` is the risk level of this end's area, ``other_risk`` that of the other end's (None: no level),
    ``transport`` the means as the packs name it (``plane_train``; None: a means without checks).
    """
    asked: list[Requirement] = []
    skipped: list[NotApplied] = []
    spoken: list[Answer] = []

    def keep(answer: Answer) -> InForce | None:
        spoken.append(answer)
        if not isinstance(answer, InForce):
            return None
        skipped.extend(_flagged(end, answer))
        return answer

    entry = keep(inquiry.one_of(_ENTRY, _COMMUTER, _TRAVELLER))
    unread: tuple[str, ...] = ()
    if entry:
        skipped = [each for each in skipped if each.row.key != _ENTRY]
        fields, refused, unread = pass_fields(inquiry.book.keys[_ENTRY], entry, end)
        skipped.extend(refused)
        asked.extend(_of_pass(end, fields))
    cross = keep(inquiry.one_of(_CROSS_REGION, _COMMUTER, _TRAVELLER))
    for answer in _windows(inquiry, risk, transport):
        if window := keep(answer):
            asked.append(Requirement("pcr_window", end, timedelta(hours=window.value), window.row))
    asked.extend(_closed(inquiry, end, risk, keep))
    asked.extend(_isolation(inquiry, end, other_risk, keep))
    landing = keep(inquiry.one_of(_LANDING, _COMMUTER, _TRAVELLER))

    if cross and cross.value is False:
        skipped.extend(
            NotApplied(end, each.row, each.code, "checks_ended")
            for each in asked
            if each.code in _CHECKS and _outranked(each.row, cross.row)
        )
        asked = [each for each in asked if not (each.code in _CHECKS and _outranked(each.row, cross.row))]
    basis = inquiry.basis()
    return EndRules(
        end=end,
        area=inquiry.area,
        requirements=tuple(asked),
        offers=(landing,) if landing and landing.value is True else (),
        not_applied=tuple(dict.fromkeys(skipped)),
        stricter_applied=tuple(
            answer.row for answer in basis.in_force if "stricter_with_reason" in answer.flags
        ),
        unread=unread,
        silent=not any(isinstance(answer, InForce | NoRuleInForce) for answer in spoken),
        basis=basis,
    )


def pass_fields(
    rule: KeyRule, answer: InForce, end: str
) -> tuple[dict[str, tuple[Any, Row]], tuple[NotApplied, ...], tuple[str, ...]]:
    """The fields of ``commute.pass`` that apply, each with its row; those flagged; those nobody can read.

    The deciding row gives the fields. A local row that could not be compared as a whole is compared field by
    field: one that asks less applies, one that asks more needs a reason.
    """
    directions: Mapping[str, str] = reading()["commute_field"]
    fields: dict[str, tuple[Any, Row]] = {name: (value, answer.row) for name, value in answer.value.items()}
    skipped = [each for each in _flagged(end, answer) if each.why != "cannot_be_compared"]
    for other in answer.others:
        if other.why != "cannot_be_compared" or not isinstance(other.row.value, Mapping):
            continue
        for name in dict.fromkeys((*fields, *other.row.value)):
            asks = other.row.value.get(name)
            stands = fields[name][0] if name in fields else None
            more = _asks_more(directions.get(name), stands, asks)
            if more is False or (more and _has_reason(rule, answer.row, other.row)):
                fields[name] = (asks, other.row)
            elif asks != stands:
                why = "cannot_be_compared" if more is None else "stricter_than_national"
                skipped.append(NotApplied(end, other.row, name, why))
    asked = {name: entry for name, entry in fields.items() if entry[0] not in (None, False)}
    unread = tuple(name for name in asked if name not in _REQUIREMENT_OF_FIELD)
    return asked, tuple(skipped), unread


def _asks_more(direction: str | None, stands: Any, asks: Any) -> bool | None:
    """True when ``asks`` is stricter than ``stands`` (None: not asked), False when looser, None when unknown."""
    if asks == stands or direction is None:
        return None
    if stands in (None, False) or asks in (None, False):
        return asks not in (None, False)
    if direction == "true":
        return None
    return bool(asks > stands) if direction == "more" else bool(asks < stands)


def _has_reason(rule: KeyRule, national: Row, local: Row) -> bool:
    """Whether a stricter local row carries what such a row needs: the resolver's own judgement on it."""
    key = "contact.lookback_days"  # any key whose plain figures the resolver can compare: more is stricter
    verdict = judge_local(
        replace(rule, key=key, kind="restriction"),
        replace(national, key=key, value=0, unit="d"),
        replace(local, key=key, value=1, unit="d"),
    )
    return verdict.applies


def _of_pass(end: str, fields: Mapping[str, tuple[Any, Row]]) -> Iterator[Requirement]:
    for name, (value, row) in fields.items():
        code = _REQUIREMENT_OF_FIELD.get(name)
        if code is None:
            continue
        if name in ("register_hours_ahead", "review_hours", "pcr_hours"):
            yield Requirement(code, end, timedelta(hours=value), row)
        elif name == "daily_pcr":
            yield Requirement(code, end, _DAY, row)
        else:
            yield Requirement(code, end, value, row)


def _windows(inquiry: Inquiry, risk: str | None, transport: str | None) -> Iterator[Answer]:
    """Rows on how old a test may be on leaving this end; a risk level or means that nobody named asks none."""
    for key, name, fact in (
        ("area.exit_pcr_hours", "area", risk),
        ("checks.transport_pcr_hours", "place", transport),
    ):
        answer = inquiry.look(key, {} if fact is None else {name: fact})
        if isinstance(answer, InForce | Conflict) or (fact is not None and isinstance(answer, NotInPack)):
            inquiry.keep(answer)
            yield answer


def _closed(inquiry: Inquiry, end: str, risk: str | None, keep: Keep) -> Iterator[Requirement]:
    """The regime of this end's area, where it lets nobody out."""
    if risk is None:
        return
    regime = keep(inquiry.ask("area.regime", area=risk))
    if regime and may_leave_area(regime.value) is False:
        yield Requirement("area_closed", end, regime.value, regime.row)


def _isolation(inquiry: Inquiry, end: str, other_risk: str | None, keep: Keep) -> Iterator[Requirement]:
    """The days of isolation that this end asks of whoever arrives from the other end's area."""
    if other_risk is None:
        return
    stages = keep(inquiry.ask("travel.stages", person="traveller", area=other_risk))
    days = sum(stage["days"] for stage in stages.value) if stages else 0
    if stages and days:
        yield Requirement("isolation", end, days, stages.row)


def _flagged(end: str, answer: InForce) -> Iterator[NotApplied]:
    for other in Basis((answer,), (), ()).not_applied:
        yield NotApplied(end, other.row, "", other.why)


def _outranked(row: Row, national: Row) -> bool:
    """True for a local row beside a national one: the national row is the ceiling."""
    return "-" in row.jurisdiction and "-" not in national.jurisdiction
