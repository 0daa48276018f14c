"""What answers a concern, a problem or a proposal: a confirmed clause, a directive, a duty, a plan or a gap."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from fangkong.core.areas import ancestors
from fangkong.core.errors import InputError
from fangkong.record.access import Actor, inside_area
from fangkong.record.models import Versioned

from ..models import Clause, Directive, DirectiveRecipient, Gap, Plan, StandingDuty

#: Kind -> the noun, the states in which it answers something, and the field that says what it is.
_KINDS: dict[str, tuple[type[Versioned], tuple[str, ...], str]] = {
    "clause": (Clause, ("confirmed",), "text"),
    "directive": (Directive, ("issued", "completed"), "title"),
    "duty": (StandingDuty, ("in_force",), "title"),
    "plan": (Plan, ("in_force",), "title"),
    "gap": (Gap, ("open", "to_verify", "closed"), "title"),
}

#: Nouns that were decided in a meeting and name it.
_OF_A_MEETING = ("clause", "directive", "duty")

#: How much of a clause stands in a list.
_TITLE_LENGTH = 80


@dataclass(frozen=True)
class Reference:
    """One thing that answers: its kind, key and words, and the meeting that it came of ("" for none)."""

    kind: str
    key: str
    title: str
    meeting_key: str = ""


def reference_get(kind: str, key: str, kinds: Iterable[str], *, actor: Actor, at: datetime) -> Reference:
    """The thing that is meant. Raises InputError ``listening.unknown_reference`` for one that is not there,

    is not one of ``kinds``, is a draft or over, or binds somebody else.
    """
    if kind in tuple(kinds) and key:
        for found in _read(kind, actor, at, key=key):
            return found
    raise InputError("listening.unknown_reference", reference_kinds=list(kinds))


def references_offered(
    kinds: Iterable[str], *, actor: Actor, at: datetime, most: int = 30
) -> list[Reference]:
    """The newest ``most`` of each of ``kinds`` that the actor may point at, for a form; one query a kind."""
    return [found for kind in kinds for found in _read(kind, actor, at, most=most)]


def references_named(pairs: Iterable[tuple[str, str]], *, at: datetime) -> dict[str, Reference]:
    """Key -> the thing that an answer names; one query for each kind. The answer was read in the actor's scope."""
    wanted: dict[str, set[str]] = {}
    for kind, key in pairs:
        if kind in _KINDS and key:
            wanted.setdefault(kind, set()).add(key)
    found: dict[str, Reference] = {}
    for kind, keys in sorted(wanted.items()):
        model, _, field = _KINDS[kind]
        rows = model._default_manager.filter(key__in=keys, known_from__lte=at, known_to__gt=at)
        found |= {each.key: each for each in _made(kind, field, rows)}
    return found


def _read(kind: str, actor: Actor, at: datetime, *, key: str = "", most: int = 1) -> list[Reference]:
    model, states, field = _KINDS[kind]
    rows = model._default_manager.filter(known_from__lte=at, known_to__gt=at, state__in=states)
    if key:
        rows = rows.filter(key=key)
    if not actor.everywhere:
        # What the offices above have decided binds here too.
        within = inside_area(actor.area_code) | Q(area_code__in=ancestors(actor.area_code))
        if kind == "directive":
            received = DirectiveRecipient.objects.filter(
                inside_area(actor.area_code),
                known_from__lte=at,
                known_to__gt=at,
                directive_key=OuterRef("key"),
            )
            within = inside_area(actor.area_code) | Exists(received)
        rows = rows.filter(within)
    return _made(kind, field, rows.order_by("-known_from", "key")[:most])


def _made(kind: str, field: str, rows: QuerySet[Versioned]) -> list[Reference]:
    return [
        Reference(
            kind,
            each.key,
            getattr(each, field)[:_TITLE_LENGTH],
            getattr(each, "meeting_key", "") if kind in _OF_A_MEETING else "",
        )
        for each in rows
    ]
