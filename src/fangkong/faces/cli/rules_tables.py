"""What ``fangkong rules`` prints: explanations, plans and differences as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fangkong.faces.words.catalogue import word
from fangkong.faces.words.rule_words import (
    part_text,
    place_text,
    problem_place,
    problem_text,
    release_text,
    scope_text,
    title_text,
    transition_text,
    value_text,
)
from fangkong.science.rules import Problem
from fangkong.science.rules.diff import PlanDifference, RowChange
from fangkong.science.rules.explain import explain, row_data

Line = tuple[str, str]


def show_problems(problems: Sequence[Problem], lang: str, console: Console) -> None:
    """One line per problem: how bad, where, which key, what is wrong and what to do."""
    table = _table(lang, "severity", "where", "key", "problem")
    for problem in problems:
        table.add_row(
            word(f"rules.severity.{problem.severity}", lang),
            escape(problem_place(problem, lang)),
            escape(problem.key or ""),
            escape(problem_text(problem, lang)),
        )
    console.print(table)


def show_answer(said: Mapping[str, Any], lang: str, console: Console, *, whole: bool) -> None:
    """An explained answer: the deciding row or the silence; with ``whole`` everything that led to it."""
    lines: list[Line] = [
        ("question", _question(said["question"], lang)),
        ("answer", word(f"rules.answer.{said['answer']}", lang)),
    ]
    if said["answer"] == "in_force":
        lines += _row_lines(said["row"], lang)
        lines += [("flags", word(f"rules.flag.{flag}", lang)) for flag in said["flags"]]
        if whole:
            lines.append(("kind", word(f"rules.kind.{said['kind']}", lang)))
            if said["ceiling"]:
                lines.append(("ceiling", _row_line(said["ceiling"], lang)))
            lines += [
                ("passed_over", f"{_row_line(each['row'], lang)}: {word('rules.why.' + each['why'], lang)}")
                for each in said["passed_over"]
            ]
            lines.append(("transition", transition_text(said["transition"], lang)))
            if lang == "en":
                lines.append(("transition_source", said["transition"]["text"]))
    else:
        lines += _silence_lines(said, lang)
    _show_lines(lines, lang, console)


def _silence_lines(said: Mapping[str, Any], lang: str) -> list[Line]:
    lines: list[Line] = []
    if said["answer"] == "conflict":
        return [("conflict", _row_line(row, lang)) for row in said["rows"]]
    for name in ("coverage", "silent_above"):
        if said.get(name):
            lines.append((name, _coverage_line(said[name], lang)))
    lines += [("missing", text) for text in said.get("missing", ())]
    lines += [(name, _row_line(said[name], lang)) for name in ("last_row", "next_row") if said[name]]
    if not said["last_row"] and not said["next_row"]:
        lines += [("scopes", scope_text(scope, lang)) for scope in said.get("scopes", ())]
    return lines


def show_plan(said: Mapping[str, Any], lang: str, console: Console, *, whole: bool) -> None:
    """An explained plan: its stages as a table, then its figures and, with ``whole``, every row it rests on."""
    if said["stages"]:
        table = _table(lang, "place", "first_day", "last_day", "days", "test_days", "choice")
        for stage in said["stages"]:
            table.add_row(
                escape(place_text(stage["place"], lang)),
                stage["first_day"] or "",
                stage["last_day"] or word("cli.rules.open_end", lang),
                "" if stage["days"] is None else str(stage["days"]),
                " ".join(stage["test_days"] or ()),
                escape(stage["choice"]),
            )
        console.print(table)
    else:
        console.print(word("cli.rules.nothing_asked", lang))
    lines: list[Line] = [("total_days", word("cli.rules.days", lang, n=said["total_days"] or 0))]
    if said["release_rule"]:
        lines.append(("release_rule", release_text(said["release_rule"], lang)))
    if said["transfer_within_hours"] is not None:
        hours = said["transfer_within_hours"]
        lines.append(("transfer_within_hours", word("cli.rules.hours", lang, n=hours)))
    lines.append(("confidence", word(f"rule.mark.{said['confidence']}", lang)))
    lines += [("legal_basis", basis) for basis in said["legal_basis"]]
    lines += [
        ("unanswered", f"{each['question']['key']}: {word('rules.answer.' + each['answer'], lang)}")
        for each in said["unanswered"]
    ]
    if not whole:
        lines += [("document", title_text(document, lang)) for document in said["documents"]]
    _show_lines(lines, lang, console)
    if whole:
        for use in said["rules"]:
            console.print()
            _show_lines(
                [("part", part_text(use["part"], lang)), *_row_lines(use["row"], lang)], lang, console
            )


def show_changes(changes: Sequence[RowChange], lang: str, console: Console) -> None:
    """Each row added, removed or changed, with what changed in it."""
    table = _table(lang, "change", "key", "scope", "in_force", "field", "old", "new")
    for change in changes:
        first = (
            word(f"rules.change.{change.change}", lang),
            escape(f"{change.key} ({change.disease}, {change.jurisdiction})"),
            escape(scope_text(change.scope, lang)),
            change.effective_from.isoformat(),
        )
        if change.change != "changed":
            sides = [escape(_short(row_data(row), lang)) if row else "" for row in (change.old, change.new)]
            table.add_row(*first, "", *sides)
        for n, each in enumerate(change.fields):
            row = change.new
            unit = row.unit if row and each.field == "value" else ""
            sides = [escape(_field_text(each.field, value, unit, lang)) for value in (each.old, each.new)]
            table.add_row(*(first if n == 0 else ("", "", "", "")), escape(each.field), *sides)
    console.print(table)


def show_plan_difference(difference: PlanDifference, lang: str, console: Console) -> None:
    """Two plans of one situation side by side: stages, days by place, ends, tests, rows."""
    if difference.same_outcome:
        console.print(word("cli.rules.same_plan", lang))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "old", "new"):
        table.add_column(word(f"rules.label.{name}", lang) if name else "", overflow="fold")
    said = [explain(each) for each in (difference.old, difference.new)]
    table.add_row(
        word("rules.label.answer", lang), *(word(f"rules.answer.{each['answer']}", lang) for each in said)
    )
    for n, pair in enumerate(difference.stages, 1):
        shown = [
            ""
            if stage is None
            else f"{place_text(stage.place, lang)} {_day(stage.first_day)} – {_day(stage.last_day)}"
            for stage in pair
        ]
        table.add_row(f"{word('rules.label.stage', lang)} {n}", *map(escape, shown))
    for place, old, new in difference.days_by_place:
        shown = [word("cli.rules.days", lang, n=n) for n in (old, new)]
        table.add_row(escape(place_text(place, lang)), *shown)
    totals = ["" if n is None else word("cli.rules.days", lang, n=n) for n in difference.total_days]
    table.add_row(word("rules.label.total_days", lang), *totals)
    table.add_row(word("rules.label.last_day", lang), *(_day(day) for day in difference.last_day))
    releases = ["" if each is None else release_text(each, lang) for each in difference.release_rule]
    table.add_row(word("rules.label.release_rule", lang), *map(escape, releases))
    transfers = [
        "" if each is None else word("cli.rules.hours", lang, n=each)
        for each in difference.transfer_within_hours
    ]
    table.add_row(word("rules.label.transfer_within_hours", lang), *transfers)
    marks = [word(f"rule.mark.{each['confidence']}", lang) if each["confidence"] else "" for each in said]
    table.add_row(word("rules.label.confidence", lang), *marks)
    console.print(table)
    lines: list[Line] = [("tests_dropped", _day(day)) for day in difference.tests_dropped]
    lines += [("tests_added", _day(day)) for day in difference.tests_added]
    lines += [("rows_dropped", row) for row in difference.rows_dropped]
    lines += [("rows_added", row) for row in difference.rows_added]
    if lines:
        _show_lines(lines, lang, console)


def _question(asked: Mapping[str, Any], lang: str) -> str:
    where = word("cli.rules.on_and_area", lang, on=asked["on"], area=asked["area"], disease=asked["disease"])
    facts = f" ({scope_text(asked['facts'], lang)})" if asked["facts"] else ""
    return f"{asked['key']} {where}{facts}"


def _row_lines(row: Mapping[str, Any], lang: str) -> list[Line]:
    return [
        ("key", row["key"]),
        ("value", value_text(row["value"], row["unit"], lang)),
        ("note", row["note_zh"] if lang == "zh" else row["note_en"]),
        ("scope", scope_text(row["scope"], lang)),
        ("in_force", _span(row, lang)),
        ("authority", word(f"rules.authority.{row['authority']}", lang)),
        ("document", title_text(row["document"], lang)),
        ("legal_basis", row["legal_basis"]),
        *(("source", source) for source in row["source"]),
        ("mark", word(f"rule.mark.{row['confidence']}", lang)),
        ("row", row["rule_row"]),
    ]


def _short(row: Mapping[str, Any], lang: str) -> str:
    mark = word(f"rule.mark.{row['confidence']}", lang)
    return f"{value_text(row['value'], row['unit'], lang)} [{mark}] {title_text(row['document'], lang)}"


def _row_line(row: Mapping[str, Any], lang: str) -> str:
    return f"{_short(row, lang)}, {_span(row, lang)}, {row['jurisdiction']}"


def _span(row: Mapping[str, Any], lang: str) -> str:
    return _between(row["effective_from"], row["effective_to"], lang)


def _between(first: str, last: str | None, lang: str) -> str:
    if last is None:
        return word("cli.rules.row_open", lang, first=first)
    return word("cli.rules.row_span", lang, first=first, last=last)


def _coverage_line(entry: Mapping[str, Any], lang: str) -> str:
    titles = [each if isinstance(each, str) else title_text(each, lang) for each in entry["basis"]]
    span = _between(entry["from"], entry["to"], lang)
    return f"{entry['pack']}: {span}; {word('frame.and', lang).join(titles)}"


def _field_text(field: str, value: Any, unit: str, lang: str) -> str:
    if value is None:
        return word("cli.rules.none", lang)
    if field == "confidence":
        return word(f"rule.mark.{value}", lang)
    if field == "authority":
        return word(f"rules.authority.{value}", lang)
    return _day(value) if isinstance(value, date) else value_text(value, unit, lang)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _table(lang: str, *names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(word(f"rules.label.{name}", lang), overflow="fold")
    return table


def _show_lines(lines: Sequence[Line], lang: str, console: Console) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    before = ""
    for name, text in lines:
        label = word(f"rules.label.{name}", lang)
        table.add_row("" if label == before else label, escape(text))
        before = label
    console.print(table)
