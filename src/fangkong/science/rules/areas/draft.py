"""What an order would do, as facts: the form in which a draft is checked for over-reach before anybody signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fangkong.core.errors import InputError
from fangkong.science.rules.areas.words import area_words


@dataclass(frozen=True, slots=True)
class DraftStage:
    """Days at a place; ``wished`` when the person asked for a stricter place than the rules give."""

    place: str
    days: int
    wished: bool = False


@dataclass(frozen=True, slots=True)
class VehicleFacts:
    """A vehicle that a checkpoint would treat. ``eligible`` is stated where no row can tell (a coach, say).

    ``stopped``: the draft keeps it from passing. ``pcr_age_hours``: age of the driver's last negative test.
    """

    kind: str
    stopped: bool
    eligible: bool | None = None
    pcr_age_hours: float | None = None
    code_green: bool | None = None
    temperature_normal: bool | None = None
    antigen_negative: bool | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What an order would do. Only the fields of its kind are filled; nothing here names a person.

    ``kind``: one of the kinds of ``overreach.toml`` (``quarantine``, ``area_control``, ...).
    Persons: ``role``, ``situation`` (dates and facts as for a plan), ``stages``, ``starts_on``,
    ``origin_risk`` of a traveller, ``student_eligible``.
    Areas: ``area_level``, ``unit``, ``days``, ``last_case_on``, ``came_from`` (the level it came down from).
    Travel limits: ``limited_risks``, the risk levels whose people may not travel. Places: ``venue_risk``,
    ``venue_has_case``. Checks: ``check_place``, ``check_travellers``. Tests: ``tests_per_day``. Codes:
    ``code_reason``. Care: ``refuses_care``, the need that would be turned away (``acute``, ``regular``).
    ``acts``: further acts in the words of the rows that forbid them. ``facts``: what persons state, signed
    elsewhere (``spread_unclear``, ``wide_transmission``).
    """

    kind: str
    disease: str
    subject_kind: str = ""
    starts_on: date | None = None
    role: str = ""
    situation: Mapping[str, Any] = field(default_factory=dict)
    stages: tuple[DraftStage, ...] = ()
    origin_risk: str = ""
    student_eligible: bool = False
    area_level: str = ""
    unit: str = ""
    days: int | None = None
    last_case_on: date | None = None
    came_from: str = ""
    limited_risks: frozenset[str] = frozenset()
    venue_risk: str = ""
    venue_has_case: bool = False
    vehicle: VehicleFacts | None = None
    check_place: str = ""
    check_travellers: bool = False
    tests_per_day: int = 0
    code_reason: str = ""
    refuses_care: str = ""
    blocks_exits: bool = False
    acts: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        known = area_words("overreach")["kinds"]["all"]
        if self.kind not in known:
            raise InputError("overreach.kind_unknown", kind=self.kind, known=known)
        if (self.days is not None and self.days < 0) or any(stage.days < 0 for stage in self.stages):
            raise InputError("overreach.days_wrong")

    @property
    def restricts_person(self) -> bool:
        """True for a draft that holds, watches or turns back a person."""
        return self.kind in area_words("overreach")["kinds"]["restricts_person"]

    @property
    def risks(self) -> frozenset[str]:
        """Every risk level that the draft touches."""
        named = {self.venue_risk, self.area_level, *self.limited_risks}
        return frozenset(named - {""})
