"""What ``fangkong backtest`` prints, and the section it writes into the page of the documentation."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Printed

from fangkong.faces.words.catalogue import has_word, word
from fangkong.science.epi.backtests import BacktestReport, Table, Target
from fangkong.science.epi.backtests.report import Cell

_HEAD = """# Back-tests

Every method is run on each past day of real data with only what was known on that day, and scored on what came in the
end. Written by `fangkong backtest --write docs/reference/backtests.md`; run one yourself with `fangkong backtest NAME`.
The data sets are not part of the package: `FANGKONG_REAL_DATA` names their folder, and the hashes below say which files
were read. WIS is the weighted interval score in cases (0 at best); for a single number it is the absolute error.
"""


def show_report(report: BacktestReport, lang: str, console: Console) -> None:
    """Tables, targets and data of one report."""
    console.print(
        f"[bold]{escape(_said('title', report.name, lang))}[/bold]  {report.first_on} – {report.last_on}"
    )
    for table in report.tables:
        console.print()
        console.print(escape(_said("table", table.title, lang)))
        printed = Printed(box=None, pad_edge=False, header_style="bold")
        for number, column in enumerate(table.columns):
            printed.add_column(_said("column", column, lang), justify="left" if number == 0 else "right")
        for row in table.rows:
            printed.add_row(*(escape(_cell(cell, lang)) for cell in row))
        console.print(printed)
    console.print()
    for target in report.targets:
        met = word(f"backtests.{'met' if target.met else 'missed'}", lang)
        console.print(
            escape(
                f"{_said('target', target.name, lang)}: {_cell(target.value, lang)} ({_bounds(target)}) {met}"
            )
        )
    for name, digest in report.data:
        console.print(f"{escape(name)}  sha256 {digest}", soft_wrap=True)
    console.print(word("backtests.took", lang, seconds=f"{report.seconds:.1f}"))


def with_section(page: str, report: BacktestReport) -> str:
    """The page with the section of this report new; other sections stand as they were."""
    start, end = f"<!-- backtest {report.name} -->", f"<!-- end {report.name} -->"
    section = f"{start}\n{_markdown(report)}\n{end}"
    text = page or _HEAD
    if start in text and end in text:
        return text[: text.index(start)] + section + text[text.index(end) + len(end) :]
    return f"{text.rstrip()}\n\n{section}\n"


def _markdown(report: BacktestReport) -> str:
    today = datetime.now(UTC).date()
    versions = ", ".join(f"{name} {number}" for name, number in report.versions.items())
    lines = [
        f"## {_said('title', report.name, 'en')}",
        "",
        f"`fangkong backtest {report.name}`, measured on {today} ({versions}; {report.seconds:.0f} CPU-s). "
        f"As of each reporting day or week from {report.first_on} to {report.last_on}.",
        "",
        *_rows(("target", "value", "bounds", ""), [_target(target) for target in report.targets]),
    ]
    for table in report.tables:
        lines += ["", f"### {_said('table', table.title, 'en')}", "", *_table(table)]
    lines += ["", "Data:", ""]
    lines += [f"- `{name}`, SHA-256 `{digest}`" for name, digest in report.data]
    return "\n".join(lines)


def _target(target: Target) -> tuple[str, ...]:
    met = "met" if target.met else "missed"
    return _said("target", target.name, "en"), _cell(target.value, "en"), _bounds(target), met


def _table(table: Table) -> list[str]:
    head = tuple(_said("column", column, "en") for column in table.columns)
    return _rows(head, [tuple(_cell(cell, "en") for cell in row) for row in table.rows])


def _rows(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"| {' | '.join('---' for _ in head)} |",
        *(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows),
    ]


def _said(kind: str, code: str, lang: str) -> str:
    return word(f"backtests.{kind}.{code.replace('-', '_')}", lang)


def _cell(cell: Cell, lang: str) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, str):
        # Names of groups, places and files have no words of their own.
        return word(f"backtests.value.{cell}", lang) if has_word(f"backtests.value.{cell}") else cell
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:,.1f}" if abs(cell) >= 100 else f"{cell:.3f}"


def _bounds(target: Target) -> str:
    low, high = (None if bound is None else f"{bound:g}" for bound in (target.lower, target.upper))
    if low is None:
        return f"≤ {high}"
    return f"≥ {low}" if high is None else f"{low} – {high}"
