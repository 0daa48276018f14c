"""What follows for reviews: each new case, each plan that ended and each event declared over gets its own, once."""

from __future__ import annotations

from datetime import timedelta

from fangkong.core.areas import contains
from fangkong.core.clock import civil_day
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Case, Event

from ..models import PlanRun, ResponseLevel
from ..office_clocks import office_clock
from ..reviews.opening import REVIEWED, review_open
from .timers import CLUSTER


def review_case(event: Event, actor: Actor) -> str:
    """The review of a confirmed or asymptomatic case of the jurisdiction; ``too_old`` for history that was loaded."""
    case = Case.objects.known_at(event.at).filter(key=event.subject_key).first()
    if case is None or case.classification not in REVIEWED:
        return "not_reviewed"
    return _open(event, actor, "case", case.area_code, case.disease)


def review_plan(event: Event, actor: Actor) -> str:
    """The review of a plan that was run to its end, or of a drill."""
    run = PlanRun.objects.known_at(event.at).filter(key=event.subject_key).first()
    if run is None:
        return "not_reviewed"
    return _open(event, actor, "drill" if run.drill else "plan_run", run.area_code, "")


def review_level(event: Event, actor: Actor) -> str:
    """The review of an event whose emergency response has ended: it is declared over."""
    level = ResponseLevel.objects.known_at(event.at).filter(key=event.subject_key).first()
    if level is None or not level.declared_by:
        return "not_reviewed"
    return _open(event, actor, "event", level.area_code, level.disease)


def review_cluster(event: Event, actor: Actor) -> str:
    """The review of a cluster that was closed as an event; no other signal is reviewed."""
    if event.params.get("kind") != CLUSTER or event.params.get("outcome") != "event":
        return "not_reviewed"
    return _open(event, actor, "event", event.area_code, installation().disease)


def _open(event: Event, actor: Actor, kind: str, area_code: str, disease: str) -> str:
    here = installation()
    if not contains(here.area_code, area_code):
        return "elsewhere"
    # Asked when the event was written down, not when it is answered: a worker that stood still loses no review.
    # By the close of the event's own day, so that a list of yesterday received today is no history.
    written = event.recorded_at + timedelta(seconds=here.clock_offset)
    if written > office_clock("notice_stale").due(here.close_of(civil_day(event.at, here.zone))):
        return "too_old"
    review_open(kind, event.subject_key, area_code=area_code, disease=disease, actor=actor, at=event.at)
    return "opened"
