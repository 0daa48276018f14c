"""Where a draft order reaches further than the rules in force: the nine don'ts and the lists of forbidden acts.

From 2022-06-05 to 2023-01-07 each of the nine don'ts is a check of its own. On any other day the same
comparisons hold the draft against the national rows as a ceiling and answer under ``ceiling.*``. Rows that
forbid acts by word (areas, campaigns, trucks, codes, places of checks) answer under ``forbid.*``. A local row
that is stricter with a reason, evidence, a higher approval and a near end is applied by the resolver, so what
it allows is no finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.science.rules.answers import InForce, NoRuleInForce, lowest_confidence
from fangkong.science.rules.areas.draft import Draft
from fangkong.science.rules.areas.overreach_checks import CHECKS, Asked, Found
from fangkong.science.rules.areas.ranks import Silence
from fangkong.science.rules.areas.smallest_unit import AllowedUnits, allowed_units
from fangkong.science.rules.areas.words import (
    area_words,
    ask_level,
    holds_when,
    levels_in_force,
    levels_of,
    meaning,
    width_of,
)
from fangkong.science.rules.packs import CONFIDENCE_ORDER, Row
from fangkong.science.rules.resolver import RuleBook

#: Checks that compare with rows of their own, so that they hold also where the nine don'ts do not.
_CEILINGS = ("low_risk_origin", "area_time", "controlled_persons", "isolation_time", "medical_care")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a draft may not do, or on which a named person decides.

    ``item`` is the number of the don't, 0 for every other rule. ``blocks`` is False where an unverified row,
    guidance that is no law or a silence of the packs cannot decide alone. ``rule_row`` forbids it, or is the ceiling.
    """

    item: int
    code: str
    blocks: bool
    rule_row: str
    params: Mapping[str, Any]
    rows: tuple[Row, ...]

    @property
    def confidence(self) -> str:
        """The lowest mark among the rows used."""
        return lowest_confidence(self.rows)


def overreach_findings(
    book: RuleBook, draft: Draft, *, on: date, area: str = HOME_COUNTRY
) -> tuple[Finding, ...]:
    """What is beyond the rules in force on ``on`` in a draft order; empty when nothing is.

    Codes: ``overreach.<word of the row>`` for the nine, ``ceiling.<check>`` outside their window,
    ``ceiling.level_not_in_force``, ``ceiling.unit_too_wide``, ``forbid.<word of the row>``,
    ``forbid.check_place``, ``forbid.check_traveller``, and ``overreach.not_answered`` (does not block: a
    named person decides, ``params`` name the key that no row answers). Raises InputError of
    :meth:`RuleBook.plan_for` for a situation that cannot be read.

    >>> from fangkong.science.rules import rule_book
    >>> closing = Draft("venue_closure", "covid-19", subject_kind="place", venue_risk="low")
    >>> [found.item for found in overreach_findings(rule_book(), closing, on=date(2022, 7, 10))]
    [9]
    """
    asked = Asked(book, on, area)
    forbidden = list(_forbidden(asked, draft))
    found = [*_compared(asked, draft, forbidden), *_area_ceiling(asked, draft, forbidden), *forbidden]
    return tuple(found)


def _finding(
    item: int, code: str, params: Mapping[str, Any], row: Row | None, rows: tuple[Row, ...]
) -> Finding:
    used = tuple(dict.fromkeys((*((row,) if row else ()), *rows)))
    law = not used or any(each.authority != "reference" for each in used)
    sure = law and lowest_confidence(used) != CONFIDENCE_ORDER[-1]
    named = row or (rows[0] if rows else None)
    return Finding(item, code, sure, named.row_id if named else "", params, used)


def _compared(asked: Asked, draft: Draft, forbidden: list[Finding]) -> Iterator[Finding]:
    """The nine checks: under their own rows where these are in force, else as the national ceiling."""
    donts = _donts(asked, draft)
    silences: dict[str, Finding] = {}
    for name, check in CHECKS.items():
        dont = donts.get(name)
        if dont is None and name not in _CEILINGS:
            continue
        if name == "vehicles" and any(each.code.startswith("forbid.") for each in forbidden):
            continue  # the act itself is already named, by the row for trucks
        result = check(asked, draft)
        if result is None:
            continue
        if not isinstance(result, Found):
            silences[result.asked.key] = _not_answered(result)
        elif dont is not None:
            item, row = dont
            yield _finding(item, f"overreach.{row.value}", result.params, row, result.rows)
        elif result.silence is None or isinstance(result.silence, NoRuleInForce):
            yield _finding(0, f"ceiling.{name}", result.params, None, result.rows)
        else:
            silences[result.silence.asked.key] = _not_answered(result.silence)
    yield from silences.values()


