"""The purge clock of each identity: until when it may be held, under which rule, and what holds it back.

An identity is held for what the record says of the person: a case, a contact, a result, an order. Each such
link has the basis under which it was collected, on the day on which the office knew it. The identity may stay
while one of them lasts; a running order, an unanswered objection, a suspected case or an unfinished task holds
it. Whoever has no link at all is kept for no purpose, and is released for purge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, QuerySet

from fangkong.core.clock import civil_day
from fangkong.record.installation import installation
from fangkong.record.models import Case, IdentityKey, Task
from fangkong.science.rules.packs import CONFIDENCE_ORDER, Row

from ..columns import present
from ..rulebook import rulebook
from .categories import UNLINKED, Category, Condition, Link, retention, table_named
from .collecting import Bases, Basis, law_area

#: People whose clocks are read with one set of queries.
CHUNK_PEOPLE = 500

#: Why an identity is due. All but the first wait for a named person's release.
RULE_LAPSED, EVENT_ENDED, NO_BASIS, NO_PURPOSE = "rule_lapsed", "event_ended", "no_basis", "no_purpose"
#: A named person declared the response to the disease over.
DECLARED_OVER = "declared_over"

#: The row that asks for deletion once the purpose is met.
_PURPOSE_MET = Condition("privacy.delete_when", names=("purpose_met_or_no_longer_needed",))


@dataclass(frozen=True)
class HeldFor:
    """What an identity is held for: one category, disease and area, first known to the office on a day."""

    category: str
    disease: str
    area_code: str
    collected_on: date


@dataclass(frozen=True)
class LinkClock:
    """When one link's basis ends. ``due_on`` is the first day without it, None while no end is written.

    ``rule_row`` is the row that runs, or the one whose end it was; "" when no row ever allowed it.
    ``by_rule``: the end is written in a rule that was read; else a named person releases.
    """

    link: HeldFor
    purpose: str
    rule_row: str
    due_on: date | None
    trigger: str
    by_rule: bool

    def is_due(self, on: date) -> bool:
        """True when the basis is gone on the civil day ``on``."""
        return self.due_on is not None and self.due_on <= on


@dataclass(frozen=True)
class PurgeClock:
    """The clock of one person's identity.

    ``state``: ``open`` (a rule runs), ``held`` (nothing runs but something holds it back), ``due``.
    ``purge_by`` is the first day without any basis as the rules stand, None while a rule without an end runs.
    ``deciding`` is the link that lasts longest; ``needs_release`` says that a named person, and not only rules
    that were read, must say that the purpose is over. ``holds`` are the codes of what holds it back, and
    ``held_until`` the last day that they name.
    """

    person_key: str
    state: str
    purge_by: date | None
    deciding: LinkClock
    needs_release: bool
    holds: tuple[str, ...] = ()
    held_until: date | None = None


@dataclass
class Clocks:
    """Reads clocks on one day with one rule book; made for a run and thrown away after it."""

    at: datetime
    bases: Bases
    zone: ZoneInfo
    office_area: str
    disease: str
    #: The disease whose response a named person declares over; "" for none.
    over: str = ""
    _links: dict[HeldFor, LinkClock] = field(default_factory=dict)
    _last_cases: dict[str, date | None] = field(default_factory=dict)

    @classmethod
    def of_the_office(cls, at: datetime, *, over: str = "") -> Clocks:
        """The clocks of this installation as known at ``at``; ``over`` as in the attribute."""
        place = installation()
        bases = Bases(rulebook(), place.area_code)
        return cls(at, bases, place.zone, place.area_code, place.disease, over)

    @property
    def on(self) -> date:
        """The office's civil day."""
        return civil_day(self.at, self.zone)

    def read(self, person_keys: Sequence[str]) -> dict[str, PurgeClock]:
        """Person key -> clock, for every one of ``person_keys``."""
        links, holds = links_of(person_keys, self), _holds_of(person_keys, self.at, self.on)
        return {key: self._clock(key, links.get(key, []), holds.get(key, {})) for key in person_keys}

    def _clock(self, person_key: str, links: list[HeldFor], holds: Mapping[str, date | None]) -> PurgeClock:
        clocks = [self.link(held) for held in links] or [self._unlinked()]
        deciding = max(
            clocks, key=lambda clock: (clock.due_on or date.max, not clock.by_rule, clock.rule_row)
        )
        if not deciding.is_due(self.on):
            state = "open"
        else:
            state = "held" if holds else "due"
        days = [day for day in holds.values() if day is not None]
        return PurgeClock(
            person_key=person_key,
            state=state,
            purge_by=deciding.due_on,
            deciding=deciding,
            needs_release=not all(clock.by_rule for clock in clocks),
            holds=tuple(sorted(holds)),
            held_until=max(days, default=None),
        )

    def link(self, held: HeldFor) -> LinkClock:
        """When the basis of one link ends, as the rules stand."""
        if held not in self._links:
            self._links[held] = self._link(held, retention().category(held.category))
        return self._links[held]

    def _link(self, held: HeldFor, category: Category) -> LinkClock:
        basis = self.bases.collection(
            category, on=held.collected_on, disease=held.disease, area_code=held.area_code
        )
        if not isinstance(basis, Basis):
            row = basis.row or basis.last_row
            return LinkClock(
                held, category.purpose, row.row_id if row else "", held.collected_on, NO_BASIS, False
            )
        ended = self._event_ended(held, category)
        if basis.ends_on is None or basis.ends_on >= self.on:
            if ended is not None:
                return LinkClock(held, category.purpose, ended[0].row_id, ended[1], EVENT_ENDED, False)
            if self.over and held.disease == self.over:
                asked = self.bases.met(_PURPOSE_MET, self.on, held.disease, basis.area_code)
                rule_row = asked.row_id if asked else basis.rule_row
                return LinkClock(held, category.purpose, rule_row, self.on, DECLARED_OVER, False)
            if basis.ends_on is None:
                return LinkClock(held, category.purpose, basis.rule_row, None, "", True)
        assert basis.ends_on is not None
        return LinkClock(
            held,
            category.purpose,
            basis.ending.row_id,
            basis.ends_on + timedelta(days=1),
            RULE_LAPSED,
            _was_read(basis.ending),
        )

    def _event_ended(self, held: HeldFor, category: Category) -> tuple[Row, date] | None:
        """(row, first day after the event), once the days that the row counts have passed without a case."""
        found = self.bases.event_days(category, on=self.on, disease=held.disease, area_code=held.area_code)
        if found is None or not isinstance(found.value, int):
            return None
        last = self._last_case(held.disease)
        over = (last or held.collected_on) + timedelta(days=found.value + 1)
        return (found.row, over) if over <= self.on else None

    def _last_case(self, disease: str) -> date | None:
        if disease not in self._last_cases:
            cases = Case.objects.known_at(self.at).filter(disease=disease).exclude(classification="excluded")
            self._last_cases[disease] = cases.aggregate(last=Max("reported_on"))["last"]
        return self._last_cases[disease]

    def _unlinked(self) -> LinkClock:
        place = law_area("", self.office_area)
        return LinkClock(
            HeldFor(UNLINKED, self.disease, place, self.on),
            retention().category(UNLINKED).purpose,
            "",
            self.on,
            NO_PURPOSE,
            False,
        )


