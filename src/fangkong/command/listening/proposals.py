"""Proposals of the grass roots: a way that somebody below found, tried somewhere, then adopted or declined."""

from __future__ import annotations

from datetime import datetime

from fangkong.core.errors import Conflict
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.load import revise

from ..models import GrassrootsProposal
from .references import reference_get
from .rows import DECIDE, WRITE, held, need_state, tell, words_of, write_new

#: What may adopt a proposal.
ADOPTS = ("directive", "duty", "plan")

PROPOSED, TRIED, ADOPTED, DECLINED = "proposed", "tried", "adopted", "declined"

_TITLE_LENGTH = 200
_UNKNOWN = "proposal.unknown"


def proposal_make(*, title: str, words: str, area_code: str, actor: Actor, at: datetime) -> str:
    """The key of the proposal, made once: the same title from the same person again gives the same proposal.

    Raises Forbidden without ``listening.write`` in the area, InputError ``listening.words_needed``.
    """
    actor.require(WRITE, area_code)
    named = words_of(title, most=_TITLE_LENGTH)
    row = {
        "key": stable_key("proposal", area_code, actor.key, named),
        "title": named,
        "words": words_of(words),
        "area_code": area_code,
        "proposed_by": actor.key,
        "state": PROPOSED,
    }
    with audit.writing():
        write_new(GrassrootsProposal, row, "proposal.make", actor=actor, at=at)
    return str(row["key"])


def proposal_tried(key: str, *, tried_in: str, result: str, actor: Actor, at: datetime) -> None:
    """Where it was tried and what came of it. Raises NotFound ``proposal.unknown``, Forbidden without

    ``listening.write``, Conflict ``proposal.wrong_state`` once it is decided, InputError ``listening.words_needed``.
    """
    where, what = words_of(tried_in, most=_TITLE_LENGTH), words_of(result)
    with audit.writing():
        proposal = held(GrassrootsProposal, key, _UNKNOWN, actor, WRITE)
        need_state(proposal, PROPOSED, TRIED)
        if (proposal.tried_in, proposal.result) != (where, what):
            changes = {"tried_in": where, "result": what, "state": TRIED}
            revise(proposal, at=at, actor=actor.key, verb="proposal.tried", **changes)


def proposal_adopt(
    key: str, *, adopted_in_kind: str, adopted_in_key: str, answer: str = "", actor: Actor, at: datetime
) -> None:
    """The proposal is taken up in a directive, duty or plan, by another person than whoever made it.

    Raises NotFound ``proposal.unknown``, Forbidden without ``meeting.write`` in its area, Conflict
    ``proposal.wrong_state`` or ``proposal.two_people``, InputError ``listening.unknown_reference``.
    """
    with audit.writing():
        proposal = _to_decide(key, actor)
        reference_get(adopted_in_kind, adopted_in_key, ADOPTS, actor=actor, at=at)
        changes = {"adopted_in_kind": adopted_in_kind, "adopted_in_key": adopted_in_key}
        _decide(proposal, ADOPTED, answer.strip(), actor, at, **changes)


def proposal_decline(key: str, answer: str, *, actor: Actor, at: datetime) -> None:
    """The proposal is not taken up, with the reason. Raises as :func:`proposal_adopt`, ``listening.words_needed``."""
    why = words_of(answer)
    with audit.writing():
        _decide(_to_decide(key, actor), DECLINED, why, actor, at)


def _to_decide(key: str, actor: Actor) -> GrassrootsProposal:
    proposal = held(GrassrootsProposal, key, _UNKNOWN, actor, DECIDE)
    need_state(proposal, PROPOSED, TRIED)
    if actor.everywhere or proposal.proposed_by == actor.key:
        raise Conflict("proposal.two_people")
    return proposal


def _decide(
    proposal: GrassrootsProposal, state: str, answer: str, actor: Actor, at: datetime, **more: str
) -> None:
    changes = {"state": state, "answer": answer, "decided_by": actor.key} | more
    revise(proposal, at=at, actor=actor.key, verb="proposal.decide", **changes)
    tell("proposal.decided", proposal, at, state=state)
