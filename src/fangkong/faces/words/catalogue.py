"""The word of a code in Chinese or English, read from the TOML files beside this module.

A code is `room.thing` or `room.thing.value`, for example `order.state.active`. Each file holds tables such as

    ["order.state.active"]
    zh = "生效"
    en = "in force"

English that changes with a count stands as `one|many` and is chosen by the parameter `n`.
"""

from __future__ import annotations

import logging
import os
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.conf import settings

FOLDER = Path(__file__).parent
LANGUAGES = ("zh", "en")

log = logging.getLogger(__name__)


class WordMissing(LookupError):
    """A code has no words, or its words need a parameter that was not given."""


def language(tag: str | None) -> str:
    """`zh` or `en` for any language tag; Chinese when the tag is absent or neither, for the office works in
    it.

    >>> language("zh-hans"), language("en-GB"), language(None)
    ('zh', 'en', 'zh')
    """
    return "en" if (tag or "").lower().startswith("en") else "zh"


@cache
def _entries() -> dict[str, dict[str, str]]:
    return read(FOLDER.glob("*.toml"))


def read(files: Iterable[Path]) -> dict[str, dict[str, str]]:
    """Code to `{"zh": ..., "en": ...}` of several TOML files.

    Raises `ValueError` naming file and code when a code stands in two files: one of them would silently win.
    """
    found: dict[str, dict[str, str]] = {}
    for file in sorted(files):
        for code, words in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if code in found:
                raise ValueError(f"{file.name}: the code {code} already has words in another file; keep one.")
            found[code] = words
    return found


def codes() -> frozenset[str]:
    """Every code that has words."""
    return frozenset(_entries())


def has_word(code: str) -> bool:
    """Whether a code has words; for places that may show a code of a user's own pack."""
    return code in _entries()


def text(code: str, lang: str | None) -> str:
    """The unfilled words of a code, for a browser that fills them itself. Raises `KeyError` without words."""
    return _entries()[code][language(lang)]


def word(code: str, lang: str | None, /, **params: object) -> str:
    """The words of `code` in `lang`, with `{name}` filled from `params`.

    `lang` is any language tag (`zh-hans`, `en`). Whole numbers are written with thousands separators and
    all their digits; pass a string for what is not a quantity (a year, a row id). English `one|many` takes
    the first form when `n` is 1.

    A code without words, or a missing parameter, raises `WordMissing` in tests and under DEBUG; in
    production it is logged and the page shows the code between ‹ ›, for a tired officer needs the rest of
    the page.

    >>> word("count.case", "en", n=1), word("count.case", "en", n=1284), word("count.case", "zh-hans", n=46)
    ('1 case', '1,284 cases', '46 例')
    """
    try:
        words = text(code, lang)
    except KeyError:
        return _missing(code, f"no words for the code {code}; add it to a file in faces/words")
    if "|" in words:
        one, many = words.split("|", 1)
        words = one if params.get("n") == 1 else many
    shown = {k: f"{v:,}" if isinstance(v, int) and not isinstance(v, bool) else v for k, v in params.items()}
    try:
        return words.format(**shown)
    except KeyError as absent:
        return _missing(code, f"the words of {code} need the parameter {absent}")


def _missing(code: str, reason: str) -> str:
    if settings.DEBUG or "PYTEST_CURRENT_TEST" in os.environ:
        raise WordMissing(reason)
    log.error(reason)
    return f"‹{code}›"
