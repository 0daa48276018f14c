"""What oversight is shown about the office itself: alarms, whatever became of them, and who signed which judgements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db.models import Count, Max, Q, QuerySet

from fangkong.core.errors import InputError
from fangkong.desks.control.safeguards import safeguards
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.models import ExposureJudgement, Signal

READ = "protected.read"

#: The kinds of signals that are alarms about the office itself.
ALARMS = ("mass_change", "care_refused")

R = TypeVar("R", Signal, ExposureJudgement)


@dataclass(frozen=True)
class LatestPage(Generic[R]):
    """Some rows, the latest first; ``after`` asks for the next ones and is "" on the last page."""

    rows: list[R]
    after: str


@dataclass(frozen=True)
class Signer:
    """One person's judgements of exposure: within the hours of the alarm, in all, and when the latest was signed."""

    key: str
    recent: int
    total: int
    last_at: datetime

    @property
    def alarmed(self) -> bool:
        """True when there are more of late than the safeguard lets pass without an alarm."""
        return self.recent > safeguards().judgement_alarm_count


def alarms_list(*, actor: Actor, at: datetime, limit: int = 50, after: str = "") -> LatestPage[Signal]:
    """The alarms in the actor's scope, the latest first, closed ones too; one query.

    Raises Forbidden without ``protected.read``: they are for oversight, not for the office that they are
    about. InputError ``page.bad_place`` for a place that no page gave out.
    """
    actor.require(READ)
    alarms = visible(Signal.objects.known_at(at), actor, at=at).filter(kind__in=ALARMS)
    return _latest_first(alarms, "raised_at", lambda row: row.raised_at, limit, after)


def signers_list(*, actor: Actor, at: datetime, limit: int = 100) -> list[Signer]:
    """Whoever signed judgements in the actor's scope, the most of late first; one query. Raises as above.

    "Of late" is the safeguard's hours before ``at``, the same that the alarm counts.
    """
    actor.require(READ)
    since = at - timedelta(hours=safeguards().judgement_alarm_hours)
    recent = Count("id", filter=Q(signed_at__gt=since, signed_at__lte=at))
    rows = visible(ExposureJudgement.objects.known_at(at), actor, at=at).order_by().values("signed_by")
    counted = rows.annotate(recent=recent, total=Count("id"), last_at=Max("signed_at"))
    return [
        Signer(row["signed_by"], row["recent"], row["total"], row["last_at"])
        for row in counted.order_by("-recent", "-last_at", "signed_by")[:limit]
    ]


def judgements_of_signer(
    signed_by: str, *, actor: Actor, at: datetime, limit: int = 50, after: str = ""
) -> LatestPage[ExposureJudgement]:
    """What one person signed, with evidence and reason, the latest first.

    The look is written into the audit chain, for such a text may name people. Raises as :func:`alarms_list`.
    """
    actor.require(READ)
    rows = visible(ExposureJudgement.objects.known_at(at), actor, at=at).filter(signed_by=signed_by)
    page = _latest_first(rows, "signed_at", lambda row: row.signed_at, limit, after)
    with audit.writing():
        audit.note(actor=actor.key, verb="judgement.read", object_kind="signer", object_key=signed_by)
    return page


def _latest_first(
    rows: QuerySet[R], field: str, moment: Callable[[R], datetime], limit: int, after: str
) -> LatestPage[R]:
    if after:
        text, _, key = after.partition("|")
        try:
            before = datetime.fromisoformat(text)
        except ValueError:
            raise InputError("page.bad_place", place=after) from None
        rows = rows.filter(Q(**{f"{field}__lt": before}) | Q(**{field: before}, key__gt=key))
    found = list(rows.order_by(f"-{field}", "key")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return LatestPage(found[:limit], f"{moment(last).isoformat()}|{last.key}" if last else "")
