"""No figure of a plan stands in code: change every figure of the packs, and the plans change by as much."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from fangkong.science.rules import Plan, RuleBook, load
from fangkong.science.rules.packs import SHIPPED
from fangkong.science.rules.roles import role_table

#: Added to every figure of every value of a plan key.
MORE = 3
PLAN_KEYS = {key for role in role_table().roles.values() for key in role.keys}
DAY0 = date(2021, 10, 20)
ON = {
    "edition 8": date(2021, 10, 20),
    "edition 9": date(2022, 6, 28),
    "twenty measures": date(2022, 11, 11),
    "ten measures": date(2022, 12, 7),
}


def raised(folder: Path) -> None:
    """Every figure in the value of a plan key, made ``MORE`` larger in the text of the files."""
    for path in folder.glob("*.toml"):
        if path.name == "keys.toml":
            continue
        key, lines = "", []
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.startswith("key = "):
                key = line.split('"')[1]
            if line.startswith("value = ") and key in PLAN_KEYS:
                line = re.sub(r"(?<![\w.\-])\d+(?![\w.])", lambda found: str(int(found[0]) + MORE), line)
            lines.append(line)
        path.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    folder = tmp_path_factory.mktemp("changed") / "packs"
    shutil.copytree(SHIPPED, folder)
    raised(folder)
    return load(folder)


def plans(book: RuleBook, on: date, **situation: Any) -> Plan:
    plan = book.plan_for({"disease": "covid-19", **situation}, on=on)
    assert isinstance(plan, Plan)
    return plan


@pytest.mark.parametrize("on", ON.values(), ids=ON)
@pytest.mark.parametrize(
    ("role", "day0"), [("close_contact", "last_exposure_on"), ("inbound_traveller", "arrived_on")]
)
def test_stages_and_tests_follow(book: RuleBook, changed: RuleBook, on: date, role: str, day0: str) -> None:
    before = plans(book, on, role=role, **{day0: DAY0})
    after = plans(changed, on, role=role, **{day0: DAY0})
    shift = timedelta(days=0)
    for old, new in zip(before.stages, after.stages, strict=True):
        assert new.days == old.days + MORE
        assert new.first_day == old.first_day + shift
        # A stage begins later by what those before it have grown; its tests fall MORE days later in it.
        moved = shift + timedelta(days=MORE)
        assert new.test_days == tuple(day + moved for day in old.test_days)
        shift = moved
        assert new.last_day == old.last_day + shift
    if before.transfer_within_hours is not None:
        assert after.transfer_within_hours == before.transfer_within_hours + MORE


@pytest.mark.parametrize(
    ("disease", "role", "dates", "on"),
    [
        ("cholera", "contact", {"last_exposure_on": DAY0}, DAY0),
        ("measles", "contact", {"last_exposure_on": DAY0}, DAY0),
        ("measles", "nonimmune_contact", {"last_exposure_on": DAY0}, DAY0),
        ("measles", "case", {"rash_onset_on": DAY0}, DAY0),
        ("covid-19", "closed_loop_worker", {"left_loop_on": DAY0}, ON["edition 9"]),
        ("covid-19", "secondary_contact", {"last_exposure_on": DAY0}, ON["edition 9"]),
    ],
)
def test_the_last_day_follows(
    book: RuleBook, changed: RuleBook, disease: str, role: str, dates: dict[str, date], on: date
) -> None:
    situation = {"disease": disease, "role": role, **dates}
    before, after = (each.plan_for(situation, on=on) for each in (book, changed))
    assert after.last_day == before.last_day + timedelta(days=MORE)


def test_what_follows_a_release_follows(book: RuleBook, changed: RuleBook) -> None:
    situation = {"disease": "covid-19", "role": "case", "released_on": "2022-07-10"}
    before, after = (each.plan_for(situation, on=date(2022, 7, 1)) for each in (book, changed))
    assert after.last_day == before.last_day + timedelta(days=MORE)
    assert after.release_rule["ct_at_least"] == before.release_rule["ct_at_least"] + MORE
