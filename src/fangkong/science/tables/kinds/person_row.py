"""One person's row against itself: the number, the sex, the age, the birth date and the days of the events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..parts import Issue
from ..values import Age, Identity
from ..values.agreement import person_agrees
from .rows import ReadRow, day_of

#: The days on which something happened to the person, the most telling for an age first.
EVENTS = (
    "exposure_at",
    "sampled_at",
    "vaccinated_on",
    "onset_on",
    "confirmed_on",
    "reported_on",
    "reported_at",
    "arrived_at",
    "died_on",
    "outcome_on",
    "starts_on",
    "track_at",
)


def person_issues(row: ReadRow, day: date) -> Iterator[Issue]:
    """What a person's row says against itself (see `person_agrees`). ``day`` is the day of the ages where the row has
    no event of its own.
    """
    identity, born = row.sure("id_number"), row.sure("birth_on")
    if not isinstance(identity, Identity):
        identity = None
    if identity is None and born is None:
        return
    values = row.values
    events = [when for key in EVENTS if key in values and (when := day_of(row.sure(key))) is not None]
    age = row.sure("age")
    born = day_of(born)
    if born is not None and any(when < born for when in events):
        # The earliest event shows it; the ages would only repeat it.
        events = [min(events)]
        age = None
    yield from person_agrees(
        identity,
        id_kind=row.sure("id_kind"),
        sex=row.sure("sex"),
        age=age if isinstance(age, Age) else None,
        birth_on=born,
        event_on=events[0] if events else None,
        reference=day,
        columns=row.sources,
        row=row.number,
    )
