"""Who is on the way: the passages of a person that a later result or judgement still has to reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from fangkong.core.areas import contains
from fangkong.core.clock import civil_day, start_of_day
from fangkong.record.installation import installation
from fangkong.record.models import Passage, Place, Signal
from fangkong.science.rules import InForce

from .gate_answers import POSITIVE, results_known
from .permit_figures import figures
from .rulebook import rulebook

#: The signal that stands while somebody on the way is looked for.
JOURNEY_ALERT = "journey_alert"


@dataclass(frozen=True)
class NextGate:
    """Where the journey goes on: the area whose checkpoint is told, and the one beyond the office, or ""."""

    area_code: str
    outside: str


def passages_on_the_way(person_key: str, *, disease: str, at: datetime) -> list[Passage]:
    """The passages let through since the look-back of the day of ``at`` began, the latest first.

    The look-back is the row of the rules (``permits.toml`` names it); where none is in force every passage held
    counts, for a warning too many is smaller than one too few.
    """
    if not person_key:
        return []
    given = figures()["on_the_way"]
    rows = Passage.objects.known_at(at).filter(
        person_key=person_key, disease=disease, answer__in=given["answers"], passed_at__lte=at
    )
    if (since := lookback_since(disease=disease, at=at)) is not None:
        rows = rows.filter(passed_at__gte=since)
    return list(rows.order_by("-passed_at", "key"))


def lookback_since(*, disease: str, at: datetime) -> datetime | None:
    """The start of the first day of the look-back on the day of ``at``; None where no row says how long it is."""
    here, given = installation(), figures()["on_the_way"]
    on = civil_day(at, here.zone)
    answer = rulebook().resolve(
        given["lookback_rule"],
        on=on,
        disease=disease,
        area=here.area_code or "CN",
        scope=dict(given["lookback_scope"]),
    )
    if not (isinstance(answer, InForce) and answer.row.unit == "d"):
        return None
    return start_of_day(on - timedelta(days=int(answer.value)), here.zone)


def next_gate(passage: Passage) -> NextGate:
    """Where whoever passed is to be met: the next checkpoint that was named, else the end of the journey.

    A journey that leaves the office's jurisdiction is told at the gate it left by, with where it goes.
    """
    place = (
        Place.objects.open().filter(key=passage.next_place_key).first() if passage.next_place_key else None
    )
    area = place.area_code if place else passage.to_area or passage.area_code
    office = installation().area_code
    if office and not contains(office, area):
        return NextGate(passage.area_code, area)
    return NextGate(area, "")


def looked_for(person_key: str, vehicle_digest: str, *, disease: str, at: datetime) -> bool:
    """Whether an alert stands on a journey of this person or vehicle, or their last result is a fresh positive."""
    since = lookback_since(disease=disease, at=at)
    last = results_known(person_key, disease=disease, at=at)[-1:]
    if last and last[0].result == POSITIVE and (since is None or last[0].at >= since):
        return True
    who = Q(pk__in=[])
    if person_key:
        who |= Q(person_key=person_key)
    if vehicle_digest:
        who |= Q(vehicle_digest=vehicle_digest)
    keys = Passage.objects.known_at(at).filter(who).values_list("key", flat=True)
    alerts = Signal.objects.known_at(at).filter(kind=JOURNEY_ALERT, subject_key__in=list(keys))
    return alerts.exclude(state="closed").exists()
