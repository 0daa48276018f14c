"""What a receipt says in words: how a file was read, why a row is not taken, what was found and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fangkong.desks.intake.mapping import FileMapping
from fangkong.science.tables.parts import Issue

from .catalogue import word

#: Parameters that say where something stands: no quantities, so no separators between thousands.
PLACES = frozenset({"row", "byte", "first_row"})

_OF_ISSUE, _OF_TABLE, _BULLETIN = "issue_", "table:", "bulletin"


def issue_text(issue: Issue, lang: str) -> str:
    """What is wrong and what to do, in a sentence or two."""
    if reason := issue.params.get("reason"):
        return reason_text(str(reason), issue.params, lang)
    return word(f"intake.issue.{issue.code.lower()}", lang)


def reason_text(reason: str, params: Mapping[str, Any], lang: str) -> str:
    """Why a row was held or rejected, and what to do about it."""
    if reason.startswith(_OF_ISSUE):
        return word(f"intake.issue.{reason.removeprefix(_OF_ISSUE).lower()}", lang)
    shown = {
        name: word("frame.and", lang).join(map(str, value)) if isinstance(value, list) else value
        for name, value in with_places(params).items()
    }
    said = word(f"intake.reason.{reason}", lang)
    text = word(
        "intake.reason_and_advice", lang, reason=said, advice=word(f"intake.advice.{reason}", lang, **shown)
    )
    sentence = params.get("sentence")
    return f"{text}{word('intake.quoted', lang, sentence=sentence)}" if sentence else text


def kind_text(mapping: str, mappings: Iterable[FileMapping], lang: str) -> str:
    """How a file was read: the title of its mapping, or the kind of its table."""
    if mapping.startswith(_OF_TABLE) or mapping == _BULLETIN:
        return word(f"intake.kind.{mapping.removeprefix(_OF_TABLE)}", lang)
    titles = {each.code: each.title_zh if lang.startswith("zh") else each.title_en for each in mappings}
    return titles.get(mapping, mapping)


def with_places(params: Mapping[str, Any]) -> dict[str, Any]:
    """``params`` with rows and bytes as plain digits."""
    return {name: str(value) if name in PLACES else value for name, value in params.items()}
