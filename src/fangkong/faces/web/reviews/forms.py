"""A deed on a page: one small form, and the view that does it and says what is refused where it was typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.refusals import MOST_CHARACTERS, Refused
from fangkong.faces.web.typed_times import day_typed

Options = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Field:
    """One field of a form. ``kind``: area, text, number, date, select or check; ``value`` is what stands in it."""

    name: str
    label: str
    kind: str = "area"
    options: tuple[tuple[str, str], ...] = ()
    value: str = ""
    required: bool = True
    most: int = MOST_CHARACTERS
    hint: str = ""


@dataclass(frozen=True)
class Deed:
    """One thing that may be done: a form that opens under its button."""

    name: str
    label: str
    action: str
    text: str = ""
    fields: tuple[Field, ...] = ()
    open: bool = False
    problem: str = ""


def deed(
    name: str,
    words: str,
    action: str,
    fields: Iterable[Field] = (),
    *,
    refused: Refused | None = None,
    open_now: bool = False,
) -> Deed:
    """The form of the deed ``name`` with its words ``<words>`` and ``<words>.text``; what was typed stands in it."""
    here = refused if refused is not None and refused.deed == name else None
    filled = tuple(_filled(each, here.typed) if here else each for each in fields)
    return Deed(
        name,
        said(words),
        action,
        said(f"{words}.text"),
        filled,
        open_now or here is not None,
        here.problem if here else "",
    )


def typed(request: HttpRequest, name: str, most: int = MOST_CHARACTERS) -> str:
    """What was typed into a field, cut to its length."""
    return request.POST.get(name, "").strip()[:most]


def end_of_day_typed(text: str, zone: ZoneInfo, label: str) -> datetime | None:
    """The last minute of the day typed, None when nothing was. Raises InputError ``error.bad_day``."""
    return datetime.combine(day_typed(text, label), time(23, 59), zone) if text else None


def chosen(kind_and_key: str) -> tuple[str, str]:
    """The kind and key of an option ``kind|key``; two empty texts for none."""
    kind, _, key = kind_and_key.partition("|")
    return kind[:16], key[:96]


def _filled(field_: Field, typed_: dict[str, str]) -> Field:
    return Field(
        field_.name,
        field_.label,
        field_.kind,
        field_.options,
        typed_.get(field_.name, ""),
        field_.required,
        field_.most,
        field_.hint,
    )
