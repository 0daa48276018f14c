"""Reads on what comes from below, by knowledge (``at``) and within the actor's scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, visible
from fangkong.record.models import Versioned
from fangkong.record.paging import Page, keyset_page

from ..models import Concern, GrassrootsProposal, NewProblem
from .references import Reference, references_named
from .rows import ANSWERED, MERGED, OPEN, READ, WRITE

V = TypeVar("V", bound=Versioned)


@dataclass(frozen=True)
class Voices:
    """A matter's concerns together: how many voices, votes and rude ones, itself among them."""

    voices: int = 1
    votes: int = 0
    rude: int = 0


@dataclass(frozen=True)
class ThemeCount:
    """One theme: matters still open, all matters, voices and votes, and the rude ones among the voices."""

    theme: str
    open: int
    matters: int
    voices: int
    votes: int
    rude: int


@dataclass(frozen=True)
class Changed:
    """What changed for citizens by one meeting's decision: published words, the decision, the voices behind it."""

    concern_key: str
    theme: str
    changed: str
    answer: str
    reference: Reference | None
    voices: Voices


def concerns_list(
    *, actor: Actor, at: datetime, state: str = OPEN, theme: str = "", limit: int = 50, after: str = ""
) -> Page[Concern]:
    """The matters that the actor sees, the oldest first; what is merged stands with its matter.

    Raises Forbidden without ``listening.read``.
    """
    rows = _read(Concern, actor, at).filter(same_as_key="")
    if state:
        rows = rows.filter(state=state)
    if theme:
        rows = rows.filter(theme=theme)
    return keyset_page(rows, "voiced_on", date.fromisoformat, limit=limit, after=after)


def voices_of(concerns: Iterable[Concern], *, actor: Actor, at: datetime) -> dict[str, Voices]:
    """Key -> the voices and summed votes of each matter; one query for any number."""
    heads = {each.key: each for each in concerns}
    rows = _read(Concern, actor, at).filter(same_as_key__in=heads).order_by()
    counted = rows.values("same_as_key").annotate(
        n=Count("id"), votes_n=Sum("votes"), rude_n=Count("id", filter=Q(rude=True))
    )
    merged = {row["same_as_key"]: row for row in counted}
    nothing = {"n": 0, "votes_n": 0, "rude_n": 0}
    return {
        key: Voices(
            1 + merged.get(key, nothing)["n"],
            each.votes + merged.get(key, nothing)["votes_n"],
            int(each.rude) + merged.get(key, nothing)["rude_n"],
        )
        for key, each in heads.items()
    }


def concern_themes(*, actor: Actor, at: datetime) -> list[ThemeCount]:
    """The themes with the most votes first; one query. A merged concern counts in the theme of its matter."""
    head = Concern.objects.known_at(at).filter(key=OuterRef("same_as_key")).values("theme")[:1]
    rows = _read(Concern, actor, at).order_by().annotate(of=Coalesce(Subquery(head), F("theme")))
    counted = rows.values("of").annotate(
        voices=Count("id"),
        matters=Count("id", filter=~Q(state=MERGED)),
        open_n=Count("id", filter=Q(state=OPEN)),
        votes_n=Sum("votes"),
        rude_n=Count("id", filter=Q(rude=True)),
    )
    found = [
        ThemeCount(
            row["of"], row["open_n"], row["matters"], row["voices"], row["votes_n"] or 0, row["rude_n"]
        )
        for row in counted
    ]
    return sorted(found, key=lambda each: (-each.votes, -each.voices, each.theme))


def concern_get(key: str, *, actor: Actor, at: datetime) -> Concern:
    """The concern as it was known at ``at``. Raises NotFound ``concern.unknown``, also outside the scope."""
    found = _read(Concern, actor, at).filter(key=key).first()
    if found is None:
        raise NotFound("concern.unknown", key=key)
    return found


