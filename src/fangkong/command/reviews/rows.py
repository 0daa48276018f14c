"""The rows of reviews and gaps: permissions, states, how an open version is found, locked and told of."""

from __future__ import annotations

import tomllib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, InputError, NotFound
from fangkong.record import events
from fangkong.record.access import Actor, visible
from fangkong.record.locking import locked_one

from ..models import Gap, Review

READ, WRITE, CLOSE = "review.read", "review.write", "review.close"

#: States of a review and of a gap.
OPEN, HELD, CLOSED = "open", "held", "closed"
TO_VERIFY = "to_verify"
RUNNING = (OPEN, HELD)
UNCLOSED = (OPEN, TO_VERIFY)

#: The office's limits.
CASE_CLOCK, EVENT_CLOCK, GAP_CLOCK = "review_open", "event_review", "gap_close"

#: The longest text that is kept of one remark, cause or proof.
MOST_CHARACTERS = 2000


@cache
def causes() -> tuple[str, ...]:
    """The codes of root causes, in the order of the form."""
    path = Path(__file__).with_name("causes.toml")
    return tuple(tomllib.loads(path.read_text(encoding="utf-8"))["codes"])


def check_cause(code: str) -> str:
    """The code itself. Raises InputError ``review.unknown_cause``, which names those that there are."""
    if code not in causes():
        raise InputError("review.unknown_cause", given=code[:40], causes=list(causes()))
    return code


def open_review(review_key: str, actor: Actor, permission: str) -> Review:
    """The open version of a review, locked where the engine locks rows.

    Raises NotFound ``review.unknown``, also outside the scope, and Forbidden without ``permission``.
    """
    rows = Review.objects.filter(key=review_key, known_to=FAR_FUTURE)
    review = locked_one(visible(rows, actor))
    if review is None:
        raise NotFound("review.unknown", key=review_key)
    actor.require(permission, review.area_code)
    return review


def open_gap(gap_key: str, actor: Actor, permission: str) -> Gap:
    """The open version of a gap, locked. Raises NotFound ``gap.unknown`` and Forbidden as :func:`open_review`."""
    rows = Gap.objects.filter(key=gap_key, known_to=FAR_FUTURE)
    gap = locked_one(visible(rows, actor))
    if gap is None:
        raise NotFound("gap.unknown", key=gap_key)
    actor.require(permission, gap.area_code)
    return gap


def need_running(review: Review) -> None:
    """Nothing while the review runs. Raises Conflict ``review.is_closed``: its facts and findings are frozen."""
    if review.state not in RUNNING:
        raise Conflict("review.is_closed")


def need_gap(gap: Gap, *states: str) -> None:
    """Nothing in one of ``states``. Raises Conflict ``gap.wrong_state``, which names the state."""
    if gap.state not in states:
        raise Conflict("gap.wrong_state", gap_state=gap.state)


def tell(kind: str, row: Review | Gap, at: datetime, **params: Any) -> None:
    """Tells whoever reacts what happened to ``row``; ``params`` hold keys and codes only."""
    events.emit(kind, row.key, row.area_code, at=at, params=params)
