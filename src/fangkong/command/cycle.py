"""One working day: receive, detect, monitor, assess, trace, control, command, publish.

A step writes through the desks' actions, lets the reactions run, and leaves a row that says what the record
holds after it. The row speaks of the record, not of the run, so running a day again changes nothing unless
something new came in, and a run that was killed goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef

from fangkong.core.errors import FangkongError, InputError
from fangkong.core.killpoints import KillPoint, kill_point
from fangkong.desks.assess import queries as assess
from fangkong.desks.assess.detection_rules import FILE as DETECTION_FILE
from fangkong.desks.assess.values import COUNTED, REPORTED
from fangkong.desks.control import actions as control
from fangkong.desks.intake import actions as intake
from fangkong.desks.monitor import actions as monitor
from fangkong.desks.monitor.clusters import clusters_watch
from fangkong.desks.trace import queries as trace
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor, visible
from fangkong.record.installation import installation
from fangkong.record.models import Contact, CycleStep, Order, Signal, Task

from .detection import NOT_DETECTED, detection_run
from .directives.watch import directives_watch
from .duty.watch import duty_watch
from .reactions.running import run_reactions
from .reports import open_figures_issue, report_issue, situation_report
from .reports.entries import is_figure
from .reports.file_entries import files_open
from .reports.subject import report_subject
from .response.watch import response_watch
from .tasks.actions import task_create, task_done, task_mark_overdue
from .tasks.states import STEPS as TASK_STEPS
from .tasks.states import UNFINISHED, task_kinds
from .tasks.watch import tasks_escalate_due, tasks_watch
from .timers.actions import timer_mark_missed

STEPS = ("receive", "detect", "monitor", "assess", "trace", "control", "command", "publish")

#: Where the office drops the files of the day; what was received stays where it is.
INBOX = "inbox"

#: Who chases a bulletin that did not come.
CHASE = "chase_report"

_WORKED: dict[str, KillPoint] = {step: kill_point(f"cycle.{step}_worked") for step in STEPS}
_DONE: dict[str, KillPoint] = {step: kill_point(f"cycle.{step}_done") for step in STEPS}

#: What the worker watches too, besides what steps do by themselves.
WATCHES = (duty_watch, directives_watch, response_watch)

#: ``progress(step, done, total)``: step is one of ``STEPS``; total is None while nobody knows it.
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class StepResult:
    """What the record holds after one step, and whether that differs from the run before."""

    step: str
    outcome: dict[str, Any]
    changed: bool
    #: Files that were not taken: (file name, error), for the person at the terminal; not recorded here.
    refused: tuple[tuple[str, FangkongError], ...] = ()


@dataclass(frozen=True, slots=True)
class CycleResult:
    """One day's run: its steps in order and the keys of the report and the open figures."""

    as_of: date
    steps: list[StepResult] = field(default_factory=list)
    report_key: str = ""
    figures_key: str = ""

    @property
    def changed(self) -> bool:
        """True when any step found something else than the run before."""
        return any(step.changed for step in self.steps)


def run_cycle(as_of: date, *, actor: Actor, progress: Progress | None = None) -> CycleResult:
    """The run of the day ``as_of``; doing it again re-does only what changed.

    Files lie in ``FANGKONG_HOME/inbox``. What a past day's cycle writes is known since that day's close, what
    today's writes since now. ``progress`` is told of each step and, while files are read, of rows. Raises
    Forbidden without ``cycle.run``, InputError ``cycle.future_day`` for a day that has not come; a file that
    is refused does not stop the day.
    """
    actor.require("cycle.run")
    here = installation()
    if as_of > here.today():
        raise InputError("cycle.future_day", as_of=as_of.isoformat(), today=here.today().isoformat())
    run = _Run(as_of, actor, progress)
    results = [run.step(step) for step in STEPS]
    published = results[-1].outcome
    return CycleResult(as_of, results, published["report"], published["figures"])


