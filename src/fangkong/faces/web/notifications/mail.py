"""A notice as a message in its reader's language: what happened, where, when, and the page to open."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from fangkong.command.models import Notification
from fangkong.command.notifications.delivery import Message
from fangkong.faces.words import catalogue, formats
from fangkong.record.installation import installation
from fangkong.record.models import Area, User

from .links import page_of


def written(note: Notification, user: User) -> Message:
    """The message for ``user``. It names the area and the hour, and nobody: whoever opens it signs in first."""
    here, lang = installation(), user.language
    english = catalogue.language(lang) == "en"
    area_code = note.params.get("area_code", "")
    area = Area.objects.open().filter(key=area_code).values_list("name_en" if english else "name_zh").first()
    office = (here.organisation_en if english else here.organisation_zh) or catalogue.word(
        "frame.office", lang
    )
    what = catalogue.word(f"notification.kind.{note.kind}", lang)
    at = formats.moment(timezone.localtime(note.at, here.zone), lang)
    text = catalogue.word(
        "notification.mail_lead", lang, office=office, what=what, area=area[0] if area else area_code, at=at
    )
    page = page_of(note.subject_kind, note.subject_key)
    return Message(subject=what, text=text, address=f"{settings.ADDRESS}{page or '/notices/'}")
