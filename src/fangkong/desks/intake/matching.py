"""People who are probably one: pairs put to a person, decided in bulk, merged and parted again.

Nothing waits for it: a row whose person nobody knows by number opens a person of its own, and the pair is asked about
afterwards. Nothing recorded under either key is rewritten; reads follow `record.same_people` as of their instant.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.db import connection
from django.db.models import Q, QuerySet

from fangkong.core.errors import Conflict, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.core.killpoints import kill_point
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible, visible_people
from fangkong.record.identities import identities_compare, normalise
from fangkong.record.load import Row, fact_of, load, withdraw
from fangkong.record.locking import lock_name, locked
from fangkong.record.models import (
    IdentityDigest,
    MatchCandidate,
    Person,
    PersonArea,
    Receipt,
    SamePerson,
)
from fangkong.record.pinyin import pinyin
from fangkong.record.same_people import person_of
from fangkong.science.linkage import Pair, Record, model_version, probable_pairs

from .staged_files import folder_of

DECIDE = "match.decide"

OPEN, SAME, DIFFERENT = "open", "same", "different"

_CHUNK_MATCHED = kill_point("match.chunk_queued")

#: Persons of a receipt whose neighbours are looked for together.
_CHUNK = 2000

#: Lies beside a receipt's staged form once its people have been compared, and how many receipts are looked at for it.
_MATCHED, _LATEST = "matched", 100


@cache
def _limits() -> dict[str, int]:
    path = Path(__file__).with_name("matching.toml")
    found: dict[str, int] = tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def matches_pending_find(*, actor: Actor) -> int:
    """How many pairs were put to the queue for receipts whose people have not been compared to their end yet.

    Called when a file has been received: what a kill left open is made up for with the next file.
    """
    latest = Receipt.objects.filter(state="applied", withdrawn_at=None).order_by("-id")[:_LATEST]
    count = 0
    for receipt in reversed(latest):
        folder = folder_of(receipt.sha256, receipt.key)
        if folder.is_dir() and not (folder / _MATCHED).exists():
            # As of the receipt's own instant, so that a file received anew after a kill asks the same.
            count += match_candidates_find(receipt.key, actor=actor, at=receipt.known_at)
            (folder / _MATCHED).touch(mode=0o600)
    return count


def match_candidates_find(receipt_key: str, *, actor: Actor, at: datetime) -> int:
    """How many pairs that the receipt's new people may make with others were put to the queue; idempotent.

    A pair that somebody has decided is never asked about again. Runs in chunks, and may be killed at any point.
    """
    fresh = list(
        Person.objects.open().filter(source_key=receipt_key).order_by("key").values_list("key", flat=True)
    )
    count = 0
    for start in range(0, len(fresh), _CHUNK):
        count += _find_chunk(fresh[start : start + _CHUNK], receipt_key, actor, at)
        _CHUNK_MATCHED.passed()
    return count


def _find_chunk(fresh: Sequence[str], receipt_key: str, actor: Actor, at: datetime) -> int:
    near = _neighbours(fresh)
    if not near:
        return 0
    keys = sorted({key for pair in near for key in pair})
    identities = identities_compare(keys, actor=actor)
    people = {row.key: row for row in Person.objects.open().filter(key__in=keys)}
    records = [
        _record(key, identities[key], people[key]) for key in keys if key in identities and key in people
    ]
    wanted = frozenset(near)
    found = [
        pair for pair in probable_pairs(records, fresh=fresh) if (pair.first_key, pair.second_key) in wanted
    ]
    return _queue(found, receipt_key, actor, at)


def _neighbours(fresh: Sequence[str]) -> set[tuple[str, str]]:
    """Pairs, keys in order, of one of ``fresh`` with anybody who shares a phone, or a name or its sound.

    A name or phone borne by more people than the limit tells nobody from anybody, and is left out.
    """
    table = connection.ops.quote_name(IdentityDigest._meta.db_table)
    pairs: set[tuple[str, str]] = set()
    limit = _limits()["most_holders"]
    with connection.cursor() as cursor:
        for start in range(0, len(fresh), 500):
            some = list(fresh[start : start + 500])
            marks = ", ".join(["%s"] * len(some))
            cursor.execute(
                f"SELECT mine.person_key, other.person_key FROM {table} mine "  # noqa: S608 (the table's own name)
                f"JOIN {table} other ON other.kind = mine.kind AND other.digest = mine.digest "
                f"AND other.person_key <> mine.person_key "
                f"WHERE mine.kind IN ('phone', 'name', 'pinyin') AND mine.person_key IN ({marks}) "
                f"AND (SELECT count(*) FROM (SELECT 1 FROM {table} held WHERE held.kind = mine.kind "
                f"AND held.digest = mine.digest LIMIT {limit + 1}) few) <= {limit}",
                some,
            )
            pairs |= {(min(mine, other), max(mine, other)) for mine, other in cursor.fetchall()}
    return pairs


def _record(key: str, identity: dict[str, str], person: Person) -> Record:
    name = identity.get("name", "")
    return Record(
        key,
        normalise("name", name),
        pinyin(name) if name else "",
        normalise("id_number", identity.get("id_number", "")),
        normalise("phone", identity.get("phone", "")),
        person.birth_year,
        person.sex,
        normalise("address", identity.get("address", "")),
    )


def _queue(pairs: Sequence[Pair], receipt_key: str, actor: Actor, at: datetime) -> int:
    rows = {stable_key("match", pair.first_key, pair.second_key): pair for pair in pairs}
    with audit.writing():
        known = set(MatchCandidate.objects.filter(key__in=list(rows)).values_list("key", flat=True))
        merged = person_of({key for pair in pairs for key in (pair.first_key, pair.second_key)}, at)
        areas = _areas({pair.second_key for pair in pairs} | {pair.first_key for pair in pairs})
        new: list[Row] = [
            {
                "key": key,
                "first_key": pair.first_key,
                "second_key": pair.second_key,
                "probability": round(pair.probability, 6),
                "levels": pair.levels,
                "model_version": model_version(),
                "receipt_key": receipt_key,
                "area_code": areas.get(pair.second_key) or areas.get(pair.first_key, ""),
                "state": OPEN,
            }
            for key, pair in rows.items()
            if key not in known and merged[pair.first_key] != merged[pair.second_key]
        ]
        if new:
            load(MatchCandidate, new, actor=actor.key, source_key=receipt_key, known_from=at)
            events.emit("match.proposed", receipt_key, "", at=at, params={"n": len(new)})
    return len(new)


def _areas(person_keys: Iterable[str]) -> dict[str, str]:
    ties = PersonArea.objects.open().filter(person_key__in=sorted(person_keys)).order_by("-key")
    return dict(ties.values_list("person_key", "area_code"))


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


def merges_of(person_keys: Iterable[str], *, actor: Actor, at: datetime) -> QuerySet[SamePerson]:
    """The merges known at ``at`` that touch any of ``person_keys``, for the page of a person."""
    actor.require("contact.read")
    wanted = sorted(set(person_keys))
    return (
        SamePerson.objects.known_at(at)
        .filter(Q(person_key__in=wanted) | Q(into_key__in=wanted))
        .order_by("key")
    )
