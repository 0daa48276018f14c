"""What a gate does with a truck: pass, pass and test on site, or a person decides. Never hold, never turn back.

Stay in a risk city and the star, age of the PCR at the gate, and what to do when it has expired are rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import InputError
from fangkong.science.rules.basis import Basis, Inquiry
from fangkong.science.rules.movement.reading import reading
from fangkong.science.rules.resolver import RuleBook

_DRIVER = {"person": "driver"}
_NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class TruckFacts:
    """A truck at a gate at the aware moment ``at``.

    ``stay`` is the time spent in a risk city (None when it passed none), ``pcr_at`` and ``pcr_result`` the
    driver's last PCR, ``antigen`` the result of the test on site (None before it), ``code`` green, yellow or
    red (None when nobody asked), ``temperature_normal`` what the gate measured, ``from_low_risk`` whether it
    comes from a low-risk area.
    """

    at: datetime
    stay: timedelta | None = None
    pcr_at: datetime | None = None
    pcr_result: str = _NEGATIVE
    antigen: str | None = None
    code: str | None = None
    temperature_normal: bool | None = None
    from_low_risk: bool | None = None


@dataclass(frozen=True, slots=True)
class Star:
    """Whether the travel code may carry a star for the stay, and whether it may count at the gate.

    ``given`` is None when no row says; ``why`` is ``no_stay``, ``stay_within_limit``, ``stay_over_limit`` or
    ``no_row``. ``is_reason_to_stop`` is False while a row forbids limits by star, None when none does.
    """

    given: bool | None
    why: str
    is_reason_to_stop: bool | None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A result that comes after release: who hears of a positive one, and how fast (a target, no rule)."""

    of: str
    alert_to: tuple[str, ...]
    alert_within: timedelta


@dataclass(frozen=True, slots=True)
class TruckGate:
    """The answer of a gate.

    ``answer``: ``pass``; ``test_on_site`` (then release at once when negative); ``pass_and_test_on_site``
    (released on the negative test, result followed); ``person_decides``. ``reasons`` say why, ``must_not`` what
    the gate may not do to this truck (``stop_for_star``, ``hold``, ``repeat_test``, ``turn_back``,
    ``limit_low_risk``).
    """

    answer: str
    reasons: tuple[str, ...]
    must_not: tuple[str, ...]
    star: Star
    pcr_age: timedelta | None
    pcr_valid: bool | None
    test: str
    follow: FollowUp | None
    basis: Basis

    @property
    def released(self) -> bool:
        """True when the truck goes on now."""
        return self.answer in ("pass", "pass_and_test_on_site")

    def alert_due_at(self, positive_at: datetime) -> datetime | None:
        """The moment by which the alert of a later positive result is out; None when no result is followed."""
        return positive_at + self.follow.alert_within if self.follow else None


def truck_gate(
    book: RuleBook,
    facts: TruckFacts,
    *,
    on: date | None = None,
    disease: str,
    area: str = HOME_COUNTRY,
) -> TruckGate:
    """What the gate of ``area`` does with the truck under the rows in force on ``on`` (default: the day of ``at``).

    Ages are counted to ``facts.at``; a PCR exactly as old as the limit is still valid, and a stay exactly as
    long as the limit gives no star. Raises InputError ``gate.moment_not_aware`` or ``gate.result_after_gate``.

    >>> from datetime import UTC
    >>> from fangkong.science.rules.resolver import rule_book
    >>> at = datetime(2022, 7, 6, 12, tzinfo=UTC)
    >>> facts = TruckFacts(at, stay=timedelta(hours=3, minutes=50), pcr_at=at - timedelta(hours=52),
    ...                    antigen="negative")
    >>> gate = truck_gate(rule_book(), facts, disease="covid-19")
    >>> gate.answer, gate.star.given, gate.follow.of
    ('pass_and_test_on_site', False, 'pcr')
    """
    for moment in (facts.at, facts.pcr_at):
        if moment is not None and moment.utcoffset() is None:
            raise InputError("gate.moment_not_aware", given=moment.isoformat())
    if facts.pcr_at is not None and facts.pcr_at > facts.at:
        raise InputError("gate.result_after_gate", given=facts.pcr_at.isoformat())
    inquiry = Inquiry(book, on=on or facts.at.date(), disease=disease, area=area)
    bans = _bans(inquiry)
    star = _star(inquiry, facts, bans)
    limit = inquiry.value("freight.pass_pcr_hours", _DRIVER)
    age = None if facts.pcr_at is None else facts.at - facts.pcr_at
    valid = _pcr_valid(facts, age, limit)
    answer, reasons, test, follow = _answer(inquiry, facts, valid)
    return TruckGate(
        answer=answer,
        reasons=(f"star.{star.why}", *reasons),
        must_not=_must_not(facts, valid, bans),
        star=star,
        pcr_age=age,
        pcr_valid=valid,
        test=test,
        follow=follow,
        basis=inquiry.basis(),
    )


