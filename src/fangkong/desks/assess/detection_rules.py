"""Which methods watch which diseases: ``detection.toml``, changed by a city in ``FANGKONG_HOME/detection.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from fangkong.core.errors import InputError
from fangkong.science.epi.detection import published_rules
from fangkong.science.epi.detection.multiplicity import METHODS
from fangkong.science.epi.detection.percentile_rules import PercentileRule, SingleCaseRule

from .strata import SPLITS

#: The city's own file.
FILE = "detection.toml"

DAY, WEEK = "day", "week"
PERCENTILE_RULES, SINGLE_CASE_RULES = "percentile_rules", "single_case_rules"
WITHOUT_RULES, ALL = "without_rules", "all"
GROUPS = (PERCENTILE_RULES, SINGLE_CASE_RULES, WITHOUT_RULES, ALL)

_SHIPPED = Path(__file__).with_name(FILE)


@dataclass(frozen=True)
class Watch:
    """One method that watches some diseases; the fields are those of ``detection.toml``."""

    name: str
    on: bool
    method: str
    diseases: str | tuple[str, ...]
    unit: str
    period: str
    history: int
    look_back: int
    by: tuple[str, ...]
    whole: bool
    false_discovery_rate: float
    settings: Mapping[str, Any]
    by_disease: Mapping[str, Mapping[str, Any]]
    source: str

    def covers(self, disease: str) -> bool:
        """True when the disease is one that this entry watches."""
        if not isinstance(self.diseases, str):
            return disease in self.diseases
        rule = rule_of(disease)
        return {
            PERCENTILE_RULES: isinstance(rule, PercentileRule),
            SINGLE_CASE_RULES: isinstance(rule, SingleCaseRule),
            WITHOUT_RULES: rule is None,
            ALL: True,
        }[self.diseases]

    def settings_of(self, disease: str) -> dict[str, Any]:
        """What the method is told for a disease: its published rule, the entry's settings, those of the disease."""
        told = {**self.settings, **self.by_disease.get(disease, {})}
        rule = rule_of(disease)
        if (
            self.method == "moving_percentile"
            and "percentile" not in told
            and isinstance(rule, PercentileRule)
        ):
            told["percentile"] = rule.percentile
        if self.method == "fixed_threshold" and "cases" not in told and isinstance(rule, SingleCaseRule):
            told["cases"] = rule.cases
        return told


@dataclass(frozen=True)
class DetectionRules:
    """The entries by name, those switched off too, and since when registers have been kept."""

    watches: Mapping[str, Watch]
    opened: Mapping[str, date]

    @property
    def on(self) -> list[Watch]:
        """The entries that run, by name."""
        return [self.watches[name] for name in sorted(self.watches) if self.watches[name].on]


def detection_rules() -> DetectionRules:
    """What watches, as the city has it or else as shipped; the city's file is read again when it changes.

    Raises InputError ``detection.file_unreadable`` and ``detection.field_wrong``, which name the file, the entry, the
    field and what was given.
    """
    path = Path(settings.HOME) / FILE
    return _read(str(path), path.stat().st_mtime_ns if path.is_file() else 0)


def detection_watch(name: str) -> Watch:
    """The entry of this name, on or off. Raises InputError ``detection.unknown_watch``, and as above."""
    watches = detection_rules().watches
    if name not in watches:
        raise InputError("detection.unknown_watch", name=name, names=sorted(watches))
    return watches[name]


def rule_of(disease: str) -> PercentileRule | SingleCaseRule | None:
    """The published rule of a disease; None without one."""
    try:
        return published_rules().rule_for(disease)
    except KeyError:
        return None


@lru_cache(maxsize=4)
def _read(path: str, stamp: int) -> DetectionRules:
    shipped = tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))
    own: dict[str, Any] = {}
    if stamp:
        try:
            own = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError("detection.file_unreadable", file=FILE, detail=str(error)[:120]) from error
        for field in set(own) - {"schema", "watch", "register"}:
            raise _wrong(FILE, field, own[field])
    entries = {name: dict(entry) for name, entry in shipped["watch"].items()}
    for name, entry in _table(own, "watch").items():
        entries[name] = entries.get(name, {}) | entry
    registers = {**_table(shipped, "register"), **_table(own, "register")}
    return DetectionRules(
        {name: _watch(name, entry) for name, entry in entries.items()},
        {disease: _opened(disease, entry) for disease, entry in registers.items()},
    )


def _table(document: Mapping[str, Any], name: str) -> dict[str, dict[str, Any]]:
    found = document.get(name, {})
    if not isinstance(found, dict) or not all(isinstance(entry, dict) for entry in found.values()):
        raise _wrong(name, "", found)
    return found


def _watch(name: str, entry: Mapping[str, Any]) -> Watch:
    known = {field.name for field in fields(Watch)} - {"name"}
    for field in set(entry) - known:
        raise _wrong(name, field, entry[field])
    given: dict[str, Any] = {"on": False, "by": [], "whole": False, "false_discovery_rate": 0.0} | dict(entry)
    given = {"settings": {}, "by_disease": {}} | given
    diseases = given.get("diseases")
    fine = {
        "on": isinstance(given["on"], bool),
        "method": given.get("method") in METHODS,
        "diseases": diseases in GROUPS
        if isinstance(diseases, str)
        else isinstance(diseases, list) and all(isinstance(code, str) for code in diseases),
        "unit": given.get("unit") in (DAY, WEEK),
        "period": given.get("period") in (DAY, WEEK) and (given.get("unit"), given["period"]) != (WEEK, DAY),
        "history": _whole(given.get("history"), 0),
        "look_back": _whole(given.get("look_back"), 1),
        "by": isinstance(given["by"], list) and set(given["by"]) <= set(SPLITS),
        "whole": isinstance(given["whole"], bool) and not (given["whole"] and given["by"]),
        "false_discovery_rate": isinstance(given["false_discovery_rate"], int | float)
        and 0 <= given["false_discovery_rate"] < 1,
        "settings": isinstance(given["settings"], dict),
        "by_disease": isinstance(given["by_disease"], dict)
        and all(isinstance(told, dict) for told in given["by_disease"].values()),
        "source": isinstance(given.get("source"), str) and bool(given["source"].strip()),
    }
    for field, right in fine.items():
        if not right:
            raise _wrong(name, field, given.get(field))
    given["diseases"] = diseases if isinstance(diseases, str) else tuple(diseases or ())
    given["by"] = tuple(given["by"])
    return Watch(name=name, **given)


def _opened(disease: str, entry: Mapping[str, Any]) -> date:
    if not isinstance(entry.get("since"), date):
        raise _wrong(disease, "since", entry.get("since"))
    if not entry.get("source"):
        raise _wrong(disease, "source", entry.get("source"))
    return entry["since"]


def _whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _wrong(name: str, field: str, given: object) -> InputError:
    return InputError("detection.field_wrong", file=FILE, name=name, field=field, given=str(given)[:60])
