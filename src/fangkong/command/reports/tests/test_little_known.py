"""Reports of a record that holds nothing yet, or only half of what comes in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from fangkong.command.reports import figures_json, report_current, report_sign
from fangkong.command.reports.spread import area_rows
from fangkong.core.errors import InputError
from fangkong.desks.assess.values import AreaSeries, DayFigures
from fangkong.desks.intake.actions import receive_file
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Document

from .conftest import CITY, CLI, DISTRICTS
from .test_issue import AS_OF, SUBJECT, issue, stands_at_now


def test_an_empty_record_says_what_to_do(db) -> None:
    with pytest.raises(InputError, match=r"report\.no_subject"):
        figures_json(date(2022, 4, 10), actor=CLI)


def test_an_area_without_any_figure_is_all_unknown(db) -> None:
    content = report_current(AS_OF, actor=CLI, at=installation().now(), **SUBJECT)
    assert content["known_through"] is None
    assert content["lead"][0]["code"] == "nothing_published"
    assert {"new_infections", "total_confirmed", "reproduction", "beds"} <= {
        item["code"] for item in content["unknowns"]
    }


def test_a_district_with_half_a_day_has_not_published_that_day() -> None:
    days = [DayFigures(date(2022, 4, 1), confirmed=1, asymptomatic=2, converted=0, status="reported")]
    days.append(DayFigures(date(2022, 4, 2), confirmed=5, status="reported"))
    series = AreaSeries("990104", "云溪县", "Yunxi", days)
    (row,) = area_rows([series], last_on=date(2022, 4, 2), days=2)
    assert (row["sum"], row["days_published"], row["confirmed"]) == (3, 1, 5)


def test_changed_content_is_a_new_version_that_nobody_has_signed(
    db, real_data: Path, officer: Callable[[str, str], Actor]
) -> None:
    receive_file(real_data / CITY, actor=CLI)
    key = issue()
    report_sign(key, actor=officer("duty_officer", "31"), at=installation().now())
    first = stands_at_now()["issue"]
    # The districts' bulletins come in late; they speak of days whose close has passed.
    receive_file(real_data / DISTRICTS, actor=CLI)
    assert "issue" not in report_current(AS_OF, actor=CLI, at=installation().now(), **SUBJECT)
    assert issue() == key
    second = stands_at_now()["issue"]
    assert second["version"] == 2
    assert second["supersedes"] == first["content_hash"]
    assert second["signed_by"] == ""
    assert Document.objects.open().filter(key=key).count() == 1
