"""Drafts of this desk's orders, checked for over-reach: the nine don'ts and what else the rules forbid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from fangkong.science.rules import RuleBook, plain
from fangkong.science.rules.areas.draft import Draft, DraftStage, VehicleFacts
from fangkong.science.rules.areas.overreach import overreach_findings

#: Facts of an order's details that a draft takes as they stand.
_FACTS = ("area_level", "unit", "days", "venue_risk", "venue_has_case", "check_place", "check_travellers")
_MORE = ("tests_per_day", "code_reason", "refuses_care", "blocks_exits", "origin_risk", "student_eligible")


def findings_of(book: RuleBook, draft: Draft, *, on: date, area_code: str) -> list[dict[str, Any]]:
    """What is beyond the rules in ``draft``, as an order stores it: item, code, blocks, rule_row, params."""
    return [
        {
            "item": finding.item,
            "code": finding.code,
            "blocks": finding.blocks,
            "rule_row": finding.rule_row,
            "params": {name: plain(value) for name, value in finding.params.items()},
        }
        for finding in overreach_findings(book, draft, on=on, area=area_code)
    ]


def group_draft(
    draft_kind: str,
    *,
    disease: str,
    subject_kind: str,
    details: Mapping[str, Any],
    starts_on: date,
    days: int,
) -> Draft:
    """The draft of an order on many people; facts beyond its extent come from ``details``."""
    given = {name: details[name] for name in (*_FACTS, *_MORE) if name in details}
    given |= {"unit": details.get("unit", ""), "area_level": details.get("level", ""), "days": days}
    if last := details.get("last_case_on"):
        given["last_case_on"] = date.fromisoformat(last)
    vehicle = details.get("vehicle")
    return Draft(
        draft_kind,
        disease,
        subject_kind=subject_kind,
        starts_on=starts_on,
        came_from=details.get("adjusted_from", ""),
        limited_risks=frozenset(details.get("limited_risks", ())),
        vehicle=VehicleFacts(**vehicle) if vehicle else None,
        acts=frozenset(details.get("acts", ())),
        facts=frozenset(details.get("stated", ())),
        **given,
    )


def held_draft(disease: str, details: Mapping[str, Any], starts_on: date) -> Draft | None:
    """The draft of what an order on a journey or place would do to people that it holds or turns back.

    ``details["holds"]``: ``{"measure", "role", "place", "days", "left_on", "origin_risk", "student_eligible"}``;
    None when the order holds nobody.
    """
    held = details.get("holds")
    if not held:
        return None
    left = held.get("left_on")
    return Draft(
        held["measure"],
        disease,
        subject_kind="person",
        starts_on=starts_on,
        role=held["role"],
        situation={"left_on": date.fromisoformat(left)} if left else {},
        stages=(DraftStage(held["place"], held["days"]),) if held.get("place") else (),
        origin_risk=held.get("origin_risk", ""),
        student_eligible=bool(held.get("student_eligible")),
    )


def person_draft(
    draft_kind: str, *, disease: str, situation: Mapping[str, Any], place: str, starts_on: date, days: int
) -> Draft:
    """The draft of a person's order proposed by hand."""
    return Draft(
        draft_kind,
        disease,
        subject_kind="person",
        starts_on=starts_on,
        role=str(situation.get("role", "")),
        situation=dict(situation),
        stages=(DraftStage(place, days),),
        origin_risk=str(situation.get("area", "")),
    )
