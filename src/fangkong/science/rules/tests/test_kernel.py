"""The compiled planner and its readable twin give the same plans, for any day, place, person and pack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fangkong.core.errors import InputError
from fangkong.science.rules import Plan, rule_book
from fangkong.science.rules.packs import Coverage, Row, Table
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.roles import role_table

BOOK = rule_book()
ROLES = sorted(role_table().roles)
PLAN_KEYS = {key for role in role_table().roles.values() for key in role.keys}
AREAS = ["CN", "CN-31", "310115", "440784", "210100", "210102", "110000", "INT"]
DAYS = st.dates(min_value=date(2019, 12, 1), max_value=date(2026, 6, 30))
CUTS = sorted({row.effective_from for pack in BOOK.packs for row in pack.rows if row.key in PLAN_KEYS})
#: Days around which an answer can change are asked about as often as all others.
ON = DAYS | st.builds(lambda cut, off: cut + timedelta(days=off), st.sampled_from(CUTS), st.integers(-1, 1))
FACTS = {"severity": ["mild", "severe", "moderate_or_worse_or_high_risk"], "place": ["home", "hospital"]}


@st.composite
def situations(draw: Any, diseases: list[str]) -> dict[str, Any]:
    """A person of any role with some of the dates, and facts that rows know or not."""
    table = role_table()
    made: dict[str, Any] = {"disease": draw(st.sampled_from(diseases)), "role": draw(st.sampled_from(ROLES))}
    role = table.roles[made["role"]]
    for name in sorted({*role.day0, "onset_on", "isolated_on", "released_on"}):
        if draw(st.booleans()) or name == role.day0[0]:
            made[name] = draw(DAYS | st.none()) if role.form == "isolation" else draw(DAYS)
    if "area" in role.facts:
        made["area"] = draw(st.sampled_from(["high", "medium", "low", "wuhan", "hubei", "moon"]))
    for name, values in FACTS.items():
        if name in role.facts and draw(st.booleans()):
            made[name] = draw(st.sampled_from(values))
    return made


def asked(book: RuleBook, situation: dict[str, Any], on: date, area: str, reference: bool) -> Any:
    try:
        return book.plan_for(situation, on=on, area=area, reference=reference)
    except InputError as refused:
        return refused.code, refused.params


def must_agree(book: RuleBook, situation: dict[str, Any], on: date, area: str) -> Any:
    fast, slow = (asked(book, situation, on, area, reference) for reference in (False, True))
    assert fast == slow
    if isinstance(fast, Plan):
        assert (fast.release_rule, fast.confidence, fast.rules) == (
            slow.release_rule,
            slow.confidence,
            slow.rules,
        )
    return fast


@given(situation=situations([*BOOK.diseases(), "river-fever"]), on=ON, area=st.sampled_from(AREAS))
def test_the_shipped_packs_are_planned_alike(situation: dict[str, Any], on: date, area: str) -> None:
    must_agree(BOOK, situation, on, area)


@given(situation=situations(["covid-19"]), on=ON, area=st.sampled_from(AREAS))
def test_stages_follow_one_another_and_tests_fall_into_them(
    situation: dict[str, Any], on: date, area: str
) -> None:
    plan = must_agree(BOOK, situation, on, area)
    if not isinstance(plan, Plan):
        return
    for stage in plan.stages:
        if stage.first_day and stage.last_day:
            assert stage.days == (stage.last_day - stage.first_day).days + 1 > 0
        if plan.role not in ("case", "asymptomatic"):
            assert all(stage.first_day <= day <= stage.last_day for day in stage.test_days or ())
    for one, two in zip(plan.stages, plan.stages[1:], strict=False):
        assert (one.last_day is None) == (two.first_day is None)
        assert one.last_day is None or two.first_day == one.last_day + timedelta(days=1)


SPAN = st.tuples(
    st.dates(min_value=date(2021, 1, 1), max_value=date(2023, 6, 1)), st.integers(0, 400) | st.none()
)
PLAN_ROWS = [row for pack in BOOK.packs for row in pack.rows if row.key in PLAN_KEYS]
SAID = st.sampled_from([None, {"new_cases": "event_day"}, {"new_cases": "decision_day"}])
PLACES = st.sampled_from(["CN", "CN", "CN", "CN-31", "CN-3101"])


@st.composite
def made_rows(draw: Any) -> Row:
    """A plan row of the packs under other dates, places and transitions."""
    first, days = draw(SPAN)
    place, said = draw(PLACES), draw(SAID)
    row = draw(st.sampled_from(PLAN_ROWS))
    return replace(
        row,
        row_id=f"{row.key}:{first}:{place}:{days}",
        disease=draw(st.sampled_from(["fever", "fever", "any"])),
        jurisdiction=place,
        authority="national" if place == "CN" else "prefecture",
        effective_from=first,
        effective_to=None if days is None else first + timedelta(days=days),
        transition_rule=None if said is None else Table(said),
    )


@given(
    rows=st.lists(made_rows(), min_size=1, max_size=12),
    situation=situations(["fever"]),
    on=st.dates(min_value=date(2020, 12, 1), max_value=date(2024, 1, 1)),
    area=st.sampled_from(["CN", "310115", "320000"]),
    window=SPAN,
    complete=st.booleans(),
)
def test_any_pack_is_planned_alike(
    rows: list[Row], situation: dict[str, Any], on: date, area: str, window: Any, complete: bool
) -> None:
    first, days = window
    entry = Coverage(
        pack="made",
        from_on=first,
        to_on=date.max if days is None else first + timedelta(days=days),
        areas=("CN", "CN-31"),
        keys=("contact.*", "case.*", "travel.stages"),
        complete=complete,
        basis=(),
        missing=("an annex",),
        note_en="made",
    )
    shipped = BOOK.packs[0]
    packs = [
        replace(
            shipped,
            name=disease,
            disease=disease,
            coverage=(entry,) if disease == "fever" else (),
            rows=tuple(row for row in rows if row.disease == disease),
        )
        for disease in ("fever", "any")
    ]
    must_agree(RuleBook(packs, BOOK.keys), situation, on, area)


def test_a_local_row_is_heard_in_its_own_city_and_nowhere_else() -> None:
    national = next(
        row for row in PLAN_ROWS if row.key == "contact.close.stages" and row.document.document_id == "ed9"
    )
    local = replace(
        national,
        row_id="local",
        jurisdiction="CN-3101",
        authority="prefecture",
        value=(Table({"place": "central", "days": 2}),),
    )
    shipped = next(pack for pack in BOOK.packs if pack.disease == "covid-19")
    packs = [*BOOK.packs, replace(shipped, name="local", jurisdiction="CN-3101", coverage=(), rows=(local,))]
    book, on = RuleBook(packs, BOOK.keys), date(2022, 7, 5)
    person = {"disease": "covid-19", "role": "close_contact", "last_exposure_on": "2022-07-01"}
    days = {
        area: book.plan_for(person, on=on, area=area).total_days
        for area in ("CN", "310100", "310115", "320100")
    }
    assert days == {"CN": 10, "310100": 2, "310115": 2, "320100": 10}
