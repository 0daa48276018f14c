"""Reads on meetings, by knowledge (``at``) and within the actor's scope.

An office sees the meetings of its own area whole. Of a meeting of an office above it sees that it is called, when and
where and what is on the agenda, and of its decisions those that bind it: not the papers, attendance or dissent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, DateField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from fangkong.core.areas import ancestors
from fangkong.core.errors import InputError, NotFound
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Document, User
from fangkong.record.paging import Page, keyset_page

from ..listening.rows import ANSWERED
from ..listening.rows import READ as LISTENS
from ..models import Clause, Concern, Meeting
from .rows import CALLED, CLOSED, HELD, READ, STATES, minutes_key_of

#: What the list shows: meetings to come, those held, or one state.
COMING, PAST = "coming", "past"

#: Among the meetings of one day the last of its series; one read from a text has no hour.
_LATER_FIRST = (F("number").desc(nulls_last=True), F("starts_at").desc(nulls_last=True))

#: Levels that a chain of follow-on meetings can have.
_LEVELS = 8


@dataclass(frozen=True)
class Chain:
    """What a meeting carries on, the highest first; those that carry it on below; the one of its own body before it."""

    above: list[Meeting] = field(default_factory=list)
    below: list[Meeting] = field(default_factory=list)
    previous: Meeting | None = None


@dataclass(frozen=True)
class Edition:
    """One edition of the minutes: its number, who wrote and signed it and when, its content."""

    number: int
    written_by: str
    signed_by: str
    writer_name: str
    signer_name: str
    issued_at: datetime | None
    content_hash: str
    content: dict[str, Any]


def meetings_list(
    *,
    actor: Actor,
    at: datetime,
    show: str = PAST,
    number: int | None = None,
    limit: int = 25,
    after: str = "",
) -> Page[Meeting]:
    """The meetings that the actor sees: ``coming`` ones the next first, ``past`` ones (or of one state) the last first.

    ``number``: only those of that number, whatever their state. Raises Forbidden without ``meeting.read``, InputError
    ``page.bad_place``.
    """
    rows = _seen(actor, at).defer("agenda")
    if number is not None:
        return _latest_first(rows.filter(number=number), limit, after)
    if show == COMING:
        return keyset_page(
            rows.filter(state=CALLED, held_on__isnull=False),
            "held_on",
            date.fromisoformat,
            limit=limit,
            after=after,
        )
    states = (show,) if show in STATES else (HELD, CLOSED)
    return _latest_first(rows.filter(state__in=states), limit, after)


def meeting_counts(*, actor: Actor, at: datetime) -> dict[str, int]:
    """State -> number of meetings that the actor sees; one query, states without any are absent."""
    counted = _seen(actor, at).order_by().values_list("state").annotate(n=Count("id"))
    return dict(sorted(counted))


def meeting_get(meeting_key: str, *, actor: Actor, at: datetime) -> Meeting:
    """The meeting as known at ``at``, with ``caller_name``; of one above the actor's area without its inner part.

    Papers, attendance and dissent are the inner part.

    Raises NotFound ``meeting.unknown``, also outside the scope.
    """
    named = _seen(actor, at).annotate(caller_name=_name_of("called_by"))
    found = named.filter(key=meeting_key).first()
    if found is None:
        raise NotFound("meeting.unknown", key=meeting_key[:96])
    return found if actor.sees(found.area_code) else _outline(found)


def sees_whole(meeting: Meeting, actor: Actor) -> bool:
    """True when the meeting is of an office in the actor's area."""
    return actor.sees(meeting.area_code)


def chain_of(meeting: Meeting, *, actor: Actor, at: datetime) -> Chain:
    """The meetings around ``meeting``; one query, and one more for each further level up."""
    seen = _seen(actor, at).defer("agenda")
    around = Q(follows_key=meeting.key)
    if meeting.follows_key:
        around |= Q(key=meeting.follows_key)
    if meeting.held_on is not None:
        latest = _before(meeting, at).order_by("-held_on", *_LATER_FIRST, "key").values("key")[:1]
        around |= Q(key=Subquery(latest))
    rows = {each.key: each for each in seen.filter(around).order_by("area_code", "key")}
    above: list[Meeting] = []
    follows = meeting.follows_key
    while follows and len(above) < _LEVELS:
        here = rows.get(follows) or seen.filter(key=follows).first()
        if here is None or here in above:
            break
        above.insert(0, here)
        follows = here.follows_key
    below = [each for each in rows.values() if each.follows_key == meeting.key]
    rest = [each for each in rows.values() if each not in below and each.key != meeting.follows_key]
    return Chain(above, below, rest[0] if rest else None)


