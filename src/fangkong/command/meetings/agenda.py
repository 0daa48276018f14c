"""The agenda: six standing reports first, as ``agenda.toml`` has them, then what somebody typed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.errors import InputError

from .rows import LINE, line_of

#: The code of an item that somebody typed.
TYPED = "item"

#: The code of a report that minutes from a text say was heard.
FROM_TEXT = "heard"

Item = dict[str, Any]


@dataclass(frozen=True)
class StandingReport:
    """One of the standing reports: its code, the role that reports, the blocks of the record that fill its paper."""

    code: str
    by: str
    fills: tuple[str, ...]


@cache
def standing_reports() -> tuple[StandingReport, ...]:
    """The standing reports in the order in which they are heard."""
    return tuple(
        StandingReport(row["code"], row["by"], tuple(row["fills"])) for row in agenda_table()["report"]
    )


@cache
def agenda_table() -> Mapping[str, Any]:
    """``agenda.toml`` as it is."""
    return tomllib.loads(Path(__file__).with_name("agenda.toml").read_text(encoding="utf-8"))


def agenda_of(given: Sequence[str | Mapping[str, str]] | None) -> list[Item]:
    """The items of ``given``, each once: codes of standing reports, or {title, by} typed; None is all six.

    Papers are still empty. Raises InputError ``meeting.agenda_needed``, ``meeting.unknown_report``,
    ``meeting.item_title_needed``.
    """
    wanted = [report.code for report in standing_reports()] if given is None else list(given)
    if not wanted:
        raise InputError("meeting.agenda_needed")
    items: list[Item] = []
    for each in wanted:
        item = (
            _standing(each)
            if isinstance(each, str)
            else typed_item(each.get("title", ""), each.get("by", ""))
        )
        if item not in items:
            items.append(item)
    return items


def typed_item(title: str, by: str) -> Item:
    """An item in somebody's own words. Raises InputError ``meeting.item_title_needed``."""
    title = line_of(title, "meeting.item_title_needed")
    return {"code": TYPED, "title": title, "by": " ".join(by.split())[:LINE], "paper": {}, "heard": False}


def _standing(code: str) -> Item:
    for report in standing_reports():
        if report.code == code:
            return {"code": code, "title": "", "by": report.by, "paper": {}, "heard": False}
    raise InputError(
        "meeting.unknown_report", given=code[:24], reports=[report.code for report in standing_reports()]
    )
