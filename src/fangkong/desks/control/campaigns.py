"""What an order for a testing campaign carries: the figures of its round, their rows, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import InputError
from fangkong.science.rules import Row, RuleBook
from fangkong.science.rules.basis import Inquiry
from fangkong.science.rules.testing.campaign import CampaignPlan, campaign_plan, reading

#: The numbers of a campaign that its proposer states, all whole and at least 1.
POOL, ROUNDS, ROUNDS_A_DAY, LAB = "pool_size", "rounds", "tests_per_day", "lab_tubes_per_day"
#: Whether everybody of an administrative area is tested, and whether it has spread over several districts.
WHOLE_AREA, MANY_DISTRICTS = "whole_area", "many_districts"

_KEY = "campaign.by_administrative_area"
_MANY = "multi_district_spread"


@dataclass(frozen=True)
class CampaignFigures:
    """What the rules make of a campaign: details of its order, the rows used, the rank that decides ("": any)."""

    details: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    rank: str = ""


def planned_lab() -> tuple[int, str]:
    """Tubes a day of one laboratory where nobody typed another figure, and the code of where that is from."""
    planning = reading()["planning"]
    return int(planning["lab_tubes_per_day"]), str(planning["source"])


def campaign_figures(
    book: RuleBook,
    details: Mapping[str, Any],
    *,
    people: int,
    disease: str,
    area_code: str,
    on: date,
) -> CampaignFigures:
    """Hours, people an hour, tubes and laboratories of a round for ``people`` under the rules of ``on``.

    Nothing where the proposer gave no pool size, or where no row says how long a round may take: that a named
    person decides. Raises InputError ``campaign.number_out_of_range``.
    """
    for name in (POOL, ROUNDS, ROUNDS_A_DAY, LAB):
        given = details.get(name)
        if given is not None and (not isinstance(given, int) or given < 1):
            raise InputError("campaign.number_out_of_range", field=name, given=given)
    if not people or POOL not in details or LAB not in details:
        return CampaignFigures()
    plan = campaign_plan(
        book,
        population=people,
        on=on,
        disease=disease,
        area=area_code or HOME_COUNTRY,
        pool_size=details[POOL],
        lab_tubes_per_day=details[LAB],
        by_administrative_area=bool(details.get(WHOLE_AREA)),
        rounds_a_day=details.get(ROUNDS_A_DAY, 1),
        spread=_MANY if details.get(MANY_DISTRICTS) else None,
    )
    if not isinstance(plan, CampaignPlan):
        return CampaignFigures()
    figures = {
        "finish_hours": plan.hours,
        "people_per_hour": plan.people_per_hour,
        "tubes": plan.tubes,
        "laboratories": plan.laboratories,
    }
    known = {name: figure for name, figure in figures.items() if figure is not None}
    return CampaignFigures(known, plan.basis.rows, plan.decided_by or "")


def campaign_findings(
    book: RuleBook, details: Mapping[str, Any], *, disease: str, area_code: str, on: date
) -> list[dict[str, Any]]:
    """What speaks against testing everybody of an area, as an order stores it; empty where nothing does."""
    if not details.get(WHOLE_AREA):
        return []
    answer = Inquiry(book, on=on, disease=disease, area=area_code or HOME_COUNTRY).cite(_KEY)
    if answer is None:
        return []
    verdict = str(reading()["by_administrative_area"].get(answer.value, "person_decides"))
    return [
        {
            "item": 0,
            "code": f"campaign.verdict.{verdict}",
            "blocks": verdict == "not_allowed",
            "rule_row": answer.row.row_id,
            "params": {},
        }
    ]
