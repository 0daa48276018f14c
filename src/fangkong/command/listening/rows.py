"""The rows of listening: permissions, states, themes, how an open version is found and told of, figures taken out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, InputError, NotFound
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.load import load
from fangkong.record.locking import lock_name, locked_one
from fangkong.record.models import Versioned

from ..models import Concern, GrassrootsProposal, NewProblem

READ, WRITE, ANSWER = "listening.read", "listening.write", "concern.answer"

#: Who decides on proposals of the grass roots: the roles that hold meetings.
DECIDE = "meeting.write"

#: The office's limits.
PROBLEM_CLOCK, CONCERN_CLOCK = "problem_study", "concern_answer"

OPEN, ANSWERED, OUTSIDE, MERGED = "open", "answered", "outside", "merged"

#: The longest text that is kept of one field.
MOST_CHARACTERS = 2000

#: A row of figures long enough to be somebody's phone, card or identity number, with or without gaps.
_NUMBER = re.compile(r"(?<![\d.])\d(?:[ -]?\d){6,}[\dXx]?(?!\d)")

#: A day written with dashes has as many figures, and leads to nobody.
_DAY = re.compile(r"(?:19|20)\d\d-\d\d?-\d\d?")

#: What stands where such a number stood.
_TAKEN_OUT = "□"

V = TypeVar("V", bound=Versioned)


def words_of(text: str, *, most: int = MOST_CHARACTERS) -> str:
    """``text`` as it is kept: stripped, without numbers that could lead to a person. Raises ``listening.words_needed``.

    >>> words_of(" 我住三号楼，电话 138 0000 0000 ")
    '我住三号楼，电话 □'
    """
    kept = without_numbers(text.strip())[:most]
    if not kept:
        raise InputError("listening.words_needed")
    return kept


def without_numbers(text: str) -> str:
    """``text`` with every number of seven digits or more taken out: no phone, card or identity number is stored."""
    return _NUMBER.sub(lambda found: found[0] if _DAY.fullmatch(found[0]) else _TAKEN_OUT, text)


def themes() -> tuple[str, ...]:
    """The codes of the themes, in the order of the file; the last one is for everything else."""
    return tuple(table()["theme"])


def channels() -> tuple[str, ...]:
    """The codes of the ways in which a concern is heard."""
    return tuple(table()["channels"])


@cache
def table() -> Mapping[str, Any]:
    """``themes.toml`` as it stands."""
    return tomllib.loads(Path(__file__).with_name("themes.toml").read_text(encoding="utf-8"))


def write_new(
    model: type[Versioned], row: Mapping[str, Any], verb: str, *, actor: Actor, at: datetime
) -> bool:
    """True when ``row`` opened its key; False when the key was there already and nothing was written.

    Call it inside ``audit.writing()``, beside whatever follows from the row.
    """
    lock_name(model._meta.label_lower, row["key"])
    if model._default_manager.filter(key=row["key"]).exists():
        return False
    load(model, [dict(row)], actor=actor.key, source_key=actor.key, known_from=at)
    audit.note(
        actor=actor.key,
        verb=verb,
        object_kind=model._meta.model_name or "",
        object_key=row["key"],
        area_code=row["area_code"],
        values=dict(row),
    )
    return True


def held(model: type[V], key: str, code: str, actor: Actor, permission: str) -> V:
    """The open version of ``key``, locked. Raises NotFound ``code``, also outside the scope, and Forbidden."""
    rows = model._default_manager.filter(key=key, known_to=FAR_FUTURE)
    found = locked_one(visible(rows, actor))
    if found is None:
        raise NotFound(code, key=key)
    actor.require(permission, getattr(found, "area_code", ""))
    return found


def need_state(row: Concern | NewProblem | GrassrootsProposal, *states: str) -> None:
    """Nothing in one of ``states``. Raises Conflict ``concern.wrong_state``, ``problem.wrong_state`` or

    ``proposal.wrong_state``, which names the state.
    """
    if row.state in states:
        return
    if isinstance(row, Concern):
        raise Conflict("concern.wrong_state", concern_state=row.state)
    if isinstance(row, NewProblem):
        raise Conflict("problem.wrong_state", problem_state=row.state)
    raise Conflict("proposal.wrong_state", proposal_state=row.state)


def tell(kind: str, row: Any, at: datetime, **params: Any) -> None:
    """Tells whoever reacts what happened to ``row``; ``params`` hold keys and codes only."""
    events.emit(kind, row.key, row.area_code, at=at, params=params)
