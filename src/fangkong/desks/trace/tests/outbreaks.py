"""Small outbreaks for the tracing desk: cases made to measure, and MERS in South Korea in 2015."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

from fangkong.record.access import Actor
from fangkong.record.load import load
from fangkong.record.models import Case, Person, PersonArea, TransmissionLink

NOW = datetime(2022, 4, 18, 4, tzinfo=UTC)
TODAY = date(2022, 4, 18)
EVERYTHING = frozenset({"board.read", "case.read", "contact.read", "contact.write"})


def in_area(code: str, *permissions: str) -> Actor:
    """Somebody in an area who may read and write cases and contacts, or only what is named."""
    return Actor("u", "investigation_group", code, frozenset(permissions) or EVERYTHING, "own_area")


def put(model, *rows: dict, known_from: datetime = NOW) -> None:
    load(model, rows, actor="test", source_key="test", known_from=known_from)


def case(key: str, *, area: str = "990101", **more) -> dict:
    return {
        "key": key,
        "case_no": key.upper(),
        "person_key": f"p-{key}",
        "disease": "d",
        "area_code": area,
        "classification": "confirmed",
        "reported_on": TODAY,
        **more,
    }


def contact(key: str, case_key: str, *, area: str = "990101", **more) -> dict:
    return {
        "key": key,
        "case_key": case_key,
        "person_key": f"p-{key}",
        "disease": "d",
        "area_code": area,
        "tier": "close",
        **more,
    }


def order(key: str, person_key: str, first: date, last: date, **more) -> dict:
    return {
        "key": key,
        "order_no": key,
        "kind": "quarantine",
        "disease": "d",
        "subject_kind": "person",
        "person_key": person_key,
        "area_code": "990101",
        "state": "approved",
        "proposed_by": "a",
        "decided_by": "b",
        "proposed_at": NOW,
        "starts_on": first,
        "expires_on": last,
        "confidence": "verified",
        "remedy": "review",
        "proportionality": "least",
        **more,
    }


def link(source: str, infected: str) -> dict:
    return {
        "key": f"l-{source}-{infected}",
        "disease": "d",
        "from_case_key": source,
        "to_case_key": infected,
        "setting": "household",
    }


def put_people(*keys: str, home: str = "990101") -> None:
    put(Person, *({"key": key} for key in keys))
    put(
        PersonArea,
        *({"key": f"t-{key}", "person_key": key, "kind": "home", "area_code": home} for key in keys),
    )


def put_mers(folder: Path) -> None:
    """The line list and the transmission pairs of MERS in South Korea, 2015."""
    known = datetime(2015, 7, 31, tzinfo=UTC)
    cases, links = [], []
    for line in _read(folder / "mers_korea_2015_linelist.csv"):
        cases.append(
            {
                "key": line["id"],
                "case_no": line["id"],
                "person_key": f"p-{line['id']}",
                "disease": "mers",
                "area_code": "KR",
                "classification": "confirmed",
                "reported_on": date.fromisoformat(line["dt_report"]),
                "onset_on": date.fromisoformat(line["dt_onset"])
                if line["dt_onset"] not in ("", "NA")
                else None,
            }
        )
    for line in _read(folder / "mers_korea_2015_contacts.csv"):
        links.append(link(line["from"], line["to"]) | {"disease": "mers", "setting_text": line["exposure"]})
    put(Case, *cases, known_from=known)
    put(TransmissionLink, *links, known_from=known)


def _read(path: Path) -> list[dict]:
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))
