"""A positive result received from the command line while the console runs: everything that follows from it stands
within a minute, and nobody runs the cycle."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.running import fangkong

pytestmark = pytest.mark.e2e

#: The most that alert, proposed orders, tasks and lists may take.
WITHIN_SECONDS = 60


def asked(home: Path, sql: str, *values: str) -> list[tuple]:
    """Rows of the running installation's record."""
    with sqlite3.connect(f"file:{home}/fangkong.sqlite3?mode=ro", uri=True) as connection:
        return connection.execute(sql, values).fetchall()


def a_contact_who_is_no_case(home: Path) -> tuple[str, str]:
    """(person, area) of a contact under observation who has neither a case nor a positive result."""
    (found,) = asked(
        home,
        """select c.person_key, c.area_code from record_contact c join record_order o on o.reason_key = c.key
           where o.state = 'approved' and o.kind = 'quarantine' and o.known_to > '9000' and c.known_to > '9000'
           and c.area_code like '9901%' and not exists
             (select 1 from record_case k where k.person_key = c.person_key)
           and not exists (select 1 from record_order i where i.person_key = c.person_key and i.kind = 'isolation')
           order by c.key limit 1""",
    )
    return found


def office_now(home: Path) -> datetime:
    """The exercise clock of the demonstration."""
    ((offset,),) = asked(home, "select value from record_setting where name = 'clock_offset'")
    return datetime.now().astimezone() + timedelta(seconds=json.loads(offset))


def test_alert_orders_tasks_and_lists_stand_within_a_minute(home, address, tmp_path):
    person, area = a_contact_who_is_no_case(home)
    taken = office_now(home) - timedelta(hours=5)
    table = tmp_path / "night.csv"
    table.write_text(
        "样本编号,证件号码,人员编号,区划代码,采样时间,结果时间,结果\n"
        f"NIGHT-1,,{person},{area},{taken:%Y-%m-%d %H:%M},{taken + timedelta(hours=4):%Y-%m-%d %H:%M},阳性\n",
        encoding="utf-8",
    )
    began = time.monotonic()
    receipt = json.loads(fangkong(home, "receive", str(table), "--json").stdout)
    assert (receipt["rows_in"], receipt["accepted"]) == (1, 1), receipt
    ((result,),) = asked(
        home, "select key from record_labresult where person_key = ? and result = 'positive'", person
    )
    wanted = {
        "alert": ("select 1 from record_signal where subject_key = ? and state = 'open'", result),
        "isolation proposed": (
            "select 1 from record_order where person_key = ? and kind = 'isolation' and state = 'proposed'",
            person,
        ),
        "investigation": ("select 1 from record_task where kind = 'investigate' and subject_key = ?", result),
        "report": ("select 1 from record_task where kind = 'report_case' and subject_key = ?", result),
        "somebody decides": (
            """select 1 from record_task t join record_order o on o.key = t.subject_key
               where t.kind = 'decide_order' and o.person_key = ? and o.kind = 'isolation'""",
            person,
        ),
        "somebody is told": (
            "select 1 from command_notification where kind = 'result.positive' and subject_key = ?",
            result,
        ),
        "clocks run": ("select 1 from record_timer where subject_key = ? and state = 'running'", result),
    }
    while wanted and time.monotonic() - began < WITHIN_SECONDS:
        wanted = {name: query for name, query in wanted.items() if not asked(home, *query)}
        time.sleep(0.2)
    assert not wanted, f"not there after {WITHIN_SECONDS} seconds: {sorted(wanted)}"
