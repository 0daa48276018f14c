"""What follows from a reported case for the cluster that it may belong to: one signal, raised or grown."""

from __future__ import annotations

from fangkong.desks.monitor.clusters import clusters_of_case
from fangkong.record.access import Actor
from fangkong.record.models import Event


def watch_clusters(event: Event, actor: Actor) -> str:
    """``no_cluster``, or ``raised:<n> grown:<n>``; the limits start with the event of the signal."""
    found = clusters_of_case(event.subject_key, actor=actor, at=event.at)
    if not found.raised and not found.grown:
        return "no_cluster"
    return f"raised:{found.raised} grown:{found.grown}"
