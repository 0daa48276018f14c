"""A meeting's agenda put into words: each report with its figures, what nobody reports, and its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from fangkong.command.meetings.agenda import FROM_TEXT, TYPED
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word, language, word
from fangkong.record.installation import installation

from .phrases import day_of, label_of, register_name, unreported_lines, value_of

Item = Mapping[str, Any]


def item_view(item: Item, lang: str, areas: Mapping[str, str]) -> dict[str, Any]:
    """One item of the agenda in ``lang``: ``title``, ``by``, ``heard`` (None where nobody said), ``filled``,
    ``figures`` [{label, value, basis, refused}], ``unreported`` [(names, why)], ``tables`` [{title, head, rows, more}].

    ``areas``: area code -> name.
    """
    lang = language(lang)
    paper = item.get("paper") or {}
    entries = paper.get("entries", [])
    told = [each for each in entries if each.get("refusal") not in ("no_desk_yet", "none_recorded")]
    return {
        "title": item_title(item, lang),
        "by": _by(item, lang),
        "heard": True if item["code"] == FROM_TEXT else item.get("heard"),
        "filled": datetime.fromisoformat(paper["filled_at"]) if paper else None,
        "figures": [
            {
                "label": label_of(each["code"], lang),
                "value": value_of(each, lang),
                "basis": _basis(each, lang),
                "refused": "value" not in each,
            }
            for each in told
        ],
        "unreported": unreported_lines(entries, lang),
        "tables": [_table(table, lang, areas) for table in paper.get("tables", [])],
    }


def item_title(item: Item, lang: str) -> str:
    """What an item of the agenda is called: a standing report by its code, others in their own words."""
    return (
        str(item["title"])
        if item["code"] in (TYPED, FROM_TEXT)
        else word(f"meeting.report.{item['code']}", lang)
    )


def areas_of(agenda: Sequence[Item]) -> set[str]:
    """The areas that the papers of an agenda name."""
    return {
        row["area"]
        for item in agenda
        for table in (item.get("paper") or {}).get("tables", [])
        for row in table["rows"]
        if "area" in row
    }


def number_of(body: str, number: int | None, kind: str, lang: str) -> str:
    """A meeting as people call it: the body, its number and kind."""
    if number:
        return word("meeting.called_number", lang, body=body, number=number)
    return word("meeting.called_plain", lang, body=body, kind=word(f"minutes.kind.{kind}", lang))


def _by(item: Item, lang: str) -> str:
    code = f"role.{item['by']}"
    return word(code, lang) if item["code"] not in (TYPED, FROM_TEXT) and has_word(code) else str(item["by"])


def _basis(entry: Item, lang: str) -> str:
    """The day or window that a figure speaks of and where it comes from; "" for a refusal."""
    if "value" not in entry:
        return ""
    params = entry.get("params", {})
    if "first_day" in params:
        ends = {name: day_of(params[name], lang) for name in ("first_day", "last_day")}
        when = word("report.note.window", lang, **ends)
    else:
        when = word("report.note.as_of", lang, day=day_of(entry["as_of"], lang))
    names = dict.fromkeys(_source(key, lang) for key in entry["sources"])
    return word("meeting.basis", lang, when=when, sources=word("frame.and", lang).join(names))


def _source(key: str, lang: str) -> str:
    return word("page.source.receipts", lang) if key.startswith("receipt") else register_name(key, lang)


def _table(table: Mapping[str, Any], lang: str, areas: Mapping[str, str]) -> dict[str, Any]:
    code = table["code"]
    rows = [_ROWS[code](row, lang, areas) for row in table["rows"]]
    return {
        "title": word(f"meeting.table.{code}", lang),
        "head": [word(f"meeting.table.{code}.{name}", lang) for name in _HEADS[code]],
        "numbers": code == "streets",
        "rows": rows,
        "more": word("meeting.table.more", lang, n=table["left_out"]) if table["left_out"] else "",
    }


def _street(row: Mapping[str, Any], lang: str, areas: Mapping[str, str]) -> list[str]:
    numbers = (formats.number(row[name], lang) for name in ("tasks", "done", "open", "late"))
    return [areas.get(row["area"], row["area"]), *numbers]


def _rule(row: Mapping[str, Any], lang: str, areas: Mapping[str, str]) -> list[str]:
    return [
        str(row[f"title_{lang}"] or row["title_zh"]),
        str(row["document"]),
        word(f"report.confidence.{row['confidence']}", lang),
    ]


def _directive(row: Mapping[str, Any], lang: str, areas: Mapping[str, str]) -> list[str]:
    due = datetime.fromisoformat(row["due_at"]).astimezone(installation().zone)
    return [str(row["title"]), str(row["number"]), formats.moment(due, lang)]


_HEADS = {
    "streets": ("street", "tasks", "done", "open", "late"),
    "rules": ("title", "document", "mark"),
    "directives": ("title", "number", "due"),
}
_ROWS = {"streets": _street, "rules": _rule, "directives": _directive}


def day_text(iso: str | None, lang: str) -> str:
    """The day of ``iso`` with its year, or that nobody knows it."""
    return formats.day_full(date.fromisoformat(iso), lang) if iso else word("minutes.meeting.no_day", lang)
