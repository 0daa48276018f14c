"""Contact ledgers: the persons, their last contact, their release, the cases they were near."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from ..parts import Issue
from .numbered_cases import NumberedCases
from .person_row import person_issues
from .person_rows import PersonRows, identity_of
from .rows import ReadRow, ReadTotal, Setting, day_of, digest, is_before, plain


class ContactLedger:
    """The check of a contact ledger."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._persons = PersonRows(cases=True)
        self._places: dict[int, tuple[int, str]] = {}
        self._numbered = NumberedCases()

    def row(self, row: ReadRow) -> Iterator[Issue]:
        yield from person_issues(row, self._setting.reference)
        yield from self._persons.row(row)
        yield from self._release(row)
        yield from self._case(row)
        yield from self._place(row)

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        yield from self._numbered.strays()

    def _release(self, row: ReadRow) -> Iterator[Issue]:
        contact, release = row.sure("exposure_at"), row.sure("release_on")
        if release is None:
            return
        if contact is not None and is_before(release, contact):
            yield row.found("release_on", "RELEASE_BEFORE_CONTACT")
            return
        starts = row.sure("starts_on")
        if starts is not None and is_before(release, starts):
            yield row.found("release_on", "INTERVAL_REVERSED")
            return
        rule = self._setting.release_days
        last, given = day_of(contact), day_of(release)
        if not rule or last is None or given is None:
            return
        tier, mode = row.values.get("tier"), row.values.get("control_mode")
        days = rule.get(str(tier), rule.get(str(mode), rule.get("")))
        if days is not None and given != last + timedelta(days=days):
            yield row.found("release_on", "RELEASE_DATE_RULE", days=days)

    def _case(self, row: ReadRow) -> Iterator[Issue]:
        case, asked = row.values.get("case_ref"), self._setting.case_exists
        if case is None:
            return
        for one in case if isinstance(case, list | tuple) else [case]:
            known = asked(str(one)) if asked is not None else None
            if known is False:
                yield row.found("case_ref", "CASE_UNKNOWN", case=str(one))
            elif known is None:
                self._numbered.add(str(one), row)

    def _place(self, row: ReadRow) -> Iterator[Issue]:
        """One person near one case, but two places of quarantine."""
        identity, place = identity_of(row), row.sure("quarantine_place")
        if not identity or not place:
            return
        key = digest(identity, str(row.values.get("case_ref")))
        first, other = self._places.setdefault(key, (row.number, plain(place)))
        if first != row.number and other != plain(place):
            yield row.found("quarantine_place", "SAME_PERSON_TWO_PLACES", first=first)
