"""The roles that plans are made for, read from ``roles.toml``, and the situation of one person."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from fangkong.core.errors import InputError
from fangkong.science.rules.packs import Table, frozen

_ROLES_FILE = Path(__file__).with_name("roles.toml")

#: The first managed day of an isolation where no row counts from an event: given, else the day asked about.
ISOLATED_ON = "isolated_on"
#: The day on which a condition (not a date) was found fulfilled.
RELEASED_ON = "released_on"


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of person: how the rows are asked and what they make (see ``roles.toml``)."""

    name: str
    scope: Table
    facts: tuple[str, ...]
    needed: tuple[str, ...]
    day0: tuple[str, ...]
    form: str
    stages: str
    place: str
    unless: str
    otherwise: str
    parts: Table
    optional: Table
    place_key: str
    until: str
    release_rule: str

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that a plan of the role asks for."""
        single = (
            self.stages,
            self.unless,
            self.otherwise,
            self.place_key,
            self.until,
            self.release_rule,
        )
        return tuple(
            dict.fromkeys(key for key in (*single, *self.parts.values(), *self.optional.values()) if key)
        )


@dataclass(frozen=True, slots=True)
class RoleTable:
    """Every role, the events that rows may name and every field that a situation may have."""

    roles: Mapping[str, Role]
    events: Mapping[str, str]
    date_fields: frozenset[str]
    fact_fields: frozenset[str]


@cache
def role_table() -> RoleTable:
    """The roles and events of ``roles.toml``."""
    data = tomllib.loads(_ROLES_FILE.read_text(encoding="utf-8"))
    roles = {
        name: Role(
            name=name,
            scope=Table(entry["scope"]),
            facts=tuple(entry.get("facts", ())),
            needed=tuple(entry.get("needed", ())),
            day0=tuple(entry["day0"]),
            form=entry["form"],
            stages=entry.get("stages", ""),
            place=entry.get("place", ""),
            unless=entry.get("unless", ""),
            otherwise=entry.get("otherwise", ""),
            parts=frozen(entry.get("parts", {})),
            optional=frozen(entry.get("optional", {})),
            place_key=entry.get("place_key", ""),
            until=entry.get("until", ""),
            release_rule=entry.get("release_rule", ""),
        )
        for name, entry in data["roles"].items()
    }
    dates = {ISOLATED_ON, RELEASED_ON, *data["events"].values()}
    dates |= {name for role in roles.values() for name in role.day0}
    facts = {name for role in roles.values() for name in role.facts}
    return RoleTable(roles, data["events"], frozenset(dates), frozenset(facts))


@dataclass(slots=True)
class Situation:
    """One person's case as asked: ``dates`` (None = known to be unknown) and the facts of the role."""

    disease: str
    role: Role
    dates: dict[str, date | None]
    facts: tuple[tuple[str, Any], ...]

    @property
    def scope(self) -> dict[str, Any]:
        """The facts that the rows are asked with."""
        return {**self.role.scope, **dict(self.facts)}

    def event_on(self) -> date | None:
        """The day of the event: the first of the role's day-0 dates that is known."""
        for name in self.role.day0:
            day = self.dates.get(name)
            if day is not None:
                return day
        return None


def situation_of(given: Mapping[str, Any]) -> Situation:
    """``given`` checked: its disease, role, dates (dates or ISO text) and facts.

    Raises InputError ``rules.situation_not_table``, ``rules.situation_field_missing``, ``rules.role_unknown``,
    ``rules.situation_field_unknown`` (both with what is near), ``rules.situation_date_invalid``,
    ``rules.situation_fact_invalid`` or ``rules.situation_fact_needed``.
    """
    table = role_table()
    if not isinstance(given, Mapping):
        raise InputError("rules.situation_not_table", given=type(given).__name__)
    disease, name = given.get("disease"), given.get("role")
    role = table.roles.get(name) if isinstance(name, str) else None
    if role is None or not isinstance(disease, str) or not disease:
        _refuse_head(given, table)
    dates: dict[str, date | None] = {}
    facts: list[tuple[str, Any]] = []
    for name, value in given.items():
        if name in table.date_fields:
            dates[name] = value if type(value) is date or value is None else _day_of(name, value)
        elif name in table.fact_fields:
            if not isinstance(value, str | int):
                raise InputError("rules.situation_fact_invalid", field=name, given=str(value))
            if name in role.facts:
                facts.append((name, value))
        elif name not in ("disease", "role"):
            known = sorted({"disease", "role"} | table.date_fields | table.fact_fields)
            near = difflib.get_close_matches(str(name), known, n=3) or known
            raise InputError("rules.situation_field_unknown", field=str(name), near=near)
    for name in role.needed:
        if name not in given:
            raise InputError("rules.situation_fact_needed", field=name, role=role.name)
    if len(facts) > 1:
        facts.sort()
    return Situation(disease, role, dates, tuple(facts))


def _refuse_head(given: Mapping[str, Any], table: RoleTable) -> NoReturn:
    for name in ("disease", "role"):
        if not isinstance(given.get(name), str) or not given[name]:
            raise InputError("rules.situation_field_missing", field=name)
    near = difflib.get_close_matches(given["role"], table.roles, n=3) or sorted(table.roles)
    raise InputError("rules.role_unknown", role=given["role"], near=near)


def _day_of(name: str, value: Any) -> date:
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise InputError("rules.situation_date_invalid", field=name, given=str(value))
