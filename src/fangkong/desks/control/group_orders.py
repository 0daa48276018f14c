"""Orders on many people: an area, a place, a journey or a testing campaign.

The rows in force are cited by key, the rank that may sign is asked of the rules, every proposal is checked
for over-reach, and no such order starts before its gates are met (``starting.check_start``). What the packs
do not decide is left to a named person of a higher rank, who says why.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.load import revise
from fangkong.record.models import Case
from fangkong.science.rules import Conflict as RowsTie
from fangkong.science.rules import InForce, Row, RuleBook
from fangkong.science.rules.answers import lowest_confidence
from fangkong.science.rules.areas.designation import Designation, may_designate
from fangkong.science.rules.areas.ranks import Authority, signing_authority

from .campaigns import CampaignFigures, campaign_figures, campaign_findings
from .gates import checked_gates, missing_gates
from .measures import UNVERIFIED
from .narrower import check_counts
from .order_rows import PROPOSE, Subject, open_order, refuse_system, write_proposal
from .overreach import findings_of, group_draft, held_draft
from .proposals import Measure, Proposal
from .rulebook import rulebook
from .safeguards import check_span
from .starting import rank_of_area


@dataclass(frozen=True)
class Extent:
    """What the order covers. ``level`` is the risk level of an area, ``unit`` the width of what is closed.

    ``whole`` says that all of ``unit`` is closed; ``households`` and ``residents`` live or work inside. ``more``
    is what the kind adds: plate or route of a journey, rounds and laboratories of a campaign.
    """

    unit: str
    households: int
    residents: int
    level: str = ""
    whole: bool = True
    #: How each infection was found (found_in_community, ...), and what persons have stated.
    infections: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GroupKind:
    """A kind of order on many people, as ``group_kinds.toml`` describes it."""

    kind: str
    subject: str
    rules: tuple[str, ...]
    measure: str
    place: str
    #: The kind of draft that the over-reach checks know it as.
    draft: str


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("group_kinds.toml").read_text(encoding="utf-8"))


def group_kinds() -> tuple[str, ...]:
    """The kinds of orders on many people."""
    return tuple(_table()["kind"])


def group_kind(kind: str) -> GroupKind:
    """The kind with this code. Raises InputError ``order.unknown_kind``."""
    entry = _table()["kind"].get(kind)
    if entry is None:
        raise InputError("order.unknown_kind", kind=kind)
    return GroupKind(
        kind, entry["subject"], tuple(entry["rules"]), entry["measure"], entry["place"], entry["draft"]
    )


def order_propose_for_group(
    kind: str,
    *,
    disease: str,
    area_code: str,
    extent: Extent,
    starts_on: date,
    expires_on: date,
    evidence: str,
    proportionality_note: str,
    actor: Actor,
    at: datetime,
    subject_key: str = "",
    reason_key: str = "",
    gates: Mapping[str, Any] | None = None,
    legal_basis: str = "",
) -> Proposal:
    """What came of proposing an order on an area, place, journey or campaign.

    ``evidence`` says what it rests on, ``proportionality_note`` why nothing smaller does. ``legal_basis`` is
    needed only where no row in force speaks of the kind. The order carries the rank that may sign it, its
    gates as far as they are met, and every over-reach finding; one that blocks keeps it from being approved.
    Raises InputError (``order.unknown_kind``, ``order.evidence_needed``, ``order.proportionality_needed``,
    ``order.basis_needed``, ``order.ends_before_start``, ``order.too_long``, ``order.people_inside_needed``,
    ``order.gate_unknown``, ``order.gate_value``, ``order.smaller_not_smaller``, ``order.round_wrong``,
    ``campaign.number_out_of_range``), Forbidden without ``order.propose`` or for the platform.
    """
    refuse_system(actor, PROPOSE)
    actor.require(PROPOSE, area_code)
    known = group_kind(kind)
    _check_words(evidence, proportionality_note)
    check_span(starts_on, expires_on)
    if extent.households < 0 or extent.residents < 0 or (known.subject == "area" and not extent.residents):
        raise InputError("order.people_inside_needed")
    book = rulebook()
    cited = _cited(book, known, disease=disease, area_code=area_code, on=starts_on, level=extent.level)
    designation = _designation(book, known, disease, area_code, starts_on, extent)
    authority = _authority(book, known, disease, area_code, starts_on, extent)
    check_counts(extent.more, extent.residents)
    campaign = _campaign(book, known, disease, area_code, starts_on, extent)
    rows = list(dict.fromkeys([*cited, *_rows(designation), *_rows(authority), *campaign.rows]))
    basis = list(
        dict.fromkeys(
            [*(row.legal_basis for row in rows), *([legal_basis.strip()] if legal_basis.strip() else [])]
        )
    )
    if not basis:
        raise InputError("order.basis_needed")
    undecided = not rows or (known.subject == "area" and not isinstance(designation, Designation | None))
    stage = {"place": known.place, "first_on": starts_on.isoformat(), "last_on": expires_on.isoformat()}
    measure = Measure(
        kind=kind,
        starts_on=starts_on,
        expires_on=expires_on,
        stages=[stage | {"test_on": [], "tests_known": False, "choice": ""}],
        rule_rows=[row.row_id for row in rows],
        legal_basis=basis,
        confidence=UNVERIFIED if undecided else lowest_confidence(rows),
        release_condition="area.release_rule" if known.subject == "area" else "",
        dates_from="person",
    )
    details = {
        "unit": extent.unit,
        "level": extent.level,
        "whole": extent.whole,
        "households": extent.households,
        "residents": extent.residents,
        "infections": list(extent.infections),
        "stated": list(extent.stated),
        "evidence": evidence.strip(),
        # A campaign tests people and holds nobody.
        "restricted_person_days": 0
        if known.subject == "campaign"
        else extent.residents * ((expires_on - starts_on).days + 1),
        **campaign.details,
        **extent.more,
    }
    if known.subject == "area" and "last_case_on" not in details:
        last = last_case_on(area_code, disease, actor=actor, at=at)
        details["last_case_on"] = last.isoformat() if last else ""
    findings = _against(designation)
    findings += group_findings(
        kind,
        disease=disease,
        area_code=area_code,
        details=details,
        starts_on=starts_on,
        expires_on=expires_on,
    )
    more = {
        "details": details,
        "gates": checked_gates(gates or {}),
        "findings": findings,
        "required_rank": campaign.rank or _required_rank(known, authority, area_code),
        "proportionality_note": proportionality_note.strip(),
    }
    subject = Subject(
        known.subject, disease, area_code, subject_key=subject_key, reason_key=reason_key, more=more
    )
    key = stable_key(
        "order", kind, disease, area_code, subject_key, details, starts_on, expires_on, actor.key
    )
    return write_proposal(
        key, measure, subject, decided_on=civil_day(at, installation().zone), actor=actor, at=at
    )


def group_findings(
    kind: str,
    *,
    disease: str,
    area_code: str,
    details: Mapping[str, Any],
    starts_on: date,
    expires_on: date,
) -> list[dict[str, Any]]:
    """What is beyond the rules of ``starts_on`` in such an order, as an order stores it; renewals ask again."""
    known, book = group_kind(kind), rulebook()
    draft = group_draft(
        known.draft,
        disease=disease,
        subject_kind=known.subject,
        details=details,
        starts_on=starts_on,
        days=(expires_on - starts_on).days + 1,
    )
    findings = findings_of(book, draft, on=starts_on, area_code=area_code)
    if held := held_draft(disease, details, starts_on):
        findings += findings_of(book, held, on=starts_on, area_code=area_code)
    if known.subject == "campaign":
        findings += campaign_findings(book, details, disease=disease, area_code=area_code, on=starts_on)
    return findings


def order_gates_meet(order_key: str, *, gates: Mapping[str, Any], actor: Actor, at: datetime) -> list[str]:
    """The gates still open after ``gates`` (gate -> what meets it) were written onto the proposed order.

    Raises InputError ``order.gate_unknown`` or ``order.gate_value``, Conflict ``order.not_proposed``,
    Forbidden without ``order.propose`` in the area.
    """
    refuse_system(actor, PROPOSE)
    given = checked_gates(gates)
    with audit.writing():
        order = open_order(order_key, actor)
        actor.require(PROPOSE, order.area_code)
        if order.state != "proposed":
            raise Conflict("order.not_proposed", order_no=order.order_no, state=order.state)
        merged = {**order.gates, **given}
        revise(order, at=at, actor=actor.key, verb="order.gates", gates=merged)
    order.gates = merged
    return missing_gates(order)


def last_case_on(area_code: str, disease: str, *, actor: Actor, at: datetime) -> date | None:
    """The day on which the latest case inside the area was reported, as the actor's office knows it at ``at``."""
    cases = visible(Case.objects.known_at(at), actor, at=at).filter(inside_area(area_code), disease=disease)
    counted = cases.exclude(classification="excluded").order_by("-reported_on")
    return counted.values_list("reported_on", flat=True).first()


