"""What follows from an exposure judged by hand: an alarm when one signer judges too many people."""

from __future__ import annotations

from datetime import timedelta

from fangkong.core.clock import civil_day
from fangkong.desks.control.safeguards import safeguards
from fangkong.desks.monitor.actions import signal_raise
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Event, ExposureJudgement


def watch_signer(event: Event, actor: Actor) -> str:
    """The alarm to oversight when the signer has passed the safeguard's number; one for each signer and day.

    It stands in the signer's own area, whatever the areas of the people judged.
    """
    signer, hours = event.params["signed_by"], safeguards().judgement_alarm_hours
    since = event.at - timedelta(hours=hours)
    signed = ExposureJudgement.objects.known_at(event.at).filter(
        signed_by=signer, signed_at__gt=since, signed_at__lte=event.at
    )
    count = signed.count()
    if count <= safeguards().judgement_alarm_count:
        return f"counted:{count}"
    signal_raise(
        "mass_change",
        disease=event.params["disease"],
        area_code=event.params["signer_area"],
        subject_kind="signer",
        subject_key=f"{signer}|{civil_day(event.at, installation().zone).isoformat()}",
        channel="safeguards",
        params={"signed_by": signer, "count": count, "hours": hours},
        actor=actor,
        at=event.at,
    )
    return f"alarm:{count}"
