"""One person under several keys: what has been decided, read as of an instant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .models import SamePerson


def person_of(person_keys: Iterable[str], at: datetime | None = None) -> dict[str, str]:
    """Person key -> the key under which the person is kept at ``at`` (None: as is known last); itself if never merged.

    Merges follow one another (a into b, b into c gives c for all three); two queries at most for any number of keys,
    and one more for each further link of the longest chain.
    """
    wanted = set(person_keys)
    kept = {key: key for key in wanted}
    asked = wanted
    while asked:
        merges = SamePerson.objects.open() if at is None else SamePerson.objects.known_at(at)
        into = dict(merges.filter(person_key__in=sorted(asked)).values_list("person_key", "into_key"))
        if not into:
            return kept
        kept = {key: into.get(last, last) for key, last in kept.items()}
        asked = set(into.values()) - asked
    return kept


def keys_of_person(person_key: str, at: datetime) -> list[str]:
    """All keys of the one person whom ``person_key`` names at ``at``, sorted; the key itself among them."""
    (kept,) = person_of([person_key], at).values()
    found, asked = {kept}, {kept}
    while asked:
        merged = SamePerson.objects.known_at(at).filter(into_key__in=sorted(asked))
        asked = set(merged.values_list("person_key", flat=True)) - found
        found |= asked
    return sorted(found)
