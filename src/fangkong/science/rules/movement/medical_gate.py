"""A medical emergency passes every gate: escort and buffer ward, whatever the test, the code or the area.

A refusal is an incident with a named doctor. What counts as an emergency is data (``emergencies.toml``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import InputError
from fangkong.science.rules.basis import Basis, Inquiry
from fangkong.science.rules.packs import ANY_DISEASE
from fangkong.science.rules.resolver import RuleBook

_FILE = Path(__file__).with_name("emergencies.toml")


@dataclass(frozen=True, slots=True)
class MedicalFacts:
    """Someone at a gate at the aware moment ``at``.

    ``condition`` is a name of ``emergencies.toml`` or the carer's own word; ``carer_says_urgent`` lets any
    other condition pass too. ``area_risk``, ``code`` and ``pcr_at`` are noted and never decide. ``refused``
    says that somebody turned the person away; ``refused_by`` is the key of the doctor who answers for it.
    """

    condition: str
    at: datetime
    area_risk: str | None = None
    code: str | None = None
    pcr_at: datetime | None = None
    carer_says_urgent: bool = False
    refused: bool = False
    refused_by: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """A refusal: told at once, and incomplete until the doctor who refused is named."""

    code: str
    refused_by: str
    tell: tuple[str, ...]

    @property
    def doctor_missing(self) -> bool:
        """True while nobody has put a name to the refusal."""
        return not self.refused_by


@dataclass(frozen=True, slots=True)
class MedicalGate:
    """The answer: ``pass`` for every emergency, ``not_an_emergency`` for what the ordinary gate decides.

    ``test_with_care``: a sample, if anyone wants one, is taken beside the treatment, never before it.
    """

    answer: str
    group: str
    escort: str
    ward: str
    test_with_care: bool
    incident: Incident | None
    basis: Basis


def medical_gate(
    book: RuleBook,
    facts: MedicalFacts,
    *,
    on: date | None = None,
    disease: str = ANY_DISEASE,
    area: str = HOME_COUNTRY,
) -> MedicalGate:
    """What a gate does with a sick person: an emergency passes, and nothing in the packs can change that.

    The rows against refusal that are in force on ``on`` are cited; without any the answer is the same.
    Raises InputError ``gate.moment_not_aware``.

    >>> from datetime import UTC
    >>> from fangkong.science.rules.resolver import rule_book
    >>> facts = MedicalFacts("labour", datetime(2022, 7, 6, 3, tzinfo=UTC), area_risk="high")
    >>> gate = medical_gate(rule_book(), facts, disease="covid-19")
    >>> gate.answer, gate.ward
    ('pass', 'buffer_ward')
    """
    if facts.at.utcoffset() is None:
        raise InputError("gate.moment_not_aware", given=facts.at.isoformat())
    inquiry = Inquiry(book, on=on or facts.at.date(), disease=disease, area=area)
    _cite(inquiry)
    group = emergencies().get(facts.condition, "life" if facts.carer_says_urgent else "")
    if not group:
        return MedicalGate("not_an_emergency", "", "", "", False, None, inquiry.basis())
    way = _data()["way"]
    return MedicalGate(
        answer="pass",
        group=group,
        escort=way["escort"],
        ward=way["ward"],
        test_with_care=True,
        incident=_incident(facts),
        basis=inquiry.basis(),
    )


def emergencies() -> Mapping[str, str]:
    """Every condition that passes, with its group: ``life`` or ``regular``."""
    return {name: entry["group"] for name, entry in _data()["condition"].items()}


def _incident(facts: MedicalFacts) -> Incident | None:
    if not facts.refused:
        return None
    return Incident("medical_refusal", facts.refused_by, tuple(_data()["refusal"]["tell"]))


def _cite(inquiry: Inquiry) -> None:
    """Remembers every row against refusal that is in force; their absence is no question to anyone."""
    for behind in _data()["behind"]:
        found = Inquiry(inquiry.book, on=inquiry.on, disease=inquiry.disease, area=inquiry.area)
        for answer in found.every(behind["key"], must=False):
            if "values" not in behind or answer.value in behind["values"]:
                inquiry.keep(answer)


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
