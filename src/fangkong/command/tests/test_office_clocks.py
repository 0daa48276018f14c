"""The office's own limits: shipped, changed by a city, refused with the place when they cannot be used."""

from datetime import UTC, datetime, time, timedelta

import pytest

from fangkong.command.office_clocks import FILE, office_clock, office_clocks
from fangkong.core.errors import InputError
from fangkong.record.access.actor import roles


@pytest.fixture
def home(tmp_path, settings):
    settings.HOME = tmp_path
    return tmp_path


class TestTheShippedLimits:
    def test_each_is_a_limit_or_an_hour_and_somebody_hears_of_it(self, home):
        for clock in office_clocks().values():
            assert (clock.within is None) != (clock.at is None), clock.name
            assert clock.escalates_to in roles()
            assert clock.source

    def test_a_limit_runs_from_a_moment(self, home):
        start = datetime(2022, 3, 28, 9, tzinfo=UTC)
        clock = office_clock("directive_acknowledge")
        assert clock.due(start) == start + clock.within
        assert clock.rule_row == "office:directive_acknowledge"

    def test_an_hour_of_the_day_is_no_limit(self, home):
        assert office_clock("close_out").at == time(22)
        with pytest.raises(ValueError, match="hour of the day"):
            office_clock("close_out").due(datetime(2022, 3, 28, tzinfo=UTC))


class TestTheCitysOwn:
    def test_changes_one_limit_and_leaves_the_rest(self, home):
        before = office_clock("review_open")
        (home / FILE).write_text("[directive_acknowledge]\nhours = 0.5\n", encoding="utf-8")
        assert office_clock("directive_acknowledge").within == timedelta(minutes=30)
        assert office_clock("review_open") == before

    def test_is_read_again_when_it_changes(self, home):
        path = home / FILE
        path.write_text("[gap_close]\ndays = 3\n", encoding="utf-8")
        assert office_clock("gap_close").within == timedelta(days=3)
        path.unlink()
        assert office_clock("gap_close").within != timedelta(days=3)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("[nobody_knows]\nhours = 1\n", "office.unknown_clock"),
            ("[gap_close]\ndays = -3\n", "office.field_wrong"),
            ("[gap_close]\ndays = true\n", "office.field_wrong"),
            ("[gap_close]\nhours = 3\n", "office.field_wrong"),
            ('[close_out]\nat = "25:00"\n', "office.field_wrong"),
            ("[close_out]\nat = 22\n", "office.field_wrong"),
            ('[gap_close]\nescalates_to = "nobody"\n', "office.field_wrong"),
            ("gap_close = 3\n", "office.field_wrong"),
            ("[gap_close\n", "office.file_unreadable"),
        ],
    )
    def test_what_cannot_be_used_is_refused(self, home, text, code):
        (home / FILE).write_text(text, encoding="utf-8")
        with pytest.raises(InputError) as refused:
            office_clock("gap_close")
        assert refused.value.code == code
