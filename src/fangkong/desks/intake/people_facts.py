"""The person behind a row of a line list, a register or a laboratory: who, and what is new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fangkong.core.keys import stable_key

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

    def __init__(self, rows: Iterable[ReadRow], work: Receiving) -> None:
        self._work = work
        self._tokens = {row.number: work.people.token(identity_of(row.values)) for row in rows}
        self._recorded = work.people.recorded(self._tokens.values())
        self._since = work.people.known_since(key for keys in self._recorded.values() for key in keys)

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
    facts.append(
        Fact("personarea", stable_key("tie", key, work.mapping.tie, values["area_code"]), known, tie)
    )
    return facts
