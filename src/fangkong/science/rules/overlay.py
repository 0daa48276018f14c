"""May a local row stand beside the national one? The answer per kind of key.

restriction: the national row is the ceiling; duty: a local deadline may be shorter; safeguard: never weaker;
service: may give more; power: only the deciding rank; definition: the national one. Where a machine cannot
tell which of two values is stricter, the national row stands and a person is asked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.science.rules.packs import KeyRule, Row

_RESOLUTION_FILE = Path(__file__).with_name("resolution.toml")

#: Ranks from the lowest to the highest; ``reference`` and ``international`` decide nothing here.
RANKS = ("county", "prefecture", "province", "national")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the local row applies, and the code that says why it does or does not."""

    applies: bool
    code: str


@cache
def resolution_data() -> Mapping[str, Any]:
    """The figures and directions of ``resolution.toml``."""
    return tomllib.loads(_RESOLUTION_FILE.read_text(encoding="utf-8"))


def judge_local(rule: KeyRule, national: Row, local: Row) -> Verdict:
    """Whether ``local`` may replace ``national`` for this key, by the kind of the key.

    The codes of a row that applies: ``same``, ``relaxes``, ``shorter_deadline``, ``strengthens``,
    ``gives_more``, ``stricter_with_reason``. Of one that does not: ``stricter_than_national``,
    ``longer_deadline``, ``weakens_safeguard``, ``gives_less``, ``not_the_deciding_rank``,
    ``national_definition``, ``target_binds_nobody``, ``cannot_be_compared``.
    """
    if rule.kind == "power":
        return Verdict(False, "not_the_deciding_rank")
    if rule.kind == "definition":
        return Verdict(False, "national_definition")
    if rule.kind == "target":
        return Verdict(False, "target_binds_nobody")
    if local.value == national.value and local.unit == national.unit:
        return Verdict(True, "same")
    if local.unit != national.unit:
        return Verdict(False, "cannot_be_compared")
    if rule.kind == "restriction":
        return _judge_restriction(rule.key, national, local)
    if rule.kind == "duty":
        return _judge_deadline(national, local)
    more = _gives_more(national.value, local.value)
    if more is None:
        return Verdict(False, "cannot_be_compared")
    if rule.kind == "safeguard":
        return Verdict(True, "strengthens") if more else Verdict(False, "weakens_safeguard")
    return Verdict(True, "gives_more") if more else Verdict(False, "gives_less")


def _judge_restriction(key: str, national: Row, local: Row) -> Verdict:
    stricter = is_stricter(key, national.value, local.value)
    if stricter is None:
        return Verdict(False, "cannot_be_compared")
    if not stricter:
        return Verdict(True, "relaxes")
    if _has_reason(local):
        return Verdict(True, "stricter_with_reason")
    return Verdict(False, "stricter_than_national")


def _has_reason(local: Row) -> bool:
    """True for a stricter local row with reason, evidence, approval of a higher rank and a near end."""
    given: Mapping[str, Any] = local.stricter or {}
    if not given.get("reason") or not given.get("evidence") or local.effective_to is None:
        return False
    approver = given.get("approved_by", "")
    if approver not in RANKS or local.authority not in RANKS:
        return False
    higher = RANKS.index(approver) > RANKS.index(local.authority)
    days = (local.effective_to - local.effective_from).days
    return higher and days <= int(resolution_data()["stricter_local"]["max_days"])


def _judge_deadline(national: Row, local: Row) -> Verdict:
    if national.unit != "h" or not _figures(national.value, local.value):
        return Verdict(False, "cannot_be_compared")
    if local.value < national.value:
        return Verdict(True, "shorter_deadline")
    return Verdict(False, "longer_deadline")


def is_stricter(key: str, national: Any, local: Any) -> bool | None:
    """True when ``local`` restricts more than ``national``, False when less, None when nobody can say.

    Lists of stages compare by their days, in all and at each place or a stricter one (a place that
    ``resolution.toml`` does not rank cannot be compared with another), tables of test days by the days
    themselves, plain figures by the direction that ``resolution.toml`` gives for the key.
    """
    if _is_stages(national) and _is_stages(local):
        return _stages_stricter(national, local)
    if isinstance(national, Mapping) and isinstance(local, Mapping):
        return _test_days_stricter(national, local)
    direction = resolution_data()["direction"].get(key)
    if direction is None or not _figures(national, local):
        return None
    return bool(local > national) if direction == "more" else bool(local < national)


def place_weights() -> Mapping[str, int]:
    """How strict each place is that ``resolution.toml`` ranks; only the order means anything.

    >>> place_weights()["home_isolation"] < place_weights()["central"]
    True
    """
    lines = resolution_data()["places"]["mildest_first"]
    return {place: weight for weight, line in enumerate(lines) for place in line}


def _figures(*values: Any) -> bool:
    return all(isinstance(value, int | float) for value in values)


def _is_stages(value: Any) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(stage, Mapping) and isinstance(stage.get("days"), int) and "place" in stage
        for stage in value
    )


def _stages_stricter(national: tuple[Any, ...], local: tuple[Any, ...]) -> bool | None:
    ceiling: dict[str, int] = {}
    for stage in national:
        ceiling[stage["place"]] = ceiling.get(stage["place"], 0) + stage["days"]
    asked: dict[str, int] = {}
    for stage in local:
        asked[stage["place"]] = asked.get(stage["place"], 0) + stage["days"]
    if sum(asked.values()) > sum(ceiling.values()):
        return True
    weights = place_weights()
    if all(place in weights for place in (*asked, *ceiling)):
        spans = [
            [
                sum(days for place, days in each.items() if weights[place] >= weight)
                for each in (asked, ceiling)
            ]
            for weight in set(weights.values())
        ]
        if any(here > there for here, there in spans):
            return True
        return False if any(here < there for here, there in spans) else None
    if all(days <= ceiling.get(place, 0) for place, days in asked.items()):
        return False if asked != ceiling else None
    return None


def _test_days_stricter(national: Mapping[str, Any], local: Mapping[str, Any]) -> bool | None:
    if not all(isinstance(days, tuple) for table in (national, local) for days in table.values()):
        return None
    if all(set(days) <= set(national.get(place, ())) for place, days in local.items()):
        return False
    if all(set(days) <= set(local.get(place, ())) for place, days in national.items()):
        return True
    return None


def _gives_more(national: Any, local: Any) -> bool | None:
    if _figures(national, local):
        return bool(local > national)
    if isinstance(national, tuple) and isinstance(local, tuple):
        if set(local) > set(national):
            return True
        return False if set(local) < set(national) else None
    return None