def _was_read(row: Row) -> bool:
    """False when the end is only where the pack stops, or nobody has read the row: then it decides nothing."""
    return row.confidence != CONFIDENCE_ORDER[-1] and row.end_basis != "window"


def links_of(person_keys: Sequence[str], clocks: Clocks) -> dict[str, list[HeldFor]]:
    """Person key -> what their identity is held for, as known at the clocks' instant.

    A link that was withdrawn gives no purpose any more. The day of collection is the first on which the
    office knew a row of the table about the person.
    """
    found: dict[str, list[HeldFor]] = defaultdict(list)
    for category in retention().linked:
        for link in category.links:
            # Most tables know nothing of most people: a bare look at the index says so.
            known = sorted(present(link.model, "person_key", person_keys))
            if not known:
                continue
            same: dict[tuple[str, str, datetime], HeldFor] = {}
            for row in _link_rows(link, known, clocks.at):
                told = (row.get("disease", ""), row["area_code"], row["first"])
                if told not in same:
                    same[told] = HeldFor(
                        category.code,
                        row.get("disease", "") or clocks.disease,
                        law_area(row["area_code"], clocks.office_area),
                        civil_day(row["first"], clocks.zone),
                    )
                found[row["person_key"]].append(same[told])
    return found


def _link_rows(link: Link, person_keys: Sequence[str], at: datetime) -> QuerySet:
    fields = {field.name for field in link.model._meta.concrete_fields}
    grouped = [name for name in ("person_key", "disease", "area_code") if name in fields]
    return (
        link.model._default_manager.filter(link.condition, person_key__in=person_keys, known_from__lte=at)
        .order_by()
        .values(*grouped)
        .annotate(first=Min("known_from"), last=Max("known_to"))
        .filter(last__gt=at)
    )


