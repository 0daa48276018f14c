"""One answer per key and day: the row, the law's silence, the packs' silence or a conflict."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.core.errors import InputError, NotFound
from fangkong.science.rules import (
    Conflict,
    InForce,
    NoRuleInForce,
    NotInPack,
    Undecided,
    load_rule_book,
    rule_book,
)
from fangkong.science.rules.packs import KeyRule, Row, load_packs
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.tests.pack_writer import write_pack

COVID = "covid-19"
DAY = date(2030, 5, 1)

KEYS = {
    rule.key: rule
    for rule in (
        KeyRule("x.days", "restriction", ("d",), ("person", "area")),
        KeyRule("x.hours", "duty", ("h",), ("person",)),
        KeyRule("x.who", "power", ("authority",), ()),
        KeyRule("x.name", "definition", ("rule",), ()),
        KeyRule("x.forbid", "safeguard", ("list",), ()),
        KeyRule("x.rooms", "service", ("rooms",), ()),
        KeyRule("x.goal", "target", ("d",), ()),
        KeyRule("contact.lookback_days", "restriction", ("d",), ("person",)),
        KeyRule("contact.close.stages", "restriction", ("d",), ("person",)),
        KeyRule("contact.close.test_days", "restriction", ("day",), ("person",)),
    )
}


def book_of(
    tmp_path: Any, rows: list[dict[str, Any]], more: list[dict[str, Any]] = (), **kwargs: Any
) -> RuleBook:  # type: ignore[assignment]
    """A book of a pack for the disease ``fever`` and, with ``more``, a pack for any disease."""
    write_pack(tmp_path, "fever", disease="fever", rows=rows, **kwargs)
    if more:
        write_pack(tmp_path, "everything", disease="any", rows=list(more))
    return RuleBook(load_packs(tmp_path, KEYS), KEYS)


def ask(book: RuleBook, key: str, on: date = DAY, area: str = "CN", **scope: Any) -> Any:
    return book.resolve(key, on=on, disease="fever", area=area, scope=scope)


# --- the shipped packs ---------------------------------------------------------------------------------


def test_the_look_back_before_onset_reaches_18_october(book: RuleBook) -> None:
    days = book.resolve_value(
        "contact.lookback_days", on=date(2021, 10, 20), disease=COVID, scope={"person": "case"}
    )
    assert date(2021, 10, 20) - timedelta(days=days) == date(2021, 10, 18)


def test_a_case_is_reported_within_two_hours_under_class_a_and_a_day_under_class_b(book: RuleBook) -> None:
    def hours(on: date) -> int:
        return book.resolve_value("report.case_hours", on=on, disease=COVID, scope={"person": "case"})

    assert (hours(date(2021, 10, 20)), hours(date(2023, 1, 8))) == (2, 24)


def test_the_airport_city_must_finish_its_campaign_in_48_hours(book: RuleBook) -> None:
    answer = book.resolve(
        "campaign.finish_hours", on=date(2021, 10, 20), disease=COVID, scope={"place": "city"}
    )
    assert isinstance(answer, InForce)
    assert answer.value["population_up_to_5000000"] == 48


def test_a_guide_of_the_next_month_is_named_but_not_applied(book: RuleBook) -> None:
    answer = book.resolve(
        "campaign.finish_hours", on=date(2021, 8, 6), disease=COVID, scope={"place": "city"}
    )
    assert isinstance(answer, NotInPack)
    assert "the first mass-testing guide (before 2021-09-13)" in answer.missing
    assert answer.next_row is not None
    assert answer.next_row.effective_from == date(2021, 9, 13)
    assert answer.last_row is None


def test_after_class_b_the_law_is_silent_on_risk_areas(book: RuleBook) -> None:
    answer = book.resolve(
        "contact.close.transfer_within_hours",
        on=date(2023, 2, 1),
        disease=COVID,
        scope={"person": "close_contact"},
    )
    assert isinstance(answer, NoRuleInForce)
    assert "bb" in answer.coverage.basis
    assert answer.last_row is not None
    assert answer.last_row.document.document_id == "ed9"


def test_national_silence_says_nothing_of_local_rules(book: RuleBook) -> None:
    answer = book.resolve(
        "contact.close.transfer_within_hours",
        on=date(2023, 2, 1),
        disease=COVID,
        area="310115",
        scope={"person": "close_contact"},
    )
    assert isinstance(answer, NotInPack)
    assert answer.silent_above is not None
    assert answer.silent_above.areas == ("CN",)


def test_a_kind_of_person_without_a_row_is_not_silence_of_the_law(book: RuleBook) -> None:
    answer = book.resolve(
        "contact.close.transfer_within_hours",
        on=date(2023, 2, 1),
        disease=COVID,
        scope={"person": "general_contact"},
    )
    assert isinstance(answer, NotInPack)
    assert answer.scopes == ({"person": "close_contact"},)


def test_what_the_ten_measures_do_not_mention_stays_in_force(book: RuleBook) -> None:
    answer = book.resolve(
        "contact.close.swab", on=date(2023, 1, 7), disease=COVID, scope={"person": "close_contact"}
    )
    assert isinstance(answer, InForce)
    assert answer.row.document.document_id == "ed9"


def test_foreign_guidance_fills_a_key_without_law_and_says_so(book: RuleBook) -> None:
    answer = book.resolve(
        "case.isolate_until", on=date(2024, 5, 1), disease="measles", scope={"person": "case"}
    )
    assert isinstance(answer, InForce)
    assert "reference" in answer.flags
    assert not answer.binding


def test_an_international_target_is_found_from_a_city_and_binds_nobody(book: RuleBook) -> None:
    answer = book.resolve("target.detect_days", on=date(2024, 5, 1), disease="measles", area="CN-3101")
    assert isinstance(answer, InForce)
    assert set(answer.flags) >= {"international", "target"}
    assert not answer.binding


def test_two_scopes_of_one_fact_each_are_a_conflict(book: RuleBook) -> None:
    scope = {"person": "case", "disease_class": "B_or_C"}
    answer = book.resolve("report.case_hours", on=date(2024, 5, 1), disease="dengue", scope=scope)
    assert isinstance(answer, Conflict)
    assert {row.disease for row in answer.rows} == {"dengue", "any"}


def test_an_unknown_key_is_refused_with_what_is_near(book: RuleBook) -> None:
    with pytest.raises(InputError) as refusal:
        book.resolve("contact.close.stage", on=DAY, disease=COVID)
    assert refusal.value.code == "rules.key_unknown"
    assert "contact.close.stages" in refusal.value.params["near"]


@pytest.mark.parametrize("area", ["CN-3", "shanghai", "", "CN-31-15"])
def test_an_area_that_is_no_code_is_refused(book: RuleBook, area: str) -> None:
    with pytest.raises(InputError, match=r"rules\.area_unknown"):
        book.resolve("contact.close.swab", on=DAY, disease=COVID, area=area)


def test_a_value_that_no_row_gives_is_refused_with_the_reason(book: RuleBook) -> None:
    with pytest.raises(Undecided) as refusal:
        book.resolve_value(
            "campaign.finish_hours", on=date(2021, 8, 6), disease=COVID, scope={"place": "city"}
        )
    assert refusal.value.code == "rules.not_in_pack"
    assert isinstance(refusal.value.answer, NotInPack)


def test_a_row_is_found_again_by_its_stable_name(book: RuleBook) -> None:
    name = "covid19-cn-control-plan:contact.close.stages:person=close_contact:2022-06-28:CN"
    assert book.row(name).document.document_id == "ed9"
    with pytest.raises(NotFound):
        book.row(name + "x")


# --- scope, disease, rank ------------------------------------------------------------------------------


def test_a_row_of_the_disease_goes_before_a_row_for_any_disease(tmp_path) -> None:
    book = book_of(tmp_path, [{"key": "x.days", "value": 5}], [{"key": "x.days", "value": 9}])
    answer = ask(book, "x.days")
    assert (answer.value, [other.why for other in answer.others]) == (5, ["any_disease"])


def test_a_narrower_row_for_any_disease_goes_before_a_broad_row_of_the_disease(tmp_path) -> None:
    narrow = {"key": "x.days", "value": 9, "scope": {"person": "nurse"}}
    book = book_of(tmp_path, [{"key": "x.days", "value": 5}], [narrow])
    assert ask(book, "x.days", person="nurse").value == 9
    assert ask(book, "x.days", person="cook").value == 5


def test_guidance_stands_back_when_there_is_law(tmp_path) -> None:
    guidance = {"key": "x.days", "value": 9, "authority": "reference", "scope": {"person": "nurse"}}
    book = book_of(tmp_path, [{"key": "x.days", "value": 5}, guidance])
    answer = ask(book, "x.days", person="nurse")
    assert (answer.value, answer.binding) == (5, True)
    assert [other.why for other in answer.others] == ["reference_fills_last"]


def test_an_unverified_row_is_given_but_never_decides_alone(tmp_path) -> None:
    book = book_of(tmp_path, [{"key": "x.days", "value": 5, "confidence": "unverified"}])
    answer = ask(book, "x.days")
    assert (answer.value, answer.confidence, answer.decides_alone) == (5, "unverified", False)
    assert "unverified" in answer.flags


# --- the national ceiling ------------------------------------------------------------------------------


def local(key: str, value: Any, **fields: Any) -> dict[str, Any]:
    return {"key": key, "value": value, "authority": "prefecture", "jurisdiction": "CN-9901", **fields}


def overlay(tmp_path: Any, key: str, unit: str, national: Any, here: Any, **fields: Any) -> Any:
    rows = [{"key": key, "value": national, "unit": unit}, local(key, here, unit=unit, **fields)]
    return ask(book_of(tmp_path, rows), key, area="990103")


@pytest.mark.parametrize(
    ("key", "unit", "national", "here", "decides", "why"),
    [
        ("contact.lookback_days", "d", 2, 1, 1, None),
        ("contact.lookback_days", "d", 2, 4, 2, "stricter_than_national"),
        ("x.days", "d", 2, 1, 2, "cannot_be_compared"),
        (
            "contact.close.stages",
            "d",
            [{"place": "central", "days": 7}],
            [{"place": "central", "days": 5}],
            ({"place": "central", "days": 5},),
            None,
        ),
        (
            "contact.close.stages",
            "d",
            [{"place": "central", "days": 7}],
            [{"place": "central", "days": 14}],
            ({"place": "central", "days": 7},),
            "stricter_than_national",
        ),
        (
            "contact.close.stages",
            "d",
            [{"place": "home", "days": 7}],
            [{"place": "central", "days": 5}],
            ({"place": "home", "days": 7},),
            "cannot_be_compared",
        ),
        ("contact.close.test_days", "day", {"a": [1, 4]}, {"a": [1]}, {"a": (1,)}, None),
        (
            "contact.close.test_days",
            "day",
            {"a": [1, 4]},
            {"a": [1, 2, 4]},
            {"a": (1, 4)},
            "stricter_than_national",
        ),
        ("x.hours", "h", 12, 8, 8, None),
        ("x.hours", "h", 12, 24, 12, "longer_deadline"),
        ("x.who", "authority", "prefecture", "county", "prefecture", "not_the_deciding_rank"),
        ("x.name", "rule", "one", "two", "one", "national_definition"),
        ("x.forbid", "list", ["a"], ["a", "b"], ("a", "b"), None),
        ("x.forbid", "list", ["a", "b"], ["a"], ("a", "b"), "weakens_safeguard"),
        ("x.rooms", "rooms", 20, 40, 40, None),
        ("x.rooms", "rooms", 20, 10, 20, "gives_less"),
        ("x.goal", "d", 7, 3, 7, "target_binds_nobody"),
    ],
)
def test_a_local_row_beside_the_national_one(
    tmp_path, key: str, unit: str, national: Any, here: Any, decides: Any, why: str | None
) -> None:
    answer = overlay(tmp_path, key, unit, national, here)
    assert answer.value == decides
    if why is None:
        assert "local" in answer.flags
        assert [row.jurisdiction for row in answer.used] == ["CN-9901", "CN"]
    else:
        assert "local_not_applied" in answer.flags
        assert [other.why for other in answer.others] == [why]


REASON = {"reason": "a new variant", "evidence": "https://example.org/e", "approved_by": "province"}
TWO_WEEKS = {"effective_from": date(2030, 4, 25), "effective_to": date(2030, 5, 9)}


def test_a_stricter_local_row_counts_with_reason_approval_and_a_near_end(tmp_path) -> None:
    answer = overlay(tmp_path, "contact.lookback_days", "d", 2, 4, stricter=REASON, **TWO_WEEKS)
    assert answer.value == 4
    assert "stricter_with_reason" in answer.flags


@pytest.mark.parametrize(
    "lacking",
    [
        {"stricter": {**REASON, "reason": ""}},
        {"stricter": {**REASON, "evidence": ""}},
        {"stricter": {**REASON, "approved_by": "prefecture"}},
        {"effective_to": date(2030, 5, 10)},
    ],
)
def test_a_stricter_local_row_that_lacks_one_thing_is_shown_not_applied(tmp_path, lacking) -> None:
    fields = {"stricter": REASON, **TWO_WEEKS, **lacking}
    answer = overlay(tmp_path, "contact.lookback_days", "d", 2, 4, **fields)
    assert answer.value == 2
    assert [other.why for other in answer.others] == ["stricter_than_national"]


def test_a_local_row_speaks_of_its_own_area_only(tmp_path) -> None:
    book = book_of(tmp_path, [{"key": "x.hours", "value": 12, "unit": "h"}, local("x.hours", 8, unit="h")])
    assert [ask(book, "x.hours", area=area).value for area in ("9901", "990103", "9902", "CN")] == [
        8,
        8,
        12,
        12,
    ]


def test_a_local_row_without_a_national_one_decides_and_says_so(tmp_path) -> None:
    answer = ask(book_of(tmp_path, [local("x.days", 3)]), "x.days", area="990103")
    assert answer.value == 3
    assert set(answer.flags) >= {"local", "no_national_row"}


def test_an_office_adds_its_own_folder_to_the_shipped_packs(tmp_path) -> None:
    shorter = local(
        "contact.close.transfer_within_hours",
        6,
        unit="h",
        scope={"person": "close_contact"},
        effective_from=date(2021, 6, 1),
    )
    write_pack(tmp_path, "our-city", disease=COVID, rows=[shorter])
    answer = rule_book(tmp_path).resolve(
        "contact.close.transfer_within_hours",
        on=date(2021, 10, 20),
        disease=COVID,
        area="990103",
        scope={"person": "close_contact"},
    )
    assert isinstance(answer, InForce)
    assert (answer.value, answer.row.pack) == (6, "our-city")
    # The national ceiling was a secondary source: the decision carries its mark.
    assert answer.confidence == "secondary"


def test_two_packs_of_one_name_are_refused(tmp_path) -> None:
    write_pack(tmp_path, "fever", disease="fever", rows=[{"key": "x.days", "value": 1}])
    packs = load_packs(tmp_path, KEYS)
    with pytest.raises(InputError, match=r"rules\.pack_name_taken"):
        RuleBook([*packs, *packs], KEYS)


def test_an_unsound_folder_is_not_loaded(tmp_path) -> None:
    write_pack(tmp_path, "fever", disease="fever", rows=[{"key": "x.unknown", "value": 1}])
    with pytest.raises(InputError) as refusal:
        load_rule_book(tmp_path)
    assert refusal.value.code == "rules.packs_invalid"
    assert {problem.code for problem in refusal.value.params["problems"]} >= {"row_key_unknown"}


# --- for any rows and any day --------------------------------------------------------------------------

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
    from dataclasses import replace

    from fangkong.science.rules.packs import Table

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
    from dataclasses import replace

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
    answer = ask(made_book([*rows, narrow]), "x.days", on, person="nurse", area_level="x", **{})
    assert not isinstance(answer, InForce) or answer.row.row_id != "made:99"  # the case lacks `area`
    facts = {"person": "nurse", "area": "high"}
    answer = made_book([*rows, narrow]).resolve("x.days", on=on, disease="fever", scope=facts)
    assert isinstance(answer, InForce)
    assert answer.row.row_id == "made:99"


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
