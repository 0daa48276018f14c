"""Putting the demonstration city into the record: the same record however often, or after whatever kill.

Everything goes in through the record's own doors: the bulk writer for registers and history, the desks'
actions for orders, the intake desk for a file, the reactions for the last day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from fangkong.core.areas import contains
from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict
from fangkong.core.killpoints import KillPoint, kill_point
from fangkong.record import audit, events
from fangkong.record.access import Actor, system_actor
from fangkong.record.actions import areas_load
from fangkong.record.identities import identity_load
from fangkong.record.installation import installation, installation_set
from fangkong.record.load import Row, load
from fangkong.record.models import (
    AreaBoundary,
    Case,
    Contact,
    DailyCount,
    Document,
    Event,
    Household,
    HouseholdMember,
    LabResult,
    Order,
    Organisation,
    Person,
    PersonArea,
    Place,
    Receipt,
    Specimen,
    TransmissionLink,
    Versioned,
    machine_now,
)
from fangkong.science.city import City, Outbreak, city, outbreak

from ..reactions.running import run_reactions
from . import city_rows
from .alarms import load_alarms
from .bulletin_rows import Bulletins
from .directives import load_directives
from .duty import load_duty
from .gate_morning import live_gate_morning
from .given_tasks import give_tasks
from .last_day import live_last_day
from .listening import load_listening
from .meetings import load_meetings
from .minutes import load_minutes
from .morning_file import receive_morning_file
from .order_history import Cause, replay_orders
from .outbreak_rows import OutbreakRows
from .response import load_response
from .reviews import load_reviews
from .story import StoryUser, story
from .users import actors_by_role, users_ensure

#: The default city: with this seed the outbreak is past its peak and every kind of work is at hand.
DEFAULT_SEED, DEFAULT_POPULATION = 31, 20_000

#: The parts of loading, in their order; each has a kill point before it counts as done.
PARTS = (
    "areas",
    "people",
    "identities",
    "outbreak",
    "bulletins",
    "orders",
    "file",
    "checkpoints",
    "last_day",
)

LOADED, PART_LOADED = "demonstration.loaded", "demonstration.part_loaded"
DOCUMENT_KIND = "demonstration"

#: Model -> event of a new row, and the fields that the event names.
_EVENTS: dict[type[Versioned], tuple[str, tuple[str, ...]]] = {
    Case: ("case.reported", ("person_key", "disease")),
    Contact: ("contact.registered", ("case_key", "person_key", "disease", "tier")),
    LabResult: ("result.positive", ("person_key", "disease", "specimen_key")),
}

_DONE: dict[str, KillPoint] = {part: kill_point(f"demo.{part}") for part in PARTS}

_IDENTITY_CHUNK = 500

#: What somebody sets to have another installation beside this one.
HOME_VARIABLE = "FANGKONG_HOME"

#: ``progress(part, done, total)``: part is one of ``PARTS``; total is None while nobody knows it.
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Summary:
    """What the record holds after loading, and how to sign in.

    Attributes:
        new: False when it was all there already.
        last_closed_day: the day before the office's morning.
        users, password: who may sign in, all with the same password.
    """

    area_code: str
    disease: str
    seed: int
    population: int
    new: bool
    last_closed_day: date
    people: int
    cases: int
    contacts: int
    results: int
    daily_counts: int
    orders: int
    receipts: int
    users: tuple[StoryUser, ...]
    password: str


def load_demonstration(
    *,
    actor: Actor,
    seed: int = DEFAULT_SEED,
    population: int = DEFAULT_POPULATION,
    progress: Progress | None = None,
) -> Summary:
    """The summary of the demonstration city, which is in the record afterwards.

    Loading again changes nothing; a load that was killed goes on, and ends with the same record as one that
    was not. The installation becomes a demonstration whose clock stands on the story's morning and runs from
    there. Raises Conflict ``demonstration.real_record`` when the record holds anything else and
    ``demonstration.other_city`` when it holds another demonstration city, ValueError for a seed or population
    that ``science.city`` refuses.
    """
    _refuse_other_records(seed, population)
    done = Event.objects.filter(kind=LOADED).exists()
    if done:
        return _summary(seed, population, users_ensure(actor=actor), new=False)
    made = city(seed, population)
    drawn = outbreak(made, seed, first_on=story().first_on, days=story().days)
    _become_demonstration(actor, seed, population)
    password = users_ensure(actor=actor)
    loading = _Loading(made, drawn, actor, progress or (lambda part, done, total: None))
    for part in PARTS:
        if not Event.objects.filter(kind=PART_LOADED, subject_key=part).exists():
            getattr(loading, part)()
            _DONE[part].passed()
            with audit.writing():
                events.emit(PART_LOADED, part, story().area_code, at=story().registers_at)
    with audit.writing():
        params = {"seed": seed, "population": population}
        events.emit(LOADED, loading.source, story().area_code, at=story().opens_at, params=params)
    return _summary(seed, population, password, new=True)


def _refuse_other_records(seed: int, population: int) -> None:
    here = installation()
    if not here.demonstration:
        if here.area_code or Person.objects.exists() or Case.objects.exists() or DailyCount.objects.exists():
            raise Conflict("demonstration.real_record", variable=HOME_VARIABLE)
        return
    for held in Document.objects.open().filter(kind=DOCUMENT_KIND):
        if held.content != {"seed": seed, "population": population}:
            raise Conflict("demonstration.other_city", variable=HOME_VARIABLE, **_as_text(held.content))


def _as_text(numbers: dict[str, int]) -> dict[str, str]:
    """Numbers that name a thing, not count it: written without separators."""
    return {name: str(number) for name, number in numbers.items()}


def _become_demonstration(actor: Actor, seed: int, population: int) -> None:
    told, here = story(), installation()
    with audit.writing():
        if not here.demonstration:
            offset = round((told.opens_at - machine_now()).total_seconds())
            installation_set(
                actor=actor.key,
                area_code=told.area_code,
                disease=told.disease,
                demonstration=True,
                organisation_zh=told.organisation_zh,
                organisation_en=told.organisation_en,
                clock_offset=offset,
            )
        document = {
            "key": city_rows.source_key(seed, population),
            "kind": DOCUMENT_KIND,
            "title": told.settings["figures"]["title_zh"],
            "area_code": told.area_code,
            "issued_at": told.registers_at,
            "content": {"seed": seed, "population": population},
        }
        load(Document, [document], actor=actor.key, source_key=actor.key, known_from=told.registers_at)


class _Loading:
    """The parts of one load, each idempotent."""

    def __init__(self, made: City, drawn: Outbreak, actor: Actor, progress: Progress) -> None:
        self.city, self.drawn, self.actor, self.progress = made, drawn, actor, progress
        self.zone = installation().zone
        self.source = city_rows.source_key(made.seed, made.population)
        self.rows = OutbreakRows(made, drawn, disease=story().disease, now=story().opens_at, zone=self.zone)

    def areas(self) -> None:
        since = story().registers_at
        areas_load(
            city_rows.area_rows(self.city), actor=self.actor.key, known_from=since, source_key=self.source
        )
        self._load("areas", AreaBoundary, city_rows.boundary_rows(self.city))
        self._load("areas", Organisation, city_rows.organisation_rows(self.city))
        self._load("areas", Place, city_rows.place_rows(self.city))

    def people(self) -> None:
        self._load("people", Person, city_rows.person_rows(self.city))
        self._load("people", PersonArea, city_rows.tie_rows(self.city))
        self._load("people", Household, city_rows.household_rows(self.city))
        self._load("people", HouseholdMember, city_rows.member_rows(self.city))

    def identities(self) -> None:
        pending = iter(city_rows.identities(self.city, self.drawn))
        done = 0
        while chunk := list(islice(pending, _IDENTITY_CHUNK)):
            identity_load(chunk, actor=self.actor.key)
            done += len(chunk)
            self.progress("identities", done, None)

    def outbreak(self) -> None:
        self._load("outbreak", Case, self.rows.case_rows(), history=True)
        self._load("outbreak", TransmissionLink, self.rows.link_rows(), history=True)
        self._load("outbreak", Contact, self.rows.contact_rows(), history=True)
        self._load("outbreak", PersonArea, self.rows.staying_rows(), history=True)
        self._load("outbreak", Specimen, self.rows.specimen_rows(), history=True)
        self._load("outbreak", LabResult, self.rows.result_rows(), history=True)

    def bulletins(self) -> None:
        last_day = max(report.reported_on for report in self.drawn.reports)
        bulletins = Bulletins(
            city=self.city,
            outbreak=self.drawn,
            disease=story().disease,
            now=story().opens_at,
            zone=self.zone,
            silent=(story().silent_district, last_day),
            document_key=self.source,
        )
        self._load("bulletins", DailyCount, bulletins.rows(), history=True)

    def orders(self) -> None:
        replay_orders(
            list(self._causes()),
            decider=actors_by_role()["health_authority"],
            zone=self.zone,
            progress=lambda done, total: self.progress("orders", done, total),
        )

    def file(self) -> None:
        receive_morning_file(
            self.city,
            self.rows,
            actor=actors_by_role()["duty_officer"],
            zone=self.zone,
            progress=lambda done, total: self.progress("file", done, total),
        )

    def checkpoints(self) -> None:
        done = live_gate_morning(actors_by_role(), opens_at=story().opens_at)
        self.progress("checkpoints", done, None)

    def last_day(self) -> None:
        load_alarms(actors_by_role())
        live_last_day(
            actors_by_role(),
            opens_at=story().opens_at,
            progress=lambda done, total: self.progress("last_day", done, total),
        )
        load_directives(actors_by_role())
        load_response(actors_by_role())
        give_tasks(actors_by_role())
        load_duty(actors_by_role())
        load_reviews(actors_by_role())
        load_listening(actors_by_role())
        load_minutes(actors_by_role())
        load_meetings(actors_by_role())
        run_reactions(actor=system_actor("reaction"))

    def _causes(self) -> Iterator[Cause]:
        """Contacts and positive results of the office's own city, from before the last day."""
        cases = {case.person: case.known_at for case in self.rows.cases}
        for row in self.rows.contact_rows():
            if self.rows.is_new(row) and self._is_history(row):
                yield Cause(row["known_from"], row["key"], row, positive=False)
        for row in self.rows.result_rows():
            if row["result"] == "positive" and self._is_history(row):
                # The case tells how ill the person is; a case reported on the last day tells it too late.
                found = cases.get(row["person_key"])
                reported_at: datetime = found if found is not None else row["known_from"]
                late = reported_at >= story().live_from
                known_at = row["known_from"] if late else max(row["known_from"], reported_at)
                yield Cause(known_at, row["key"], row, positive=True)

    def _is_history(self, row: Row) -> bool:
        return self._is_past(row) and contains(story().area_code, row["area_code"])

    @staticmethod
    def _is_past(row: Row) -> bool:
        return bool(row["known_from"] < story().live_from)

    def _load(self, part: str, model: type[Versioned], rows: Iterable[Row], *, history: bool = False) -> None:
        ordered = list(rows)
        load(
            model,
            ordered,
            actor=self.actor.key,
            source_key=self.source,
            known_from=story().registers_at,
            after_insert=self._emit_live if history else None,
            back_fill=history,
        )
        self.progress(part, len(ordered), None)

    def _emit_live(self, model: type[Versioned], row: Row) -> None:
        """Tell of what came in on the last day, as the desks do when it comes in live."""
        here = "area_code" in row and contains(story().area_code, row["area_code"])
        if not here or self._is_past(row) or not self.rows.is_new(row):
            return
        if model is LabResult and row["result"] != "positive":
            return
        if model in _EVENTS:
            kind, names = _EVENTS[model]
            params = {name: row[name] for name in names}
            events.emit(kind, row["key"], row["area_code"], at=row["known_from"], params=params)


def _summary(seed: int, population: int, password: str, *, new: bool) -> Summary:
    told = story()
    return Summary(
        area_code=told.area_code,
        disease=told.disease,
        seed=seed,
        population=population,
        new=new,
        last_closed_day=civil_day(told.opens_at, installation().zone) - timedelta(days=1),
        people=Person.objects.open().count(),
        cases=Case.objects.open().count(),
        contacts=Contact.objects.open().count(),
        results=LabResult.objects.open().count(),
        daily_counts=DailyCount.objects.open().count(),
        orders=Order.objects.open().count(),
        receipts=Receipt.objects.count(),
        users=told.users,
        password=password,
    )
