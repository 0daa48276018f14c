"""What the tracing desk hands out: keys, codes, days and counts. Never a name or a number of a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, TypeVar

T = TypeVar("T")

SYMPTOMS, TESTS, EXPOSURES = "symptoms", "tests", "exposures"
MEASURES, CLASSIFICATION = "measures", "classification"
LANES = (SYMPTOMS, TESTS, EXPOSURES, MEASURES, CLASSIFICATION)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list; ``after`` asks for the next ones, and is "" on the last page."""

    rows: list[T]
    after: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as a list shows it."""

    key: str
    case_no: str
    person_key: str
    disease: str
    area_code: str
    classification: str
    severity: str
    channel: str
    setting: str
    reported_on: date
    onset_on: date | None
    age_years: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its dates, and how much hangs on it in the actor's scope."""

    row: CaseRow
    classified_on: date | None
    sampled_on: date | None
    diagnosed_on: date | None
    exposed_from_on: date | None
    exposed_to_on: date | None
    outcome_on: date | None
    place_key: str
    known_from: datetime
    source_key: str
    contact_count: int
    version_count: int


@dataclass(frozen=True, slots=True)
class CaseVersion:
    """One version of a case: when the office held it, and what it changed against the one before."""

    known_from: datetime
    known_to: datetime
    classification: str
    severity: str
    source_key: str
    changed: dict[str, tuple[object, object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A contact of a case; ``controlled`` when an order holds, or held to its end after the last exposure."""

    key: str
    case_key: str
    person_key: str
    disease: str
    area_code: str
    tier: str
    setting: str
    last_exposure_on: date | None
    via_contact_key: str
    identified: bool
    located: bool
    controlled: bool


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """The case at the other end of a link; both keys are "" where it lies outside the actor's scope."""

    case_key: str
    case_no: str
    setting: str
    setting_text: str


@dataclass(frozen=True, slots=True)
class Links:
    """Who infected the case, as far as judged, and whom it infected."""

    sources: list[LinkedCase]
    infected: list[LinkedCase]


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A case in a tree: ``generation`` 0 is the root; ``source_key`` infected it, "" for the root."""

    case_key: str
    case_no: str
    classification: str
    area_code: str
    onset_on: date | None
    reported_on: date
    generation: int
    source_key: str
    setting: str


@dataclass(frozen=True, slots=True)
class TransmissionTree:
    """Everybody whom a case infected, directly or through others, by generation.

    Attributes:
        nodes: by generation, then case number; each case once, at its first generation.
        outside: links that lead to cases outside the actor's scope; they are not followed.
        deeper: True when the limit of generations or cases cut the tree.
    """

    root_key: str
    nodes: list[TreeNode]
    outside: int
    deeper: bool


@dataclass(frozen=True, slots=True)
class Verifications:
    """四个查清 in people: registered as contacts, identified, located, under control.

    ``counted`` is everybody registered: the number is verified by registering each one; it equals ``total``.
    """

    total: int
    counted: int
    identified: int
    located: int
    controlled: int


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One bar or point of a case's timeline; ``code`` has its words, ``params`` fill them."""

    lane: str
    code: str
    first_on: date
    last_on: date
    params: dict[str, object] = field(default_factory=dict)
