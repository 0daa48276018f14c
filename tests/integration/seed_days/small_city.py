"""The demonstration city on another day: its registers, an outbreak that has reached the day, its people, its clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from fangkong.command.demonstration import city_rows
from fangkong.command.demonstration.bulletin_rows import Bulletins
from fangkong.command.demonstration.outbreak_rows import OutbreakRows
from fangkong.command.demonstration.story import story
from fangkong.core.areas import contains
from fangkong.core.clock import start_of_day
from fangkong.desks.control.tests.people import SHANGHAI
from fangkong.record import audit, events
from fangkong.record.access import Actor, actor_of
from fangkong.record.actions import areas_load, user_create
from fangkong.record.installation import installation_set
from fangkong.record.load import Row, load
from fangkong.record.models import (
    Area,
    Case,
    Contact,
    DailyCount,
    Household,
    HouseholdMember,
    LabResult,
    Organisation,
    Person,
    PersonArea,
    Place,
    Specimen,
    User,
    Versioned,
)
from fangkong.science.city import city, outbreak

SEED, POPULATION = 3, 1200

#: Days of the outbreak before the day itself.
DAYS = 8

DISEASE = "covid-19"
CITY = story().area_code

#: The groups of the office, one person each.
GROUPS = (
    "co_chair",
    "duty_officer",
    "general_group",
    "investigation_group",
    "treatment_group",
    "community_group",
    "supply_group",
    "communication_group",
    "health_authority",
    "checkpoint",
)

#: What a row that came in on the day is told as.
_TOLD: dict[type[Versioned], tuple[str, tuple[str, ...]]] = {
    Case: ("case.reported", ("person_key", "disease", "classification")),
    Contact: ("contact.registered", ("case_key", "person_key", "disease", "tier")),
    LabResult: ("result.positive", ("person_key", "disease", "specimen_key")),
}


@dataclass(frozen=True)
class SmallCity:
    """The city as it stands at the opening of ``day``; what came in since midnight has not been reacted to."""

    day: date

    def at(self, hour: str) -> datetime:
        """The instant at this hour of the office's day."""
        return datetime.combine(self.day, time.fromisoformat(hour), SHANGHAI).astimezone(UTC)

    def set_clock(self, hour: str) -> None:
        """The exercise's clock stands at this hour of the day, and runs from there."""
        ahead = self.at(hour) - datetime.now(UTC)
        installation_set(actor="test", clock_offset=round(ahead.total_seconds()))

    def actor(self, role: str, area_code: str = CITY) -> Actor:
        """The person of this role in the office of the area, made when nobody has asked for them before."""
        name = f"{role}-{area_code}"
        held = User.objects.filter(username=name).first()
        made = held or user_create(
            name, "long enough 1", role=role, area_code=area_code, display_name=name, actor="test"
        )
        return actor_of(made)

    def areas(self, level: str) -> list[str]:
        """The city's areas of one level (district, street)."""
        rows = Area.objects.open().filter(key__startswith=CITY, level=level).order_by("key")
        return list(rows.values_list("key", flat=True))


def small_city(day: date) -> SmallCity:
    """The city on the morning of ``day``: what it knew by 07:00, and what came in since midnight told as events."""
    here = SmallCity(day)
    installation_set(
        actor="test",
        area_code=CITY,
        disease=DISEASE,
        demonstration=True,
        organisation_zh=story().organisation_zh,
        organisation_en=story().organisation_en,
    )
    here.set_clock("07:10")
    made = city(SEED, POPULATION)
    drawn = outbreak(made, SEED, first_on=day - timedelta(days=DAYS), days=DAYS + 1)
    rows = OutbreakRows(made, drawn, disease=DISEASE, now=here.at("07:00"), zone=SHANGHAI)
    bulletins = Bulletins(
        city=made,
        outbreak=drawn,
        disease=DISEASE,
        now=here.at("07:00"),
        zone=SHANGHAI,
        silent=("", day),
        document_key="registers",
    )
    since = here.at("09:00") - timedelta(days=60)
    asked = {"actor": "test", "source_key": "registers"}
    areas_load(city_rows.area_rows(made), known_from=since, **asked)
    registers: list[tuple[type[Versioned], list[Row]]] = [
        (Organisation, city_rows.organisation_rows(made)),
        (Place, city_rows.place_rows(made)),
        (Person, list(city_rows.person_rows(made))),
        (PersonArea, list(city_rows.tie_rows(made))),
        (Household, city_rows.household_rows(made)),
        (HouseholdMember, list(city_rows.member_rows(made))),
    ]
    for model, listed in registers:
        load(model, listed, known_from=since, **asked)
    history: list[tuple[type[Versioned], list[Row]]] = [
        (Case, list(rows.case_rows())),
        (Contact, list(rows.contact_rows())),
        (Specimen, list(rows.specimen_rows())),
        (LabResult, list(rows.result_rows())),
        (DailyCount, list(bulletins.rows())),
    ]
    midnight = start_of_day(day, SHANGHAI)
    for model, listed in history:
        _live(model, listed, midnight, rows)
    for group in GROUPS:
        here.actor(group)
    return here


def _live(model: type[Versioned], listed: list[Row], midnight: datetime, rows: OutbreakRows) -> None:
    """Load the rows; what the office's own city first knew since midnight is told in the same transaction."""
    with audit.writing():
        load(model, listed, actor="test", source_key="registers", back_fill=True)
        for row in listed if model in _TOLD else ():
            here = contains(CITY, row["area_code"])
            if not here or row["known_from"] < midnight or not rows.is_new(row):
                continue
            if model is LabResult and row["result"] != "positive":
                continue
            kind, names = _TOLD[model]
            params = {name: row[name] for name in names}
            events.emit(kind, row["key"], row["area_code"], at=row["known_from"], params=params)
