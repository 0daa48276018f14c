"""Line lists by columns: the rows of new people with nothing amiss, a batch at a time.

``line_lists`` decides any row and says what is wrong with it; it is the reference, and a test holds this module
to it. Here each distinct cell of a column is read once and becomes its piece of the staged fact; a row goes to
the reference when one of its cells is not plainly right, or when its case or person is known already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Protocol

from numpy.typing import NDArray

from fangkong.core.keys import canonical
from fangkong.core.keys import near_part as near
from fangkong.record.bulk_keys import own_parts, quoted

from .cases_known import KnownCases
from .cells import ReadColumn, clean
from .csv_rows import CsvRow
from .defects import Defect
from .facts import DecidedRow, ReadRow, Receiving, claim, in_scope
from .line_lists import CASE_FIELDS, RUN_CHARACTERS, decide_case
from .people import IDENTITY_FIELDS, NUMBER_TOKEN, identity_of
from .people_facts import PeopleOfBatch

PERSON_FIELDS = ("birth_year", "occupation", "sex")

#: Fields whose cells are taken as they stand.
_TEXTS = ("case_no", *IDENTITY_FIELDS)
_CASE_NAMES = sorted((*CASE_FIELDS, "person_key", "disease", "place_key"))

#: Distinct cells kept of one column; a column that has more is no list of codes or days.
_KEPT = 50_000


@dataclass
class NewCases:
    """Accepted rows of new people, in columns of equal length; facts are canonical JSON."""

    known: datetime
    rows: Sequence[int]
    people: Sequence[str]
    person_facts: Sequence[str]
    ties: Sequence[str]
    tie_facts: Sequence[str]
    cases: Sequence[str]
    case_facts: Sequence[str]
    #: JSON of the identity, "" where the row names nobody; sealed before it touches the disk.
    identities: Sequence[str]
    days: Sequence[date]
    #: Rows that name their person otherwise than by a number, or not at all.
    unnumbered: Sequence[int]

    def taken(self, positions: Sequence[int]) -> NewCases:
        """The rows at ``positions``."""
        columns: dict[str, Any] = {
            each.name: [getattr(self, each.name)[position] for position in positions]
            for each in fields(self)
            if each.name not in ("known", "days", "unnumbered")
        }
        return replace(self, **columns)


class Sink(Protocol):
    """Takes what was decided, in the order of the file."""

    def add(self, row_number: int, decision: DecidedRow | Defect) -> None:
        """One row, accepted or not."""

    def add_new(self, found: NewCases) -> None:
        """Accepted rows of new people."""

    def add_known(self, marks: dict[str, NDArray[Any]]) -> None:
        """Rows that an earlier file brought word for word."""


class _Pieces(dict[str, str | None]):
    """Cell -> its piece of a JSON object (``"age_years":33,``), "" when empty, None when not plainly right."""

    def __init__(self, piece: Callable[[str], str | None]) -> None:
        super().__init__()
        self._piece = piece

    def __missing__(self, cell: str) -> str | None:
        if len(self) >= _KEPT:
            self.clear()
        found = self[cell] = self._piece(cell)
        return found


@dataclass(frozen=True)
class _Batch:
    """The rows of a batch that have a cell for each column, column by column."""

    numbers: list[int]
    #: Field -> its cells as they stand.
    raw: dict[str, Sequence[str]]
    #: Field -> its cells cleaned (texts), or as pieces of JSON.
    read: dict[str, list[Any]]
    #: Positions of rows with a cell that the reference must look at.
    odd: set[int]


class LineListColumns:
    """Decides the batches of one line list."""

    def __init__(
        self,
        columns: Sequence[ReadColumn],
        header: list[str],
        needed: frozenset[str],
        work: Receiving,
        read: Callable[[CsvRow], ReadRow],
    ) -> None:
        self._work, self._read_row, self._header, self._needed = work, read, header, needed
        self._columns = {each.column.field: each for each in columns}
        self._pieces = {
            name: _Pieces(self._piece_of(each))
            for name, each in self._columns.items()
            if name not in _TEXTS and name in (*CASE_FIELDS, *PERSON_FIELDS)
        }
        self._known = work.known_at or work.now
        self._constants = {
            name: f"{quoted(name)}:{canonical(value)}," for name, value in work.mapping.constants.items()
        }

    @staticmethod
    def can(columns: Sequence[ReadColumn], work: Receiving) -> bool:
        """True for a line list whose rows are all known at one instant, with one column for each field."""
        names = [each.column.field for each in columns]
        texts = [each.column for each in columns if each.column.field in _TEXTS]
        return (
            work.mapping.target == "cases"
            and work.basis != "mapping"
            and len(set(names)) == len(names)
            and not set(names) & set(work.mapping.constants)
            and {"case_no", "area_code", "reported_on"} <= set(names)
            and set(work.mapping.constants) <= set(CASE_FIELDS)
            and not any(each.kind != "text" or each.values or each.blank is not None for each in texts)
        )

    def decide(self, rows: list[CsvRow], sink: Sink) -> None:
        """Tell ``sink`` what becomes of each row, in the order of the file."""
        work = self._work
        batch = self._batch(rows)
        position = {number: index for index, number in enumerate(batch.numbers) if index not in batch.odd}
        odd = {row.number: self._read_alone(row) for row in rows if row.number not in position}
        texts = {name: batch.read.get(name) or [""] * len(batch.numbers) for name in _TEXTS}
        tokens = work.people.tokens(*(texts[name] for name in ("id_number", "name", "phone")))
        asked = dict(zip(batch.numbers, tokens, strict=True))
        read = {number: each for number, each in odd.items() if isinstance(each, ReadRow)}
        asked |= {number: work.people.token(identity_of(each.values)) for number, each in read.items()}
        people = PeopleOfBatch(asked, work)
        case_nos = [*texts["case_no"], *(each.values["case_no"] for each in read.values())]
        cases = KnownCases(work.disease, filter(None, case_nos), work.actor)
        new = self._new_cases(batch, texts, tokens)
        taken: list[int] = []
        for row in rows:
            index = position.get(row.number)
            if index is not None and not cases.any(case_nos[index]):
                token = tokens[index]
                if not token or people.unheard(token):
                    if token:
                        work.people.claim(token, row.number, self._known)
                    taken.append(index)
                    continue
            self._flush(new, taken, batch, tokens, sink)
            found = odd[row.number] if index is None else self._read_alone(row)
            sink.add(row.number, self._decide_alone(found, cases, people))
        self._flush(new, taken, batch, tokens, sink)

    def _flush(self, new: NewCases, taken: list[int], batch: _Batch, tokens: list[str], sink: Sink) -> None:
        if taken:
            found = new if len(taken) == len(batch.numbers) else new.taken(taken)
            raw, read = batch.raw["reported_on"], self._columns["reported_on"].reader
            days = {cell: read(clean(cell)) for cell in {raw[index] for index in taken}}
            unnumbered = [batch.numbers[index] for index in taken if len(tokens[index]) != NUMBER_TOKEN]
            sink.add_new(replace(found, days=[days[raw[index]] for index in taken], unnumbered=unnumbered))
            taken.clear()

    def _read_alone(self, row: CsvRow) -> ReadRow | Defect:
        try:
            return self._read_row(row)
        except Defect as defect:
            return defect

    def _decide_alone(
        self, read: ReadRow | Defect, cases: KnownCases, people: PeopleOfBatch
    ) -> DecidedRow | Defect:
        if isinstance(read, Defect):
            return read
        try:
            decision = in_scope(decide_case(read, self._work, cases, people), self._work)
        except Defect as defect:
            return defect
        claim(read, decision, self._work)
        return decision

    def _batch(self, rows: list[CsvRow]) -> _Batch:
        width, first = len(self._header), self._header[0]
        whole = [row for row in rows if len(row.cells) == width and row.cells[0].strip() != first]
        cells = list(zip(*[row.cells for row in whole], strict=True)) or [()] * width
        raw: dict[str, Sequence[str]] = {name: cells[each.position] for name, each in self._columns.items()}
        odd: set[int] = set()
        read: dict[str, list[Any]] = {}
        for name, each in self._columns.items():
            if (pieces := self._pieces.get(name)) is not None:
                read[name] = found = [pieces[cell] for cell in raw[name]]
                if None in found:
                    odd.update(index for index, piece in enumerate(found) if piece is None)
            elif name in _TEXTS:
                read[name] = texts = [clean(cell) for cell in raw[name]]
                if any(len(text) > each.longest for text in texts):
                    odd.update(index for index, text in enumerate(texts) if len(text) > each.longest)
                if name in self._needed and "" in texts:
                    odd.update(index for index, text in enumerate(texts) if not text)
            elif any(raw[name]):
                odd.update(index for index, cell in enumerate(raw[name]) if cell)
        return _Batch([row.number for row in whole], raw, read, odd)

    def _piece_of(self, each: ReadColumn) -> Callable[[str], str | None]:
        column, sees = each.column, self._work.actor.sees

        def piece(cell: str) -> str | None:
            text = clean(cell)
            try:
                value = each.reader(text) if text else column.blank
            except Defect:
                return None
            if isinstance(value, str) and len(value) > each.longest:
                return None
            if value is None:
                return None if column.field in self._needed else ""
            if column.field == "area_code" and not sees(value):
                return None
            return f"{quoted(column.field)}:{canonical(value)},"

        return piece

    def _new_cases(self, batch: _Batch, texts: dict[str, list[str]], tokens: list[str]) -> NewCases:
        """All rows of the batch as if each were a new case of a new person."""
        work, count = self._work, len(batch.numbers)
        disease = quoted(work.disease)
        case_nos = texts["case_no"]
        quoted_nos = list(map(quoted, case_nos))
        runs = [near(f"{work.disease}|{case_no[:-RUN_CHARACTERS]}") for case_no in case_nos]
        own = own_parts([f"[{disease},{case_no}]" for case_no in quoted_nos])
        cases = [f"case-{run}{part}" for run, part in zip(runs, own, strict=True)]
        own = own_parts(
            [
                f'["{work.receipt_key}",{number}]' if token else f'["{case}"]'
                for number, token, case in zip(batch.numbers, tokens, cases, strict=True)
            ]
        )
        runs = [
            near(work.people.run_of_row(number)) if token else near(run)
            for number, token, run in zip(batch.numbers, tokens, runs, strict=True)
        ]
        people = [f"person-{run}{part}" for run, part in zip(runs, own, strict=True)]
        areas = [piece[len('"area_code":') : -1] if piece else '""' for piece in batch.read["area_code"]]
        kind = quoted(work.mapping.tie)
        own = own_parts([f'["{person}",{kind},{area}]' for person, area in zip(people, areas, strict=True)])
        ties = [f"tie-{near(run)}{part}" for run, part in zip(runs, own, strict=True)]
        stated = {
            **{name: [piece] * count for name, piece in self._constants.items()},
            **batch.read,
            "case_no": [f'"case_no":{case_no},' for case_no in quoted_nos],
            "disease": [f'"disease":{disease},'] * count,
            "person_key": [f'"person_key":"{person}",' for person in people],
            "place_key": ['"place_key":"",'] * count,
        }
        return NewCases(
            self._known,
            batch.numbers,
            people,
            _objects([stated[name] for name in PERSON_FIELDS if name in stated], count),
            ties,
            [
                f'{{"area_code":{area},"kind":{kind},"person_key":"{person}"}}'
                for area, person in zip(areas, people, strict=True)
            ],
            cases,
            _objects([stated[name] for name in _CASE_NAMES if name in stated], count),
            _identities(texts, tokens),
            (),
            (),
        )


def _objects(pieces: list[list[Any]], count: int) -> list[str]:
    """JSON objects of the pieces of each row."""
    if not pieces:
        return ["{}"] * count
    whole = [each if None not in each else [piece or "" for piece in each] for each in pieces]
    return [f"{{{''.join(row)[:-1]}}}" for row in zip(*whole, strict=True)]


def _identities(texts: dict[str, list[str]], tokens: list[str]) -> list[str]:
    """The JSON of each row's identity, "" without one."""
    columns = [
        [f'"{name}":{quoted(text)},' if text else "" for text in texts[name]] for name in IDENTITY_FIELDS
    ]
    return [
        f"{{{''.join(row)[:-1]}}}" if token else ""
        for token, row in zip(tokens, zip(*columns, strict=True), strict=True)
    ]