class _Run:
    """The state that the steps of one run share."""

    def __init__(self, as_of: date, actor: Actor, progress: Progress | None) -> None:
        self.as_of = as_of
        self.close = installation().close_of(as_of)
        # A person may start the day; what follows is the office's own hand, so the record is the same.
        self.started_by = actor
        self.actor = system_actor("cycle")
        self.progress = progress
        self.refused: list[tuple[str, FangkongError]] = []
        self.detected: dict[str, Any] | None = None

    @property
    def at(self) -> datetime:
        here = installation()
        return self.close if self.as_of < here.today() else here.now()

    def step(self, name: str) -> StepResult:
        self.tell(name, 0, None)
        outcome = getattr(self, f"_{name}")()
        if self._follow():
            # What the reactions wrote belongs to the step: say what the record holds after them.
            outcome = getattr(self, f"_{name}")()
        _WORKED[name].passed()
        with audit.writing():
            changed = self._record(name, outcome)
        _DONE[name].passed()
        self.tell(name, 1, 1)
        refused, self.refused = tuple(dict(self.refused).items()), []
        return StepResult(name, outcome, changed, refused)

    def _follow(self) -> int:
        """How much followed from the step: reactions, and what the clocks of tasks, directives and duty brought about.

        The worker does the same every second, so a day that is run again, or that the worker saw, finds it done.
        """
        followed = run_reactions(actor=self.actor)
        at, actor = self.at, self.actor
        # Whose owner is gone is known of today only: for a past day nobody is looked for.
        live = self.as_of >= installation().today()
        watched = tasks_watch(at, actor) if live else tasks_escalate_due(at, actor=actor)
        watched += sum(watch(at, actor) for watch in WATCHES)
        return followed + watched + (run_reactions(actor=self.actor) if watched else 0)

    def tell(self, step: str, done: int, total: int | None) -> None:
        if self.progress is not None:
            self.progress(step, done, total)

    def _record(self, name: str, outcome: dict[str, Any]) -> bool:
        held = CycleStep.objects.filter(as_of=self.as_of, step=name).first()
        if held is not None and held.outcome == outcome:
            return False
        CycleStep.objects.update_or_create(
            as_of=self.as_of, step=name, defaults={"outcome": outcome, "done_at": installation().now()}
        )
        audit.note(
            actor=self.started_by.key,
            verb="cycle.step",
            object_kind="cycle_step",
            object_key=f"{self.as_of.isoformat()}:{name}",
            values=outcome,
        )
        return True

    def _receive(self) -> dict[str, Any]:
        counts: Counter[str] = Counter(files=0, accepted=0, held=0, rejected=0, refused=0)
        keys = []
        for path in intake.in_receiving_order(inbox_files()):
            counts["files"] += 1
            try:
                receipt = intake.receive_file(
                    path,
                    actor=self.started_by,
                    progress=lambda done, total: self.tell("receive", done, total),
                )
            except FangkongError as error:
                counts["refused"] += 1
                self.refused.append((path.name, error))
                continue
            if receipt.state == "refused":
                counts["refused"] += 1
                self.refused.append((path.name, FangkongError(receipt.error_code, **receipt.error_params)))
            keys.append(receipt.key)
            for name in ("accepted", "held", "rejected"):
                counts[name] += getattr(receipt, name)
        return {**counts, "receipts": sorted(set(keys)), **self._files_open()}

    def _files_open(self) -> dict[str, Any]:
        """The receipts that the day's figures wait for, and those whose held rows nobody has decided in time."""
        found = files_open(self._subject().area_code, actor=self.actor, at=self.at)
        named = {"unfinished": list(found.unfinished), "held_late": list(found.held_late)}
        return {name: keys for name, keys in named.items() if keys}

    def _monitor(self) -> dict[str, Any]:
        subject = self._subject()
        for day in self._missing_days():
            monitor.signal_raise(
                "missing_bulletin",
                disease=subject.disease,
                area_code=subject.area_code,
                subject_kind="bulletin",
                subject_key=f"{subject.area_code}|{day}",
                channel="case_reports",
                params={"day": day},
                actor=self.actor,
                at=self.at,
            )
        clusters_watch(actor=self.actor, at=self.at)
        signals = visible(Signal.objects.known_at(self.at), self.actor)
        return {"signals": signals.filter(state="open").count()}

    def _detect(self) -> dict[str, Any]:
        """What the detection methods raise on the day's knowledge, and how much of it nobody could have seen."""
        if self.detected is None:
            try:
                self.detected = detection_run(
                    self._subject().area_code, actor=self.actor, at=self.at, through=self.as_of
                )
            except InputError as error:
                # A file of the city's own that cannot be used stops the alarms and not the day.
                self.refused.append((DETECTION_FILE, error))
                self.detected = NOT_DETECTED
        return self.detected

    def _assess(self) -> dict[str, Any]:
        subject = self._subject()
        spread = self._report()["spread"]
        figures = {entry["code"]: entry["value"] for entry in spread if is_figure(entry)}
        refusals = {entry["code"]: entry["refusal"] for entry in spread if not is_figure(entry)}
        return {
            "disease": subject.disease,
            "area": subject.area_code,
            "estimates": len(figures),
            "refusals": len(refusals),
            "figures": figures,
            "why": refusals,
        }

    def _trace(self) -> dict[str, Any]:
        found = trace.four_verifications(actor=self.actor, at=self.at, area_code=self._subject().area_code)
        return {
            name: getattr(found, name) for name in ("total", "counted", "identified", "located", "controlled")
        }

    def _control(self) -> dict[str, Any]:
        waiting = list(self._without_order().values_list("key", flat=True))
        control.orders_propose_for_contacts(waiting, actor=self.actor, at=self.at)
        self.tell("control", len(waiting), len(waiting))
        judged = control.orders_rejudge(cause="rules", actor=self.actor, at=self.at)
        control.order_lapse_due(self.at, actor=self.actor)
        states: Counter[str] = Counter(
            Order.objects.known_at(self.at).order_by().values_list("state", flat=True)
        )
        return {
            "orders": states.total(),
            "to_decide": states["proposed"],
            "undecided": self._without_order().count(),
            "rejudged": judged.looked,
            "shorter": judged.shorter + judged.ended,
        }

    def _without_order(self) -> Any:
        contacts = visible(Contact.objects.known_at(self.at), self.actor)
        ordered = Order.objects.known_at(self.at).filter(reason_key=OuterRef("key"))
        return contacts.filter(~Exists(ordered)).order_by("key")

    def _command(self) -> dict[str, Any]:
        subject = self._subject()
        due_at = installation().close_of(self.as_of + timedelta(days=1))
        missing = self._missing_days()
        # The kinds of tasks are the office's data: where nobody chases bulletins, the signal has to do.
        for day in missing if CHASE in task_kinds() else ():
            # Chased on the day after the gap showed, and due the same day: nothing is left overnight.
            task_create(
                CHASE,
                params={"day": day, "disease": subject.disease},
                area_code=subject.area_code,
                owner_role="general_group",
                due_at=due_at,
                subject_kind="bulletin",
                subject_key=f"{subject.disease}|{subject.area_code}|{day}",
                rule_row="",
                actor=self.actor,
                at=self.at,
            )
        self._close_answered(missing)
        task_mark_overdue(self.at, actor=self.actor)
        timer_mark_missed(self.at, actor=self.actor)
        tasks = Task.objects.known_at(self.at)
        return {
            "open": tasks.filter(state__in=UNFINISHED).count(),
            "overdue": tasks.filter(state="overdue").count(),
            "chased": tasks.filter(kind=CHASE, state__in=UNFINISHED).count(),
            "missing_days": missing,
        }

    def _close_answered(self, missing: list[str]) -> None:
        """What was chased and has come is done; nobody has to say so."""
        chased = (
            Task.objects.known_at(self.at).filter(kind=CHASE, state__in=TASK_STEPS["done"]).order_by("key")
        )
        for task in chased:
            day = task.params["day"]
            if day not in missing and day <= self.as_of.isoformat():
                task_done(task.key, actor=self.actor, at=self.at)

    def _publish(self) -> dict[str, Any]:
        return {
            "report": report_issue(self.as_of, actor=self.actor, at=self.at),
            "figures": open_figures_issue(self.as_of, actor=self.actor, at=self.at),
        }

    def _subject(self) -> Any:
        return report_subject(actor=self.actor, at=self.close)

    def _report(self) -> dict[str, Any]:
        return situation_report(actor=self.actor, as_of=self.as_of)

    def _missing_days(self) -> list[str]:
        """Days of the published series without a bulletin, the business day itself once it is over."""
        subject = self._subject()
        series = assess.area_series(
            subject.disease, subject.area_code, actor=self.actor, at=self.close, through=self.as_of
        )
        if not series.days or series.origin == COUNTED:
            return []
        missing = [day.day for day in series.days if day.status != REPORTED]
        if series.days[-1].day < self.as_of < installation().today():
            missing.append(self.as_of)
        return [day.isoformat() for day in missing]


def inbox_files() -> list[Path]:
    """The files that lie in the inbox, by name; hidden ones are left alone."""
    folder = Path(settings.HOME) / INBOX
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
