"""Checkpoints, travellers and results, as tests of permits and passages need them."""

from __future__ import annotations

from datetime import datetime

from fangkong.record.access import Actor
from fangkong.record.load import load
from fangkong.record.models import Area, LabResult, Place

from .people import colleague

GATE, NEXT_GATE, HOSPITAL = "gate-1", "gate-2", "hospital-1"
GATE_AREA, NEXT_AREA = "990101001", "990102001"


def gates(known: datetime) -> Actor:
    """Two checkpoints and a hospital of the city, and whoever stands at the first."""
    rows = [
        {"key": GATE, "kind": "checkpoint", "name_zh": "甲卡口", "name_en": "Gate A", "area_code": GATE_AREA},
        {
            "key": NEXT_GATE,
            "kind": "checkpoint",
            "name_zh": "乙卡口",
            "name_en": "Gate B",
            "area_code": NEXT_AREA,
        },
        {
            "key": HOSPITAL,
            "kind": "hospital",
            "name_zh": "医院",
            "name_en": "Hospital",
            "area_code": GATE_AREA,
        },
    ]
    load(Place, rows, actor="test", source_key="t", known_from=known)
    areas = [
        {"key": code, "name_zh": code, "name_en": code}
        for code in ("9901", "990101", "990102", "320509", "130681")
    ]
    load(Area, areas, actor="test", source_key="t", known_from=known)
    return colleague("checkpoint", "990101")


def result(
    key: str, person_key: str, *, known: datetime, value: str = "negative", area: str = "990101"
) -> None:
    """A laboratory's result about a person, known when it was given out; no event."""
    row = {
        "key": key,
        "specimen_key": f"{key}-tube",
        "person_key": person_key,
        "disease": "covid-19",
        "area_code": area,
        "method": "pcr",
        "result": value,
        "resulted_at": known,
    }
    load(LabResult, [row], actor="test", source_key="t", known_from=known)
