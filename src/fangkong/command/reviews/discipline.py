"""A review finds causes in how the work is set up: words of discipline and names of colleagues are refused."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import CharField, F, TextField, Value
from django.db.models.functions import Cast, Length

from fangkong.core.errors import InputError
from fangkong.record.models import User

#: Names shorter than this are no names that could be told from other words.
_SHORTEST_NAME = 2


def impersonal(text: str, *, most: int) -> str:
    """``text`` as it is kept: stripped, at most ``most`` characters, about the work and about nobody.

    Raises InputError ``review.words_needed`` for an empty one, ``review.discipline`` naming the word of
    discipline, ``review.names_person`` when it holds the name of a colleague's account.
    """
    words = text.strip()[:most]
    if not words:
        raise InputError("review.words_needed")
    lower = words.lower()
    for term in _settings()["terms"]:
        if term in lower:
            raise InputError("review.discipline", term=term)
    if _names_somebody(words):
        raise InputError("review.names_person")
    return words


def _names_somebody(words: str) -> bool:
    """True when the display name of an account stands in ``words``, unless it is the name of a post. One query."""
    said = Cast(Value(words), TextField())
    rows = User.objects.annotate(said=said, size=Length(Cast(F("display_name"), CharField())))
    found = rows.filter(size__gte=_SHORTEST_NAME, said__contains=F("display_name"))
    posts = tuple(_settings()["post_endings"])
    return any(not name.endswith(posts) for name in found.values_list("display_name", flat=True))


@cache
def _settings() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("discipline.toml").read_text(encoding="utf-8"))
