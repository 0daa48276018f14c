"""A laboratory's file of the last morning, received like any other: one row is held, one is positive."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from fangkong.core.areas import contains
from fangkong.core.killpoints import kill_point
from fangkong.desks.intake.actions import receive_file
from fangkong.record.access import Actor
from fangkong.science.city import City, Contact

from .outbreak_rows import OutbreakRows
from .story import story

FILE_WRITTEN = kill_point("demo.file_written")

_HEADER = (
    "样本编号",
    "证件号码",
    "人员编号",
    "姓名",
    "电话",
    "区划代码",
    "采样时间",
    "结果时间",
    "结果",
    "Ct值",
    "检测机构",
)
_POSITIVE, _NEGATIVE = "阳性", "阴性"


def receive_morning_file(
    city: City,
    rows: OutbreakRows,
    *,
    actor: Actor,
    zone: ZoneInfo,
    progress: Callable[[int, int | None], None],
) -> None:
    """Write the file, receive it as ``actor`` does, and remove it. The same file for the same city."""
    given = story().settings["files"]
    folder = Path(settings.HOME) / "tmp"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / given["name"]
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_HEADER)
            writer.writerows(_lines(city, rows, zone))
        FILE_WRITTEN.passed()
        receive_file(
            path,
            actor=actor,
            mapping="lab-results",
            known_at=datetime.fromisoformat(given["received_at"]),
            progress=progress,
        )
    finally:
        path.unlink(missing_ok=True)


def _lines(city: City, rows: OutbreakRows, zone: ZoneInfo) -> list[list[str]]:
    given = story().settings["files"]
    moments = [
        datetime.fromisoformat(given[name]).astimezone(zone).strftime("%Y-%m-%d %H:%M")
        for name in ("collected_at", "resulted_at")
    ]
    lines = []
    for number, contact in enumerate(_under_control(rows)[: given["results"]], start=1):
        who = city.identity(contact.person_index)
        positive = number <= given["positives"]
        home = str(city.people.home[contact.person_index])[:12]
        lines.append(
            [
                f"LJ{number:04d}",
                who.id_number,
                "",
                who.name_zh,
                who.phone,
                home,
                *moments,
                _POSITIVE if positive else _NEGATIVE,
                str(given["cycle_threshold"]) if positive else "",
                given["laboratory_zh"],
            ]
        )
    unknown = given["unknown_person"]
    last = [*moments, _NEGATIVE, "", given["laboratory_zh"]]
    return [*lines, [f"LJ{len(lines) + 1:04d}", "", unknown, "", "", story().area_code, *last]]


def _under_control(rows: OutbreakRows) -> list[Contact]:
    """Close contacts of the office's city under control who are no cases, latest first, each person once."""
    ill = {case.person for case in rows.cases}
    first: dict[str, Contact] = {}
    for contact in sorted(rows.contacts, key=lambda c: (c.known_at, c.key), reverse=True):
        here = contains(story().area_code, str(rows.city.people.home[contact.person_index]))
        controlled = contact.control_at is not None and contact.control_at <= rows.now
        if contact.tier == "close" and here and controlled and contact.person not in ill:
            first.setdefault(contact.person, contact)
    return list(first.values())
