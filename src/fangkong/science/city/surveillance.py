"""From a history to the rows an office holds at the end of the window."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import numpy as np

from fangkong.science.city.chain import HOURS, NEVER, Infection, Tie
from fangkong.science.city.keys import opaque_keys
from fangkong.science.city.population import City
from fangkong.science.city.records import (
    Case,
    Classification,
    Contact,
    DailyReport,
    EventualCount,
    ScreeningDay,
    Specimen,
)
from fangkong.science.city.transmission import History

CIVIL_ZONE = timezone(
    timedelta(hours=8), "Asia/Shanghai"
)  # no summer time since 1991, so no zone file is needed
_CHANNELS = ("controlled", "screening", "sought_care", "imported")
_INFECTED = {"confirmed", "asymptomatic"}


class Office:
    """Turns a history into rows, dropping everything known after the end.

    Args:
        city: where it happened.
        history: already run.
        seed: names the keys and the draws that no one is infected by.
        first_on: civil day that is day 0 of the history.
        days: length of the window.
    """

    def __init__(self, city: City, history: History, seed: int, first_on: date, days: int) -> None:
        self.city, self.history, self.given = city, history, history.given
        self.first_on, self.days = first_on, days
        self._midnight = datetime.combine(first_on, time(), CIVIL_ZONE).astimezone(UTC)
        self._end_hour = days * HOURS
        self.end_at = self.at(self._end_hour)
        self._label = f"{city.seed}/{seed}"
        self._rng = np.random.default_rng(np.random.SeedSequence([city.seed, city.population, seed, 2]))
        self._laboratories: dict[str, list[str]] = {}
        for place in city.places:
            if place.kind == "laboratory":
                self._laboratories.setdefault(place.area[:6], []).append(place.key)
        self._case_keys = self._keys("C", 2 * len(history.infections) + 100)
        self._specimens: list[Specimen] = []
        tests = len(self.given.numbers("control.test_days"))
        most = 2 * len(history.infections) + 100 + tests * len(history.tracer.ties)
        self._specimen_keys = iter(self._keys("S", most))
        self.cases = self._cases()
        self.contacts = self._contacts()
        self._contact_specimens()
        self.specimens = tuple(sorted(self._specimens, key=lambda s: (s.known_at, s.key)))

    def _keys(self, prefix: str, count: int) -> list[str]:
        keys: list[str] = opaque_keys(prefix, self._label, np.arange(count)).tolist()
        return keys

    def at(self, hour: float) -> datetime:
        """The UTC time of an hour of the history, to the minute below."""
        return self._midnight + timedelta(minutes=int(np.floor(hour * 60)))

    def on(self, day: int) -> date:
        """The civil date of a day of the history."""
        return self.first_on + timedelta(days=day)

    def _seen(self, hour: float) -> datetime | None:
        return self.at(hour) if hour <= self._end_hour else None  # nan is never seen

    def _cases(self) -> tuple[Case, ...]:
        found = [i for i in self.history.infections if i.found_day < self.days]
        histories = {i.number: self._classifications(i) for i in found}
        self._known = {number: rows[0][0] for number, rows in histories.items() if rows}
        cases = [self._case(i, histories[i.number]) for i in found if histories[i.number]]
        cases += self._excluded(len(found))
        return tuple(sorted(cases, key=lambda case: (case.known_at, case.key)))

    def _classifications(self, infection: Infection) -> list[tuple[float, str, str | None]]:
        rng, given = self._rng, self.given
        known = infection.known_hour
        age = given.integer("window.year") - int(self.city.people.birth_year[infection.person])
        severe = 0.0
        for from_age, probability in given.pairs("severity.severe_by_age"):
            if age >= from_age:
                severe = probability
        draws = rng.random(3)
        worse_hour = known + float(rng.exponential(given.number("severity.worse_after_days"))) * HOURS
        conversion = infection.onset_day * HOURS + self._lognormal("conversion.hours")
        mild = "moderate" if draws[0] < given.number("severity.moderate") else "mild"
        rows: list[tuple[float, str, str | None]] = []
        if infection.channel == "sought_care":
            listed = infection.sampled_hour + given.number("suspected.listed_hours")
            rows.append((listed, "suspected", None))
        if infection.symptomatic and infection.onset_day <= infection.found_day:
            rows.append((known, "confirmed", mild))
        else:
            rows.append((known, "asymptomatic", None))
            if infection.symptomatic:
                known = max(known, conversion) + given.number("suspected.listed_hours")
                rows.append((known, "confirmed", mild))
        if infection.symptomatic and draws[1] < severe:
            grade = "critical" if draws[2] < given.number("severity.critical") else "severe"
            rows.append((max(worse_hour, known + HOURS), "confirmed", grade))
        return [row for row in rows if row[0] <= self._end_hour]

    def _lognormal(self, name: str) -> float:
        median, sigma = self.given.numbers(name)
        return float(median * self._rng.lognormal(0.0, sigma))

    def _case(self, infection: Infection, rows: list[tuple[float, str, str | None]]) -> Case:
        rng, given, people = self._rng, self.given, self.city.people
        key = self._case_keys[infection.number]
        shown = infection.symptomatic and any(row[1] in {"confirmed", "suspected"} for row in rows)
        infector = infection.infector if infection.infector in self._known else None
        named = given.table("contact.source_found").get(str(infection.setting), 0.0)
        source_found = bool(rng.random() < named) and infector is not None
        first, last = self.history.tracer.window(infection)
        counted = infection.result_hour + self._lognormal("contact.counted_hours")
        mean, sd, least, most = given.numbers("laboratory.ct")
        ct = round(float(np.clip(rng.normal(mean, sd), least, most)), 1)
        self._specimen(
            infection.person,
            key,
            "diagnosis",
            infection.sampled_hour,
            infection.received_hour,
            infection.result_hour,
            "positive",
            ct,
        )
        return Case(
            key=key,
            person=str(people.key[infection.person]),
            person_index=infection.person,
            infected_on=self.on(infection.day),
            onset_on=self.on(infection.onset_day) if shown else None,
            sampled_at=self.at(infection.sampled_hour),
            result_at=self._seen(infection.result_hour),
            reported_on=self.on(int(infection.result_hour // HOURS)),
            known_at=self.at(rows[0][0]),
            isolated_on=self.on(
                min(infection.found_day, self.history.isolated_day.get(infection.person, NEVER))
            ),
            history=tuple(Classification(self.at(hour), code, severity) for hour, code, severity in rows),
            channel=str(infection.channel),
            infector=None if infector is None else self._case_keys[infector],
            source_found=source_found,
            setting=infection.setting,
            district=str(people.home[infection.person])[:6],
            building=str(people.home[infection.person]),
            window_first_on=self.on(min(first, last)),
            window_last_on=self.on(last),
            contacts_counted_at=self._seen(counted),
        )

    def _excluded(self, infections: int) -> list[Case]:
        rng, given, people = self._rng, self.given, self.city.people
        wanted = max(
            given.integer("suspected.least"), round(infections * given.number("suspected.excluded_share"))
        )
        cases: list[Case] = []
        low, high = given.numbers("laboratory.sampled_hours")
        for number in range(wanted):
            person = int(rng.integers(len(people)))
            day = int(rng.integers(self.days))
            sampled = day * HOURS + float(rng.uniform(low, high))
            result = sampled + self._lognormal("laboratory.turnaround_hours")
            listed = sampled + given.number("suspected.listed_hours")
            excluded = result + self._lognormal("report.card_hours")
            onset = day - int(rng.geometric(given.number("control.sought_care_daily"))) + 1
            repeated = any(case.person_index == person for case in cases)
            if person in self.history.of_person or repeated or listed > self._end_hour:
                continue
            key = self._case_keys[len(self.history.infections) + number]
            rows = [Classification(self.at(listed), "suspected", None)]
            if excluded <= self._end_hour:
                rows.append(Classification(self.at(excluded), "excluded", None))
            self._specimen(
                person, key, "diagnosis", sampled, (sampled + result) / 2, result, "negative", None
            )
            cases.append(
                Case(
                    key=key,
                    person=str(people.key[person]),
                    person_index=person,
                    infected_on=None,
                    onset_on=self.on(onset),
                    sampled_at=self.at(sampled),
                    result_at=self._seen(result),
                    reported_on=self.on(day),
                    known_at=rows[0].known_at,
                    isolated_on=self.on(day),
                    history=tuple(rows),
                    channel="sought_care",
                    infector=None,
                    source_found=False,
                    setting=None,
                    district=str(people.home[person])[:6],
                    building=str(people.home[person]),
                    window_first_on=self.on(onset - given.integer("control.lookback_days")),
                    window_last_on=self.on(day),
                    contacts_counted_at=None,
                )
            )
        return cases

    def _contacts(self) -> tuple[Contact, ...]:
        ties = self.history.tracer.ties
        keys = self._keys("K", len(ties))
        kept: dict[int, Contact] = {}
        for number, tie in enumerate(ties):
            if tie.case not in self._known or (tie.via is not None and tie.via not in kept):
                continue
            known = max(tie.known_hour, self._known[tie.case])
            if known <= self._end_hour:
                via = None if tie.via is None else kept[tie.via].key
                kept[number] = self._contact(keys[number], tie, known, via)
        return tuple(sorted(kept.values(), key=lambda contact: (contact.known_at, contact.key)))

    def _contact(self, key: str, tie: Tie, known: float, via: str | None) -> Contact:
        rng, city, people = self._rng, self.city, self.city.people
        span = self.given.hours("contact.meeting_hours", tie.setting)
        case_person = self.history.infections[tie.case].person
        case_city = str(people.home[case_person])[:4]
        stays = str(people.home[tie.person])[:12]
        draw = int(rng.integers(len(city.places)))
        if tie.away and stays[:4] == case_city:
            others = self._communities_of(city.neighbour_code if case_city == city.code else city.code)
            stays = others[draw % len(others)]
        out_of_city = stays[:4] != case_city
        identity, location, control = (
            self._seen(max(hour, known)) if not np.isnan(hour) else None
            for hour in (tie.identity_hour, tie.location_hour, tie.control_hour)
        )
        status = "assistance_requested" if out_of_city else "awaiting_transfer"
        # a minute before midnight at the latest, and not after the contact was listed
        exposed_to = self.at(min(tie.last_day * HOURS + span[1] - 1 / 60, known))
        return Contact(
            key=key,
            case=self._case_keys[tie.case],
            person=str(people.key[tie.person]),
            person_index=tie.person,
            tier=tie.tier,
            via=via,
            setting=tie.setting,
            exposed_from_at=min(self.at(tie.first_day * HOURS + span[0]), exposed_to),
            exposed_to_at=exposed_to,
            first_exposure_on=self.on(tie.first_day),
            last_exposure_on=self.on(tie.last_day),
            known_at=self.at(known),
            identity_at=identity,
            location_at=location,
            control_at=control,
            location=stays if location is not None else "",
            out_of_city=out_of_city,
            control="central_isolation" if control is not None else status,
        )

    def _communities_of(self, code: str) -> list[str]:
        return [
            area.code for area in self.city.areas if area.level == "community" and area.code.startswith(code)
        ]

    def _specimen(
        self,
        person: int,
        case: str | None,
        purpose: str,
        sampled: float,
        received: float,
        result_hour: float,
        result: str,
        ct: float | None,
    ) -> None:
        home = str(self.city.people.home[person])
        laboratories = self._laboratories[home[:6]]
        result_at = self._seen(result_hour)
        sampled_at = self.at(sampled)
        self._specimens.append(
            Specimen(
                key=next(self._specimen_keys),
                person=str(self.city.people.key[person]),
                person_index=person,
                case=case,
                purpose=purpose,
                laboratory=laboratories[int(self._rng.integers(len(laboratories)))],
                sampled_at=sampled_at,
                received_at=self._seen(received),
                result_at=result_at,
                result=result if result_at is not None else None,
                ct=ct if result_at is not None else None,
                known_at=result_at or sampled_at,
            )
        )

    def _contact_specimens(self) -> None:
        given, rng = self.given, self._rng
        low, high = given.numbers("laboratory.sampled_hours")
        controlled: dict[int, datetime] = {}
        for contact in self.contacts:
            if contact.tier == "close" and contact.control_at is not None:
                known = controlled.get(contact.person_index)
                controlled[contact.person_index] = min(contact.control_at, known or contact.control_at)
        for person, control_at in controlled.items():
            control_hour = (control_at - self._midnight) / timedelta(hours=1)
            infection = self.history.of_person.get(person)
            found_hour = np.inf if infection is None else infection.found_day * HOURS
            for test_day in given.numbers("control.test_days").tolist():
                sampled = (control_hour // HOURS + test_day - 1) * HOURS + float(rng.uniform(low, high))
                sampled = max(sampled, control_hour)  # the first one as soon as the contact is there
                result = sampled + self._lognormal("laboratory.turnaround_hours")
                if sampled < min(found_hour, self._end_hour):
                    middle = (sampled + result) / 2
                    self._specimen(person, None, "contact_test", sampled, middle, result, "negative", None)

    def reports(self) -> tuple[DailyReport, ...]:
        """Districts' daily reports in order of arrival: one per day, and a new version when it changes."""
        hour = self.given.number("report.daily_hour")
        by_day: dict[tuple[date, str], list[Case]] = {}
        for case in self.cases:
            if case.infected_on is not None:
                by_day.setdefault((case.reported_on, case.district), []).append(case)
        rows: list[DailyReport] = []
        for district in self.city.district_codes:
            for day in range(self.days):
                last: tuple[int, ...] = ()
                version = 0
                cases = by_day.get((self.on(day), district), [])
                for later in range(day + 1, self.days):
                    cutoff = self.at(later * HOURS + hour)
                    counts = _counts(cases, cutoff)
                    if counts != last:
                        version, last = version + 1, counts
                        rows.append(DailyReport(self.on(day), district, version, cutoff, *counts))
        return tuple(sorted(rows, key=lambda row: (row.known_at, row.reported_on, row.district)))

    def screening(self) -> tuple[ScreeningDay, ...]:
        """Community screening by day and district, of the days whose results are in."""
        rows = []
        codes = self.city.district_codes
        people = np.bincount(self.city.person_district, minlength=len(codes)).tolist()
        found = [i for i in self.history.infections if i.channel == "screening"]
        for (day, district), coverage in self.history.coverage.items():
            hour = (day + 1.5) * HOURS
            if coverage > 0 and hour <= self._end_hour:
                positive = sum(
                    i.found_day == day
                    and i.result_hour <= hour
                    and self.history.district(i.person) == district
                    for i in found
                )
                count = max(round(coverage * people[district]), positive)
                rows.append(ScreeningDay(self.on(day), codes[district], count, positive, self.at(hour)))
        return tuple(sorted(rows, key=lambda row: (row.known_at, row.district)))

    def eventual_counts(self) -> tuple[EventualCount, ...]:
        """Infections per day and district once every late record is in, zeros left out."""
        counts: dict[tuple[date, str], int] = {}
        for infection in self.history.infections:
            if infection.found_day < self.days and infection.result_hour < self._end_hour:
                code = self.city.district_codes[self.history.district(infection.person)]
                slot = self.on(int(infection.result_hour // HOURS)), code
                counts[slot] = counts.get(slot, 0) + 1
        return tuple(EventualCount(day, code, count) for (day, code), count in sorted(counts.items()))


def _counts(cases: list[Case], cutoff: datetime) -> tuple[int, ...]:
    confirmed = asymptomatic = 0
    channels = dict.fromkeys(_CHANNELS, 0)
    for case in cases:
        known = [row.classification for row in case.history if row.known_at <= cutoff]
        if known and known[-1] in _INFECTED:
            confirmed += known[-1] == "confirmed"
            asymptomatic += known[-1] == "asymptomatic"
            channels[case.channel] += 1
    return (confirmed, asymptomatic, *channels.values())
