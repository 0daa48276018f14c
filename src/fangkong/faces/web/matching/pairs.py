"""A pair of people side by side: how near each field is, what is known of either, and names once opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.viewing import Viewing
from fangkong.record import identities
from fangkong.record.access import visible, visible_people
from fangkong.record.models import MatchCandidate, Person, PersonArea, Receipt

#: The compared fields in the order in which one looks at them.
COMPARED = ("name", "id_number", "phone", "birth_year", "sex", "address")
LEVELS = ("exact", "sounds_alike", "slip", "near", "close", "differs", "unknown")

#: Patterns that the filter offers.
_MOST_PATTERNS = 8

_IDENTITY = ("name", "id_number", "phone", "address")


def pattern_of(levels: Mapping[str, str]) -> str:
    """The levels of a pair as one word of an address: "name:exact,phone:slip"."""
    return ",".join(f"{field}:{levels[field]}" for field in COMPARED if field in levels)


def pattern_read(text: str) -> dict[str, str]:
    """The levels that a `pattern_of` names; empty for anything else."""
    parts = [part.partition(":") for part in text.split(",") if part]
    levels = {field: level for field, _, level in parts}
    known = set(levels) <= set(COMPARED) and set(levels.values()) <= set(LEVELS)
    return levels if known and len(levels) == len(parts) else {}


def of_pattern(queue: QuerySet[MatchCandidate], levels: Mapping[str, str]) -> QuerySet[MatchCandidate]:
    """The pairs of ``queue`` with exactly these levels."""
    return queue.filter(**{f"levels__{field}": level for field, level in levels.items()})


def patterns(queue: QuerySet[MatchCandidate], chosen: str) -> list[dict[str, Any]]:
    """The commonest patterns of the queue, each with its number and whether it is the one chosen."""
    rows = queue.order_by().values_list("levels").annotate(n=Count("id")).order_by("-n")[:_MOST_PATTERNS]
    counted: dict[str, tuple[int, Mapping[str, str]]] = {}
    for levels, n in rows:
        code = pattern_of(levels)
        counted[code] = (counted.get(code, (0, levels))[0] + n, levels)
    return [
        {"code": code, "text": pattern_text(levels), "n": n, "here": code == chosen}
        for code, (n, levels) in counted.items()
    ]


def pattern_text(levels: Mapping[str, str]) -> str:
    """The fields that tell something, in words: "name sounds alike, phone the same"."""
    telling = [field for field in COMPARED if levels.get(field, "unknown") not in ("unknown", "differs")]
    against = [field for field in COMPARED if levels.get(field) == "differs"]
    return said("frame.and").join(_level_text(field, levels[field]) for field in (*telling, *against))


def _level_text(field: str, level: str) -> str:
    return said("matching.said", field=said(f"matching.field.{field}"), level=said(f"matching.level.{level}"))


def pair_rows(page: Sequence[MatchCandidate], viewing: Viewing) -> list[dict[str, Any]]:
    """What the page shows of each pair; names only of those whom the reader has opened, every read audited."""
    keys = {key for pair in page for key in (pair.first_key, pair.second_key)}
    people = _people(keys, viewing)
    opened = identities.identities_read(keys, actor=viewing.actor, now=viewing.installation.now())
    return [
        {
            "pair": pair,
            "percent": f"{min(pair.probability, 0.999):.0%}"
            if pair.probability < 0.995
            else said("matching.over_99"),
            "levels": [
                {
                    "field": said(f"matching.field.{field}"),
                    "level": said(f"matching.level.{pair.levels.get(field, 'unknown')}"),
                    "tone": _tone(pair.levels.get(field, "unknown")),
                }
                for field in COMPARED
            ],
            "people": [
                _side(key, people.get(key), opened.get(key)) for key in (pair.first_key, pair.second_key)
            ],
        }
        for pair in page
    ]


def _tone(level: str) -> str:
    return {"exact": "t-ok", "differs": "t-high", "unknown": "muted"}.get(level, "t-mid")


def _side(
    key: str, known: Mapping[str, Any] | None, opened: tuple[dict[str, str], datetime] | None
) -> dict[str, Any]:
    identity = opened[0] if opened else {}
    return {
        "key": key,
        "known": known,
        "until": opened[1] if opened else None,
        "identity": [
            {"label": said(f"matching.field.{field}"), "text": identity.get(field) or said("page.unknown")}
            for field in _IDENTITY
        ]
        if opened
        else [],
    }


def _people(keys: Iterable[str], viewing: Viewing) -> dict[str, dict[str, Any]]:
    """Person key -> what is known of them without a name, of those in the reader's area."""
    wanted = sorted(keys)
    seen = visible_people(
        Person.objects.known_at(viewing.at).filter(key__in=wanted), viewing.actor, at=viewing.at
    )
    rows = {row.key: row for row in seen}
    ties = PersonArea.objects.known_at(viewing.at).filter(person_key__in=list(rows)).order_by("-key")
    area_of = dict(ties.values_list("person_key", "area_code"))
    names = area_names(sorted(set(area_of.values())))
    receipts = visible(
        Receipt.objects.filter(key__in={row.source_key for row in rows.values()}), viewing.actor
    )
    files = {receipt.key: receipt for receipt in receipts}
    return {
        key: {
            "about": said("frame.and").join(
                part
                for part in (
                    coded("page.sex", row.sex.lower()) if row.sex else "",
                    said("matching.born", year=str(row.birth_year)) if row.birth_year else "",
                )
                if part
            )
            or said("page.unknown"),
            "area": names.get(area_of.get(key, ""), ""),
            "since": row.known_from,
            "file": files.get(row.source_key),
        }
        for key, row in rows.items()
    }
