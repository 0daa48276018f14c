"""The person behind a row of a line list, a register or a laboratory: who, and what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fangkong.core.keys import near_key, run_of, stable_key

from .defects import held
from .facts import Fact, ReadRow, Receiving
from .people import identity_of


@dataclass(frozen=True)
class Meant:
    """The person of a row: key, identity to seal, the token that later rows may name them by."""

    key: str
    identity: dict[str, str]
    token: str
    #: Since when the record knows them; None for somebody new.
    since: datetime | None


class PeopleOfBatch:
    """The people of one batch of rows, looked up together."""

    def __init__(self, tokens: Mapping[int, str], work: Receiving) -> None:
        """``tokens`` are what tells the person of each row, by row number."""
        self._work, self._tokens = work, tokens
        self._recorded = work.people.recorded(tokens.values())
        self._since = work.people.known_since(key for keys in self._recorded.values() for key in keys)

    @classmethod
    def of_rows(cls, rows: Iterable[ReadRow], work: Receiving) -> PeopleOfBatch:
        """The people of rows that are read."""
        return cls({row.number: work.people.token(identity_of(row.values)) for row in rows}, work)

    def unheard(self, token: str) -> bool:
        """True for somebody whom neither the record nor an earlier row of the file knows."""
        return not self._recorded.get(token) and self._work.people.in_file(token) is None

    def meant_by(self, row: ReadRow) -> Meant | None:
        """The person whom the identity fields name, or None without a number and without name and phone.

        Raises Defect when the record knows several under them.
        """
        token = self._tokens[row.number]
        if not token:
            return None
        keys = self._recorded.get(token, [])
        if len(keys) > 1:
            raise held("ambiguous_person", people=len(keys))
        identity = identity_of(row.values)
        if keys:
            return Meant(keys[0], identity, token, self._since.get(keys[0]))
        if earlier := self._work.people.in_file(token):
            return Meant(earlier[0], identity, token, earlier[1])
        return Meant(self._work.people.new_key(row.number), identity, token, None)


def person_facts(
    key: str, since: datetime | None, row: ReadRow, known: datetime, work: Receiving
) -> list[Fact]:
    """The facts that the row adds about the person ``key``, whom the record knows ``since`` (None: not yet).

    A register that says less than the record never blanks what is known: the person is written only when new.
    """
    values = row.values
    facts = []
    if since is None or known < since:
        person = {
            name: values[name] for name in ("sex", "birth_year", "occupation") if values.get(name) is not None
        }
        facts.append(Fact("person", key, known, person))
    tie = {"person_key": key, "kind": work.mapping.tie, "area_code": values["area_code"]}
    facts.append(Fact("personarea", tie_key(key, work.mapping.tie, values["area_code"]), known, tie))
    return facts


def tie_key(person_key: str, kind: str, area_code: str) -> str:
    """The key of a person's tie to an area; ties of people who stand together stand together."""
    if run := run_of(person_key):
        return near_key("tie", run, person_key, kind, area_code)
    return stable_key("tie", person_key, kind, area_code)
