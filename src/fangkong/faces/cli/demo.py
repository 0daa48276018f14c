"""``fangkong demo``: an invented city with its outbreak, its day run, ready to sign in."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from fangkong.command.cycle import STEPS, run_cycle
from fangkong.command.demonstration.actions import (
    DEFAULT_POPULATION,
    DEFAULT_SEED,
    PARTS,
    Summary,
    load_demonstration,
)
from fangkong.command.demonstration.users import password_file
from fangkong.command.reports import report_get
from fangkong.command.tasks.queries import tasks_open_count, tasks_overdue
from fangkong.desks.control.queries import orders_to_decide_count
from fangkong.faces.papers import paper_view
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import word
from fangkong.record import keyring
from fangkong.record.access import actor_of, system_actor
from fangkong.record.installation import installation
from fangkong.record.models import Area, CycleStep, User


@click.command("demo")
@click.option("--population", default=DEFAULT_POPULATION, show_default=True, type=click.IntRange(min=2000))
@click.option("--seed", default=DEFAULT_SEED, show_default=True, type=click.IntRange(min=0))
@click.pass_obj
def command(lang: str, population: int, seed: int) -> None:
    """Load the invented city Linjiang, run its last day and say how to sign in. Safe to run again."""
    Path(settings.HOME).mkdir(parents=True, exist_ok=True, mode=0o700)
    keyring.create(Path(settings.KEYFILE))
    call_command("migrate", verbosity=0, interactive=False)
    actor = system_actor("cli")
    with _Bars(lang) as bars:
        summary = load_demonstration(actor=actor, seed=seed, population=population, progress=bars.load)
        # A day that was run stays as it was run: whoever has worked since finds their work untouched.
        day = summary.last_closed_day
        if not CycleStep.objects.filter(as_of=day, step=STEPS[-1]).exists():
            run_cycle(day, actor=actor, progress=bars.cycle)
    console = Console()
    _city(summary, lang, console)
    _morning(summary, lang, console)
    _sign_in(summary, lang, console)


class _Bars:
    """One bar on standard error, with the part that is running and how far it is."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
        )
        self.progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self.line: TaskID | None = None

    def __enter__(self) -> _Bars:
        self.progress.start()
        total = len(PARTS) + len(STEPS)
        self.line = self.progress.add_task(word("demo.preparing", self.lang), total=total, count="")
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def load(self, part: str, done: int, total: int | None) -> None:
        """Shows a part of loading."""
        self._show(PARTS.index(part), word(f"demo.part.{part}", self.lang), done, total)

    def cycle(self, step: str, done: int, total: int | None) -> None:
        """Shows a step of the day."""
        self._show(len(PARTS) + STEPS.index(step), word(f"cycle.step.{step}", self.lang), done, total)

    def _show(self, place: int, name: str, done: int, total: int | None) -> None:
        if self.line is None:
            return
        share = min(done / total, 1.0) if total else 0.5
        count = f"{done:,} / {total:,}" if total else f"{done:,}" if done else ""
        self.progress.update(self.line, description=name, completed=place + share, count=count)


def _city(summary: Summary, lang: str, console: Console) -> None:
    here = installation()
    name = here.organisation_zh if lang == "zh" else here.organisation_en
    console.print(name, style="bold", highlight=False)
    counts = ("people", "cases", "contacts", "results", "orders")
    shown = {count: getattr(summary, count) for count in counts}
    console.print("  " + word("demo.holds", lang, **shown), highlight=False)
    console.print("  " + word("demo.invented", lang), highlight=False)
    console.print()


def _morning(summary: Summary, lang: str, console: Console) -> None:
    here = installation()
    report = report_get(summary.last_closed_day, actor=system_actor("cli"), at=here.now())
    day = formats.day_full(summary.last_closed_day, lang)
    console.print(word("demo.morning", lang, day=day), style="bold", highlight=False)
    for sentence in paper_view(report, lang)["lead"]:
        console.print(f"  {sentence}", highlight=False, markup=False)
    duty = actor_of(
        User.objects.get(username=next(u.username for u in summary.users if u.role == "duty_officer"))
    )
    now = here.now()
    waiting = {
        "decide": orders_to_decide_count(actor=duty, at=now),
        "overdue": tasks_overdue(actor=duty, at=now, limit=1).total,
        "open": tasks_open_count(actor=duty, at=now),
    }
    console.print("  " + word("demo.waiting", lang, **waiting), highlight=False)
    console.print()


def _sign_in(summary: Summary, lang: str, console: Console) -> None:
    console.print(word("demo.sign_in", lang), style="bold", highlight=False)
    names = dict(Area.objects.open().values_list("key", "name_zh" if lang == "zh" else "name_en"))
    table = Table(box=None, pad_edge=True, show_header=True, header_style="dim")
    for column in ("user", "role", "area"):
        table.add_column(word(f"demo.column.{column}", lang))
    for user in summary.users:
        table.add_row(
            user.username, word(f"role.{user.role}", lang), names.get(user.area_code, user.area_code)
        )
    console.print(table, highlight=False)
    console.print(
        "  " + word("demo.password", lang, password=summary.password), highlight=False, markup=False
    )
    console.print(
        "  " + word("demo.password_file", lang, file=str(password_file())), highlight=False, markup=False
    )
    console.print("  " + word("demo.next", lang, command="fangkong serve", address="http://127.0.0.1:8000/"))
