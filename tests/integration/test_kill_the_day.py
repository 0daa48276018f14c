"""The day, killed at every point that the code registers and run again, ends in the same record."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import environment, fangkong

pytestmark = pytest.mark.kill

CITY = (
    "时间,确诊病例,无症状感染者,无症状转确诊,野生确诊,管控内确诊,管控内无症状,例行筛查确诊,例行筛查无症状\n"
    + "".join(
        f"202204{day:02},{day},{3 * day},0,0,{day},{2 * day},0,{day}\n" for day in range(1, 11) if day != 5
    )
)
DISTRICTS = "date,is_patient,district,source,count\n" + "".join(
    f"202204{day:02},{kind},{name},闭环隔离管控,{count}\n"
    for day in range(1, 11)
    if day != 5
    for kind, name, count in (("确诊病例", "浦东", day), ("无症状感染者", "闵行区", 3 * day))
)


def number_of(n: int) -> str:
    """An invented number (no area begins with 99) with its check digit, GB 11643."""
    body = f"99010119900101{n:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


RESULTS = "样本编号,证件号码,区划代码,采样时间,结果时间,结果\n" + "".join(
    f"S{n},{number_of(n)},310115,2022-04-09 09:00,2022-04-09 20:00,{'阳性' if n % 2 else '阴性'}\n"
    for n in range(6)
)


#: One case of a disease of which one is too many: the detection of the day has something to raise.
RARE = "date,district,confirmed\n2022-04-08,310115,0\n2022-04-09,310115,1\n"
RARE_MAPPING = """
schema = "mapping/1"
code = "rare-daily"
title_zh = "每日新增（虚构）"
title_en = "Daily counts (invented)"
target = "daily_counts"
disease = "sars"
known = "day_close"
[[column]]
name = "date"
field = "day"
kind = "date"
[[column]]
name = "district"
field = "area_code"
kind = "area_code"
[[measure]]
column = "confirmed"
measure = "confirmed"
"""


@pytest.fixture(scope="module")
def walk(tmp_path_factory) -> dict:
    home = tmp_path_factory.mktemp("kill")
    fangkong(home, "init", "--area", "31", "--disease", "covid-19")
    inbox = home / "inbox"
    inbox.mkdir(exist_ok=True)
    for name, text in (("1-city.csv", CITY), ("2-districts.csv", DISTRICTS)):
        (inbox / name).write_text(text, encoding="utf-8")
    fangkong(home, "receive", str(inbox / "1-city.csv"))
    # Results carry no publication time: what is known now would differ from run to run.
    results = home / "results.csv"
    results.write_text(RESULTS, encoding="utf-8")
    fangkong(home, "receive", str(results), "--known-at", "2022-04-09T21:00:00+08:00")
    rare, mapping = home / "rare.csv", home / "rare.toml"
    rare.write_text(RARE, encoding="utf-8")
    mapping.write_text(RARE_MAPPING, encoding="utf-8")
    fangkong(home, "receive", "--mapping-file", str(mapping), str(rare))
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.kill_walk", str(home), "2022-04-10"],
        cwd=Path(__file__).resolve().parents[2],
        env=environment(home, DJANGO_SETTINGS_MODULE="fangkong.settings"),
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_point_of_the_day_resumes_to_the_same_digest(walk):
    broken = {
        name: at for name, at in walk["points"].items() if not at["resumed"] or at["digest"] != walk["whole"]
    }
    assert broken == {}


def test_the_kills_really_happened(walk):
    """Every point of the day is passed and kills; the points of the demonstration and the keys have other tests."""
    assert all(at["killed"] for at in walk["points"].values())
    passed = {name.rpartition(":")[0] for name in walk["points"]}
    own = {
        name
        for name in walk["registered"]
        if name.startswith(("cycle.", "reactions.", "receive.", "detection."))
    }
    # The day's files are figures under a mapping: they name nobody and are no table read as it comes. The points of
    # those are killed in test_killed_receiving and in the command's own kill tests.
    assert own - passed <= {"receive.key_destroyed", "receive.table_staged", "receive.names_indexed"}
    assert len(walk["points"]) > 25
