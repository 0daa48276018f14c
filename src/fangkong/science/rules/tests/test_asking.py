"""The ways in: folders, a key without facts, and the situations that are refused."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime

import pytest

from fangkong.core.errors import InputError
from fangkong.science import rules
from fangkong.science.rules import InForce, NotInPack, Plan
from fangkong.science.rules.packs import SHIPPED
from fangkong.science.rules.tests.pack_writer import write_keys, write_pack

COVID = "covid-19"
CLEANER = {"disease": COVID, "role": "close_contact", "last_exposure_on": date(2021, 10, 20)}


def refused(**given: object) -> InputError:
    with pytest.raises(InputError) as refusal:
        rules.plan_for(given, on=date(2021, 10, 20))
    return refusal.value


def test_an_answer_is_read_like_its_row() -> None:
    answer = rules.resolve(
        "campaign.finish_hours", on="2021-10-20", disease=COVID, area="310115", place="city"
    )
    assert isinstance(answer, InForce)
    for name in ("key", "unit", "scope", "effective_from", "effective_to", "authority", "jurisdiction"):
        assert getattr(answer, name) == getattr(answer.row, name)
    for name in ("document", "legal_basis", "source", "transition", "note_zh", "note_en", "rule_row"):
        assert getattr(answer, name) == getattr(answer.row, name)
    assert answer.value["population_up_to_5000000"] == 48


def test_the_yaan_meeting_hears_that_the_pack_does_not_hold_the_campaign_time() -> None:
    answer = rules.resolve("campaign.finish_hours", on=date(2021, 8, 6), disease=COVID, area="511800")
    assert isinstance(answer, NotInPack)
    assert answer.last_row is None
    assert answer.next_row is not None
    assert answer.next_row.document.document_id == "pcr2"
    assert answer.next_row.effective_from == date(2021, 9, 13)


def test_the_one_scope_of_the_day_is_taken_as_asked_and_marked() -> None:
    answer = rules.resolve("contact.close.stages", on=date(2022, 7, 1), disease=COVID)
    assert isinstance(answer, InForce)
    assert answer.scope == {"person": "close_contact"}
    assert "scope_assumed" in answer.flags
    named = rules.resolve("contact.close.stages", on=date(2022, 7, 1), disease=COVID, person="close_contact")
    assert (named.row, "scope_assumed" in named.flags) == (answer.row, False)


def test_a_row_for_everybody_needs_no_scope() -> None:
    answer = rules.resolve("isolation.support", on=date(2026, 1, 1))
    assert isinstance(answer, InForce)
    assert (answer.scope, answer.flags) == ({}, ())


def test_between_several_scopes_the_asker_has_to_say() -> None:
    with pytest.raises(InputError) as refusal:
        rules.resolve("area.regime", on=date(2022, 7, 1), disease=COVID)
    assert refusal.value.code == "rules.scope_needed"
    assert {"area": "high"} in refusal.value.params["scopes"]
    answer = rules.resolve("area.regime", on=date(2022, 7, 1), disease=COVID, scope={"area": "high"})
    assert isinstance(answer, InForce)


def test_an_empty_scope_says_that_there_are_no_facts() -> None:
    assert isinstance(rules.resolve("area.regime", on=date(2022, 7, 1), disease=COVID, scope={}), NotInPack)


def test_a_fact_that_no_rule_knows_is_refused_with_what_is_near() -> None:
    with pytest.raises(InputError) as refusal:
        rules.resolve("contact.close.stages", on=date(2022, 7, 1), disease=COVID, persn="close_contact")
    assert (refusal.value.code, refusal.value.params["near"]) == ("rules.fact_unknown", ["person"])


@pytest.mark.parametrize("day", ["20 October 2021", datetime(2021, 10, 20, 8, tzinfo=UTC), 20211020])
def test_a_day_that_is_no_civil_day_is_refused(day: object) -> None:
    with pytest.raises(InputError, match=r"rules\.day_not_civil"):
        rules.resolve("contact.close.stages", on=day, disease=COVID)  # type: ignore[arg-type]


def test_a_folder_is_read_alone_and_several_in_order(tmp_path) -> None:
    row = {"key": "contact.observe_days", "value": 9, "scope": {"person": "contact"}}
    write_pack(tmp_path, "river-fever", disease="river-fever", rows=[row])
    alone, both = rules.load(tmp_path), rules.load(SHIPPED, str(tmp_path))
    assert alone.diseases() == ("river-fever",)
    assert set(both.diseases()) == {*rules.load().diseases(), "river-fever"}
    (tmp_path / "own").mkdir()
    write_keys(tmp_path / "own", {"x.days": {"kind": "restriction", "units": ["d"], "scopes": []}})
    write_pack(tmp_path / "own", "own", disease="river-fever", rows=[{"key": "x.days", "value": 3}])
    assert (
        rules.load(tmp_path, tmp_path / "own").resolve("x.days", on="2030-02-01", disease="river-fever").value
        == 3
    )
    with pytest.raises(InputError, match=r"rules\.folder_unknown"):
        rules.load(tmp_path / "nowhere")


def test_a_copy_of_the_shipped_folder_is_the_shipped_book(tmp_path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "packs")
    assert rules.load(tmp_path / "packs").packs == rules.load().packs


def test_a_date_may_be_iso_text() -> None:
    told = rules.plan_for({**CLEANER, "last_exposure_on": "2021-10-20"}, on="2021-10-20")
    assert isinstance(told, Plan)
    assert told.stages == rules.plan_for(CLEANER, on=date(2021, 10, 20)).stages


def test_a_missing_date_is_named() -> None:
    refusal = refused(disease=COVID, role="close_contact")
    assert (refusal.code, refusal.params["field"]) == ("rules.situation_date_needed", "last_exposure_on")


@pytest.mark.parametrize(
    ("given", "code", "params"),
    [
        ({"role": "case"}, "rules.situation_field_missing", {"field": "disease"}),
        ({"disease": COVID}, "rules.situation_field_missing", {"field": "role"}),
        ({"disease": COVID, "role": ["case"]}, "rules.situation_field_missing", {"field": "role"}),
        ({"disease": COVID, "role": "close"}, "rules.role_unknown", {"role": "close"}),
        (
            {**CLEANER, "last_exposure": "2021-10-20"},
            "rules.situation_field_unknown",
            {"field": "last_exposure"},
        ),
        (
            {**CLEANER, "last_exposure_on": "October"},
            "rules.situation_date_invalid",
            {"field": "last_exposure_on"},
        ),
        ({**CLEANER, "last_exposure_on": 20211020}, "rules.situation_date_invalid", {"given": "20211020"}),
        ({"disease": COVID, "role": "case", "severity": ["mild"]}, "rules.situation_fact_invalid", {}),
        ({"disease": COVID, "role": "traveller", "left_on": "2022-07-01"}, "rules.situation_fact_needed", {}),
    ],
)
def test_a_situation_that_cannot_be_taken_is_refused_by_field(given, code: str, params) -> None:
    refusal = refused(**given)
    assert refusal.code == code
    assert {name: refusal.params[name] for name in params} == params


def test_a_situation_that_is_no_table_is_refused() -> None:
    with pytest.raises(InputError, match=r"rules\.situation_not_table"):
        rules.plan_for(["covid-19"], on=date(2021, 10, 20))  # type: ignore[arg-type]
