"""When the next round of a campaign is due, and when the campaign stops.

A campaign already begun finishes under the row of its start day, unless that row's ``transition_rule`` says
otherwise: ``ends_on_start`` ends it when the row ends, ``earlier_end`` stops it when the old or the new row
says stop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import InputError
from fangkong.science.rules.answers import InForce
from fangkong.science.rules.basis import Basis, Inquiry, Silence
from fangkong.science.rules.packs import Row
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.testing.campaign import reading

_STOP_KEY = "campaign.stop_rule"
_DAY = timedelta(days=1)
_IN_LAST_ROUNDS = re.compile(r"^case_in_last_(\d+)_rounds$")
_IN_DAYS_NOT_ROUNDS = re.compile(r"^case_in_(\d+)_days_not_last_(\d+)_rounds$")
_DAILY_FIELDS = frozenset({"daily_until_clear_rounds", "gap_days", "extra_clear_rounds"})
_PLAIN_FIELDS = frozenset({"clear_rounds"})


@dataclass(frozen=True, slots=True)
class Round:
    """One round that was held: the civil day it ended on and the infections it found in the community."""

    on: date
    community_positives: int


@dataclass(frozen=True, slots=True)
class CampaignStep:
    """Where a campaign stands.

    ``phase``: ``until_clear`` (rounds until enough in a row are clear), ``gap`` (clear, waiting for the last
    check), ``stopped``, ``stopped_by_transition`` or ``person_decides`` (a value nobody taught us to read).
    ``next_on`` is the civil day of the next round, None when none is due or no row says when.
    """

    phase: str
    clear_rounds: int
    clear_rounds_needed: int
    next_on: date | None
    stopped_on: date | None
    row: Row | None
    basis: Basis

    @property
    def stop(self) -> bool:
        """True when no further round is due under the rules."""
        return self.stopped_on is not None


@dataclass(frozen=True, slots=True)
class StreetCadence:
    """How often a street is tested: ``every_days`` from round to round; None when no case asks for it."""

    why: str
    every_days: int | None
    basis: Basis


def campaign_next(
    book: RuleBook,
    rounds: Sequence[Round],
    *,
    on: date,
    disease: str,
    area: str = HOME_COUNTRY,
    place: str,
) -> CampaignStep | Silence:
    """Whether the campaign of ``rounds`` (at least one) stops, and else the day of its next round.

    ``place`` is the scope of the stop rule (``affected_district``, ``other_district``). ``on`` is the day of
    decision; rounds after it are refused. A gap of n days means n days without a round: a round held inside
    the gap is not the last check. Where the row gives no rhythm, ``next_on`` is None.

    Returns the silence on the stop rule of the start day. Raises InputError ``campaign.no_round`` or
    ``campaign.round_after_decision``.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> held = [Round(date(2022, 7, day), 0) for day in (4, 5, 6)]
    >>> step = campaign_next(rule_book(), held, on=date(2022, 7, 6), disease="covid-19",
    ...                      place="affected_district")
    >>> step.phase, step.next_on.isoformat()
    ('gap', '2022-07-10')
    """
    held = sorted(rounds, key=lambda each: each.on)
    if not held:
        raise InputError("campaign.no_round", place=place)
    if held[-1].on > on:
        raise InputError("campaign.round_after_decision", on=held[-1].on.isoformat())
    started = Inquiry(book, on=held[0].on, disease=disease, area=area)
    answer = started.ask(_STOP_KEY, place=place)
    if not isinstance(answer, InForce):
        return answer
    own = _step(answer, held, started.basis())
    if own.stop or answer.row.in_force(on):
        return own
    transition: Mapping[str, Any] = answer.row.transition_rule or {}
    running = transition.get("running", "own_end")
    if running == "ends_on_start":
        return CampaignStep(
            "stopped_by_transition",
            own.clear_rounds,
            own.clear_rounds_needed,
            None,
            answer.row.effective_to,
            answer.row,
            own.basis,
        )
    later = started.book.resolve(_STOP_KEY, on=on, disease=disease, area=area, scope={"place": place})
    if running == "earlier_end" and isinstance(later, InForce):
        started.keep(later)
        new = _step(later, held, started.basis())
        return new if new.stop else _with_basis(own, started.basis())
    return own


def rounds_if_clear(
    book: RuleBook,
    rounds: Sequence[Round],
    *,
    first_on: date,
    disease: str,
    area: str = HOME_COUNTRY,
    place: str,
) -> tuple[date, ...] | Silence:
    """The days of the rounds still to hold when every one of them is clear, the first on ``first_on``.

    ``rounds`` are those already held, all before ``first_on``. Where the row gives no rhythm a round is set each
    day, the earliest that the row can be met. Empty when the campaign stops by the rounds held, and for a value
    nobody taught us to read. Returns the silence on the stop rule; raises as :func:`campaign_next` does.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> days = rounds_if_clear(rule_book(), [], first_on=date(2022, 7, 4), disease="covid-19",
    ...                        place="affected_district")
    >>> [day.isoformat() for day in days]
    ['2022-07-04', '2022-07-05', '2022-07-06', '2022-07-10']
    """
    held, day = list(rounds), first_on
    ahead: list[date] = []
    if held:
        on = max(each.on for each in held)
        step = campaign_next(book, held, on=on, disease=disease, area=area, place=place)
        if not isinstance(step, CampaignStep):
            return step
        if step.stop or step.phase == "person_decides":
            return ()
        day = max(first_on, step.next_on or first_on)
    while True:
        held.append(Round(day, 0))
        step = campaign_next(book, held, on=day, disease=disease, area=area, place=place)
        if not isinstance(step, CampaignStep):
            return step
        if step.phase == "person_decides":
            return ()
        if step.phase == "stopped_by_transition":
            return tuple(ahead)
        ahead.append(day)
        if step.stop:
            return tuple(ahead)
        day = step.next_on or day + _DAY


def street_cadence(
    book: RuleBook,
    rounds: Sequence[Round],
    *,
    on: date,
    disease: str,
    area: str = HOME_COUNTRY,
    cases_on: Iterable[date] = (),
) -> StreetCadence | Silence:
    """How often a street is tested, from its rounds so far and the days on which cases were found there.

    Rounds with infections count as case days. The windows stand in the names of the row's parts.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> clear = [Round(date(2021, 10, day), 0) for day in (12, 13, 14)]
    >>> street_cadence(rule_book(), clear, on=date(2021, 10, 14), disease="covid-19",
    ...                cases_on=[date(2021, 10, 10)]).every_days
    2
    """
    inquiry = Inquiry(book, on=on, disease=disease, area=area)
    answer = inquiry.ask("campaign.cadence", place="street")
    if not isinstance(answer, InForce):
        return answer
    held = sorted((each for each in rounds if each.on <= on), key=lambda each: each.on)
    found_on = [each.on for each in held if each.community_positives] + [day for day in cases_on if day <= on]
    found = {
        name: reading()["interval_days"].get(word)
        for name, word in answer.value.items()
        if _window_holds(name, held, found_on, on)
    }
    known = {name: days for name, days in found.items() if days is not None}
    if known:
        why = min(known, key=lambda name: (known[name], name))
        return StreetCadence(why, known[why], inquiry.basis())
    return StreetCadence("person_decides" if found else "no_case_in_window", None, inquiry.basis())


def _window_holds(name: str, held: Sequence[Round], found_on: Sequence[date], on: date) -> bool:
    """Whether a case lies in the window that the name of a part of the cadence row describes."""
    rounds = _IN_LAST_ROUNDS.match(name)
    days = _IN_DAYS_NOT_ROUNDS.match(name)
    if rounds:
        return _in_last_rounds(int(rounds[1]), held, found_on)
    if days:
        since = on - int(days[1]) * _DAY
        recent = any(since < day for day in found_on)
        return recent and not _in_last_rounds(int(days[2]), held, found_on)
    return False


def _in_last_rounds(count: int, held: Sequence[Round], found_on: Sequence[date]) -> bool:
    last = held[-count:] if count else []
    if not last:
        return bool(found_on)
    return any(day >= last[0].on for day in found_on)


def _step(answer: InForce, held: Sequence[Round], basis: Basis) -> CampaignStep:
    value = answer.value
    fields = set(value) if isinstance(value, Mapping) else set()
    if "daily_until_clear_rounds" in fields and fields <= _DAILY_FIELDS:
        return _daily_step(answer, held, basis)
    if fields == _PLAIN_FIELDS:
        return _plain_step(answer, held, basis)
    return CampaignStep("person_decides", _clear_at_end(held), 0, None, None, answer.row, basis)


def _plain_step(answer: InForce, held: Sequence[Round], basis: Basis) -> CampaignStep:
    """Rounds until so many in a row are clear; the row gives no rhythm."""
    needed = int(answer.value["clear_rounds"])
    clear = 0
    stopped_on = None
    for each in held:
        clear = 0 if each.community_positives else clear + 1
        stopped_on = (stopped_on or each.on) if clear >= needed else None
    phase = "stopped" if stopped_on else "until_clear"
    return CampaignStep(phase, clear, needed, None, stopped_on, answer.row, basis)


def _daily_step(answer: InForce, held: Sequence[Round], basis: Basis) -> CampaignStep:
    """Daily until so many in a row are clear, then a gap, then the last checks; a find starts again."""
    value: Mapping[str, Any] = answer.value
    needed = int(value["daily_until_clear_rounds"])
    gap, extra = value.get("gap_days", 0) * _DAY, int(value.get("extra_clear_rounds", 0))
    clear = checks = 0
    clear_on = stopped_on = None
    for each in held:
        if each.community_positives:
            clear = checks = 0
            clear_on = stopped_on = None
        elif clear_on is None:
            clear += 1
            if clear >= needed:
                clear_on = each.on
                stopped_on = None if extra else each.on
        elif each.on - clear_on > gap and stopped_on is None:
            checks += 1
            stopped_on = each.on if checks >= extra else None
    if stopped_on:
        return CampaignStep("stopped", clear + checks, needed + extra, None, stopped_on, answer.row, basis)
    last_on = held[-1].on
    if clear_on is None:
        return CampaignStep("until_clear", clear, needed + extra, last_on + _DAY, None, answer.row, basis)
    next_on = max(clear_on + gap, last_on) + _DAY
    return CampaignStep("gap", clear + checks, needed + extra, next_on, None, answer.row, basis)


def _clear_at_end(held: Sequence[Round]) -> int:
    clear = 0
    for each in reversed(held):
        if each.community_positives:
            break
        clear += 1
    return clear


def _with_basis(step: CampaignStep, basis: Basis) -> CampaignStep:
    return CampaignStep(
        step.phase,
        step.clear_rounds,
        step.clear_rounds_needed,
        step.next_on,
        step.stopped_on,
        step.row,
        basis,
    )
