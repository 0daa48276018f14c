"""Who may sign a measure over an area: the rank that the rows in force give, and whom to tell at once.

Four ranks: county, prefecture, province, national. Closing a whole county was for the prefecture, a whole
prefecture-level city for the province (rule of 2022-04-11); smaller closures are the isolation of a site, on
which the Infectious Diseases Law speaks; sealing an epidemic area, checks on entry and exit and emergency
measures each have their own row. Which row speaks of what, and what its words mean, stands in
``approval.toml``; nothing here knows a date or a figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fangkong.core.areas import HOME_COUNTRY, canonical_code
from fangkong.core.errors import InputError
from fangkong.science.rules.answers import (
    Answer,
    Conflict,
    InForce,
    NoRuleInForce,
    NotInPack,
    lowest_confidence,
)
from fangkong.science.rules.areas.words import area_words, meaning, width_of
from fangkong.science.rules.overlay import RANKS
from fangkong.science.rules.packs import Row
from fangkong.science.rules.resolver import RuleBook

Silence = NoRuleInForce | NotInPack | Conflict


@dataclass(frozen=True, slots=True)
class Authority:
    """The lowest rank that may sign, whose it is, and who is told at once.

    ``who`` is ``mechanism`` (joint prevention and control) or ``government``. ``area_code`` is the area whose
    authority it is. ``told_rank`` is empty when the rows ask for no report; ``told_may`` says what that
    higher one may do: ``decides_at_once`` or ``adjusts_or_revokes``. ``population`` repeats the persons
    inside as they were given, for the paper that asks for the signature.
    """

    measure: str
    rank: str
    who: str
    area_code: str
    told_rank: str
    told_area_code: str
    told_may: str
    population: int | None
    rows: tuple[Row, ...]
    flags: tuple[str, ...]

    @property
    def confidence(self) -> str:
        """The lowest mark among the rows used."""
        return lowest_confidence(self.rows)


@dataclass(frozen=True, slots=True)
class NoPower:
    """Nobody may sign: the row gives the power for another class of disease only."""

    measure: str
    disease_class: str
    rows: tuple[Row, ...]
    code: str = "areas.sign.no_power"

    @property
    def confidence(self) -> str:
        """The lowest mark among the rows used."""
        return lowest_confidence(self.rows)


@dataclass(frozen=True, slots=True)
class Signature:
    """Whether a rank may sign; a refusal's ``params`` name who may: ``who``, ``rank`` and ``area_code``."""

    allowed: bool
    code: str
    params: Mapping[str, Any]


def rank_index(rank: str) -> int:
    """Where ``rank`` stands, the county lowest. Raises InputError ``areas.rank_unknown``."""
    if rank not in RANKS:
        raise InputError("areas.rank_unknown", rank=rank, known=list(RANKS))
    return RANKS.index(rank)


