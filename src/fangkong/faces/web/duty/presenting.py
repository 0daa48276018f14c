"""Shifts, violations and open lines as the pages show them: every code in words, every key as a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from fangkong.command.duty.checks import Violation
from fangkong.command.duty.holidays import holidays
from fangkong.command.duty.open_items import OpenItem
from fangkong.command.duty.phone import reached
from fangkong.command.models import DutyShift
from fangkong.core.clock import civil_day
from fangkong.faces.papers.open_line import line_words
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import language

#: Kinds of lines with a page of the same name where they are dealt with.
_PAGES = ("task", "directive", "order", "signal", "gap", "receipt")

#: The longest text that is read of a field.
MOST_CHARACTERS = 4000


def office_asked(request: HttpRequest) -> str:
    """The office that the address asks for, when the reader sees it; else the reader's own."""
    viewing: Viewing = request.viewing
    asked = request.GET.get("area", "")[:24]
    if asked.isalnum() and viewing.actor.sees(asked):
        return asked
    return viewing.actor.area_code or viewing.installation.area_code


def moment_words(at: datetime, viewing: Viewing) -> str:
    """ "04-18 08:00" by the office's wall clock."""
    return formats.moment(at.astimezone(viewing.installation.zone), get_language())


def hours_words(length: timedelta) -> str:
    """ "12 小时", "11.5 h"."""
    return said("duty.hours", n=f"{length / timedelta(hours=1):g}")


def violation_words(found: Violation, names: Mapping[str, str], viewing: Viewing) -> str:
    """What is wrong, in a sentence."""
    params: dict[str, Any] = {"who": names.get(found.user_key, "")}
    for name, value in found.params.items():
        params[name] = moment_words(value, viewing) if isinstance(value, datetime) else hours_words(value)
    return said(f"duty.check.{found.code}", **params)


def shift_row(
    shift: DutyShift, violations: Sequence[Violation], names: Mapping[str, str], viewing: Viewing
) -> dict[str, Any]:
    """The shift as a table or a list shows it."""
    return {
        "shift": shift,
        "holiday": holiday_of(shift, viewing),
        "chief": names.get(shift.chief_key, ""),
        "deputy": names.get(shift.deputy_key, ""),
        "experts": said("frame.and").join(names.get(key, "") for key in shift.expert_keys),
        "on": shift.starts_at <= viewing.at < shift.ends_at,
        "phone": phone_state(shift, viewing.at),
        "violations": [
            {
                "text": violation_words(each, names, viewing),
                "kept": each.code in shift.kept_despite,
            }
            for each in violations
        ],
    }


def holiday_of(shift: DutyShift, viewing: Viewing) -> str:
    """The name of the holiday that the shift begins on, in the page's language; "" on other days."""
    holiday = holidays().get(civil_day(shift.starts_at, viewing.installation.zone))
    if holiday is None:
        return shift.holiday
    return holiday.en if language(get_language()) == "en" else holiday.zh


def phone_state(shift: DutyShift, at: datetime) -> str:
    """answered, tried, due, or "" before the shift begins."""
    if reached(shift):
        return "answered"
    if shift.phone_tests:
        return "tried"
    return "due" if shift.starts_at <= at < shift.ends_at else ""


def line_of(
    item: OpenItem, names: Mapping[str, str], areas: Mapping[str, str], viewing: Viewing, mark: str = ""
) -> dict[str, Any]:
    """One open thing as the close-out shows it."""
    # A hand-over signed before lines named their paper holds the key of the receipt alone.
    opens = item.kind in _PAGES and (item.kind != "directive" or item.of_key)
    owner = names.get(item.owner_key) or (coded("role", item.owner_role) if item.owner_role else "")
    return {
        "item": item,
        "what": line_words(item.code, item.about, get_language()),
        "title": item.title,
        "area": areas.get(item.area_code, item.area_code),
        "owner": owner,
        "late": item.due_at is not None and item.due_at < viewing.at,
        "said_by": names.get(item.said_by, ""),
        "href": reverse(item.kind, args=[item.of_key or item.key]) if opens else "",
        "mark": mark,
    }
