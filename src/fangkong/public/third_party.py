"""What somebody says about somebody else: it opens a verification, and never a measure.

No case, contact, order or status follows from such a report, whatever it says and however many say it; the
investigation group finds out, and what it finds is registered with its source.
"""

from __future__ import annotations

from datetime import datetime

from fangkong.command.tasks.actions import task_create
from fangkong.command.tasks.states import task_kind
from fangkong.core.areas import level_of
from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError, NotFound
from fangkong.record.access import Actor, visible, visible_people
from fangkong.record.installation import installation
from fangkong.record.models import Person, PersonArea, Place

KIND = "verify_report"

#: What such a report is about.
ABOUT = ("person", "place", "area")

#: What it says, as a code: nothing of what was said is kept, for it is hearsay about somebody else.
TOPICS = ("symptoms", "exposure", "arrival", "order_broken", "other")


def third_party_report(about: str, about_key: str, *, topic: str, actor: Actor, at: datetime) -> str:
    """The key of the task to verify the report; a second one about the same on the same day joins it.

    ``about`` is person, place or area and ``about_key`` its key or code; ``actor`` took the report, at a
    hotline or a counter. The task belongs to the investigation group, where the person or place is. Raises
    InputError ``third_party.unknown_about``, ``third_party.unknown_topic``, NotFound
    ``third_party.unknown_subject`` outside the scope, Forbidden without ``task.write`` there.
    """
    if about not in ABOUT:
        raise InputError("third_party.unknown_about", about=list(ABOUT))
    if topic not in TOPICS:
        raise InputError("third_party.unknown_topic", topics=list(TOPICS))
    area_code = _where(about, about_key, actor, at)
    here = installation()
    day = civil_day(at, here.zone)
    return task_create(
        KIND,
        params={"about": about, "about_key": about_key, "topic": topic},
        area_code=area_code,
        owner_role=task_kind(KIND).owner_role,
        due_at=here.close_of(day),
        subject_kind=about,
        subject_key=f"{about_key}|{day.isoformat()}",
        rule_row="",
        actor=actor,
        at=at,
    )


def _where(about: str, about_key: str, actor: Actor, at: datetime) -> str:
    """The area in which somebody finds out. Raises NotFound ``third_party.unknown_subject``."""
    actor.require("task.write")
    if about == "area":
        try:
            level_of(about_key)
        except ValueError:
            raise NotFound("third_party.unknown_subject") from None
        return about_key
    if about == "place":
        place = visible(Place.objects.known_at(at).filter(key=about_key), actor, at=at).first()
        if place is None:
            raise NotFound("third_party.unknown_subject")
        return str(place.area_code)
    if not visible_people(Person.objects.known_at(at).filter(key=about_key), actor, at=at).exists():
        raise NotFound("third_party.unknown_subject")
    ties = visible(PersonArea.objects.known_at(at).filter(person_key=about_key), actor, at=at)
    codes = [code for code in ties.order_by("key").values_list("area_code", flat=True) if actor.sees(code)]
    return str(codes[0]) if codes else actor.area_code
