"""Personal data whose rule has ended, and received files kept long enough, go once a day by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fangkong.core.clock import civil_day
from fangkong.desks.intake.kept_files import keeping_since, kept_files_remove
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import PurgeCertificate, machine_now
from fangkong.record.retention.purging import purge_run


@dataclass
class _Purged:
    """In this process: the day of the last run."""

    on: date | None = None


_purged = _Purged()


def purge_when_a_day_begins(at: datetime, actor: Actor) -> list[PurgeCertificate]:
    """The certificates of this day's run; empty when the day has had its run or nothing was due."""
    today = civil_day(at, installation().zone)
    if _purged.on == today:
        return []
    done = purge_run(actor=actor, at=at)
    # Sealed files are as old as the disk says, whatever day the office's clock shows in an exercise.
    kept_files_remove(keeping_since(machine_now()))
    _purged.on = today
    return list(done)
