"""The rows of an outbreak as an office would hold them: opaque keys, every ``*_at`` an aware UTC time."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Classification:
    """One entry of a case's history.

    Attributes:
        known_at: when the office knew it.
        classification: suspected, confirmed, asymptomatic or excluded.
        severity: mild, moderate, severe or critical for confirmed, else None.
    """

    known_at: datetime
    classification: str
    severity: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """One case, or one suspected person later excluded.

    Attributes:
        key: "C" and ten characters. person: key; person_index: index into ``city.people``.
        infected_on: truth of the simulation, None for a person never infected.
        onset_on: None when asymptomatic or not yet ill at the end.
        sampled_at, result_at: of the deciding specimen.
        reported_on: civil day for which the case counts: of the result; of sampling for the excluded.
        known_at: first entry of the history: when the office first held the record; may be days later.
        isolated_on: last day on which others could be met.
        history: ascending by known_at, at least one entry, none after the end.
        channel: controlled, screening, sought_care or imported.
        infector: key of the case that infected this one (truth), None when imported or not in the record.
        source_found: whether the investigation names that infector.
        setting: of infection: household, workplace, school, market, restaurant or transport; None when
            imported or never infected.
        district: 6-digit code of the home. building: 18-digit code.
        window_first_on, window_last_on: days of exposure in which contacts were sought.
        contacts_counted_at: when the number of contacts was verified, None when not yet.
    """

    key: str
    person: str
    person_index: int
    infected_on: date | None
    onset_on: date | None
    sampled_at: datetime
    result_at: datetime | None
    reported_on: date
    known_at: datetime
    isolated_on: date
    history: tuple[Classification, ...]
    channel: str
    infector: str | None
    source_found: bool
    setting: str | None
    district: str
    building: str
    window_first_on: date
    window_last_on: date
    contacts_counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of one case.

    Attributes:
        key: "K" and ten characters. case, person: keys; person_index: index into ``city.people``.
        tier: close or secondary. via: key of the close contact, for secondary contacts.
        setting: household, workplace, school, market, restaurant or transport.
        exposed_from_at, exposed_to_at: period of exposure; last_exposure_on is the civil day of its end.
        known_at: when the contact was listed.
        identity_at, location_at, control_at: when each was verified, None when not by the end.
        location: 12-digit code of the community where the contact stays, empty when not verified.
        out_of_city: stays in the other city than the case lives in.
        control: central_isolation, assistance_requested or awaiting_transfer.
    """

    key: str
    case: str
    person: str
    person_index: int
    tier: str
    via: str | None
    setting: str
    exposed_from_at: datetime
    exposed_to_at: datetime
    first_exposure_on: date
    last_exposure_on: date
    known_at: datetime
    identity_at: datetime | None
    location_at: datetime | None
    control_at: datetime | None
    location: str
    out_of_city: bool
    control: str


@dataclass(frozen=True, slots=True)
class Specimen:
    """One specimen and its result.

    Attributes:
        key: "S" and ten characters. person: key; person_index: index into ``city.people``.
        case: key when it decided a case or an exclusion, else None. purpose: diagnosis or contact_test.
        laboratory: key of the place.
        result: positive or negative, None while pending. ct: cycles, of positives.
        known_at: of the result, or of the sampling while pending.
    """

    key: str
    person: str
    person_index: int
    case: str | None
    purpose: str
    laboratory: str
    sampled_at: datetime
    received_at: datetime | None
    result_at: datetime | None
    result: str | None
    ct: float | None
    known_at: datetime


@dataclass(frozen=True, slots=True)
class DailyReport:
    """What a district reports for one civil day; a later version replaces the earlier.

    Attributes:
        reported_on, district: what it is about. version: from 1. known_at: when it arrived.
        confirmed, asymptomatic: infections counted for that day, as classified by then.
        controlled, screening, sought_care, imported: the same infections by channel.
    """

    reported_on: date
    district: str
    version: int
    known_at: datetime
    confirmed: int
    asymptomatic: int
    controlled: int
    screening: int
    sought_care: int
    imported: int


@dataclass(frozen=True, slots=True)
class ScreeningDay:
    """Community screening of one district on one day.

    Attributes:
        specimen_count: people sampled. positive_count: infections found by it, as known by ``known_at``.
    """

    sampled_on: date
    district: str
    specimen_count: int
    positive_count: int
    known_at: datetime


@dataclass(frozen=True, slots=True)
class EventualCount:
    """Infections of a day and district once every late record is in: the truth that judges nowcasts."""

    reported_on: date
    district: str
    count: int
