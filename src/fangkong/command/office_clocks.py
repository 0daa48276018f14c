"""The office's own time limits: the house's standard, changed by a city in ``FANGKONG_HOME/office.toml``.

They are not rules of law: ``rule_row`` of what they start says ``office:<name>``, and a page shows it as such.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from fangkong.core.errors import InputError
from fangkong.record.access.actor import roles

#: The city's own file, beside its packs.
FILE = "office.toml"

_SHIPPED = Path(__file__).with_name("office_clocks.toml")
_FIELDS = {"hours", "days", "at", "escalates_to", "source"}


#: How the row of an office's own limit begins; behind it stands its name.
OFFICE = "office:"


@dataclass(frozen=True)
class OfficeClock:
    """One limit or hour of the office: its length or its time of day, and who hears when it is missed."""

    name: str
    within: timedelta | None
    at: time | None
    escalates_to: str
    source: str

    @property
    def rule_row(self) -> str:
        """How a task or timer names this limit: ``office:<name>``."""
        return f"{OFFICE}{self.name}"

    def due(self, started_at: datetime) -> datetime:
        """The moment at which a limit that began at ``started_at`` is over. ValueError for an hour of the day."""
        if self.within is None:
            raise ValueError(f"{self.name} is an hour of the day, not a limit")
        return started_at + self.within


def office_clock(name: str) -> OfficeClock:
    """The limit called ``name``, as the city has it or else as shipped.

    Raises InputError ``office.unknown_clock``, ``office.file_unreadable`` or ``office.field_wrong``, which
    name the file, the limit and what to do.
    """
    clocks = office_clocks()
    if name not in clocks:
        raise InputError("office.unknown_clock", name=name, names=sorted(clocks))
    return clocks[name]


def office_clocks() -> Mapping[str, OfficeClock]:
    """Name -> limit; the city's file is read again when it changes. Raises as :func:`office_clock`."""
    path = Path(settings.HOME) / FILE
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    return _read(str(path), stamp)


@lru_cache(maxsize=4)
def _read(path: str, stamp: int) -> Mapping[str, OfficeClock]:
    shipped = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    own: Mapping[str, Any] = {}
    if stamp:
        try:
            own = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError("office.file_unreadable", file=FILE, detail=str(error)[:120]) from error
    names = [name for name, entry in shipped.items() if isinstance(entry, dict)]
    for name in own:
        if name not in names and name != "schema":
            raise InputError("office.unknown_clock", name=name, names=sorted(names))
    return {name: _clock(name, {**shipped[name], **_own(name, own, shipped[name])}) for name in names}


def _own(name: str, own: Mapping[str, Any], shipped: Mapping[str, Any]) -> Mapping[str, Any]:
    entry = own.get(name, {})
    if not isinstance(entry, dict):
        raise InputError("office.field_wrong", file=FILE, name=name, field="", given=str(entry)[:40])
    allowed = (set(shipped) | {"source", "escalates_to"}) & _FIELDS
    for field in entry:
        if field not in allowed:
            raise InputError("office.field_wrong", file=FILE, name=name, field=field, given=str(entry[field]))
    return entry


def _clock(name: str, entry: Mapping[str, Any]) -> OfficeClock:
    def wrong(field: str) -> InputError:
        return InputError(
            "office.field_wrong", file=FILE, name=name, field=field, given=str(entry.get(field))[:40]
        )

    if entry["escalates_to"] not in roles():
        raise wrong("escalates_to")
    within: timedelta | None = None
    for unit in ("hours", "days"):
        if unit in entry:
            value = entry[unit]
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                raise wrong(unit)
            within = timedelta(**{unit: value})
    at: time | None = None
    if "at" in entry:
        try:
            at = time.fromisoformat(entry["at"])
        except (TypeError, ValueError):
            raise wrong("at") from None
    return OfficeClock(name, within, at, entry["escalates_to"], str(entry["source"]))
