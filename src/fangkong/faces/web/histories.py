"""The history of one thing of the record, as its page lists it: each version, and who brought it about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fangkong.record.models.versioned import Versioned


def history_rows(versions: Iterable[Versioned], people: Mapping[str, str]) -> list[dict[str, Any]]:
    """[{version, by}] in the order given; ``people`` names the ``source_key`` of each, "" where it does not."""
    return [{"version": each, "by": people.get(each.source_key, "")} for each in versions]
