"""The situation report holds every field, names what it does not know, and gives no person away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fangkong.command.reports import situation_report
from fangkong.core.errors import Forbidden
from fangkong.core.keys import canonical
from fangkong.record.access import Actor
from fangkong.record.models import Case, Contact, Person

from .conftest import CLI

#: Fields of capabilities.md, section 4, "Situation report", in the paper's order.
FIELDS = [
    "as_of",
    "lead",
    "new",
    "cumulative",
    "origin",
    "found_in_control",
    "spread",
    "areas",
    "chains",
    "verifications",
    "tests",
    "timeliness",
    "care",
    "measures",
    "risk_areas",
    "people",
    "command",
    "surveillance",
    "beds",
    "vaccination",
    "supply",
    "complaints",
    "incidents",
    "next_day",
    "document",
    "unknowns",
    "sources",
]
DOCUMENT_FIELDS = [
    "id",
    "issuer",
    "legal_basis",
    "rule_edition",
    "scope",
    "effective_on",
    "expires_on",
    "contact",
    "languages",
]


def report(as_of: date, **choices: Any) -> dict[str, Any]:
    return situation_report(actor=CLI, as_of=as_of, **{"disease": "covid-19", "area_code": "31", **choices})


def entry(entries: list[dict[str, Any]], code: str) -> dict[str, Any]:
    return next(each for each in entries if each["code"] == code)


def every_entry(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        own = [value] if "code" in value and ("value" in value or "refusal" in value) else []
        return own + [each for inner in value.values() for each in every_entry(inner)]
    return [each for inner in value for each in every_entry(inner)] if isinstance(value, list) else []


def test_every_field_of_the_report_is_there(shanghai: Path) -> None:
    content = report(date(2022, 4, 5))
    assert [name for name in FIELDS if name not in content] == []
    assert [name for name in DOCUMENT_FIELDS if name not in content["document"]] == []
    assert len(content["lead"]) == 2


def test_a_figure_has_source_and_as_of_and_anything_else_a_reason(shanghai: Path) -> None:
    found = every_entry({k: v for k, v in report(date(2022, 4, 5)).items() if k != "unknowns"})
    assert len(found) > 25
    for each in found:
        assert each["sources"] and each["as_of"] if "value" in each else each["refusal"], each["code"]


def test_new_infections_count_a_converted_case_once(shanghai: Path) -> None:
    # 2022-03-29: 326 confirmed, of them 18 reported as asymptomatic before; 5,656 asymptomatic.
    content = report(date(2022, 3, 29))
    assert entry(content["new"], "new_infections")["value"] == 326 + 5656 - 18
    share = content["found_in_control"]
    assert share["of"] == 326 + 5656 - 18
    assert content["lead"][0]["params"]["control_share"] == [share["value"], share["of"]]


def test_what_nobody_reports_is_unknown_and_never_zero(shanghai: Path) -> None:
    content = report(date(2022, 4, 5))
    unknown = {item["code"]: item["why"] for item in content["unknowns"]}
    for code in ("beds", "icu", "vaccination_80", "supply", "incidents", "wastewater", "assistance_replies"):
        assert unknown[code] == "no_desk_yet"
    for code in ("complaints", "directives_running", "gaps_open", "levels_in_force", "duty_reached"):
        assert unknown[code] == "none_recorded"
    assert unknown["tests"] == "no_source_connected"
    assert unknown["reported_in_time"] == "no_limit_decided"
    assert unknown["measures_in_force"] == "no_orders_recorded"
    assert unknown["new_imported"] == "origin_not_published"
    refused = {each["code"] for each in every_entry({k: v for k, v in content.items() if k != "unknowns"})}
    assert "beds" in refused


def test_unpublished_days_are_named(shanghai: Path) -> None:
    content = report(date(2022, 3, 29))
    assert content["not_published"]["area"] == ["2022-03-28"]
    assert content["not_published"]["districts"][0] == "2022-02-28"
    assert "2022-03-18" in content["not_published"]["districts"]
    named = entry(content["unknowns"], "days_area")
    assert named["params"] == {"days": ["2022-03-28"]}


def test_a_total_over_a_gap_is_a_floor(shanghai: Path, published: dict[date, tuple[int, int]]) -> None:
    as_of = date(2022, 4, 5)
    total = entry(report(as_of)["cumulative"], "total_asymptomatic")
    assert total["value"] == sum(n for day, (_, n) in published.items() if day <= as_of)
    assert total["params"]["days_missing"] == 1


def test_the_direction_is_read_off_an_interval(shanghai: Path) -> None:
    content = report(date(2022, 3, 27))
    sentence = content["lead"][1]
    low, high = sentence["params"]["rate_interval"]
    rt = entry(content["spread"], "reproduction")
    assert sentence["code"] == "direction_rising"
    assert 1 < low < rt["value"] < high
    assert rt["interval"][:2] == [low, high]
    # With a day missing in the window Rt is refused; the growth rate bears it and says so.
    gap = report(date(2022, 3, 29))
    assert entry(gap["spread"], "reproduction")["refusal"] == "missing_days"
    assert gap["lead"][1]["code"] == "growth_rising"


def test_no_person_and_no_case_key_stands_in_a_report(korea: Path) -> None:
    content = report(date(2015, 6, 20), disease="mers", area_code="KR")
    text = canonical(content)
    assert entry(content["chains"]["entries"], "linked_cases")["value"] > 50
    for model in (Person, Case, Contact):
        assert not [key for key in model.objects.values_list("key", flat=True) if key in text]


def test_whoever_may_read_it_reads_the_same_paper(korea: Path, officer: Callable[[str, str], Actor]) -> None:
    asked = {"as_of": date(2015, 6, 20), "disease": "mers", "area_code": "KR"}
    by_the_system = canonical(report(**asked))
    for role in ("co_chair", "duty_officer", "community_group"):
        assert canonical(situation_report(actor=officer(role, "KR"), **asked)) == by_the_system


def test_who_may_not_read_it_is_told_who_may(shanghai: Path, officer: Callable[[str, str], Actor]) -> None:
    with pytest.raises(Forbidden) as told:
        situation_report(
            actor=officer("laboratory", "31"), as_of=date(2022, 4, 5), disease="covid-19", area_code="31"
        )
    assert "duty_officer" in told.value.params["roles"]


def test_the_basis_is_the_law_of_the_day(shanghai: Path) -> None:
    document = report(date(2022, 4, 5))["document"]
    assert all("2013" in basis["text"] for basis in document["legal_basis"])
    assert [rule["document"] for rule in document["rule_edition"]] == ["ed8"]
    assert (document["effective_on"], document["expires_on"]) == ("2022-04-05", "2022-04-06")


def test_areas_come_with_most_infections_first(shanghai: Path) -> None:
    areas = report(date(2022, 4, 5))["areas"]
    sums = [area["sum"] for area in areas if area["sum"] is not None]
    assert sums == sorted(sums, reverse=True)
    assert {"310115", "310101"} <= {area["code"] for area in areas}
    assert all(area["days_published"] <= area["days"] for area in areas)
