"""May a risk area be set: is its level one of the edition, its unit lawful, does any infection count?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.science.rules.answers import InForce, NoRuleInForce, lowest_confidence
from fangkong.science.rules.areas.ranks import Silence
from fangkong.science.rules.areas.smallest_unit import AllowedUnits, allowed_units
from fangkong.science.rules.areas.words import ask_level, holds_when, levels_in_force
from fangkong.science.rules.packs import Row
from fangkong.science.rules.resolver import RuleBook


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that speaks for, against or about a designation, with the row it rests on."""

    code: str
    rule_row: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Designation:
    """Whether an area may be set. ``against`` is empty when it may; ``remarks`` never forbid.

    ``optional``: the rows also let it be, after judgement, and announce instead. ``publish_within_hours`` is
    None where no row gives a deadline. ``unanswered``: the silences a named person decides on.
    """

    against: tuple[Ground, ...]
    remarks: tuple[Ground, ...]
    optional: bool
    publish_within_hours: float | None
    rows: tuple[Row, ...]
    unanswered: tuple[Silence, ...]

    @property
    def allowed(self) -> bool:
        """True when nothing speaks against it and every question had its row."""
        return not self.against and not self.unanswered

    @property
    def confidence(self) -> str:
        """The lowest mark among the rows used."""
        return lowest_confidence(self.rows)


def may_designate(
    book: RuleBook,
    level: str,
    unit: str,
    on: date,
    *,
    disease: str,
    area: str = HOME_COUNTRY,
    findings: Sequence[str] = (),
    facts: Collection[str] = (),
) -> Designation | Silence:
    """Whether an area of ``level`` may be set by ``unit`` on the civil day ``on``.

    ``findings``: how each infection was found, one code each (``found_in_community``,
    ``found_in_central_isolation``, ...). ``facts``: what persons state, each signed elsewhere:
    ``spread_unclear``, ``wide_transmission``, ``community_risk_low``, ``contacts_controlled``. The silence on
    the levels themselves is handed back. Codes against: ``areas.designate.level_not_in_force``,
    ``areas.designate.unit_too_wide``, ``areas.designate.no_infection``,
    ``areas.designate.no_counting_infection``.
    """
    ask: dict[str, Any] = {"on": on, "disease": disease, "area": area}
    levels = book.resolve("area.levels", scope={}, **ask)
    if not isinstance(levels, InForce):
        return levels
    used = list(levels.used)
    if level not in levels_in_force(levels):
        known = {"level": level, "levels": list(levels_in_force(levels))}
        against = (Ground("areas.designate.level_not_in_force", levels.rule_row, known),)
        return Designation(against, (), False, None, tuple(used), ())

    against_list: list[Ground] = []
    remarks: list[Ground] = []
    unanswered: list[Silence] = []
    units = allowed_units(book, on, disease, level, area=area)
    if not isinstance(units, AllowedUnits):
        unanswered.append(units)
    else:
        used += units.rows
        if not units.allows(unit):
            widen = ask_level(book, "area.may_widen_when", level, **ask)
            params = {"unit": unit, "units": list(units.units)}
            if isinstance(widen, InForce) and holds_when(widen.value, facts, widen.row):
                used += widen.used
                remarks.append(Ground("areas.designate.widened", widen.rule_row, params))
            else:
                row = units.rows[0].row_id
                against_list.append(Ground("areas.designate.unit_too_wide", row, params))

    if not findings:
        against_list.append(Ground("areas.designate.no_infection", levels.rule_row, {}))
    excludes = book.resolve("area.designation_excludes", scope={}, **ask)
    if isinstance(excludes, InForce):
        out = [finding for finding in findings if finding in excludes.value]
        if out:
            used += excludes.used
            counts = {"excluded": len(out), "infections": len(findings)}
            code = "areas.designate.infections_left_out"
            if len(out) == len(findings):
                code = "areas.designate.no_counting_infection"
                against_list.append(Ground(code, excludes.rule_row, counts))
            else:
                remarks.append(Ground(code, excludes.rule_row, counts))

    optional_row = book.resolve("area.designation_optional_when", scope={}, **ask)
    optional = isinstance(optional_row, InForce) and holds_when(optional_row.value, facts, optional_row.row)
    if isinstance(optional_row, InForce) and optional:
        used += optional_row.used
        remarks.append(Ground("areas.designate.optional", optional_row.rule_row, {}))
    deadline = book.resolve("area.publish_within_hours", scope={}, **ask)
    if isinstance(deadline, InForce):
        used += deadline.used
    hours = deadline.value if isinstance(deadline, InForce) else None
    return Designation(
        tuple(against_list),
        tuple(remarks),
        optional,
        hours,
        tuple(dict.fromkeys(used)),
        tuple(each for each in unanswered if not isinstance(each, NoRuleInForce)),
    )
