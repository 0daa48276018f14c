"""What ends a directive without a person: its last day is over, or everybody has done it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from fangkong.core.clock import civil_day
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Task

from ..models import Directive, DirectiveRecipient
from ..tasks.states import UNFINISHED
from .issuing import end
from .rows import RUNNING, SUBJECT, open_directive

ONE_ENDED = kill_point("directives.one_ended")


def directives_lapse_due(at: datetime, *, actor: Actor) -> int:
    """How many directives lapsed because their last day is over, drafts among them. Idempotent."""
    today = civil_day(at, installation().zone)
    lapsed = 0
    for key in _keys(Directive.objects.open().filter(state__in=RUNNING, sunset_on__lt=today)):
        with audit.writing():
            directive = open_directive(key, actor)
            if directive.state in RUNNING:
                end(directive, "lapsed", reason="", actor=actor, at=at)
                lapsed += 1
        ONE_ENDED.passed()
    return lapsed


def directives_complete_due(at: datetime, *, actor: Actor) -> int:
    """How many issued directives were completed: every recipient has done it and every task is closed. Idempotent."""
    completed = 0
    for key in _keys(_all_done(Directive.objects.open().filter(state="issued"))):
        with audit.writing():
            completed += complete_if_done(key, actor=actor, at=at)
        ONE_ENDED.passed()
    return completed


def complete_if_done(directive_key: str, *, actor: Actor, at: datetime) -> bool:
    """True when nothing under the issued directive is open any more and it is completed by that.

    Whoever calls holds the transaction.
    """
    directive = _all_done(Directive.objects.open().filter(key=directive_key, state="issued")).first()
    if directive is None:
        return False
    end(directive, "completed", reason="", actor=actor, at=at)
    return True


def _keys(rows: QuerySet[Directive]) -> list[str]:
    return list(rows.order_by("key").values_list("key", flat=True))


def _all_done(rows: QuerySet[Directive]) -> QuerySet[Directive]:
    """Those of which every recipient has done it, no task is open, and nobody below still carries them on."""
    waiting = DirectiveRecipient.objects.open().filter(directive_key=OuterRef("key")).exclude(state="done")
    tasks = Task.objects.open().filter(
        carries_out_kind=SUBJECT, carries_out_key=OuterRef("key"), state__in=UNFINISHED
    )
    below = Directive.objects.open().filter(parent_key=OuterRef("key"), state__in=RUNNING)
    return rows.filter(~Exists(waiting), ~Exists(tasks), ~Exists(below))
