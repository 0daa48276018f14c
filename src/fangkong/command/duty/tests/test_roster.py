"""A roster is entered once, checked before it is kept, and kept against its rules only by whoever has seen them."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from fangkong.command.duty.actions import (
    RosterBroken,
    Team,
    roster_fill,
    roster_import,
    shift_cancel,
    shift_change,
)
from fangkong.command.duty.holidays import FILE, holidays
from fangkong.command.duty.queries import roster_days, shift_history, shifts_mine, shifts_on
from fangkong.command.duty.rows import version_of
from fangkong.command.models import DutyShift
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.record.models import AuditRow, User

from .offices import AT, CITY, DISTRICT, MONDAY, enter, keeper, known, monday, office, officer, shift, week

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(tmp_path, settings):
    settings.HOME = tmp_path
    office()


def seen_codes(**more) -> list[str]:
    found = roster_days(CITY, MONDAY, 7, actor=keeper(), at=AT + timedelta(minutes=1))
    return [each.code for group in found.violations.values() for each in group]


def kept(call, *args, **more):
    """The deed refused first, then done with the token of what it breaks; the codes that it breaks."""
    with pytest.raises(RosterBroken) as refused:
        call(*args, **more)
    call(*args, **more, knowingly=refused.value.token)
    return [each.code for each in refused.value.violations]


class TestAWeekByPattern:
    def test_has_no_hole_and_breaks_no_rule(self):
        keys = week()
        assert len(keys) == len(set(keys)) == 7
        assert shift(keys[0]).starts_at == monday(8)
        assert shift(keys[6]).ends_at == monday(7 * 24 + 8)
        week(
            first_on=MONDAY + timedelta(days=7),
            at=AT,
            teams=[Team(officer(n).key, officer(m).key) for n, m in ((2, 4), (3, 0))],
        )
        assert seen_codes() == []

    def test_the_same_again_changes_nothing(self):
        first = week()
        rows, audit = DutyShift.objects.count(), AuditRow.objects.count()
        assert week(at=AT + timedelta(hours=1)) == first
        assert (DutyShift.objects.count(), AuditRow.objects.count()) == (rows, audit)

    def test_another_one_at_the_same_hours_is_refused(self):
        week()
        with pytest.raises(Conflict, match=r"duty\.shift_there"):
            week(teams=[Team(officer(0).key), Team(officer(1).key)])

    def test_two_changes_a_day(self):
        teams = [Team(officer(n).key) for n in range(4)]
        keys = week(changes=[time(20), time(8)], teams=teams)
        assert len(keys) == 14
        assert shift(keys[1]).starts_at == monday(20)
        assert shift(keys[13]).ends_at == monday(7 * 24 + 8)

    @pytest.mark.parametrize("wrong", [{"changes": []}, {"teams": []}, {"days": 0}, {"days": 400}])
    def test_without_hours_people_or_days_there_is_none(self, wrong):
        with pytest.raises(InputError, match=r"duty\.pattern_wrong"):
            week(**wrong)

    def test_one_team_alone_is_kept_only_knowingly(self):
        def fill(knowingly: str = "") -> list[str]:
            return week(teams=[Team(officer(0).key)], knowingly=knowingly)

        assert set(kept(fill)) == {"rest_short"}
        assert seen_codes().count("rest_short") == 6, "each is shown again with the roster"
        assert shift(fill()[3]).kept_despite == ["rest_short"]
        assert shift(fill()[0]).kept_despite == []


class TestOneShift:
    def test_whoever_may_not_keep_the_roster_enters_none(self):
        with pytest.raises(Forbidden):
            enter(8, 32, officer(0).key, actor=known("community_group"))
        with pytest.raises(Forbidden):
            enter(8, 32, officer(0).key, actor=known("district_officer", DISTRICT))

    def test_that_ends_before_it_begins(self):
        with pytest.raises(InputError, match=r"duty\.ends_before"):
            enter(8, 8, officer(0).key)

    def test_with_somebody_of_another_office(self):
        stranger = known("district_officer", DISTRICT)
        with pytest.raises(RosterBroken) as refused:
            enter(8, 32, stranger.key)
        assert [each.code for each in refused.value.violations] == ["other_office"]

    def test_with_somebody_who_has_left(self):
        User.objects.filter(key=officer(1).key).update(is_active=False)
        with pytest.raises(RosterBroken):
            enter(8, 32, officer(1).key)

    def test_of_a_holiday_wants_a_deputy(self):
        # 5 April 2022 is the last day of the Tomb-Sweeping holiday.
        hours = -13 * 24 + 8
        with pytest.raises(RosterBroken) as refused:
            enter(hours, hours + 24, officer(0).key)
        assert [each.code for each in refused.value.violations] == ["holiday_unstaffed"]
        key = enter(hours, hours + 24, officer(0).key, officer(1).key)
        assert shift(key).holiday == "清明节"

    def test_is_changed_by_hand_and_shows_who_did(self):
        keys = week()
        shift_change(keys[0], deputy_key="", actor=keeper(), at=AT + timedelta(hours=1))
        assert shift(keys[0]).deputy_key == ""
        history = shift_history(keys[0], actor=keeper(), at=AT + timedelta(hours=2))
        assert [(row.deputy_key, row.source_key) for row in history][1] == ("", keeper().key)

    def test_cancelled_leaves_a_hole_that_is_kept_only_knowingly(self):
        keys = week()
        assert kept(shift_cancel, keys[2], actor=keeper(), at=AT + timedelta(hours=1)) == ["hole"]
        assert "hole" in roster_codes()
        shift_cancel(keys[2], actor=keeper(), at=AT + timedelta(hours=2))
        assert shift(keys[2]).state == "cancelled"

    def test_ended_earlier_leaves_a_hole_too(self):
        keys = week()
        broken = kept(
            shift_change, keys[2], ends_at=monday(2 * 24 + 20), actor=keeper(), at=AT + timedelta(hours=1)
        )
        assert broken == ["hole"]

    def test_outside_the_office_s_sight_there_is_none(self):
        keys = week()
        with pytest.raises(NotFound):
            shift_change(keys[0], deputy_key="", actor=known("district_officer", DISTRICT), at=AT)

    def test_mine_and_who_is_on(self):
        keys = week()
        assert [row.key for row in shifts_on(CITY, actor=keeper(), at=monday(9))] == [keys[0]]
        assert shifts_on(CITY, actor=keeper(), at=monday(7)) == []
        mine = shifts_mine(actor=officer(0), at=monday(9))
        assert [row.key for row in mine] == [keys[0], keys[3], keys[5]]


def roster_codes() -> list[str]:
    found = roster_days(CITY, MONDAY, 7, actor=keeper(), at=AT + timedelta(hours=6))
    return [each.code for group in found.violations.values() for each in group]


class TestTwoKeepersAtOnce:
    def test_the_second_is_told_and_nothing_is_lost(self):
        keys = week()
        seen = version_of(shift(keys[0]))
        shift_change(keys[0], deputy_key="", seen=seen, actor=keeper(), at=AT + timedelta(hours=1))
        with pytest.raises(Conflict, match=r"duty\.changed_meanwhile"):
            shift_change(
                keys[0], chief_key=officer(4).key, seen=seen, actor=officer(0), at=AT + timedelta(hours=1)
            )
        assert shift(keys[0]).chief_key == officer(0).key

    def test_a_token_keeps_what_was_seen_and_nothing_else(self):
        keys = week()

        def cancel(knowingly: str) -> None:
            shift_cancel(keys[2], knowingly=knowingly, actor=keeper(), at=AT + timedelta(hours=2))

        with pytest.raises(RosterBroken) as refused:
            cancel("")
        # Meanwhile somebody else takes the next shift away: the hole is another one now.
        kept(shift_cancel, keys[3], actor=officer(0), at=AT + timedelta(hours=1))
        with pytest.raises(RosterBroken):
            cancel(refused.value.token)
        assert shift(keys[2]).state == "planned"


class TestPasted:
    def test_rows_of_a_spreadsheet(self):
        for n in range(5):
            officer(n)
        names = dict(User.objects.values_list("key", "display_name"))
        chiefs = [names[officer(n).key] for n in range(5)]
        rows = "日期\t带班\t副班\n" + "\n".join(
            f"2022/4/{18 + n}\t{chiefs[n]}\t{chiefs[(n + 2) % 5]}" for n in range(5)
        )
        keys = roster_import(rows, area_code=CITY, actor=keeper(), at=AT)
        assert [shift(key).chief_key for key in keys] == [officer(n).key for n in range(5)]
        assert shift(keys[0]).starts_at == monday(8)
        assert roster_import(rows, area_code=CITY, actor=keeper(), at=AT + timedelta(hours=1)) == keys

    def test_hours_of_a_night(self):
        keys = roster_import(
            f"2022-04-18,{officer(0).key and 'duty_officer-9901'},,20:00,08:00",
            area_code=CITY,
            actor=keeper(),
            at=AT,
        )
        assert (shift(keys[0]).starts_at, shift(keys[0]).ends_at) == (monday(20), monday(32))

    @pytest.mark.parametrize(
        ("row", "code", "column"),
        [
            ("2022-04-31,{a},", "duty.paste_day", 1),
            ("tomorrow 2,{a},", "duty.paste_day", 1),
            ("2022-04-19,nobody,", "duty.paste_nobody", 2),
            ("2022-04-19,{a},nobody", "duty.paste_nobody", 3),
            ("2022-04-19,{a},,25:00,", "duty.paste_hour", 4),
            ("2022-04-19,{a},,08:00,noon", "duty.paste_hour", 5),
        ],
    )
    def test_what_cannot_be_read_is_named_by_row_and_column(self, row, code, column):
        officer(0)
        good = "2022-04-18,duty_officer-9901,\n"
        with pytest.raises(InputError) as refused:
            roster_import(good + row.format(a="duty_officer-9901"), area_code=CITY, actor=keeper(), at=AT)
        assert (refused.value.code, refused.value.params["row"]) == (code, 2)
        assert refused.value.params["column"] == column
        assert DutyShift.objects.count() == 0, "all or nothing"

    def test_nothing_at_all(self):
        with pytest.raises(InputError, match=r"duty\.nothing"):
            roster_import(" \n\t\n", area_code=CITY, actor=keeper(), at=AT)


class TestHolidays:
    def test_the_shipped_years_and_their_papers(self):
        days = holidays()
        assert days[date(2020, 2, 2)].zh == "春节"
        assert date(2022, 4, 18) not in days
        assert all(holiday.source for holiday in days.values())

    def test_a_city_adds_its_own(self, tmp_path):
        (tmp_path / FILE).write_text(
            '[[holiday]]\nzh = "市庆"\nen = "City day"\nfirst = 2022-04-18\nlast = 2022-04-18\nsource = "s"\n',
            encoding="utf-8",
        )
        assert holidays()[date(2022, 4, 18)].en == "City day"
        assert holidays()[date(2020, 2, 2)].zh == "春节"

    @pytest.mark.parametrize(
        "text",
        ["[[holiday]]\nzh = 'x'\n", "holiday = 3\n", "[[holiday]]\nfirst = 2022-05-02\nlast = 2022-05-01\n"],
    )
    def test_an_entry_that_cannot_be_used_is_named(self, tmp_path, text):
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=r"duty\.holiday_wrong"):
            holidays()


def test_a_year_is_filled_only_as_far_as_a_pattern_reaches():
    with pytest.raises(InputError):
        roster_fill(
            area_code=CITY,
            first_on=MONDAY,
            days=93,
            changes=[time(8)],
            teams=[Team(officer(0).key)],
            actor=keeper(),
            at=AT,
        )