def _not_answered(silence: Silence) -> Finding:
    params = {"key": silence.asked.key, "answer": type(silence).__name__}
    return Finding(0, "overreach.not_answered", False, "", params, ())


def _donts(asked: Asked, draft: Draft) -> dict[str, tuple[int, Row]]:
    """The don'ts in force by the check that their word starts."""
    items = {
        int(row.scope["item"])
        for pack in asked.book.packs
        for row in pack.rows
        if row.key == "overreach.forbid" and "item" in row.scope
    }
    found: dict[str, tuple[int, Row]] = {}
    for item in sorted(items):
        answer = asked.resolve("overreach.forbid", draft, item=item)
        if isinstance(answer, InForce):
            word = meaning(area_words("overreach")["dont"], answer.value, answer.row)
            found[word["check"]] = (item, answer.row)
    return found


def _area_ceiling(asked: Asked, draft: Draft, forbidden: list[Finding]) -> Iterator[Finding]:
    """The level must be one of the edition, the unit no wider than it gives."""
    if draft.kind != "area_control":
        return
    levels = asked.resolve("area.levels", draft)
    if isinstance(levels, InForce) and not set(levels_of(draft.area_level)) & set(levels_in_force(levels)):
        params = {"level": draft.area_level, "levels": list(levels_in_force(levels))}
        yield _finding(0, "ceiling.level_not_in_force", params, levels.row, levels.used)
        return
    if not draft.unit or any(each.params.get("unit") for each in forbidden):
        return
    ask: dict[str, Any] = {"on": asked.on, "disease": draft.disease, "area": asked.area}
    units = allowed_units(asked.book, asked.on, draft.disease, draft.area_level, area=asked.area)
    if not isinstance(units, AllowedUnits) or units.allows(draft.unit):
        return
    widen = ask_level(asked.book, "area.may_widen_when", draft.area_level, **ask)
    if isinstance(widen, InForce) and holds_when(widen.value, draft.facts, widen.row):
        return
    params = {"unit": draft.unit, "units": list(units.units)}
    yield _finding(0, "ceiling.unit_too_wide", params, None, units.rows)


def _forbidden(asked: Asked, draft: Draft) -> Iterator[Finding]:
    """Acts that a row forbids by word, and checks at places or of persons where none is allowed."""
    done: set[str] = set()
    for key in area_words("overreach")["forbids"]["keys"]:
        answer = asked.resolve(key, draft)
        if not isinstance(answer, InForce):
            continue
        for word in answer.value:
            params = _act(draft, word)
            if params is not None and word not in done:
                done.add(word)
                yield _finding(0, f"forbid.{word}", params, answer.row, answer.used)
    if draft.kind != "check":
        return
    places = asked.resolve("checks.allowed_places", draft)
    if draft.check_place and isinstance(places, InForce):
        if draft.check_place not in places.value:
            params = {"place": draft.check_place, "places": list(places.value)}
            yield _finding(0, "forbid.check_place", params, places.row, places.used)
    elif draft.check_place:
        venue = asked.resolve("code.venue_check", draft, place=draft.check_place)
        if isinstance(venue, InForce) and venue.value is False:
            yield _finding(0, "forbid.check_place", {"place": draft.check_place}, venue.row, venue.used)
    across = asked.resolve("checks.cross_region", draft, person="traveller")
    if draft.check_travellers and isinstance(across, InForce) and across.value is False:
        yield _finding(0, "forbid.check_traveller", {}, across.row, across.used)


def _act(draft: Draft, word: str) -> Mapping[str, Any] | None:
    """What shows that the draft does what ``word`` names; None when it does not."""
    if word in draft.acts:
        return {"act": word}
    shown = area_words("overreach")["act"].get(word)
    if shown is None or draft.kind not in shown.get("kinds", [draft.kind]):
        return None
    if "unit_wider_than" in shown:
        wider = draft.unit and width_of(draft.unit) > width_of(shown["unit_wider_than"])
        return {"act": word, "unit": draft.unit} if wider else None
    if "risks_other_than" in shown:
        others = sorted(draft.risks - set(shown["risks_other_than"]))
        return {"act": word, "risks": others} if others else None
    value = getattr(draft, shown["field"])
    if "other_than" in shown:
        return {"act": word, "value": value} if value and value not in shown["other_than"] else None
    if "from" in shown:
        inside = shown["from"] <= value <= shown.get("to", value)
        return {"act": word, "value": value} if inside else None
    return {"act": word} if value else None