def _bans(inquiry: Inquiry) -> frozenset[str]:
    """What the rows in force rule out at a gate, in our words."""
    items: set[str] = set()
    for key in ("freight.forbid_truck", "freight.forbid"):
        answer = inquiry.cite(key)
        items |= set(answer.value) if answer else set()
    words: Mapping[str, Iterable[str]] = reading()["truck_ban"]
    return frozenset(word for word, named in words.items() if items & set(named))


def _star(inquiry: Inquiry, facts: TruckFacts, bans: frozenset[str]) -> Star:
    counts = False if "star" in bans else None
    if facts.stay is None:
        return Star(False, "no_stay", counts)
    limit = inquiry.value("freight.no_star_stay_hours", _DRIVER)
    if limit is None:
        return Star(None, "no_row", counts)
    if facts.stay <= timedelta(hours=limit):
        return Star(False, "stay_within_limit", counts)
    return Star(True, "stay_over_limit", counts)


def _pcr_valid(facts: TruckFacts, age: timedelta | None, limit: Any) -> bool | None:
    """Whether the PCR at hand passes; None when no row says how old it may be."""
    if age is None or facts.pcr_result != _NEGATIVE:
        return False
    return None if limit is None else age <= timedelta(hours=limit)


def _answer(
    inquiry: Inquiry, facts: TruckFacts, valid: bool | None
) -> tuple[str, tuple[str, ...], str, FollowUp | None]:
    """Answer, reasons, the test on site and the result to follow."""
    trouble = tuple(
        code
        for code, holds in (
            ("code_not_green", facts.code not in (None, "green")),
            ("temperature_not_normal", facts.temperature_normal is False),
            ("pcr_not_negative", facts.pcr_at is not None and facts.pcr_result != _NEGATIVE),
            ("antigen_not_negative", facts.antigen not in (None, _NEGATIVE)),
        )
        if holds
    )
    if trouble:
        return "person_decides", trouble, "", None
    if valid:
        return "pass", ("pcr_valid",), "", None
    if valid is None:
        return "person_decides", ("no_pcr_limit",), "", None
    why = "pcr_missing" if facts.pcr_at is None else "pcr_expired"
    action = inquiry.value("freight.expired_pcr_action", _DRIVER)
    plan = reading()["expired_pcr_action"].get(action)
    if plan is None:
        return "person_decides", (why, "no_action_known"), "", None
    follow = _follow(plan["followed"])
    if facts.antigen == plan["releases"]:
        return "pass_and_test_on_site", (why, "antigen_negative"), plan["test"], follow
    return "test_on_site", (why, "antigen_to_take"), plan["test"], follow


def _follow(of: str) -> FollowUp:
    alert = reading()["truck_alert"]
    return FollowUp(of, tuple(alert["to"]), timedelta(seconds=alert["within_seconds"]))


def _must_not(facts: TruckFacts, valid: bool | None, bans: frozenset[str]) -> tuple[str, ...]:
    listed = (
        ("star", "stop_for_star", True),
        ("holding", "hold", True),
        ("repeating", "repeat_test", valid is True),
        ("turning_back", "turn_back", True),
        ("low_risk", "limit_low_risk", facts.from_low_risk is True),
    )
    return tuple(code for ban, code, applies in listed if applies and ban in bans)
