"""One cell read: the typed value, what else the cell says, and what is doubtful about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from ..parts import Issue

#: read: a value was read. empty: nothing there. placeholder: "/", "无" and the like, which mean nothing there.
#: pending: the sender says it will come ("待核实"). masked: digits hidden by asterisks. unreadable: none of these.
State = Literal["read", "empty", "placeholder", "pending", "masked", "unreadable"]


@dataclass(slots=True)
class Value:
    """The outcome of reading one cell. Treat it as immutable: equal cells share one.

    ``value`` is None whenever ``state`` is not "read"; a reading that carries an error has none either. ``also`` are
    (field, value) pairs of other canonical fields that the same cell fills: name "测试庚(儿童)" gives person_note,
    sex_age gives sex and age, a track gives its vehicle.
    An empty or placeholder cell carries no *_MISSING issue: only the kind of file knows what is required.
    """

    value: Any = None
    issues: tuple[Issue, ...] = ()
    state: State = "empty"
    also: tuple[tuple[str, Any], ...] = ()

    def __bool__(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity document, complete and unmasked. ``number`` is the 18-digit form of a 15-digit one.

    ``kind`` is "resident" (GB 11643), "passport", "hkmo_permit" or "tw_permit"; birth day and sex only of the first.
    """

    number: str
    kind: str
    as_sent: str
    birth_on: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Age:
    """An age in completed years; ``months`` where the sender counts an infant's months (then years = months // 12)."""

    years: int
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A time from–to; a day has no time (date), a moment has one (aware datetime). ``end`` is not before ``start``."""

    start: date | datetime
    end: date | datetime


@dataclass(frozen=True, slots=True)
class Ct:
    """A cycle threshold. ``relation`` is "=", ">" or "<" (censored at ``cycles``), or "undetected" (no cycles)."""

    cycles: float | None
    relation: Literal["=", ">", "<", "undetected"] = "="


EMPTY = Value()
