"""What ``fangkong reconcile`` prints: which source to read, then the findings kind by kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fangkong.faces.words.catalogue import word
from fangkong.science.reconcile import Finding, Report
from fangkong.science.reconcile.findings import KINDS

#: Rows of one kind before the rest is only counted: what matters most stands first.
MOST_LISTED = 12
MOST_NAMES = 8
MOST_DAYS = 3


def show_report(report: Report, lang: str, console: Console, *, whole: bool) -> None:
    """What was compared, which source to read and why, and a table for each kind of finding."""
    for where, name, rank in (("a", report.a, report.rank_a), ("b", report.b, report.rank_b)):
        console.print(
            f"{word(f'reconcile.source.{where}', lang)}  {escape(name)}  ({word(f'reconcile.rank.{rank}', lang)})"
        )
    console.print(
        word(
            "reconcile.compared",
            lang,
            n=report.series_compared,
            figures=report.days_compared,
            agreeing=report.days_agreeing,
        )
    )
    reason = word(f"reconcile.reason.{report.reason}", lang)
    console.print(word(f"reconcile.read.{report.read}", lang, reason=reason))
    if not report.findings:
        console.print(word("reconcile.nothing", lang))
    for kind in KINDS:
        found = report.of(kind)
        if not found:
            continue
        console.print()
        console.print(f"[bold]{word(f'reconcile.kind.{kind}', lang)}[/bold]  {len(found):,}")
        if kind == "shifted":
            _show_in_common(report, lang, console)
        console.print(_table(found if whole else found[:MOST_LISTED], lang))
        if not whole and len(found) > MOST_LISTED:
            console.print(word("reconcile.more", lang, n=len(found) - MOST_LISTED, option="--all"))


def says(finding: Finding, lang: str) -> str:
    """The sentence of a finding."""
    return _SENTENCES.get(finding.kind, _plainly)(finding, lang)


def _show_in_common(report: Report, lang: str, console: Console) -> None:
    for each in report.shifts_in_common():
        console.print(
            word(
                "reconcile.shift_in_common",
                lang,
                source=word(f"reconcile.source.{each.where}", lang),
                days=each.days,
                series=each.series,
                of=report.series_compared,
                day=str(each.first_on),
                n=each.from_first_day,
            )
        )


def _table(found: Sequence[Finding], lang: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("source", "area", "measure", "days", "confidence", "what"):
        table.add_column(word(f"reconcile.label.{name}", lang), overflow="fold")
    for finding in found:
        table.add_row(
            word(f"reconcile.source.{finding.where}", lang),
            escape(finding.area or word("reconcile.whole", lang)),
            escape(finding.measure or word("reconcile.every", lang)),
            _span(finding),
            word(f"reconcile.confidence.{finding.confidence}", lang),
            escape(says(finding, lang)),
        )
    return table


def _span(finding: Finding) -> str:
    if finding.first_on is None:
        return ""
    if finding.last_on in (None, finding.first_on):
        return str(finding.first_on)
    return f"{finding.first_on} – {finding.last_on}"


def _plainly(finding: Finding, lang: str) -> str:
    return word(f"reconcile.says.{finding.kind}", lang, **_shown(finding, lang))


def _definition_change(finding: Finding, lang: str) -> str:
    form = "between" if finding.days else "jump"
    return word(f"reconcile.says.definition_change.{form}", lang, **_shown(finding, lang))


def _revision(finding: Finding, lang: str) -> str:
    if "together" in finding.evidence:
        return word("reconcile.says.revision.jump", lang, **_shown(finding, lang))
    form = "stays" if finding.evidence["stays"] else "caught_up"
    return word(f"reconcile.says.revision.{form}", lang, **_shown(finding, lang))


def _renamed(finding: Finding, lang: str) -> str:
    return word(f"reconcile.says.renamed.{finding.evidence['by']}", lang, **_shown(finding, lang))


def _regrouped(finding: Finding, lang: str) -> str:
    said = word("reconcile.says.regrouped", lang, **_shown(finding, lang))
    share = f"{100 * finding.evidence['largest_share']:.0f} %"
    said += word("reconcile.says.largest", lang, part=finding.evidence["largest_part"], share=share)
    if finding.evidence["undecided_parts"]:
        said += word(
            "reconcile.says.undecided", lang, names=_names(finding.evidence["undecided_parts"], lang)
        )
    return said + _day_list(finding, lang)


def _differs(finding: Finding, lang: str) -> str:
    said = word("reconcile.says.differs", lang, **_shown(finding, lang)) + _day_list(finding, lang)
    lacking = finding.evidence.get("names_without_code")
    return said + word("reconcile.says.lacking", lang, names=_names(lacking, lang)) if lacking else said


def _shifted(finding: Finding, lang: str) -> str:
    said = _plainly(finding, lang)
    back_on = finding.evidence.get("back_on")
    return said + word("reconcile.says.back_on", lang, day=back_on) if back_on else said


def _only_in(finding: Finding, lang: str) -> str:
    what = finding.evidence["what"]
    return word(f"reconcile.says.only_in.{what}", lang, names=_names(finding.evidence["names"], lang))


_SENTENCES: dict[str, Callable[[Finding, str], str]] = {
    "definition_change": _definition_change,
    "revision": _revision,
    "renamed": _renamed,
    "regrouped": _regrouped,
    "sum_differs": _differs,
    "differs": _differs,
    "shifted": _shifted,
    "only_in": _only_in,
}


def _shown(finding: Finding, lang: str) -> dict[str, Any]:
    """The evidence as parameters of a sentence: whole numbers without fraction, lists of names and of stretches."""
    shown = {name: _value(value, lang) for name, value in finding.evidence.items()}
    if finding.size is not None:
        shown["size"] = _value(finding.size, lang)
    return shown


def _value(value: object, lang: str) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        if value and isinstance(value[0], list):
            return _names([first if first == last else f"{first} – {last}" for first, last in value], lang)
        return _names([str(each) for each in value], lang)
    return value


def _names(names: Sequence[str], lang: str) -> str:
    listed = word("reconcile.comma", lang).join(names[:MOST_NAMES])
    return (
        listed + word("reconcile.and_more", lang, n=len(names) - MOST_NAMES)
        if len(names) > MOST_NAMES
        else listed
    )


def _day_list(finding: Finding, lang: str) -> str:
    """The first of the days that differ, each with both figures."""
    said = [
        word("reconcile.says.day", lang, day=str(each.day), a=_value(each.a, lang), b=_value(each.b, lang))
        for each in finding.days[:MOST_DAYS]
    ]
    if not said:
        return ""
    more = len(finding.days) - MOST_DAYS
    end = word("reconcile.and_more", lang, n=more) if more > 0 else ""
    return word("reconcile.says.days", lang, days=word("reconcile.comma", lang).join(said) + end)
