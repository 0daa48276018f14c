"""The sentence of an error: its code in the page's language, with roles and permissions in words."""

from __future__ import annotations

from collections.abc import Iterable

from fangkong.core.errors import FangkongError
from fangkong.faces.words import catalogue, rule_words
from fangkong.science.rules import Problem

#: Roles or problems named in a refusal: whoever reads it begins with one of them, and a longer list is not read.
MOST_LISTED = 5

#: Parameters that hold codes, and under which prefix their words stand.
PREFIXES = {
    "permission": "permission",
    "category": "retention.category",
    "clause_state": "minutes.state",
    "issue": "intake.issue",
    "match_state": "match.state",
    "meeting_state": "meeting.state",
    "role": "role",
    "roles": "role",
    "reason": "intake.reason",
    "rank": "order.rank",
    "required_rank": "order.rank",
    "gate": "order.gate",
    "gates": "order.gate",
    "ground": "appeal.ground",
    "grounds": "appeal.ground",
    "hazards": "response.hazard",
    "must": "response.must",
    "level_state": "response.state",
    "plan_state": "plan.state",
    "gap_state": "gap.state",
    "concern_state": "concern.state",
    "problem_state": "problem.state",
    "proposal_state": "proposal.state",
    "reference_kinds": "listening.reference",
    "causes": "review.cause",
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
    if name == "label" and isinstance(value, str):
        # The field of a form, by the code of its words.
        return catalogue.word(value, lang)
    prefix = PREFIXES.get(name)
    if name == "findings" and isinstance(value, str):
        return _without_figures(value, lang)
    if isinstance(value, str):
        code = f"{prefix}.{value.lower() if name == 'issue' else value}"
        return catalogue.word(code, lang) if prefix and catalogue.has_word(code) else value
    if isinstance(value, Problem):
        place = rule_words.problem_place(value, lang)
        return catalogue.word(
            "error.rule_problem", lang, place=place, problem=rule_words.problem_text(value, lang)
        )
    if isinstance(value, Iterable):
        named = list(value)
        most = MOST_LISTED if prefix == "role" or name == "problems" else len(named)
        comma = catalogue.word("frame.and", lang)
        listed = comma.join(str(_in_words(name, each, lang)) for each in named[:most])
        if len(named) > most:
            code = "error.and_more_problems" if name == "problems" else "error.and_more"
            return catalogue.word(code, lang, listed=listed, n=len(named))
        return listed or catalogue.word("frame.none", lang)
    return value


def _without_figures(code: str, lang: str | None) -> str:
    """The words of a finding, or the general ones when they ask for figures that the error does not carry."""
    if catalogue.has_word(code) and "{" not in catalogue.text(code, lang):
        return catalogue.word(code, lang)
    return catalogue.word("order.finding_plain", lang)
