"""Whatever people of every role do to directives, in whatever order: what must never be the case never is."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from fangkong.command.directives import actions
from fangkong.command.directives.rows import WAITING
from fangkong.command.models import Directive, DirectiveRecipient
from fangkong.command.tasks.actions import task_done
from fangkong.command.tasks.states import UNFINISHED
from fangkong.command.timers.actions import timer_mark_missed
from fangkong.command.worker import tick
from fangkong.core.errors import FangkongError
from fangkong.record.access import Actor
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest
from fangkong.record.models import Task, Timer

from . import offices

pytestmark = pytest.mark.django_db

#: Who acts: each level with somebody who drafts, somebody who issues, somebody who receives, and a stranger.
PEOPLE = [
    ("general_group", "99"),
    ("co_chair", "99"),
    ("general_group", "9901"),
    ("duty_officer", "9901"),
    ("co_chair", "9901"),
    ("supply_group", "9901"),
    ("district_officer", "990101"),
    ("health_authority", "990101"),
    ("district_officer", "990102"),
    ("street_officer", "990101001"),
    ("auditor", "9901"),
]


#: Deed -> the permission that it takes.
PERMISSIONS = {
    "draft": "directive.draft",
    "carry_on": "directive.draft",
    "issue": "directive.issue",
    "issue_again": "directive.issue",
    "withdraw": "directive.issue",
    "acknowledge": "directive.acknowledge",
    "reply": "directive.acknowledge",
    "done": "directive.acknowledge",
}

RECEIVERS = ("acknowledge", "reply", "done", "carry_on")
WEIGHTS = {"withdraw": 1, "tick": 1, "reply": 2, "acknowledge": 8, "carry_on": 5, "issue": 6, "tasks": 5}


class Walk:
    """One walk of random deeds by random people."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.at: datetime = offices.AT
        self.people: list[Actor] = [offices.known(role, area) for role, area in PEOPLE]
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def step(self) -> None:
        self.at += timedelta(minutes=self.rng.choice([1, 7, 40, 90]))
        names = list(self.deeds())
        name = self.rng.choices(names, [WEIGHTS.get(each, 3) for each in names])[0]
        able = [p for p in self.people if p.may(PERMISSIONS.get(name, "directive.read"))]
        if name in RECEIVERS:
            waiting = DirectiveRecipient.objects.open().filter(state__in=WAITING).order_by("key")
            offices_waiting = set(waiting.values_list("role", "area_code"))
            able = [p for p in able if (p.role, p.area_code) in offices_waiting] or able
        # Mostly somebody who may do it, so that walks get somewhere; often enough anybody.
        actor = self.rng.choice(able if self.rng.random() < 0.85 else self.people)
        try:
            self.deeds()[name](actor)
        except FangkongError as refused:
            self.refused[refused.code] += 1
        else:
            self.done[name] += 1

    def deeds(self):
        return {
            "draft": self.draft,
            "issue": lambda actor: actions.directive_issue(self.directive("draft"), actor=actor, at=self.at),
            "issue_again": lambda actor: actions.directive_issue(self.directive(), actor=actor, at=self.at),
            "acknowledge": lambda actor: actions.recipient_acknowledge(
                self.recipient(actor), actor=actor, at=self.at
            ),
            "reply": lambda actor: actions.recipient_reply(
                self.recipient(actor), "已部署", actor=actor, at=self.at
            ),
            "done": lambda actor: actions.recipient_done(self.recipient(actor), actor=actor, at=self.at),
            "carry_on": self.carry_on,
            "tasks": lambda actor: actions.directive_tasks_create(
                self.directive("issued"), [self.work(actor)], actor=actor, at=self.at
            ),
            "task_done": self.task_done,
            "withdraw": lambda actor: (
                self.rng.random() < 0.3
                and actions.directive_withdraw(
                    self.directive(), self.rng.choice([" ", "重复"]), actor=actor, at=self.at
                )
            ),
            "tick": self.tick,
        }

    def draft(self, actor: Actor) -> None:
        able = [p for p in self.people if p.may("directive.acknowledge") and actor.sees(p.area_code)]
        to = self.rng.sample(able or self.people, min(2, len(able or self.people)))
        actions.directive_draft(
            title=f"第 {self.rng.randint(1, 40)} 件",
            purpose=self.rng.choice([*["保供"] * 9, ""]),
            measures=[{"text": self.rng.choice([*["核对库存"] * 9, "停业整顿"])}],
            area_code=actor.area_code,
            recipients=[{"area_code": p.area_code, "role": p.role} for p in to],
            due_at=self.at + timedelta(hours=self.rng.choice([-1, 5, 30, 30])),
            sunset_on=(self.at + timedelta(days=self.rng.choice([1, 2, 3]))).date(),
            actor=actor,
            at=self.at,
        )

    def carry_on(self, actor: Actor) -> None:
        key = self.recipient(actor)
        parent = Directive.objects.open().get(
            key=DirectiveRecipient.objects.open().get(key=key).directive_key
        )
        able = [p for p in self.people if p.may("directive.acknowledge")]
        below = [p for p in able if p.area_code.startswith(actor.area_code)]
        to = self.rng.choice(below)
        actions.directive_carry_on(
            key,
            measures=[{"text": "细化"}],
            recipients=[{"area_code": to.area_code, "role": to.role}],
            due_at=min(parent.due_at, self.at + timedelta(hours=5)),
            actor=actor,
            at=self.at,
        )

    def work(self, actor: Actor):
        hours = (self.at - offices.AT).total_seconds() / 3600 + 3
        return offices.work("办理", actor.area_code, hours, owner_role="duty_officer")

    def task_done(self, actor: Actor) -> None:
        keys = list(
            Task.objects.open().filter(state__in=UNFINISHED).order_by("key").values_list("key", flat=True)
        )
        task_done(self.rng.choice(keys or ["none"]), actor=offices.WORKER, at=self.at)

    def tick(self, actor: Actor) -> None:
        timer_mark_missed(self.at, actor=offices.WORKER)
        actions.directives_lapse_due(self.at, actor=offices.WORKER)
        actions.directives_complete_due(self.at, actor=offices.WORKER)

    def directive(self, state: str = "") -> str:
        rows = Directive.objects.open().order_by("key")
        if state and self.rng.random() < 0.8:
            rows = rows.filter(state=state)
        return self.rng.choice(list(rows.values_list("key", flat=True)) or ["none"])

    def recipient(self, actor: Actor) -> str:
        rows = DirectiveRecipient.objects.open().order_by("key")
        own = rows.filter(area_code=actor.area_code, role=actor.role, state__in=WAITING)
        keys = list((own if self.rng.random() < 0.8 else rows).values_list("key", flat=True))
        if not keys:
            raise FangkongError("walk.nothing_received")
        return self.rng.choice(keys)


