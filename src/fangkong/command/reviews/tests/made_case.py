"""A case that the office lived through: result, report, investigation, contacts; told as it came in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from fangkong.command.reactions.running import react
from fangkong.desks.control.tests.people import DISTRICT, clock, colleague, person
from fangkong.record import audit, events
from fangkong.record.access import Actor, actor_of, system_actor
from fangkong.record.installation import installation_set
from fangkong.record.load import load
from fangkong.record.models import Case, LabResult, Specimen, User

CITY = "9901"
AT = clock("2022-04-11", "09:00")
WORKER = system_actor("worker")


def office() -> None:
    """The installation of the city, whose clock stands an hour after ``AT``."""
    offset = round((after(1) - datetime.now(UTC)).total_seconds())
    installation_set(actor="test", area_code=CITY, disease="covid-19", clock_offset=offset)


def after(hours: float) -> datetime:
    return AT + timedelta(hours=hours)


def known(role: str, area: str = CITY) -> Actor:
    """The person of this role and office, made when nobody has asked for them before."""
    held = User.objects.filter(username=f"{role}-{area}").first()
    return actor_of(held) if held else colleague(role, area)


def positive_result(key: str = "R1", *, at: datetime, person_key: str = "p1") -> None:
    """A specimen taken four hours before its positive result came in, with the result's event."""
    person(person_key, DISTRICT, known=at - timedelta(days=1))
    specimen = {
        "key": f"S-{key}",
        "person_key": person_key,
        "area_code": DISTRICT,
        "collected_at": at - timedelta(hours=4),
    }
    result = {
        "key": key,
        "specimen_key": f"S-{key}",
        "person_key": person_key,
        "disease": "covid-19",
        "area_code": DISTRICT,
        "method": "pcr",
        "result": "positive",
        "resulted_at": at,
    }
    with audit.writing():
        load(Specimen, [specimen], actor="test", source_key="t", known_from=at)
        load(LabResult, [result], actor="test", source_key="t", known_from=at)
        told = {"person_key": person_key, "disease": "covid-19", "specimen_key": f"S-{key}"}
        events.emit("result.positive", key, DISTRICT, at=at, params=told)


def case_reported(
    key: str = "C1",
    *,
    at: datetime,
    classification: str = "confirmed",
    area: str = DISTRICT,
    person_key: str = "p1",
    onset: date | None = None,
) -> None:
    """A case comes into the record, or a correction of it, with its event."""
    row = {
        "key": key,
        "case_no": f"No-{key}",
        "person_key": person_key,
        "disease": "covid-19",
        "area_code": area,
        "classification": classification,
        "reported_on": date(2022, 4, 11),
        "sampled_on": date(2022, 4, 11),
        "onset_on": onset,
    }
    with audit.writing():
        load(Case, [row], actor="test", source_key="t", known_from=at)
        events.emit(
            "case.reported", key, area, at=at, params={"person_key": person_key, "disease": "covid-19"}
        )


def followed() -> None:
    """Everything that follows from what has been told so far."""
    assert react(actor=WORKER).failed == 0
