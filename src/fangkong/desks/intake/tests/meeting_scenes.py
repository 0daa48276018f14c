"""Two people decide at once whether two records are one person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from fangkong.desks.intake.matching import match_decide, match_undo
from fangkong.record.access import Actor, actor_of
from fangkong.record.actions import user_create
from fangkong.record.load import load
from fangkong.record.models import Event, MatchCandidate, Person, PersonArea, SamePerson
from fangkong.record.tests.two_people import Scene

AT = datetime(2022, 4, 20, 8, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def tracer(name: str) -> Actor:
    """Somebody of the investigation group."""
    key = user_create(
        name,
        "long enough 1",
        role="investigation_group",
        area_code="9901",
        display_name=name,
        actor="test",
    )
    return actor_of(key)


def asked(*pairs: tuple[str, str]) -> list[str]:
    """The keys of the pairs put to the queue, of people known one day after another."""
    people = sorted({key for pair in pairs for key in pair})
    for day, key in enumerate(people, start=-30):
        since = AT + timedelta(days=day)
        load(Person, [{"key": key}], actor="test", source_key="t", known_from=since)
        tie = {"key": f"tie-{key}", "person_key": key, "kind": "home", "area_code": "990101001"}
        load(PersonArea, [tie], actor="test", source_key="t", known_from=since)
    rows = [
        {
            "key": f"pair-{first}-{second}",
            "first_key": first,
            "second_key": second,
            "area_code": "990101001",
            "probability": 0.9,
            "state": "open",
        }
        for first, second in pairs
    ]
    load(MatchCandidate, rows, actor="test", source_key="t", known_from=AT)
    return [str(row["key"]) for row in rows]


def stands() -> tuple[list[str], int, int]:
    """The states of the pairs, how many merges stand, and how many were told of."""
    pairs = sorted(MatchCandidate.objects.open().values_list("state", flat=True))
    told = Event.objects.filter(kind="person.merged").count()
    return pairs, SamePerson.objects.open().count(), told


def part_what_another_merges() -> Scene:
    keys = asked(("a", "b"))
    first = partial(match_decide, keys, same=True, actor=tracer("one"), at=LATER)
    return first, partial(match_decide, keys, same=False, actor=tracer("two"), at=LATER), stands


def merge_what_another_parts() -> Scene:
    keys = asked(("a", "b"))
    first = partial(match_decide, keys, same=False, actor=tracer("one"), at=LATER)
    return first, partial(match_decide, keys, same=True, actor=tracer("two"), at=LATER), stands


def merge_the_same_pair() -> Scene:
    keys = asked(("a", "b"))
    first, second = (
        partial(match_decide, keys, same=True, actor=tracer(name), at=LATER) for name in ("one", "two")
    )
    return first, second, stands


def merge_one_person_with_two() -> Scene:
    """The youngest record is merged with either of two others at once: it follows both, in one chain."""
    keys = asked(("a", "c"), ("b", "c"))
    first, second = (
        partial(match_decide, [key], same=True, actor=tracer(name), at=LATER)
        for key, name in zip(keys, ("one", "two"), strict=True)
    )
    return first, second, stands


def undo_one_merge_twice() -> Scene:
    keys = asked(("a", "b"))
    match_decide(keys, same=True, actor=tracer("zero"), at=LATER)
    first, second = (
        partial(match_undo, "b", reason="twins", actor=tracer(name), at=LATER + timedelta(hours=1))
        for name in ("one", "two")
    )
    return first, second, stands


SCENES = {
    scene.__name__: scene
    for scene in (
        part_what_another_merges,
        merge_what_another_parts,
        merge_the_same_pair,
        merge_one_person_with_two,
        undo_one_merge_twice,
    )
}