def broken() -> list[str]:
    """What must never be the case, as far as it is the case now."""
    found = []
    recipients = list(DirectiveRecipient.objects.open())
    timers = {timer.subject_key: timer for timer in Timer.objects.open()}
    states = dict(Directive.objects.open().values_list("key", "state"))
    for each in Directive.objects.open():
        if each.issued_by and each.issued_by == each.drafted_by:
            found.append(f"{each.key} was issued by its drafter")
        if not (each.purpose and each.measures and each.addressed_to and each.sunset_on):
            found.append(f"{each.key} lacks purpose, measures, recipients or last day")
        if (each.state == "issued") and not any(r.directive_key == each.key for r in recipients):
            found.append(f"{each.key} is issued to nobody")
    for each in recipients:
        timer = timers.get(each.key)
        if each.state == "awaiting" and (timer is None or timer.state not in ("running", "missed")):
            found.append(f"no clock watches {each.key}")
        if (each.acknowledged_at is None) and each.state in ("acknowledged", "replied", "done"):
            found.append(f"{each.key} went on without being acknowledged")
        if states[each.directive_key] != "issued" and each.state in ("awaiting", "acknowledged", "replied"):
            found.append(f"{each.key} waits for a directive that is over")
    for task in Task.objects.open().filter(carries_out_kind="directive", state__in=UNFINISHED):
        if states[task.carries_out_key] != "issued":
            found.append(f"task {task.key} carries out a directive that is over")
    return found


@pytest.mark.parametrize("seed", range(4))
def test_no_walk_reaches_what_must_never_be(seed):
    walk = Walk(seed)
    for n in range(220):
        walk.step()
        if n % 10 == 0:
            assert broken() == []
    assert broken() == []
    assert {"draft", "issue", "acknowledge"} <= set(walk.done), (walk.done, walk.refused)
    assert verify().problem == ""


def test_the_walks_get_everywhere():
    walk = Walk(99)
    for _ in range(700):
        walk.step()
    reached = {"reply", "done", "carry_on", "tasks", "withdraw", "task_done"}
    assert reached <= set(walk.done), (walk.done, walk.refused)
    assert {"directive.two_people", "directive.not_addressed", "directive.already_acknowledged"} <= set(
        walk.refused
    )


def test_what_is_planted_is_found():
    key = offices.issued()
    assert broken() == []
    Timer.objects.all().delete()
    Task.objects.all().delete()
    Directive.objects.filter(key=key).update(purpose="")
    found = broken()
    assert any("no clock watches" in line for line in found)
    assert any("lacks purpose" in line for line in found)


def test_a_second_pass_of_the_worker_at_the_same_moment_changes_nothing():
    offices.issued()
    late = offices.AT + timedelta(days=30)
    tick(late, offices.WORKER)
    before = record_digest()["record"]
    tick(late, offices.WORKER)
    assert record_digest()["record"] == before
    assert set(Directive.objects.open().values_list("state", flat=True)) == {"lapsed"}