def _holds_of(person_keys: Sequence[str], at: datetime, on: date) -> dict[str, dict[str, date | None]]:
    """Person key -> {code of what holds the purge back: last day that it names, or None}."""
    found: dict[str, dict[str, date | None]] = defaultdict(dict)
    for hold in retention().holds:
        rows = table_named(hold.table)._default_manager.filter(
            hold.condition, person_key__in=person_keys, known_from__lte=at, known_to__gt=at
        )
        if hold.until:
            rows = rows.filter(**{f"{hold.until}__gte": on})
        for key, day in rows.values_list("person_key", hold.until or "known_to"):
            last = day if hold.until else None
            before = found[key].get(hold.code)
            found[key][hold.code] = max(before, last) if before and last else before or last
    tasks = retention().tasks
    subjects = {key: key for key in person_keys}
    for name in tasks.subjects:
        rows = table_named(name)._default_manager.filter(
            person_key__in=person_keys, known_from__lte=at, known_to__gt=at
        )
        subjects |= dict(rows.values_list("key", "person_key"))
    listed = sorted(subjects)
    for start in range(0, len(listed), CHUNK_PEOPLE):
        unfinished = Task.objects.known_at(at).filter(
            state__in=tasks.unfinished, subject_key__in=listed[start : start + CHUNK_PEOPLE]
        )
        for subject in unfinished.values_list("subject_key", flat=True):
            found[subjects[subject]][tasks.code] = None
    return found


def identities_held(within: Iterable[str] | None = None) -> Iterator[list[str]]:
    """Keys of all people whose identity is held (or those of them in ``within``), sorted, in chunks."""
    wanted = None if within is None else sorted(set(within))
    after, start = "", 0
    while True:
        held = IdentityKey.objects.order_by("person_key")
        if wanted is not None:
            chunk = wanted[start : start + CHUNK_PEOPLE]
            if not chunk:
                return
            start += CHUNK_PEOPLE
            if keys := list(held.filter(person_key__in=chunk).values_list("person_key", flat=True)):
                yield keys
            continue
        keys = list(held.filter(person_key__gt=after).values_list("person_key", flat=True)[:CHUNK_PEOPLE])
        if not keys:
            return
        yield keys
        after = keys[-1]


def purge_clock(person_key: str, *, at: datetime) -> PurgeClock | None:
    """The clock of the person's identity as known at ``at``; None when no identity is held."""
    if not IdentityKey.objects.filter(person_key=person_key).exists():
        return None
    return Clocks.of_the_office(at).read([person_key])[person_key]
