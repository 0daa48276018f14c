"""People who are probably one: the pairs that a receipt's new people make with others, put to the queue.

Nothing waits for it: a row whose person nobody knows by number opens a person of its own, and the pair is asked about
afterwards (`matching`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.keys import stable_key
from fangkong.core.killpoints import kill_point
from fangkong.record import audit, events
from fangkong.record.access import Actor
from fangkong.record.columns import among, pieces
from fangkong.record.identities import identities_compare
from fangkong.record.identity_index import NO_DIGEST, digests_of, holders_of, marks_of, normalise
from fangkong.record.load import Row, load
from fangkong.record.models import MatchCandidate, Person, PersonArea, Receipt
from fangkong.record.pinyin import pinyin
from fangkong.record.same_people import person_of
from fangkong.science.linkage import Pair, Record, hidden, model_version, probable_pairs, reachable

from .matching import OPEN
from .staged_files import folder_of

_CHUNK_MATCHED = kill_point("match.chunk_queued")

#: Records that are weighed together, at least; and people who are read together.
_WEIGHED, _READ = 2000, 20_000

#: Lies beside a receipt's staged form once its people have been compared, and how many receipts are looked at for it.
_MATCHED, _LATEST = "matched", 100

_NOBODY: dict[str, str] = {}


@cache
def _limits() -> dict[str, int]:
    path = Path(__file__).with_name("match_pairs.toml")
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
    fresh = frozenset(
        Person.objects.open().filter(source_key=receipt_key).values_list("key", flat=True).iterator(2000)
    )
    count = 0
    near: set[tuple[str, str]] = set()
    records: dict[str, Record] = {}
    for groups in _batches(_groups_near(fresh)):
        pairs, found = _reachable(groups, fresh, actor)
        near |= pairs
        records |= found
        if len(records) >= _WEIGHED:
            count += _weigh(near, records.values(), receipt_key, actor, at)
            near, records = set(), {}
    return count + _weigh(near, records.values(), receipt_key, actor, at)


def _weigh(
    near: Collection[tuple[str, str]],
    records: Collection[Record],
    receipt_key: str,
    actor: Actor,
    at: datetime,
) -> int:
    """How many of the pairs the model holds probable: those are put to the queue."""
    found = [pair for pair in probable_pairs(records) if (pair.first_key, pair.second_key) in near]
    queued = _queue(found, receipt_key, actor, at) if found else 0
    _CHUNK_MATCHED.passed()
    return queued


def _groups_near(fresh: frozenset[str]) -> Iterator[list[str]]:
    """Groups of people, some of them ``fresh``, who share a phone, or a name or its sound.

    A name or phone borne by more people than the limit tells nobody from anybody, and is left out. Each group is
    read once, whichever of its people are new.
    """
    limit = _limits()["most_holders"]
    mine = digests_of(sorted(fresh))
    crowded: list[bytes] = []
    for kind in ("phone", "pinyin", "name"):
        # Who shares the name shares its sound: names are asked about only where too many share the sound.
        asked = mine["name"][np.isin(mine["pinyin"], crowded)] if kind == "name" else mine[kind]
        left_out: list[bytes] = []
        yield from _groups(kind, np.unique(asked[asked != NO_DIGEST]), limit, left_out)
        crowded = left_out


def _groups(kind: str, digests: NDArray[Any], limit: int, left_out: list[bytes]) -> Iterator[list[str]]:
    """The people of each digest that several bear, those that too many do are told in ``left_out``."""
    for start in range(0, len(digests), 1000):
        shared = holders_of(kind, digests[start : start + 1000].tolist(), most=limit)
        left_out += shared.crowded
        yield from shared.groups


def _batches(groups: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    batch: list[list[str]] = []
    people = 0
    for group in groups:
        batch.append(group)
        people += len(group)
        if people >= _READ:
            yield batch
            batch, people = [], 0
    if batch:
        yield batch


def _reachable(
    groups: list[list[str]], fresh: frozenset[str], actor: Actor
) -> tuple[set[tuple[str, str]], dict[str, Record]]:
    """The pairs within each group, keys in order, one of them new, that the model may hold probable; their records."""
    groups = [group for group in groups if not fresh.isdisjoint(group)]
    keys = sorted({key for group in groups for key in group})
    places = {key: place for place, key in enumerate(keys)}
    new = np.fromiter((key in fresh for key in keys), dtype=bool, count=len(keys))
    by_size: dict[int, list[list[int]]] = {}
    for group in groups:
        by_size.setdefault(len(group), []).append([places[key] for key in group])
    lefts, rights = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for size, members in by_size.items():
        first, second = np.triu_indices(size, 1)
        matrix = np.array(members, dtype=np.intp)
        lefts.append(matrix[:, first].ravel())
        rights.append(matrix[:, second].ravel())
    left, right = np.concatenate(lefts), np.concatenate(rights)
    keep = new[left] | new[right]
    left, right = left[keep], right[keep]
    if not len(left):
        return set(), {}
    people = _plain_facts(keys)
    columns: dict[str, Sequence[Any]] = {
        "birth_year": [people[key][0] if key in people else None for key in keys],
        "sex": [people[key][1] if key in people else "" for key in keys],
    }
    keep = reachable(columns, (left, right), marks_of(keys))
    # Most namesakes end here, by the marks of their numbers: only the identities of the others are opened.
    keys, columns, left, right = _narrowed(keys, columns, left[keep], right[keep])
    identities = identities_compare(keys, actor=actor)
    held = [identities.get(key, _NOBODY) for key in keys]
    columns |= {name: [_plainly(name, each) for each in held] for name in ("id_number", "phone")}
    keep = reachable(columns, (left, right))
    # What remains is little: only of those are names and addresses looked at.
    keys, columns, left, right = _narrowed(keys, columns, left[keep], right[keep])
    held = [identities.get(key, _NOBODY) for key in keys]
    columns |= {name: [_plainly(name, each) for each in held] for name in ("name", "address")}
    keep = reachable(columns, (left, right))
    pairs = {
        (min(keys[first], keys[second]), max(keys[first], keys[second]))
        for first, second in zip(left[keep].tolist(), right[keep].tolist(), strict=True)
    }
    wanted = {key for pair in pairs for key in pair}
    return pairs, {
        key: _record(key, identities[key], people[key])
        for key in wanted
        if key in identities and key in people
    }


def _narrowed(
    keys: list[str], columns: dict[str, Sequence[Any]], left: NDArray[np.intp], right: NDArray[np.intp]
) -> tuple[list[str], dict[str, Sequence[Any]], NDArray[np.intp], NDArray[np.intp]]:
    """The keys and columns of those alone who stand in a pair, and the pairs by their places among them."""
    chosen, places = np.unique(np.concatenate([left, right]), return_inverse=True)
    kept = chosen.tolist()
    few: dict[str, Sequence[Any]] = {
        name: [values[place] for place in kept] for name, values in columns.items()
    }
    left, right = np.split(places, 2)
    return [keys[place] for place in kept], few, left, right


def _plain_facts(keys: Sequence[str]) -> dict[str, tuple[int | None, str]]:
    """Person key -> year of birth and sex, as they are known last."""
    found: dict[str, tuple[int | None, str]] = {}
    table = connection.ops.quote_name(Person._meta.db_table)
    far = Person._meta.get_field("known_to").get_db_prep_save(FAR_FUTURE, connection)
    with connection.cursor() as cursor:
        for listed in pieces(keys):
            those, parameters = among("key", listed)
            cursor.execute(
                f"SELECT key, birth_year, sex FROM {table} WHERE {those} AND known_to = %s",  # noqa: S608
                [*parameters, far],
            )
            found.update({key: (birth_year, sex) for key, birth_year, sex in cursor.fetchall()})
    return found


def _record(key: str, identity: dict[str, str], person: tuple[int | None, str]) -> Record:
    name = identity.get("name", "")
    return Record(
        key,
        _plainly("name", identity),
        pinyin(name) if name else "",
        _plainly("id_number", identity),
        _plainly("phone", identity),
        *person,
        _plainly("address", identity),
    )


def _plainly(field: str, identity: dict[str, str]) -> str:
    """The field in the form in which it is compared; "" for one that is masked, whose digits would close up."""
    value = identity.get(field, "")
    return normalise(field, value) if value and not hidden(value) else ""


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
