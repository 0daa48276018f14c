"""The invented outbreak as rows of the record, each with the moment at which the office knew it.

What the simulation knows and the office does not (who really infected whom, who was infected and never
found) stays out: a source stands in the record once the investigation has named it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from fangkong.core.clock import civil_day
from fangkong.core.keys import stable_key
from fangkong.record.load import Row
from fangkong.science.city import Case, City, Contact, Outbreak, Specimen

#: Code length of the community: where a case is counted and where a contact must be found.
_COMMUNITY = 12

_METHOD, _SPECIMEN_KIND = "pcr", "throat_swab"


class OutbreakRows:
    """Rows of everything known by ``now``; ``known_from`` of each row is when the office knew it."""

    def __init__(
        self, city: City, outbreak: Outbreak, *, disease: str, now: datetime, zone: ZoneInfo
    ) -> None:
        self.city, self.disease, self.now, self.zone = city, disease, now, zone
        self.cases = [case for case in outbreak.cases if case.known_at <= now]
        self.contacts = [contact for contact in outbreak.contacts if contact.known_at <= now]
        self.specimens = [specimen for specimen in outbreak.specimens if specimen.sampled_at <= now]
        self._known = {case.key: case for case in self.cases}
        self._since = {case.key: case.known_at for case in self.cases}
        self._since |= {contact.key: contact.known_at for contact in self.contacts}
        self._organisation = {place.key: place.organisation for place in city.places}

    def is_new(self, row: Row) -> bool:
        """True for the row that first tells of its case or contact; every result is told once."""
        return row["known_from"] == self._since.get(row["key"], row["known_from"])

    def case_rows(self) -> Iterator[Row]:
        """Every case's classification history, and the setting once the investigation names the source."""
        for number, case in enumerate(self.cases, start=1):
            case_no = f"{case.district[:4]}-{case.known_at.astimezone(self.zone):%Y}-{number:04d}"
            moments = {entry.known_at for entry in case.history}
            if case.source_found and case.contacts_counted_at:
                moments.add(max(case.contacts_counted_at, case.known_at))
            for moment in sorted(moment for moment in moments if moment <= self.now):
                yield self._case(case, case_no, moment)

    def _case(self, case: Case, case_no: str, at: datetime) -> Row:
        entry = [entry for entry in case.history if entry.known_at <= at][-1]
        named = case.source_found and case.contacts_counted_at is not None and case.contacts_counted_at <= at
        diagnosed = case.result_at if case.result_at and case.result_at <= at else None
        birth_year = int(self.city.people.birth_year[case.person_index])
        return {
            "key": case.key,
            "known_from": at,
            "case_no": case_no,
            "person_key": case.person,
            "disease": self.disease,
            "area_code": case.building[:_COMMUNITY],
            "classification": entry.classification,
            "classified_on": civil_day(entry.known_at, self.zone),
            "severity": entry.severity or "",
            "reported_on": case.reported_on,
            "onset_on": None if entry.classification == "asymptomatic" else case.onset_on,
            "sampled_on": civil_day(case.sampled_at, self.zone),
            "diagnosed_on": civil_day(diagnosed, self.zone) if diagnosed else None,
            "channel": case.channel,
            "setting": (case.setting or "") if named else "",
            "age_years": case.reported_on.year - birth_year,
        }

    def link_rows(self) -> Iterator[Row]:
        """Who infected whom, where the investigation named the source, from when it had done so."""
        for case in self.cases:
            source = self._known.get(case.infector or "")
            if not case.source_found or source is None or case.contacts_counted_at is None:
                continue
            known_at = max(case.contacts_counted_at, case.known_at, source.known_at)
            if known_at <= self.now:
                yield {
                    "key": stable_key("link", source.key, case.key),
                    "known_from": known_at,
                    "disease": self.disease,
                    "from_case_key": source.key,
                    "to_case_key": case.key,
                    "setting": case.setting or "",
                }

    def contact_rows(self) -> Iterator[Row]:
        """Every contact as listed, and again when identity and whereabouts were verified."""
        for contact in self.contacts:
            steps = (contact.known_at, contact.identity_at, contact.location_at)
            for moment in sorted({step for step in steps if step is not None and step <= self.now}):
                yield self._contact(contact, moment)

    def _contact(self, contact: Contact, at: datetime) -> Row:
        located = contact.location_at is not None and contact.location_at <= at
        home = str(self.city.people.home[contact.person_index])[:_COMMUNITY]
        return {
            "key": contact.key,
            "known_from": at,
            "case_key": contact.case,
            "person_key": contact.person,
            "disease": self.disease,
            "area_code": contact.location if located and contact.location else home,
            "tier": contact.tier,
            "setting": contact.setting,
            "from_at": contact.exposed_from_at,
            "to_at": contact.exposed_to_at,
            "last_exposure_on": contact.last_exposure_on,
            "via_contact_key": contact.via or "",
            "identified": contact.identity_at is not None and contact.identity_at <= at,
            "located": located,
        }

    def staying_rows(self) -> Iterator[Row]:
        """Where contacts stay who were found in the other city: a tie, so that both cities see them."""
        for contact in self.contacts:
            if (
                contact.out_of_city
                and contact.location
                and contact.location_at
                and contact.location_at <= self.now
            ):
                yield {
                    "key": f"staying-{contact.key}",
                    "known_from": contact.location_at,
                    "person_key": contact.person,
                    "kind": "staying",
                    "area_code": contact.location,
                }

    def specimen_rows(self) -> Iterator[Row]:
        """Every swab, known when it was taken."""
        for specimen in self.specimens:
            yield {
                "key": specimen.key,
                "known_from": specimen.sampled_at,
                "person_key": specimen.person,
                "area_code": self._home(specimen),
                "kind": _SPECIMEN_KIND,
                "purpose": specimen.purpose,
                "collected_at": specimen.sampled_at,
                "laboratory_key": self._organisation[specimen.laboratory],
            }

    def result_rows(self) -> Iterator[Row]:
        """Every result that is in."""
        for specimen in self.specimens:
            if specimen.result is None or specimen.result_at is None or specimen.result_at > self.now:
                continue
            yield {
                "key": f"R{specimen.key[1:]}",
                "known_from": specimen.result_at,
                "specimen_key": specimen.key,
                "person_key": specimen.person,
                "disease": self.disease,
                "area_code": self._home(specimen),
                "method": _METHOD,
                "result": specimen.result,
                "cycle_threshold": specimen.ct,
                "resulted_at": specimen.result_at,
            }

    def _home(self, specimen: Specimen) -> str:
        return str(self.city.people.home[specimen.person_index])[:_COMMUNITY]
