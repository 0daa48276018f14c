"""The three lists of the board: to decide, overdue, changed since yesterday."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.desks.control import queries as control
from fangkong.faces.papers.phrases import days_of
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.command.task_rows import deed_of
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.figures import area_name
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import language

from .reading import LIST_ROWS, Reading


def panels(reading: Reading, viewing: Viewing) -> list[dict[str, Any]]:
    """The contexts of three components/list_panel.html; a role without the permission gets empty ones."""
    codes = [row.area_code for row in reading.orders] + [row.area_code for row in reading.overdue]
    codes += [row.area_code for row in reading.signals]
    names = area_names(codes) if codes else {}
    return [_decide(reading, viewing, names), _overdue(reading, viewing, names), _changed(reading, viewing)]


def _panel(key: str, rows: list[dict[str, Any]], total: int, more_href: str = "") -> dict[str, Any]:
    hidden = max(total - LIST_ROWS, 0)
    shown = rows[: LIST_ROWS - 1] if hidden and more_href else rows[:LIST_ROWS]
    return {
        "title": said(f"board.list.{key}"),
        "count": total,
        "rows": shown,
        "more": total - len(shown) if total > len(shown) and more_href else 0,
        "more_href": more_href,
        "empty": said(f"board.list.{key}_empty"),
    }


def _decide(reading: Reading, viewing: Viewing, names: dict[str, str]) -> dict[str, Any]:
    lang = get_language()
    rows = [
        {
            "title": said("page.list.signal", kind=coded("signal.kind", row.kind)),
            "href": reverse("signal", args=[row.key]),
            "note": names.get(row.area_code, row.area_code),
            "when": formats.moment(row.raised_at.astimezone(viewing.installation.zone), lang),
            "when_kind": "high",
        }
        for row in reading.signals[:2]
    ]
    rows += [
        {
            "title": coded("order.type", row.kind),
            "href": reverse("order", args=[row.key]),
            "note": said(
                "page.list.order", number=row.order_no, area=names.get(row.area_code, row.area_code)
            ),
            "chip": f"order.state.{row.state}",
        }
        for row in reading.orders
    ]
    total = reading.orders_total + reading.signals_total
    return _panel("decide", rows, total, reverse("orders") if viewing.actor.may("order.read") else "")


def _overdue(reading: Reading, viewing: Viewing, names: dict[str, str]) -> dict[str, Any]:
    rows = [
        {
            "title": deed_of(row),
            "href": reverse("task", args=[row.key]),
            "note": said(
                "page.list.owner_area",
                owner=coded("role", row.owner_role),
                area=names.get(row.area_code, row.area_code),
            ),
            "when": formats.span(row.due_at - viewing.at, get_language()),
            "when_kind": "high",
        }
        for row in reading.overdue
    ]
    # Two alarms in a panel at most (look.md): the rest are late too, and say so in a calmer colour.
    for row in rows[2:]:
        row["when_kind"] = "mid"
    return _panel("overdue", rows, reading.overdue_total, reverse("tasks") + "?show=overdue")


def _changed(reading: Reading, viewing: Viewing) -> dict[str, Any]:
    rows = [*_rules(reading, viewing), *_revisions(reading), *_districts(reading, viewing)]
    more = reverse("assess_area", args=[reading.area_code]) if viewing.actor.may("daily.read") else ""
    return _panel("changed", rows, len(rows), more)


def _rules(reading: Reading, viewing: Viewing) -> list[dict[str, Any]]:
    """Control documents that are in force today and were not yesterday."""
    english = language(get_language()) == "en"
    area, disease = viewing.installation.area_code or reading.area_code, reading.disease
    today = control.rules_in_force(reading.through, disease, area)
    before = {
        rule.document_id
        for rule in control.rules_in_force(reading.through - timedelta(days=1), disease, area)
    }
    return [
        {
            "title": (rule.title_en or rule.title_zh) if english else rule.title_zh,
            "note": said("page.change.rule_new"),
            "when": said("board.change.rule"),
            "when_kind": "acc",
        }
        for rule in today
        if rule.document_id not in before
    ]


def _revisions(reading: Reading) -> list[dict[str, Any]]:
    """Days whose figures differ from what yesterday's board knew."""
    now, then = reading.curves.area.by_day() if reading.curves.area else {}, reading.earlier
    changed = {
        day: (value or 0) - (then[day] or 0)
        for day, value in now.items()
        if day in then and value != then[day]
    }
    if not changed:
        return []
    total = sum(changed.values())
    days = days_of(sorted(changed), language(get_language()))
    return [
        {
            "title": said("page.change.revised"),
            "note": said(
                "page.change.revised_note", days=days, total=f"{total:+,}".replace("-", formats.MINUS)
            ),
            "when": said("board.change.data"),
            "when_kind": "mid",
        }
    ]


def _districts(reading: Reading, viewing: Viewing) -> list[dict[str, Any]]:
    """Districts by how much their last day differs from the day before, the largest rise first."""
    names = {row.area_code: area_name(row) for row in reading.week}
    jumps = []
    for curve in reading.curves.districts:
        known = [(day, n) for day, n in curve.by_day().items() if n is not None][-2:]
        if len(known) == 2 and (known[1][0] - known[0][0]).days == 1 and known[0][1] != known[1][1]:
            jumps.append((known[1][1] - known[0][1], curve.area_code, known))
    link = viewing.actor.may("daily.read")
    rows = []
    for jump, code, known in sorted(jumps, key=lambda each: (-abs(each[0]), each[1])):
        lang = get_language()
        rows.append(
            {
                "title": said(
                    "page.change.district", area=names.get(code, code), before=known[0][1], now=known[1][1]
                ),
                "href": reverse("assess_area", args=[code]) if link else "",
                "note": said(
                    "page.change.district_note",
                    before=formats.day(known[0][0], lang),
                    now=formats.day(known[1][0], lang),
                ),
                "when": said("board.change.worse" if jump > 0 else "board.change.better"),
                "when_kind": "mid" if jump > 0 else "ok",
            }
        )
    return rows
