"""Pairs of people who are probably one (`match_pairs` finds them): decided in bulk, merged and parted again.

Nothing recorded under either key is rewritten; reads follow `record.same_people` as of their instant.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from fangkong.core.errors import Conflict, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible, visible_people
from fangkong.record.load import Row, fact_of, load, withdraw
from fangkong.record.locking import lock_name, locked
from fangkong.record.models import (
    MatchCandidate,
    Person,
    SamePerson,
)
from fangkong.record.same_people import person_of

DECIDE = "match.decide"

OPEN, SAME, DIFFERENT = "open", "same", "different"


def match_queue(*, actor: Actor, state: str = OPEN) -> QuerySet[MatchCandidate]:
    """The pairs in ``state`` in the actor's area, the likeliest first. Raises Forbidden without ``match.decide``."""
    actor.require(DECIDE)
    return visible(MatchCandidate.objects.open(), actor).filter(state=state).order_by("-probability", "key")


def match_decide(
    candidate_keys: Iterable[str], *, same: bool, reason: str = "", actor: Actor, at: datetime
) -> int:
    """How many pairs were decided, in one act: ``same`` merges the two, otherwise they stay two for good.

    The person known longer stays; both keys keep all that was recorded under them. Raises Forbidden without
    ``match.decide``, NotFound ``match.unknown`` outside the scope, Conflict ``match.decided`` naming how when somebody
    decided one of them otherwise meanwhile; then none of them is decided.
    """
    actor.require(DECIDE)
    wanted = sorted(set(candidate_keys))
    state = SAME if same else DIFFERENT
    with audit.writing():
        # Two decisions may touch one person under different pairs.
        lock_name("same_people")
        pairs = visible(MatchCandidate.objects.open(), actor).filter(key__in=wanted)
        found = {row.key: row for row in locked(pairs.order_by("key"))}
        if missing := set(wanted) - set(found):
            raise NotFound("match.unknown", key=min(missing))
        if other := [row for row in found.values() if row.state not in (OPEN, state)]:
            raise Conflict("match.decided", match_state=other[0].state)
        pending = [row for row in found.values() if row.state == OPEN]
        if not pending:
            return 0
        load(
            MatchCandidate,
            [_decided(row, state, actor, at) for row in pending],
            actor=actor.key,
            source_key=actor.key,
        )
        if same:
            for row in sorted(pending, key=lambda row: row.key):
                _merge(row, reason, actor, at)
        audit.note(
            actor=actor.key,
            verb="match.same" if same else "match.different",
            object_kind="matchcandidate",
            object_key=f"{wanted[0]}..{wanted[-1]}",
            values=[wanted, reason],
        )
    return len(pending)


def _decided(row: MatchCandidate, state: str, actor: Actor, at: datetime) -> Row:
    """The pair as it stands once decided, and since when: never the very instant at which it was put to the queue."""
    known = max(at, row.known_from + timedelta(microseconds=1))
    return fact_of(row) | {"state": state, "decided_by": actor.key, "known_from": known}


def _merge(pair: MatchCandidate, reason: str, actor: Actor, at: datetime) -> None:
    """Let the person known later be the one known longer, each followed to the key under which it is kept by now."""
    kept = person_of([pair.first_key, pair.second_key], at)
    first, second = kept[pair.first_key], kept[pair.second_key]
    if first == second:
        return
    since = dict(
        Person.objects.filter(key__in=[first, second])
        .order_by("-known_from")
        .values_list("key", "known_from")
    )
    into, gone = sorted((first, second), key=lambda key: (since[key], key))
    row = {
        "key": stable_key("same", gone),
        "person_key": gone,
        "into_key": into,
        "candidate_key": pair.key,
        "decided_by": actor.key,
        "reason": reason.strip()[:200],
    }
    load(SamePerson, [row], actor=actor.key, source_key=actor.key, known_from=at)
    events.emit("person.merged", gone, pair.area_code, at=at, params={"into_key": into})


def match_undo(person_key: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """The merge of ``person_key`` into another is undone: from now on they are two again, and the pair is decided so.

    Raises Forbidden without ``match.decide``, InputError ``match.reason_needed``, NotFound ``match.not_merged``.
    """
    actor.require(DECIDE)
    if not reason.strip():
        raise InputError("match.reason_needed")
    with audit.writing():
        lock_name("same_people")
        merge = SamePerson.objects.open().filter(person_key=person_key).first()
        seen = visible_people(Person.objects.open().filter(key=person_key), actor)
        if merge is None or not seen.exists():
            raise NotFound("match.not_merged")
        withdraw(SamePerson, [merge.key], at=at, actor=actor.key, reason=reason.strip())
        pair = MatchCandidate.objects.open().filter(key=merge.candidate_key).first()
        if pair is not None:
            load(
                MatchCandidate,
                [_decided(pair, DIFFERENT, actor, at)],
                actor=actor.key,
                source_key=actor.key,
            )
        audit.note(
            actor=actor.key,
            verb="match.undo",
            object_kind="person",
            object_key=person_key,
            values=[merge.into_key, reason],
        )
        events.emit("person.parted", person_key, "", at=at, params={"into_key": merge.into_key})


def match_reopen(candidate_keys: Iterable[str], *, reason: str, actor: Actor, at: datetime) -> int:
    """How many pairs that were decided to be two people are to be decided anew.

    Raises Forbidden without ``match.decide``, InputError ``match.reason_needed``, NotFound ``match.unknown``, Conflict
    ``match.decided`` for one that is merged: that is undone by `match_undo`.
    """
    actor.require(DECIDE)
    if not reason.strip():
        raise InputError("match.reason_needed")
    wanted = sorted(set(candidate_keys))
    with audit.writing():
        pairs = visible(MatchCandidate.objects.open(), actor).filter(key__in=wanted)
        found = {row.key: row for row in locked(pairs.order_by("key"))}
        if missing := set(wanted) - set(found):
            raise NotFound("match.unknown", key=min(missing))
        if merged := [row for row in found.values() if row.state == SAME]:
            raise Conflict("match.decided", match_state=merged[0].state)
        pending = [row for row in found.values() if row.state == DIFFERENT]
        if not pending:
            return 0
        rows = [_decided(row, OPEN, actor, at) for row in pending]
        load(MatchCandidate, rows, actor=actor.key, source_key=actor.key)
        audit.note(
            actor=actor.key,
            verb="match.reopen",
            object_kind="matchcandidate",
            object_key=f"{wanted[0]}..{wanted[-1]}",
            values=[wanted, reason],
        )
    return len(pending)
