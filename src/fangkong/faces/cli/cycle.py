"""``fangkong cycle``: one working day from the files in the inbox to the morning report."""

from __future__ import annotations

import json
from datetime import date

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from fangkong.command.cycle import CycleResult, StepResult, run_cycle
from fangkong.command.reports import report_get
from fangkong.faces.papers import paper_view
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import word
from fangkong.record.access import system_actor
from fangkong.record.installation import installation

from .days import Day
from .receive import refusal_text


@click.command("cycle")
@click.option("--as-of", "as_of", type=Day(), required=True, help="The business day, e.g. 2022-03-27.")
@click.option("--json", "as_json", is_flag=True, help="Print what each step found as JSON.")
@click.pass_context
def command(ctx: click.Context, as_of: date, as_json: bool) -> None:
    """Run the working day AS_OF; running it again re-does only what changed."""
    lang: str = ctx.obj
    with _progress(lang) as bars:
        result = run_cycle(as_of, actor=system_actor("cli"), progress=_Bars(bars, lang))
    if as_json:
        click.echo(json.dumps(_plain(result), ensure_ascii=False, indent=1))
        return
    _summary(result, lang, Console())


class _Bars:
    """One line on the terminal for each step, with its own count."""

    def __init__(self, bars: Progress, lang: str) -> None:
        self.bars, self.lang = bars, lang
        self.lines: dict[str, TaskID] = {}

    def __call__(self, step: str, done: int, total: int | None) -> None:
        if step not in self.lines:
            self.lines[step] = self.bars.add_task(word(f"cycle.step.{step}", self.lang), total=None)
        self.bars.update(self.lines[step], completed=done, total=total)


def _progress(lang: str) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _summary(result: CycleResult, lang: str, console: Console) -> None:
    day = formats.day_full(result.as_of, lang)
    console.print(word("cycle.title", lang, day=day), style="bold", highlight=False)
    for step in result.steps:
        console.print(f"  {_line(step, lang)}", highlight=False, markup=False)
        for name, error in step.refused:
            reason = refusal_text(error, lang)
            console.print(
                "    " + word("cycle.file_refused", lang, file=name, reason=reason), style="red", markup=False
            )
    here = installation()
    report = report_get(result.as_of, actor=system_actor("cli"), at=here.now())
    view = paper_view(report, lang)
    console.print()
    console.print(word("cycle.summary", lang), style="bold", highlight=False)
    for sentence in view["lead"]:
        console.print(f"  {sentence}", highlight=False, markup=False)
    console.print("  " + word("cycle.unknowns", lang, n=len(report["unknowns"])), highlight=False)
    if not report["issue"]["signed_by"]:
        console.print("  " + word("cycle.unsigned", lang), style="yellow", highlight=False)


def _line(step: StepResult, lang: str) -> str:
    counts = {name: value for name, value in step.outcome.items() if isinstance(value, (int, str))}
    done = word(f"cycle.done.{step.step}", lang, **counts)
    for name in ("unfinished", "held_late"):
        if keys := step.outcome.get(name):
            done += word("frame.and", lang) + word(f"cycle.files.{name}", lang, n=len(keys))
    if not step.changed:
        done += word("frame.and", lang) + word("cycle.unchanged", lang)
    return word(f"cycle.step.{step.step}", lang) + word("frame.colon", lang) + done


def _plain(result: CycleResult) -> dict[str, object]:
    return {
        "as_of": result.as_of.isoformat(),
        "changed": result.changed,
        "report": result.report_key,
        "figures": result.figures_key,
        "steps": [
            {
                "step": step.step,
                "changed": step.changed,
                "outcome": step.outcome,
                "refused": [
                    {"file": name, "code": error.code, "params": {k: str(v) for k, v in error.params.items()}}
                    for name, error in step.refused
                ],
            }
            for step in result.steps
        ],
    }
