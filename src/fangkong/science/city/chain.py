"""The pieces of a history: infections and the ties between a case and its contacts."""

from dataclasses import dataclass, field

import numpy as np

NEVER = 32_000
HOURS = 24.0


@dataclass(slots=True)
class Infection:
    """One infection. Days and hours count from the first reporting day."""

    number: int
    person: int
    day: int
    onset_day: int  # of the course; shown only when symptomatic
    symptomatic: bool
    start_day: int  # first infectious day
    contacts_factor: float
    infector: int | None
    setting: str | None
    arrival_day: int | None = None  # tested on arrival
    care_day: int = NEVER
    channel: str | None = None
    found_day: int = NEVER
    sampled_hour: float = np.nan
    received_hour: float = np.nan
    result_hour: float = np.nan
    known_hour: float = np.nan
    infected: list["Infection"] = field(default_factory=list)


@dataclass(slots=True)
class Tie:
    """One contact of a case. Hours count from the first reporting day; nan means never."""

    case: int
    person: int
    tier: str
    setting: str
    first_day: int
    last_day: int
    known_hour: float
    away: bool
    identity_hour: float
    location_hour: float
    control_hour: float
    via: int | None = None  # position in the list of ties of the close contact
