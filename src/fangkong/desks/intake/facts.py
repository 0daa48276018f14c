"""What a row says once it is read: facts of the record, ready to load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fangkong.core.clock import end_of_day
from fangkong.record.access import Actor

from .defects import Defect, rejected
from .mapping import FileMapping
from .people import PeopleFinder


@dataclass(frozen=True)
class Fact:
    """One version of one thing: ``model`` names the table, ``values`` are its fact fields."""

    model: str
    key: str
    known_from: datetime
    values: dict[str, Any]


@dataclass
class ReadRow:
    """The typed cells of one row: ``values`` by field, ``columns`` by column, ``figures`` of a wide table."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)
    figures: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass
class DecidedRow:
    """A row that is accepted as far as the file and the record's other tables can say."""

    number: int
    facts: list[Fact]
    #: What makes the row the same as another row of the file.
    subject: tuple[Any, ...]
    #: Where it belongs: a sender with a district of their own may speak of that district only.
    area_codes: list[str]
    day: date | None = None
    #: (person key, name and numbers): sealed before they touch the disk.
    identity: tuple[str, dict[str, str]] | None = None
    #: Claims the person for later rows of the file, once this row is accepted.
    person_token: str = ""


Decision = tuple[ReadRow, DecidedRow | Defect]
Decisions = Iterator[Decision]


@dataclass
class Receiving:
    """What the rows of one file are decided with."""

    mapping: FileMapping
    disease: str
    actor: Actor
    zone: ZoneInfo
    #: The instant named by the sender, or None.
    known_at: datetime | None
    now: datetime
    receipt_key: str
    office_area: str
    people: PeopleFinder
    #: Places and organisations that rows speak of: key -> fact with the earliest knowledge of it.
    shared: dict[str, Fact] = field(default_factory=dict)
    #: Contacts of whom no case was known → the case that an earlier row of the file gave them.
    claimed: dict[str, str] = field(default_factory=dict)
    #: The name under which the file came, for refusals.
    file_name: str = ""

    @property
    def basis(self) -> str:
        """option, mapping or receipt: where the instants of knowledge come from."""
        if self.known_at is not None:
            return "option"
        return "mapping" if self.mapping.known else "receipt"

    def known_from(self, row: ReadRow, day: date | None) -> datetime:
        """When the office knew ``row``, which is about ``day``. Raises Defect when its column is empty."""
        if self.known_at is not None:
            return self.known_at
        if self.mapping.known == "day_close" and day is not None:
            return end_of_day(day, self.zone)
        if self.mapping.known.startswith("column:"):
            column = self.mapping.known.removeprefix("column:")
            known = self.instant(row.columns.get(column))
            if known is None:
                raise rejected("missing_value", column)
            return known
        return self.now

    def instant(self, value: date | datetime | None) -> datetime | None:
        """The instant itself, or the close of a civil day."""
        if value is None or isinstance(value, datetime):
            return value
        return end_of_day(value, self.zone)

    def share(self, fact: Fact) -> str:
        """The key of ``fact``, kept once for the file with the earliest instant at which a row knew it."""
        held = self.shared.get(fact.key)
        if held is None or fact.known_from < held.known_from:
            self.shared[fact.key] = fact
        return fact.key


def in_scope(decision: DecidedRow, work: Receiving) -> DecidedRow:
    """The decision. Raises Defect when the row lies outside the sender's area."""
    if not all(work.actor.sees(code) for code in decision.area_codes):
        raise rejected("outside_your_area")
    return decision


def claim(read: ReadRow, decision: DecidedRow, work: Receiving) -> None:
    """Remember the person of an accepted row, so that the next row already finds them."""
    if decision.person_token:
        work.people.claim(decision.person_token, read.number, decision.facts[0].known_from)
