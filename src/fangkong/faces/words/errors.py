"""The sentence of an error: its code in the page's language, with roles and permissions in words."""

from __future__ import annotations

from collections.abc import Iterable

from fangkong.core.errors import FangkongError
from fangkong.faces.words import catalogue

#: Roles named in a refusal: whoever reads it asks one of them, and a longer list is not read at all.
MOST_LISTED = 5

#: Parameters that hold codes, and under which prefix their words stand.
PREFIXES = {
    "permission": "permission",
    "category": "retention.category",
    "role": "role",
    "roles": "role",
    "reason": "intake.reason",
    "rank": "order.rank",
    "required_rank": "order.rank",
    "gate": "order.gate",
    "gates": "order.gate",
    "ground": "appeal.ground",
    "grounds": "appeal.ground",
}


def error_text(error: FangkongError, lang: str | None) -> str:
    """What an error says to the person who gets it, in `lang`.

    Role and permission codes among its parameters become words, lists become enumerations. A code without
    words of its own gives the general sentence with the code to report, never an empty page.
    """
    params = {name: _in_words(name, value, lang) for name, value in error.params.items()}
    if catalogue.has_word(error.code):
        return catalogue.word(error.code, lang, **params)
    return catalogue.word("error.stopped.text", lang, code=str(error))


def _in_words(name: str, value: object, lang: str | None) -> object:
    prefix = PREFIXES.get(name)
    if name == "findings" and isinstance(value, str):
        return _without_figures(value, lang)
    if isinstance(value, str):
        code = f"{prefix}.{value}"
        return catalogue.word(code, lang) if prefix and catalogue.has_word(code) else value
    if isinstance(value, Iterable):
        named = list(value)
        most = MOST_LISTED if prefix == "role" else len(named)
        comma = catalogue.word("frame.and", lang)
        listed = comma.join(str(_in_words(name, each, lang)) for each in named[:most])
        if len(named) > most:
            return catalogue.word("error.and_more", lang, listed=listed, n=len(named))
        return listed or catalogue.word("frame.none", lang)
    return value


def _without_figures(code: str, lang: str | None) -> str:
    """The words of a finding, or the general ones when they ask for figures that the error does not carry."""
    if catalogue.has_word(code) and "{" not in catalogue.text(code, lang):
        return catalogue.word(code, lang)
    return catalogue.word("order.finding_plain", lang)
