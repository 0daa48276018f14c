"""What differs between two sets of packs, between their plans, and between the editions of one situation."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from fangkong.core.errors import InputError
from fangkong.science.rules import NoRuleInForce, NotInPack, Plan, RuleBook, load
from fangkong.science.rules.diff import change_days, diff_books, diff_plans, plan_timeline
from fangkong.science.rules.packs import SHIPPED
from fangkong.science.rules.tests.pack_writer import write_keys, write_pack

KEYS = {
    "x.days": {"kind": "restriction", "units": ["d"], "scopes": ["person"]},
    "x.hours": {"kind": "duty", "units": ["h"], "scopes": []},
}
CONTACT = {"disease": "covid-19", "role": "close_contact", "last_exposure_on": "2022-11-09"}


def made(folder: Path, *rows: dict, disease: str = "fever", pack: str = "p") -> RuleBook:
    folder.mkdir()
    write_keys(folder, {key: KEYS[key] for key in {row["key"] for row in rows}})
    write_pack(folder, pack, disease=disease, rows=list(rows))
    return load(folder)


class TestBooks:
    def test_a_book_does_not_differ_from_itself(self, book) -> None:
        assert diff_books(book, book) == ()

    def test_a_changed_value_is_named_with_both_values(self, tmp_path) -> None:
        old = made(tmp_path / "old", {"key": "x.days", "value": 7})
        new = made(tmp_path / "new", {"key": "x.days", "value": 5, "confidence": "secondary"})
        (change,) = diff_books(old, new)
        assert (change.change, change.key, change.effective_from) == ("changed", "x.days", date(2030, 1, 1))
        assert [(each.field, each.old, each.new) for each in change.fields] == [
            ("value", 7, 5),
            ("confidence", "verified", "secondary"),
        ]

    def test_a_closed_row_and_its_successor_are_one_changed_and_one_added(self, tmp_path) -> None:
        old = made(tmp_path / "old", {"key": "x.days", "value": 7})
        closed = {"key": "x.days", "value": 7, "effective_to": date(2030, 6, 30)}
        after = {"key": "x.days", "value": 5, "effective_from": date(2030, 7, 1)}
        found = diff_books(old, made(tmp_path / "new", closed, after))
        assert [(each.change, each.effective_from.month) for each in found] == [("changed", 1), ("added", 7)]
        assert [each.field for each in found[0].fields] == ["effective_to"]

    def test_the_other_way_round_added_is_removed(self, tmp_path) -> None:
        old = made(
            tmp_path / "old", {"key": "x.days", "value": 7}, {"key": "x.hours", "unit": "h", "value": 2}
        )
        new = made(tmp_path / "new", {"key": "x.days", "value": 7})
        forward, back = diff_books(old, new), diff_books(new, old)
        assert [each.change for each in forward] == ["removed"]
        assert [each.change for each in back] == ["added"]
        assert forward[0].old == back[0].new

    @pytest.mark.parametrize(
        "other",
        [{"scope": {"person": "case"}}, {"jurisdiction": "CN-31"}, {"effective_from": date(2030, 2, 1)}],
    )
    def test_another_scope_place_or_first_day_is_another_row(self, tmp_path, other: dict) -> None:
        row = {"key": "x.days", "value": 7}
        found = diff_books(made(tmp_path / "old", row), made(tmp_path / "new", {**row, **other}))
        assert sorted(each.change for each in found) == ["added", "removed"]

    def test_a_row_that_moves_to_another_pack_is_the_same_row(self, tmp_path) -> None:
        row = {"key": "x.days", "value": 7}
        found = diff_books(made(tmp_path / "old", row), made(tmp_path / "new", row, pack="q"))
        assert [[field.field for field in each.fields] for each in found] == [["pack"]]


@pytest.fixture(scope="module")
def shorter(tmp_path_factory) -> RuleBook:
    """The shipped packs with the stages of the twenty measures cut to 3 days at a site and 2 at home."""
    folder = tmp_path_factory.mktemp("packs") / "shorter"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.md"))
    path = folder / "covid19-cn-control-plan.toml"
    text = path.read_text(encoding="utf-8")
    was = '{ place = "central", days = 5 }, { place = "home_isolation", days = 3 }'
    assert was in text or was.replace("{ ", "{").replace(" }", "}") in text
    for spelt in (was, was.replace("{ ", "{").replace(" }", "}")):
        text = text.replace(spelt, '{ place = "central", days = 3 }, { place = "home_isolation", days = 2 }')
    path.write_text(text, encoding="utf-8")
    return load(folder)


class TestPlans:
    def test_the_difference_is_told_stage_by_stage(self, book, shorter) -> None:
        found = diff_plans(book, shorter, CONTACT, on=date(2022, 11, 15))
        assert not found.same_outcome
        assert found.total_days == (8, 5)
        assert found.days_by_place == (("central", 5, 3), ("home_isolation", 3, 2))
        assert found.last_day == (date(2022, 11, 17), date(2022, 11, 14))
        assert [(one.last_day, two.last_day) for one, two in found.stages if one and two] == [
            (date(2022, 11, 14), date(2022, 11, 12)),
            (date(2022, 11, 17), date(2022, 11, 14)),
        ]
        assert date(2022, 11, 17) in found.tests_dropped
        assert (found.rows_dropped, found.rows_added) == ((), ())

    def test_a_day_of_another_edition_does_not_differ(self, book, shorter) -> None:
        found = diff_plans(book, shorter, CONTACT, on=date(2022, 7, 1))
        assert found.same_outcome
        assert (found.tests_added, found.tests_dropped) == ((), ())

    def test_a_book_without_the_rules_gives_its_answer_instead(self, book, tmp_path) -> None:
        folder = tmp_path / "bare"
        folder.mkdir()
        write_pack(
            folder, "p", disease="covid-19", rows=[{"key": "report.case_hours", "unit": "h", "value": 2}]
        )
        found = diff_plans(book, load(folder), CONTACT, on=date(2022, 11, 15))
        assert isinstance(found.new, NotInPack)
        assert found.total_days == (8, None)
        assert found.stages[0][1] is None
        assert found.rows_dropped
        assert not found.same_outcome


class TestEditions:
    def test_a_close_contact_under_every_edition(self, book) -> None:
        found = plan_timeline(book, CONTACT)
        plans = [each.answer for each in found if isinstance(each.answer, Plan)]
        assert [
            (each.from_day.isoformat(), plan.total_days) for each, plan in zip(found, plans, strict=True)
        ] == [
            ("2020-01-22", 14),
            ("2020-02-07", 14),
            ("2020-02-21", 14),
            ("2021-05-14", 21),
            ("2022-06-28", 10),
            ("2022-11-11", 8),
            ("2022-12-07", 5),
            ("2023-01-08", 0),
        ]
        # The event's date stays: only the day of the decision moves.
        assert {plan.first_day for plan in plans if plan.stages} == {date(2022, 11, 10)}

    @pytest.mark.parametrize("role", ["close_contact", "secondary_contact", "inbound_traveller", "case"])
    def test_the_stretches_join_without_gap_and_every_day_inside_says_the_same(self, book, role: str) -> None:
        dates = {"last_exposure_on": "2022-11-09", "arrived_on": "2022-11-09", "onset_on": "2022-11-09"}
        situation = {"disease": "covid-19", "role": role, **dates}
        found = plan_timeline(book, situation)
        for one, two in pairwise(found):
            assert one.to_day is not None
            assert two.from_day == one.to_day + timedelta(days=1)
        assert found[-1].to_day is None
        for each in found:
            last = each.to_day or date(2026, 1, 1)
            middle = each.from_day + (last - each.from_day) / 2
            for day in (each.from_day, middle, last):
                again = book.plan_for(situation, on=day)
                assert type(again) is type(each.answer), day
                if isinstance(again, Plan) and isinstance(each.answer, Plan):
                    assert again.rules == each.answer.rules, day
                    assert [s.days for s in again.stages] == [s.days for s in each.answer.stages], day

    def test_the_three_answers_stand_in_their_columns(self, book) -> None:
        situation = {"disease": "covid-19", "role": "traveller", "area": "high", "left_on": "2022-11-09"}
        kinds = [type(each.answer) for each in plan_timeline(book, situation)]
        assert {Plan, NotInPack, NoRuleInForce} == set(kinds)
        assert all(each.documents for each in plan_timeline(book, situation) if isinstance(each.answer, Plan))

    def test_only_rows_that_the_role_asks_for_make_an_edition(self, book) -> None:
        days = change_days(book, CONTACT)
        assert date(2022, 11, 11) in days
        freight = next(
            row
            for pack in book.packs
            if "freight" in pack.name
            for row in pack.rows
            if row.effective_from not in days
        )
        assert freight.effective_from not in {each.from_day for each in plan_timeline(book, CONTACT)}

    def test_a_role_or_a_date_that_is_missing_is_refused(self, book) -> None:
        with pytest.raises(InputError) as unknown:
            plan_timeline(book, {"disease": "covid-19", "role": "neighbour"})
        assert unknown.value.code == "rules.role_unknown"
        with pytest.raises(InputError) as undated:
            plan_timeline(book, {"disease": "measles", "role": "contact"})
        assert undated.value.code == "rules.situation_date_needed"

    def test_an_edition_that_needs_another_date_says_so_in_its_own_column(self, book) -> None:
        found = plan_timeline(book, {"disease": "covid-19", "role": "close_contact"})
        needing = [each for each in found if each.error is not None]
        assert needing
        assert {each.error.code for each in needing if each.error} == {"rules.situation_date_needed"}
        assert all(each.answer is None for each in needing)
        last = found[-1]
        assert isinstance(last.answer, Plan)
        assert last.answer.stages == ()

    def test_a_disease_without_rows_has_no_editions(self, book) -> None:
        assert plan_timeline(book, {**CONTACT, "disease": "made-up-fever"}) == ()