def signing_authority(
    book: RuleBook,
    *,
    on: date,
    disease: str,
    area_code: str,
    level: str,
    whole: bool,
    population: int | None = None,
    measure: str = "closure",
) -> Authority | NoPower | Silence:
    """Who may sign ``measure`` over an area on the civil day ``on``.

    ``level`` is a unit of ``levels.toml`` (floor to province); ``whole`` says that all of it is closed, and
    matters from the county up. ``measure`` is ``closure``, ``isolation``, ``blockade``, ``entry_exit_check``
    or ``emergency``. A silence of the rows is handed back: a named person decides then. Raises InputError
    ``areas.unit_unknown``, ``areas.measure_unknown`` or ``areas.word_unknown``.

    >>> from fangkong.science.rules import rule_book
    >>> signing_authority(rule_book(), on=date(2022, 6, 1), disease="covid-19", area_code="990103",
    ...                   level="district", whole=True).rank
    'prefecture'
    """
    width_of(level)
    data = area_words("approval")
    if measure not in data["measure"]:
        raise InputError("areas.measure_unknown", measure=measure, known=sorted(data["measure"]))
    rule = data["measure"][measure]
    if "smaller" in rule and not (whole and level in rule["entries"]):
        measure, rule = rule["smaller"], data["measure"][rule["smaller"]]

    answers: list[InForce] = []
    scopes: list[Mapping[str, str]] = [{}]
    if rule.get("by_class") or "only_class" in rule:
        legal = book.resolve("legal.class", on=on, disease=disease, area=area_code, scope={})
        if not isinstance(legal, InForce):
            return legal
        answers.append(legal)
        disease_class = legal.value
        classes = meaning(data["class"], disease_class, legal.row)
        if rule.get("by_class"):
            scopes = [{"disease_class": name} for name in classes]
    answer = _first_in_force(book, rule["key"], scopes, on=on, disease=disease, area=area_code)
    if not isinstance(answer, InForce):
        return answer
    answers.append(answer)
    rows = tuple(row for each in answers for row in each.used)
    if "only_class" in rule and rule["only_class"] not in classes:
        return NoPower(measure, disease_class, rows)

    word = answer.value
    if "entries" in rule:
        names = rule["entries"].get(level) or rule["entries"][rule["narrower_as"]]
        entry = next((name for name in names if name in answer.value), None)
        if entry is None:
            raise InputError("areas.word_unknown", word=level, rule_row=answer.rule_row, known=names)
        word = answer.value[entry]
    said = meaning(data["word"], word, answer.row)
    start = _held(area_words("levels")["government"][level], area_code)
    rank = _held(said["rank"], area_code) if "rank" in said else _above(start, said["above"], area_code)
    told = _above(rank, said["told_above"], area_code) if "told_above" in said else ""
    return Authority(
        measure=measure,
        rank=rank,
        who=rule["who"],
        area_code=_area_of(rank, area_code),
        told_rank=told,
        told_area_code=_area_of(told, area_code) if told else "",
        told_may=said.get("told_may", ""),
        population=population,
        rows=rows,
        flags=tuple(dict.fromkeys(flag for each in answers for flag in each.flags)),
    )


def may_sign(rank: str, authority: Authority) -> Signature:
    """Whether an authority of ``rank`` may sign; a refusal (``areas.sign.rank_too_low``) names who may.

    A higher rank may sign what a lower one may. Raises InputError ``areas.rank_unknown``.
    """
    named = {"rank": authority.rank, "who": authority.who, "area_code": authority.area_code}
    if rank_index(rank) >= rank_index(authority.rank):
        return Signature(True, "areas.sign.may", {"own_rank": rank, **named})
    return Signature(False, "areas.sign.rank_too_low", {"own_rank": rank, **named})


def _first_in_force(book: RuleBook, key: str, scopes: list[Mapping[str, str]], **asked: Any) -> Answer:
    """The first scope on which a row decides; else the answer on the first scope."""
    answers = [book.resolve(key, scope=scope, **asked) for scope in scopes]
    return next((answer for answer in answers if isinstance(answer, InForce)), answers[0])


def _held(rank: str, area_code: str) -> str:
    """``rank``, or the province where the place has no prefecture of its own."""
    prefixes = tuple(area_words("levels")["no_prefecture"]["prefixes"])
    if rank == "prefecture" and area_code.startswith(prefixes):
        return "province"
    return rank


def _above(rank: str, steps: int, area_code: str) -> str:
    """The rank ``steps`` above, skipping a prefecture that the place does not have; national at most."""
    for _ in range(steps):
        rank = _held(RANKS[min(rank_index(rank) + 1, len(RANKS) - 1)], area_code)
    return rank


def _area_of(rank: str, area_code: str) -> str:
    """The code of the area that an authority of ``rank`` over ``area_code`` governs."""
    digits = area_words("levels")["digits"]
    return canonical_code(area_code)[: digits[rank]] if rank in digits else HOME_COUNTRY