def concerns_merged_into(key: str, *, actor: Actor, at: datetime, most: int = 50) -> list[Concern]:
    """The concerns that are the same matter as ``key``, those with the most votes first."""
    rows = _read(Concern, actor, at).filter(same_as_key=key)
    return list(rows.order_by("-votes", "key")[:most])


def concerns_like(concern: Concern, *, actor: Actor, at: datetime, most: int = 30) -> list[Concern]:
    """Open matters of the same theme, which may be the same matter; those with the most votes first."""
    rows = _read(Concern, actor, at).filter(state=OPEN, theme=concern.theme).exclude(key=concern.key)
    return list(rows.order_by("-votes", "key")[:most])


def changed_for_citizens(meeting_key: str, *, actor: Actor, at: datetime) -> list[Changed]:
    """What changed for citizens by the decisions of a meeting, the matter with the most votes first.

    Only answers that say in words what changed; [] for a meeting that answered no concern, which its page then
    says. Four queries or fewer. Raises Forbidden without ``listening.read``.
    """
    rows = _read(Concern, actor, at).filter(meeting_key=meeting_key, state=ANSWERED).exclude(changed="")
    found = list(rows.order_by("key")) if meeting_key else []
    voices = voices_of(found, actor=actor, at=at) if found else {}
    named = references_named([(each.answered_in_kind, each.answered_in_key) for each in found], at=at)
    changed = [
        Changed(
            each.key,
            each.theme,
            each.changed,
            each.answer,
            named.get(each.answered_in_key),
            voices[each.key],
        )
        for each in found
    ]
    return sorted(changed, key=lambda each: (-each.voices.votes, -each.voices.voices, each.concern_key))


def problems_list(
    *, actor: Actor, at: datetime, state: str = "", limit: int = 50, after: str = ""
) -> Page[NewProblem]:
    """The new problems that the actor sees, the next to be studied first. Raises as :func:`concerns_list`."""
    rows = _read(NewProblem, actor, at)
    if state:
        rows = rows.filter(state=state)
    return keyset_page(rows, "due_at", datetime.fromisoformat, limit=limit, after=after)


def problem_get(key: str, *, actor: Actor, at: datetime) -> NewProblem:
    """The problem as it was known at ``at``. Raises NotFound ``problem.unknown``, also outside the scope."""
    found = _read(NewProblem, actor, at).filter(key=key).first()
    if found is None:
        raise NotFound("problem.unknown", key=key)
    return found


def proposals_list(
    *, actor: Actor, at: datetime, state: str = "", limit: int = 50, after: str = ""
) -> Page[GrassrootsProposal]:
    """The proposals that the actor sees, the oldest first. Raises as :func:`concerns_list`."""
    rows = _read(GrassrootsProposal, actor, at)
    if state:
        rows = rows.filter(state=state)
    return keyset_page(rows, "known_from", datetime.fromisoformat, limit=limit, after=after)


def proposal_get(key: str, *, actor: Actor, at: datetime) -> GrassrootsProposal:
    """The proposal as it was known at ``at``. Raises NotFound ``proposal.unknown``, also outside the scope."""
    found = _read(GrassrootsProposal, actor, at).filter(key=key).first()
    if found is None:
        raise NotFound("proposal.unknown", key=key)
    return found


def own_entries(
    *, actor: Actor, at: datetime, most: int = 20
) -> tuple[list[NewProblem], list[GrassrootsProposal]]:
    """What the actor has raised and proposed, the newest first: for whoever enters here without reading the rest.

    Raises Forbidden without ``listening.write``.
    """
    actor.require(WRITE)
    problems = NewProblem.objects.known_at(at).filter(raised_by=actor.key).order_by("-raised_at", "key")
    proposals = GrassrootsProposal.objects.known_at(at).filter(proposed_by=actor.key)
    return list(problems[:most]), list(proposals.order_by("-known_from", "key")[:most])


def _read(model: type[V], actor: Actor, at: datetime) -> QuerySet[V]:
    actor.require(READ)
    rows = model._default_manager.filter(known_from__lte=at, known_to__gt=at)
    return visible(rows, actor)
