"""Which rule is in force: for a key, a civil day, a disease, an area and the facts of a case.

The answer is a row (:class:`InForce`), the law's silence (:class:`NoRuleInForce`), the packs' silence
(:class:`NotInPack`) or two rows between which nobody has decided (:class:`Conflict`). Rows are taken key by
key and day by day; a set of documents is never switched as a whole, and no day borrows a neighbour's row.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fangkong.core.areas import HOME_COUNTRY, level_of
from fangkong.core.errors import InputError, NotFound
from fangkong.science.rules.answers import (
    Answer,
    Conflict,
    InForce,
    NoRuleInForce,
    NotInPack,
    PassedOver,
    Question,
    Undecided,
    lowest_confidence,
)
from fangkong.science.rules.overlay import judge_local
from fangkong.science.rules.packs import (
    ANY_DISEASE,
    CONFIDENCE_ORDER,
    SHIPPED,
    KeyRule,
    Row,
    RulePack,
    jurisdiction_of,
    load_keys,
    load_packs,
    plain,
)

if TYPE_CHECKING:
    from fangkong.science.rules.kernel import PlanIndex
    from fangkong.science.rules.plan import Plan

INTERNATIONAL = "INT"

#: Within one lane (national, say) the higher rank goes before the lower for the same scope.
_RANK = {"national": 0, "province": 1, "prefecture": 2, "county": 3, "international": 4, "reference": 5}


def holds(jurisdiction: str, area: str) -> bool:
    """True when a rule of ``jurisdiction`` speaks of ``area``: the world, the country, the codes above.

    >>> holds("CN-31", "CN-310115"), holds("CN-31", "CN"), holds("INT", "CN")
    (True, False, True)
    """
    if jurisdiction in (INTERNATIONAL, area):
        return True
    if "-" not in jurisdiction:
        return area.startswith(f"{jurisdiction}-")
    return jurisdiction[-1].isdigit() and area.startswith(jurisdiction)


class RuleBook:
    """All rows of a set of packs, asked by key, day, disease, area and case.

    >>> book = rule_book()
    >>> book.resolve_value("report.case_hours", on=date(2021, 10, 20), disease="covid-19",
    ...                    scope={"person": "case"})
    2
    """

    def __init__(self, packs: Iterable[RulePack], keys: Mapping[str, KeyRule]) -> None:
        self.packs = tuple(packs)
        self.keys = dict(keys)
        names = [pack.name for pack in self.packs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError("rules.pack_name_taken", packs=twice)
        self._rows: dict[str, list[Row]] = defaultdict(list)
        for pack in self.packs:
            for row in pack.rows:
                self._rows[row.key].append(row)
        self._row_by_id = {row.row_id: row for rows in self._rows.values() for row in rows}
        self._plans: PlanIndex | None = None
        self._jurisdictions = {row.jurisdiction for rows in self._rows.values() for row in rows}

    def row(self, row_id: str) -> Row:
        """The row with this stable name. Raises NotFound ``rules.row_unknown``."""
        try:
            return self._row_by_id[row_id]
        except KeyError:
            raise NotFound("rules.row_unknown", rule_row=row_id) from None

    def diseases(self) -> tuple[str, ...]:
        """Every disease that a pack speaks of, in alphabetical order, without ``any``."""
        return tuple(sorted({pack.disease for pack in self.packs} - {ANY_DISEASE}))

    def resolve(
        self,
        key: str,
        *,
        on: date | str,
        disease: str = ANY_DISEASE,
        area: str = HOME_COUNTRY,
        scope: Mapping[str, Any] | None = None,
        **facts: Any,
    ) -> Answer:
        """The answer for ``key`` on the civil day ``on`` (a date or its ISO text).

        ``area`` is ``CN``, ``INT``, ``CN-3101`` or a bare area code. ``scope`` holds the facts of the case,
        and so do further arguments by name (``person="case"``; a fact named ``area`` goes into ``scope``); a
        scope field that the case does not have never matches. Without any fact a row for everybody decides;
        else, when the rows in force share one scope, that one is taken as asked and the answer is flagged
        ``scope_assumed``. An empty ``scope`` says that there are no facts, and nothing is assumed.

        Raises InputError ``rules.key_unknown``, ``rules.area_unknown``, ``rules.fact_unknown`` (with what is
        near), ``rules.day_not_civil``, or ``rules.scope_needed`` with the ``scopes`` of the rows in force
        between which the asker has to say; never for a day or a disease without rows.
        """
        if key not in self.keys:
            near = difflib.get_close_matches(key, self.keys, n=3)
            raise InputError("rules.key_unknown", key=key, near=near)
        on, place = civil_day_of(on), self._place(area)
        if facts:
            self._must_know(facts)
        elif scope is None:
            return self._resolve_for_one_scope(key, on, disease, place)
        return self._resolve(key, on, disease, place, {**(scope or {}), **facts})

    def _must_know(self, facts: Mapping[str, Any]) -> None:
        known = sorted({name for rule in self.keys.values() for name in rule.scopes})
        for name in facts:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=3) or known
                raise InputError("rules.fact_unknown", fact=name, near=near)

    def _rows_of(self, key: str, disease: str, place: str) -> list[Row]:
        return [
            row
            for row in self._rows.get(key, ())
            if row.disease in (disease, ANY_DISEASE) and holds(row.jurisdiction, place)
        ]

    def _resolve_for_one_scope(self, key: str, on: date, disease: str, place: str) -> Answer:
        """The answer when nobody said of whom."""
        here = self._rows_of(key, disease, place)
        today = [row for row in here if row.in_force(on)]
        if not today:
            return self._silence(Question(key, on, disease, place, ()), here, here)
        if any(not row.scope for row in today):
            return self._resolve(key, on, disease, place, {})
        # A disease's own rows say of whom its rules speak; rows for every disease only where it has none.
        own = [row for row in today if row.disease != ANY_DISEASE] or today
        scopes = list(dict.fromkeys(row.scope for row in own))
        if len(scopes) > 1:
            raise InputError(
                "rules.scope_needed", key=key, on=on.isoformat(), scopes=[plain(scope) for scope in scopes]
            )
        answer = self._resolve(key, on, disease, place, scopes[0])
        if isinstance(answer, InForce):
            return replace(answer, flags=(*answer.flags, "scope_assumed"))
        return answer

    def _resolve(self, key: str, on: date, disease: str, place: str, facts: Mapping[str, Any]) -> Answer:
        asked = Question(key, on, disease, place, tuple(sorted(facts.items())))
        here = self._rows_of(key, disease, place)
        fitting = [row for row in here if row.fits(facts)]
        today = [row for row in fitting if row.in_force(on)]
        if today:
            return _decide(asked, self.keys[key], today)
        return self._silence(asked, here, fitting)

    def resolve_value(
        self,
        key: str,
        *,
        on: date | str,
        disease: str = ANY_DISEASE,
        area: str = HOME_COUNTRY,
        scope: Mapping[str, Any] | None = None,
        **facts: Any,
    ) -> Any:
        """The value of the row in force; arguments as in :meth:`resolve`.

        Raises :class:`Undecided` when no single row decides: the silence or the conflict is its ``answer``.
        Use :meth:`resolve` where the mark of the row matters, that is wherever something is decided.
        """
        answer = self.resolve(key, on=on, disease=disease, area=area, scope=scope, **facts)
        if isinstance(answer, InForce):
            return answer.value
        raise Undecided(answer)

    def plan_for(
        self,
        situation: Mapping[str, Any],
        *,
        on: date | str,
        area: str | None = None,
        reference: bool = False,
    ) -> Plan | NoRuleInForce | NotInPack | Conflict:
        """The plan for one person's ``situation`` under the rules of the civil day ``on`` (of the decision).

        ``situation`` has ``disease``, ``role`` (a table of ``roles.toml``), the dates of the events (dates or
        ISO text; None = known to be unknown) and the facts of the role. ``area`` is ``CN``, ``CN-3101`` or a
        bare area code; the country when it is not given. ``reference`` asks the readable twin, without the
        index. Returns the plan, or the answer on the stages when no single row decides them.

        Raises InputError ``rules.situation_date_needed`` (with the ``field`` to give), ``rules.role_unknown``
        and what :func:`situation_of` and :meth:`resolve` refuse; ``rules.day0_other_event`` when a row counts
        from an event that no date tells; ``rules.value_unusable`` for a value that makes no stages.
        """
        from fangkong.science.rules.kernel import PlanIndex
        from fangkong.science.rules.reference import plan_by_reading

        day, place = civil_day_of(on), self._place(area or HOME_COUNTRY)
        if reference:
            return plan_by_reading(self, situation, on=day, area=place)
        if self._plans is None:
            self._plans = PlanIndex(self, self.packs)
        return self._plans.plan(situation, day, place)

    def _place(self, area: str) -> str:
        place = jurisdiction_of(area)
        code = place.partition("-")[2]
        if place not in self._jurisdictions and place != INTERNATIONAL:
            try:
                level_of(code or place)
            except ValueError:
                raise InputError("rules.area_unknown", area=area) from None
        return place

    def _silence(self, asked: Question, here: list[Row], fitting: list[Row]) -> NoRuleInForce | NotInPack:
        """Why no row is in force: the law's silence or the packs'."""
        entries = [
            entry
            for pack in self.packs
            if pack.disease in (asked.disease, ANY_DISEASE)
            for entry in pack.coverage
            if entry.holds(asked.key, asked.on)
        ]
        earlier = [row for row in fitting if row.effective_from <= asked.on]
        later = [row for row in fitting if row.effective_from > asked.on]
        last_row = max(earlier, key=lambda row: (row.effective_to or date.max, row.row_id), default=None)
        next_row = min(later, key=lambda row: (row.effective_from, row.row_id), default=None)
        # A scope that no row of the key ever had is unknown to the pack, whatever the coverage says.
        scope_known = bool(fitting) or not here
        above = None
        for entry in entries:
            if entry.complete and scope_known:
                if asked.area in entry.areas:
                    return NoRuleInForce(asked, entry, last_row, next_row)
                if any(holds(area, asked.area) for area in entry.areas):
                    above = above or entry
        missing = [
            what
            for entry in entries
            if not entry.complete and any(holds(area, asked.area) for area in entry.areas)
            for what in entry.missing
        ]
        return NotInPack(
            asked,
            missing=tuple(dict.fromkeys(missing)),
            last_row=last_row,
            next_row=next_row,
            scopes=tuple(dict.fromkeys(row.scope for row in here)),
            silent_above=above,
        )


@dataclass(slots=True)
class _Lane:
    """The rows of one rank of place, reduced to the one that speaks (or to those that tie)."""

    best: list[Row]
    others: list[PassedOver]


def _reduce(rows: list[Row]) -> _Lane:
    """Narrowest scope; for the same scope the higher rank, then the disease before ``any``."""
    most = max(len(row.scope) for row in rows)
    others = [PassedOver(row, "broader_scope") for row in rows if len(row.scope) < most]
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if len(row.scope) == most:
            groups[row.scope].append(row)
    best: list[Row] = []
    for group in groups.values():
        rank = min(_RANK[row.authority] for row in group)
        others += [PassedOver(row, "lower_rank") for row in group if _RANK[row.authority] != rank]
        ranked = [row for row in group if _RANK[row.authority] == rank]
        own = [row for row in ranked if row.disease != ANY_DISEASE]
        if own:
            others += [PassedOver(row, "any_disease") for row in ranked if row.disease == ANY_DISEASE]
        best += own or ranked
    return _Lane(best, others)


def _decide(asked: Question, rule: KeyRule, today: list[Row]) -> InForce | Conflict:
    """The deciding row among rows in force that fit the case (at least one)."""
    reference = [row for row in today if row.authority == "reference"]
    lanes: dict[str, list[Row]] = defaultdict(list)
    for row in today:
        if row.authority != "reference":
            lanes[row.jurisdiction].append(row)
    if not lanes:
        lane = _reduce(reference)
        if len(lane.best) > 1:
            return Conflict(asked, tuple(lane.best))
        return _in_force(asked, rule, lane.best[0], lane.best, lane.others, ["reference"])

    others = [PassedOver(row, "reference_fills_last") for row in reference]
    world = lanes.pop(INTERNATIONAL, [])
    flags: list[str] = []
    if not lanes:
        lanes, world, flags = {INTERNATIONAL: world}, [], ["international"]
    others += [PassedOver(row, "international") for row in world]

    # From the widest place to the narrowest: the widest is the ceiling for all below it.
    places = sorted(lanes, key=len)
    ceiling: Row | None = None
    chosen: Row | None = None
    used: list[Row] = []
    for place in places:
        lane = _reduce(lanes[place])
        others += lane.others
        if len(lane.best) > 1:
            return Conflict(asked, tuple(lane.best))
        row = lane.best[0]
        if ceiling is None or chosen is None:
            ceiling = chosen = row
            used = [row]
            if "-" in place:
                flags += ["local", "no_national_row"]
            continue
        if len(row.scope) < len(ceiling.scope):
            others.append(PassedOver(row, "broader_scope"))
            continue
        if len(row.scope) == len(ceiling.scope) and row.scope != ceiling.scope:
            return Conflict(asked, (ceiling, row))
        verdict = judge_local(rule, ceiling, row)
        if not verdict.applies:
            others.append(PassedOver(row, verdict.code))
            flags.append("local_not_applied")
            continue
        if chosen is not ceiling:
            others.append(PassedOver(chosen, "narrower_area_decides"))
        flags.append("local")
        if verdict.code == "stricter_with_reason":
            flags.append(verdict.code)
        chosen, used = row, [row, ceiling]
    assert chosen is not None
    return _in_force(asked, rule, chosen, used, others, flags)


def _in_force(
    asked: Question,
    rule: KeyRule,
    row: Row,
    used: Iterable[Row],
    others: Iterable[PassedOver],
    flags: list[str],
) -> InForce:
    if rule.kind == "target":
        flags.append("target")
    if lowest_confidence(used) == CONFIDENCE_ORDER[-1]:
        flags.append("unverified")
    return InForce(asked, rule.kind, row, tuple(used), tuple(others), tuple(dict.fromkeys(flags)))


def civil_day_of(on: date | str) -> date:
    """``on`` as a civil day; ISO text is read. Raises InputError ``rules.day_not_civil``.

    >>> civil_day_of("2021-10-20")
    datetime.date(2021, 10, 20)
    """
    if type(on) is date:  # a moment is a date too, but its civil day depends on the zone
        return on
    try:
        if isinstance(on, str):
            return date.fromisoformat(on)
    except ValueError:
        pass
    raise InputError("rules.day_not_civil", given=str(on))


def load_rule_book(*folders: Path) -> RuleBook:
    """One book of the packs in ``folders``, read in order; each may use the vocabulary of those before it.

    Raises InputError ``rules.packs_invalid`` (with ``problems``) or ``rules.pack_name_taken``.
    """
    keys: dict[str, KeyRule] = {}
    packs: list[RulePack] = []
    for folder in folders:
        packs += load_packs(folder, keys)
        keys |= load_keys(folder)
    return RuleBook(packs, keys)


@cache
def rule_book(local: Path | None = None) -> RuleBook:
    """The shipped packs and, when given, an office's folder of local packs; read once per folder."""
    return load_rule_book(SHIPPED, *([local] if local else []))
