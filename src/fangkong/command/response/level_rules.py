"""Who may declare a response level, what a declaration must state, and what a level offers: rows and data."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.areas import level_of
from fangkong.core.errors import InputError
from fangkong.desks.control.rulebook import rulebook
from fangkong.desks.control.starting import RANKS, rank_of_area
from fangkong.science.rules import InForce, Row
from fangkong.science.rules.areas.words import area_words

#: Levels as numbers and as the rows name them.
ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}

#: Nobody knows who declares.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Authority:
    """Who may declare: the lowest rank, ``unknown`` where nothing says so, and the rows behind it."""

    rank: str
    rule_rows: tuple[str, ...]
    legal_basis: tuple[str, ...]
    confidence: str


@dataclass(frozen=True)
class Hazard:
    """One kind of event: who declares its levels (``rules`` or ``other_body``), on which document."""

    code: str
    declared_by: str
    needs_disease: bool
    document: str
    confidence: str


@dataclass(frozen=True)
class Offered:
    """What a level offers: a standing duty that a person establishes, or a report that a person sees to."""

    code: str
    kind: str
    from_level: int
    source: str
    owner_role: str = ""
    recurs: str = ""
    trigger: str = ""
    evidence_kind: str = ""


def level_authority(*, hazard: str, level: int, area_code: str, disease: str, on: date) -> Authority:
    """The lowest rank that may declare ``level`` over ``area_code`` on the civil day ``on``.

    A province starts its own plan at whatever level (regulation 376 art. 27); below it the rank follows from
    the level (national plan of 2006), and is the province's where the place has no prefecture. Where the packs
    do not decide, the rank is ``unknown``: nobody here declares. Raises InputError ``level.unknown_hazard`` or
    ``level.unknown_level``.
    """
    known = hazard_of(hazard)
    check_level(level)
    if known.declared_by != "rules":
        return Authority(UNKNOWN, (), (), known.confidence)
    word, answer = _deciding(level, area_code, disease, on)
    if answer is None:
        return Authority(UNKNOWN, (), (), UNKNOWN)
    rank = str(_table()["words"].get(word, UNKNOWN))
    if rank == "prefecture" and area_code.startswith(
        tuple(area_words("levels")["no_prefecture"]["prefixes"])
    ):
        rank = "province"
    rows = [answer.row, *_cited("declare", on, area_code, disease)]
    return Authority(
        rank,
        tuple(row.row_id for row in rows),
        tuple(dict.fromkeys(row.legal_basis for row in rows)),
        answer.confidence,
    )


def outranks(rank: str, asked: str) -> bool:
    """True when an office of ``rank`` may do what takes the rank ``asked``; never for an unknown one."""
    return rank in RANKS and asked in RANKS and RANKS.index(rank) >= RANKS.index(asked)


def is_above(rank: str, area_code: str) -> bool:
    """True for a rank higher than that of the office of ``area_code``."""
    own = rank_of_area(area_code)
    return rank in RANKS and (own not in RANKS or RANKS.index(rank) > RANKS.index(own))


def fields_to_state(*, disease: str, area_code: str, on: date) -> tuple[tuple[str, ...], str]:
    """The fields that a declaration must fill by the row in force on ``on``, and the row; () and "" without one."""
    answer = rulebook().resolve("response.order_must_state", on=on, disease=disease or "any", area=area_code)
    if not isinstance(answer, InForce):
        return (), ""
    fields = _table()["must_state"]
    return tuple(fields[word] for word in answer.value if word in fields), answer.rule_row


def rows_on_ending(*, disease: str, area_code: str, on: date) -> tuple[str, ...]:
    """The rows in force that say when a response ends."""
    return tuple(row.row_id for row in _cited("end", on, area_code, disease))


def offers_of(level: int) -> list[Offered]:
    """What ``level`` and every lower one offer, in the order of the file."""
    return [each for each in _offers() if level <= each.from_level]


def offer_of(code: str) -> Offered:
    """The offer with this code. Raises InputError ``level.unknown_offer``."""
    for each in _offers():
        if each.code == code:
            return each
    raise InputError("level.unknown_offer", given=code[:40])


def hazard_of(code: str) -> Hazard:
    """The hazard with this code. Raises InputError ``level.unknown_hazard``."""
    try:
        return hazards()[code]
    except KeyError:
        raise InputError("level.unknown_hazard", given=code[:24], hazards=list(hazards())) from None


def check_level(level: int) -> None:
    """Nothing for one of the four levels. Raises InputError ``level.unknown_level``."""
    if level not in _table()["levels"]:
        raise InputError("level.unknown_level", given=level)


@cache
def hazards() -> Mapping[str, Hazard]:
    """Code -> hazard, in the order of the file."""
    return {
        code: Hazard(
            code, entry["declared_by"], entry["needs_disease"], entry["document"], entry["confidence"]
        )
        for code, entry in _table()["hazard"].items()
    }


def _deciding(level: int, area_code: str, disease: str, on: date) -> tuple[str, InForce | None]:
    """The word of the row that says who decides, and the answer; a province goes by the row on its own plan."""
    asked: dict[str, Any] = {"on": on, "disease": disease or "any", "area": area_code}
    if level_of(area_code) == "province":
        answer = rulebook().resolve("response.plan_activation", **asked, scope={})
        if isinstance(answer, InForce) and "province" in answer.value:
            return str(answer.value["province"]), answer
    answer = rulebook().resolve("response.decided_by", **asked, scope={"level": ROMAN[level]})
    return (str(answer.value), answer) if isinstance(answer, InForce) else ("", None)


def _cited(act: str, on: date, area_code: str, disease: str) -> list[Row]:
    """The rows that ``act`` (declare, end) rests on beside who decides; none where the packs hold none."""
    cited, rows = _table()["cited"], list[Row]()
    for key in cited[act]:
        for scope in cited["scopes"]:
            answer = rulebook().resolve(key, on=on, disease=disease or "any", area=area_code, scope=scope)
            if isinstance(answer, InForce):
                rows.append(answer.row)
                break
    return rows


@cache
def _offers() -> tuple[Offered, ...]:
    return tuple(Offered(**entry) for entry in _table()["offer"])


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("response_levels.toml").read_text(encoding="utf-8"))