def _check_words(evidence: str, note: str) -> None:
    if not evidence.strip():
        raise InputError("order.evidence_needed")
    if not note.strip():
        raise InputError("order.proportionality_needed")


def _cited(
    book: RuleBook, known: GroupKind, *, disease: str, area_code: str, on: date, level: str
) -> list[Row]:
    """The rows in force that speak of the kind; rows that tie are cited both, so that a reader sees the tie."""
    rows: list[Row] = []
    for key in known.rules:
        answer = book.resolve(
            key, on=on, disease=disease, area=area_code, scope={"area": level} if level else {}
        )
        if isinstance(answer, InForce):
            rows += answer.used
        elif isinstance(answer, RowsTie):
            rows += answer.rows
    return rows


def _designation(
    book: RuleBook, known: GroupKind, disease: str, area_code: str, on: date, extent: Extent
) -> Any:
    if known.kind != "risk_area":
        return None
    return may_designate(
        book,
        extent.level,
        extent.unit,
        on,
        disease=disease,
        area=area_code,
        findings=extent.infections,
        facts=extent.stated,
    )


def _authority(
    book: RuleBook, known: GroupKind, disease: str, area_code: str, on: date, extent: Extent
) -> Any:
    if not known.measure:
        return None
    return signing_authority(
        book,
        on=on,
        disease=disease,
        area_code=area_code,
        level=extent.unit,
        whole=extent.whole,
        population=extent.residents,
        measure=known.measure,
    )


def _campaign(
    book: RuleBook, known: GroupKind, disease: str, area_code: str, on: date, extent: Extent
) -> CampaignFigures:
    if known.subject != "campaign":
        return CampaignFigures()
    return campaign_figures(
        book, extent.more, people=extent.residents, disease=disease, area_code=area_code, on=on
    )


def _required_rank(known: GroupKind, authority: Any, area_code: str) -> str:
    """The rank that may sign; where the rows are silent, one above the office of the area itself."""
    if not known.measure:
        return "county"
    if isinstance(authority, Authority):
        return authority.rank
    silent = _table()["silent"]
    return str(silent["above"].get(rank_of_area(area_code), silent["rank"]))


def _rows(answer: Any) -> Iterable[Row]:
    return getattr(answer, "rows", ()) if isinstance(answer, Designation | Authority) else ()


def _against(designation: Any) -> list[dict[str, Any]]:
    """What speaks against the designation, as findings that block it."""
    if not isinstance(designation, Designation):
        return []
    return [
        {
            "item": 0,
            "code": ground.code,
            "blocks": True,
            "rule_row": ground.rule_row,
            "params": {name: str(value) for name, value in ground.params.items()},
        }
        for ground in designation.against
    ]
