"""How many distinct situations are planned: the compiled planner beside its readable twin.

Every situation is another one, and nothing is remembered between them. Both must give the same plans, or there
is no figure to report.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from fangkong.science.rules import SHIPPED, Plan, RuleBook, load_rule_book

from .figures import Section, verdict

SITUATIONS, TWIN_SITUATIONS, CHUNK, SEED = 1_000_000, 2000, 50_000, 7
TARGET_S = 60
FIRST_DAY = date(2020, 1, 22)
EXPOSURE_DAYS, DECISION_DAYS = 1460, 30
#: Role, its date, and a fact with the values that rows tell apart.
PERSONS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("close_contact", "last_exposure_on", "", ()),
    ("secondary_contact", "last_exposure_on", "", ()),
    ("inbound_traveller", "arrived_on", "", ()),
    ("traveller", "left_on", "area", ("high", "medium", "low")),
    ("closed_loop_worker", "left_loop_on", "", ()),
    ("case", "onset_on", "severity", ("mild", "moderate_or_worse_or_high_risk")),
    ("asymptomatic", "sampled_on", "", ()),
)
PREFECTURES = tuple(f"{province}{city:02d}" for province in (31, 32, 33, 44, 51) for city in range(1, 21))

Question = tuple[dict[str, Any], date, str]


def measure(situations: int = SITUATIONS, twin: int = TWIN_SITUATIONS) -> Section:
    """CPU seconds for ``situations`` distinct plans with all their days, and the twin's time for some of them."""
    book = load_rule_book(SHIPPED)
    spent, planned, days = 0.0, 0, 0
    asked = _questions(situations)
    while chunk := list(islice(asked, CHUNK)):
        started = time.process_time()
        for situation, on, area in chunk:
            plan = book.plan_for(situation, on=on, area=area)
            if isinstance(plan, Plan):
                days += sum(stage.days or 0 for stage in plan.stages)
        spent += time.process_time() - started
        planned += len(chunk)
    slow = _twin(book, twin)
    each, readable = spent / planned, slow / twin
    return Section(
        title="Plans",
        lead=(
            f"{planned:,} distinct situations ({len(PERSONS)} roles, {EXPOSURE_DAYS:,} days of exposure, "
            f"{DECISION_DAYS} days of decision, {len(PREFECTURES)} prefectures) planned with all stages and test "
            f"days, {days:,} days in all; nothing is remembered between situations. The index is compiled from the "
            f"packs inside the measured time. Twin: {twin:,} situations; both gave the same plans."
        ),
        columns=["way", "CPU s for 1,000,000", "plans per CPU s", f"at most {TARGET_S} CPU s"],
        rows=[
            [
                "compiled",
                f"{each * 1e6:.1f}",
                f"{1 / each:,.0f}",
                verdict(each * 1e6, TARGET_S, "s"),
            ],
            ["readable twin", f"{readable * 1e6:.0f}", f"{1 / readable:,.0f}", "no target"],
        ],
    )


def _questions(count: int) -> Iterator[Question]:
    """``count`` situations, no two alike: the exposure, the decision, the place and the person all run through."""
    rng = random.Random(SEED)
    kinds = [(role, day, fact, value) for role, day, fact, values in PERSONS for value in values or ("",)]
    total = EXPOSURE_DAYS * DECISION_DAYS * len(PREFECTURES) * len(kinds)
    for number in rng.sample(range(total), count):
        rest, kind = divmod(number, len(kinds))
        rest, place = divmod(rest, len(PREFECTURES))
        exposed, waited = divmod(rest, DECISION_DAYS)
        role, day, fact, value = kinds[kind]
        event_on = FIRST_DAY + timedelta(days=exposed)
        situation: dict[str, Any] = {"disease": "covid-19", "role": role, day: event_on}
        if fact:
            situation[fact] = value
        yield situation, event_on + timedelta(days=waited), PREFECTURES[place]


def _twin(book: RuleBook, count: int) -> float:
    spent = 0.0
    for situation, on, area in _questions(count):
        started = time.process_time()
        slow = book.plan_for(situation, on=on, area=area, reference=True)
        spent += time.process_time() - started
        if slow != book.plan_for(situation, on=on, area=area):
            raise RuntimeError(f"the compiled plan and its twin differ: {situation} on {on} in {area}")
    return spent