def _name_of(field: str) -> Subquery:
    """The name of the user whose key stands in ``field``."""
    return Subquery(User.objects.filter(key=OuterRef(field)).values("display_name")[:1])


def is_decided_in(meeting: Meeting, clause_key: str, *, actor: Actor, at: datetime) -> bool:
    """True when the clause is one of the meeting's, in the actor's area."""
    actor.require(READ)
    rows = Clause.objects.known_at(at).filter(key=clause_key, meeting_key=meeting.key)
    return visible(rows, actor).exists()


def _before(meeting: Meeting, at: datetime) -> QuerySet[Meeting]:
    """The meetings that the same body of the same office held before this one."""
    rows = (
        Meeting.objects.known_at(at)
        .filter(area_code=meeting.area_code, body=meeting.body, state__in=(HELD, CLOSED))
        .exclude(key=meeting.key)
    )
    earlier = Q(held_on__lt=meeting.held_on)
    if meeting.starts_at is not None:
        earlier |= Q(held_on=meeting.held_on, starts_at__lt=meeting.starts_at)
    return rows.filter(earlier)


def minutes_editions(meeting: Meeting, *, actor: Actor, at: datetime) -> list[Edition]:
    """Every edition of the meeting's minutes known at ``at``, the first one first, each as it stood last; one query.

    Empty while nobody has written any, and for a meeting above the actor's area.
    """
    actor.require(READ)
    rows = Document.objects.filter(key=minutes_key_of(meeting.key), known_from__lte=at)
    editions: dict[int, Edition] = {}
    named = visible(rows, actor).annotate(
        writer=KT("content__paper__written_by"),
        writer_name=_name_of("writer"),
        signer_name=_name_of("signed_by"),
    )
    for document in named.order_by("known_from"):
        paper = document.content.get("paper")
        if paper is not None:
            number = int(paper["edition"])
            editions[number] = Edition(
                number,
                paper["written_by"],
                document.signed_by,
                document.writer_name or "",
                document.signer_name or "",
                document.issued_at,
                document.content_hash,
                document.content,
            )
    return [editions[number] for number in sorted(editions)]


def changed_by(meeting: Meeting, *, actor: Actor, at: datetime) -> list[tuple[str, str]]:
    """(theme, what changed for citizens) by answers that name the meeting; one query.

    The voices behind each stand on the pages of ``command/listening``. Raises Forbidden without ``listening.read``.
    """
    actor.require(LISTENS)
    rows = visible(Concern.objects.known_at(at), actor).filter(meeting_key=meeting.key, state=ANSWERED)
    return list(rows.exclude(changed="").order_by("-votes", "key").values_list("theme", "changed"))


def _seen(actor: Actor, at: datetime) -> QuerySet[Meeting]:
    actor.require(READ)
    rows = Meeting.objects.known_at(at)
    if actor.everywhere or not actor.area_code:
        return visible(rows, actor)
    # Who is below may know that the office above meets: it is a branch venue, or carries on what is decided.
    return rows.filter(inside_area(actor.area_code) | Q(area_code__in=ancestors(actor.area_code)))


def _outline(meeting: Meeting) -> Meeting:
    """What an office below may know of a meeting above: no paper, no attendance, no dissent."""
    meeting.agenda = [item | {"paper": {}} for item in meeting.agenda]
    meeting.venues = [venue | {"expected": None, "present": None} for venue in meeting.venues]
    meeting.dissent = []
    return meeting


def _latest_first(rows: QuerySet[Meeting], limit: int, after: str) -> Page[Meeting]:
    """A page from the last day back; a meeting whose day nobody knows comes at the very end."""
    dated = rows.annotate(day=Coalesce("held_on", Value(date.min), output_field=DateField()))
    earlier = dated
    if after:
        text, _, key = after.partition("|")
        try:
            start = date.fromisoformat(text)
        except ValueError:
            raise InputError("page.bad_place", place=after) from None
        earlier = dated.filter(Q(day__lt=start) | Q(day=start, key__gt=key))
    found = list(earlier.order_by("-day", "key")[: limit + 1])
    page, more = found[:limit], len(found) > limit
    total = rows.count() if after or more else len(found)
    return Page(page, total, f"{page[-1].day.isoformat()}|{page[-1].key}" if more else "")
