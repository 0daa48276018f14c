"""What follows for running orders when a contact's exposure or a case's classification has changed."""

from __future__ import annotations

from fangkong.desks.control.actions import orders_rejudge
from fangkong.record.access import Actor
from fangkong.record.models import Case, Contact, Event


def rejudge_for_contact(event: Event, actor: Actor) -> str:
    """The contact's running orders, judged again by what is known of the exposure now."""
    return _rejudge("exposure", [event.subject_key], event, actor)


def rejudge_for_case(event: Event, actor: Actor) -> str:
    """The orders of an excluded case's contacts, judged again: nobody was exposed to it."""
    case = Case.objects.known_at(event.at).filter(key=event.subject_key).first()
    if case is None or case.classification != "excluded":
        return "case_stands"
    contacts = Contact.objects.known_at(event.at).filter(case_key=event.subject_key).order_by("key")
    return _rejudge("classification", list(contacts.values_list("key", flat=True)), event, actor)


def _rejudge(cause: str, reason_keys: list[str], event: Event, actor: Actor) -> str:
    done = orders_rejudge(cause=cause, reason_keys=reason_keys, actor=actor, at=event.at)
    return f"offered:{done.looked - done.unchanged}" if done.looked > done.unchanged else "unchanged"
