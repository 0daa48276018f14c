"""What holds for any rows and any day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.rules import Conflict, InForce, NotInPack, rule_book
from fangkong.science.rules.packs import Row, Table
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.tests.made_books import KEYS

SHIPPED_BOOK = rule_book()
ALL_ROWS: list[Row] = [row for pack in SHIPPED_BOOK.packs for row in pack.rows]


@given(
    row=st.sampled_from(ALL_ROWS),
    on=st.dates(min_value=date(2000, 1, 1), max_value=date(2035, 12, 31)),
    disease=st.sampled_from([*SHIPPED_BOOK.diseases(), "river-fever"]),
    area=st.sampled_from(["CN", "CN-31", "310115", "320509", "INT", "CN-440784"]),
)
def test_no_answer_rests_on_a_row_whose_dates_exclude_the_day(
    row: Row, on: date, disease: str, area: str
) -> None:
    answer = SHIPPED_BOOK.resolve(row.key, on=on, disease=disease, area=area, scope=dict(row.scope))
    if isinstance(answer, InForce):
        assert all(used.in_force(on) for used in (*answer.used, *(other.row for other in answer.others)))
        assert answer.row.disease in (disease, "any")
    elif isinstance(answer, Conflict):
        assert all(one.in_force(on) for one in answer.rows)
    else:
        assert answer.last_row is None or answer.last_row.effective_to < on
        assert answer.next_row is None or answer.next_row.effective_from > on


@given(row=st.sampled_from(ALL_ROWS), days=st.integers(min_value=0, max_value=400))
def test_every_row_is_heard_on_every_day_it_is_in_force(row: Row, days: int) -> None:
    on = row.effective_from + timedelta(days=days)
    if not row.in_force(on):
        on = row.effective_from
    answer = SHIPPED_BOOK.resolve(
        row.key, on=on, disease=row.disease, area=row.jurisdiction, scope=dict(row.scope)
    )
    heard = answer.rows if isinstance(answer, Conflict) else (answer.row, *(o.row for o in answer.others))
    assert row in heard


def made_row(number: int, scope: dict[str, str], first_on: date, days: int | None) -> Row:
    """A row of ``ALL_ROWS`` with another scope and other dates."""
    return replace(
        ALL_ROWS[0],
        row_id=f"made:{number}",
        disease="fever",
        key="x.days",
        jurisdiction="CN",
        authority="national",
        scope=Table(scope),
        effective_from=first_on,
        effective_to=None if days is None else first_on + timedelta(days=days),
    )


def made_book(rows: list[Row]) -> RuleBook:
    pack = replace(SHIPPED_BOOK.packs[0], name="made", disease="fever", coverage=(), rows=tuple(rows))
    return RuleBook([pack], KEYS)


SCOPES = st.sampled_from([{}, {"person": "nurse"}, {"area": "high"}, {"person": "nurse", "area": "high"}])
FIRST_DAYS = st.dates(min_value=date(2030, 1, 1), max_value=date(2030, 6, 30))
SPANS = st.lists(
    st.tuples(SCOPES, FIRST_DAYS, st.none() | st.integers(min_value=0, max_value=90)), max_size=6
)


@given(spans=SPANS, on=FIRST_DAYS)
def test_a_narrower_row_in_force_wins_over_whatever_was_there(spans: list[Any], on: date) -> None:
    rows = [
        made_row(number, scope, first_on, days)
        for number, (scope, first_on, days) in enumerate(spans)
        if len(scope) < 2
    ]
    narrow = made_row(99, {"person": "nurse", "area": "high"}, on, 0)
    facts = {"person": "nurse", "area": "high"}
    answer = made_book([*rows, narrow]).resolve("x.days", on=on, disease="fever", scope=facts)
    assert isinstance(answer, InForce)
    assert answer.row.row_id == "made:99"


@given(spans=SPANS, on=FIRST_DAYS)
def test_a_row_that_needs_a_fact_the_case_lacks_never_decides(spans: list[Any], on: date) -> None:
    book = made_book([made_row(number, *span) for number, span in enumerate(spans)])
    answer = book.resolve("x.days", on=on, disease="fever", scope={"person": "nurse"})
    heard = answer.rows if isinstance(answer, Conflict) else ()
    if isinstance(answer, InForce):
        heard = (answer.row, *(other.row for other in answer.others))
    assert all("area" not in row.scope for row in heard)


@given(spans=SPANS, on=FIRST_DAYS)
def test_two_equally_narrow_rows_in_force_are_a_conflict(spans: list[Any], on: date) -> None:
    rows = [made_row(number, *span) for number, span in enumerate(spans)]
    facts = {"person": "nurse", "area": "high"}
    answer = made_book(rows).resolve("x.days", on=on, disease="fever", scope=facts)
    today = [row for row in rows if row.in_force(on)]
    widest = max((len(row.scope) for row in today), default=0)
    narrowest = [row for row in today if len(row.scope) == widest]
    if not narrowest:
        assert isinstance(answer, NotInPack)
    elif len(narrowest) == 1:
        assert isinstance(answer, InForce)
        assert answer.row == narrowest[0]
    else:
        assert isinstance(answer, Conflict)
        assert set(answer.rows) == set(narrowest)
