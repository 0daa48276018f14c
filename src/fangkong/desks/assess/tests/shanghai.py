"""The daily bulletins of Shanghai, spring 2022, put into the record as the files state them."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from fangkong.record.load import load
from fangkong.record.models import DailyCount

DISEASE = "covid-19"
CITY, NO_DISTRICT = "31", "3100"
CITY_COLUMNS = {
    "确诊病例": ("confirmed", ""),
    "无症状感染者": ("asymptomatic", ""),
    "无症状转确诊": ("converted", ""),
    "野生确诊": ("confirmed", "sought_care"),
    "管控内确诊": ("confirmed", "controlled"),
    "例行筛查确诊": ("confirmed", "screening"),
    "管控内无症状": ("asymptomatic", "controlled"),
    "例行筛查无症状": ("asymptomatic", "screening"),
}
CHANNELS = {
    "闭环隔离管控": "controlled",
    "风险人群筛查": "screening",
    "野生": "sought_care",
    "此前报告的本土无症状感染": "converted",
}
DISTRICTS = {
    "黄浦": "310101",
    "徐汇": "310104",
    "长宁": "310105",
    "静安": "310106",
    "普陀": "310107",
    "虹口": "310109",
    "杨浦": "310110",
    "闵行": "310112",
    "宝山": "310113",
    "嘉定": "310114",
    "浦东": "310115",
    "金山": "310116",
    "松江": "310117",
    "青浦": "310118",
    "奉贤": "310120",
    "崇明": "310151",
    "其他": NO_DISTRICT,
}


def put_shanghai(folder: Path) -> None:
    """Both files in the record: known at the close of the day that they are about."""
    load(DailyCount, city_rows(folder), actor="test", source_key="receipt-city")
    load(DailyCount, district_rows(folder), actor="test", source_key="receipt-district")


def city_rows(folder: Path) -> list[dict]:
    rows = []
    for line in read(folder, "shanghai_2022_city_daily_to_0410.csv"):
        for column, (measure, channel) in CITY_COLUMNS.items():
            if line[column]:
                rows.append(count(CITY, line["时间"], measure, channel, line[column]))
    return rows


def district_rows(folder: Path) -> list[dict]:
    rows = []
    for line in read(folder, "shanghai_2022_district_daily_by_source_to_0410.csv"):
        measure = {"确诊病例": "confirmed", "无症状感染者": "asymptomatic"}[line["is_patient"]]
        area = DISTRICTS[line["district"].removesuffix("区").removesuffix("新")]
        rows.append(count(area, line["date"], measure, CHANNELS[line["source"]], line["count"]))
    return rows


def count(area: str, day: str, measure: str, channel: str, value: str) -> dict:
    on = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    return {
        "key": f"count-{area}-{day}-{measure}-{channel}",
        "known_from": datetime(on.year, on.month, on.day, 15, 59, 59, tzinfo=UTC),
        "disease": DISEASE,
        "area_code": area,
        "day": on,
        "measure": measure,
        "channel": channel,
        "value": int(value),
    }


def read(folder: Path, name: str) -> list[dict]:
    with (folder / name).open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def close_of(day: date) -> datetime:
    """The last second of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=15, minutes=59, seconds=59)
