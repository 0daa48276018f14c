"""A table understood: which kind of file it is and what each column holds, from headers, content, saved mappings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..codes import issue
from ..parts import Cell, Issue, Table, TableColumn, TableRow
from .headers import Claim, claims, date_order_in, plain_header, unit_in
from .kind_of import kind_of, kinds
from .layouts import Layout, layout_of, paired
from .profiles import (
    Profile,
    code_traits,
    date_traits,
    number_traits,
    percent_traits,
    profile,
    word_traits,
)
from .reading import ColumnReading, Traits, Understanding, fields, reading_as
from .title_units import title_unit

#: Cells of these kinds look alike whatever the header, so that content can name or contradict them.
_LOOKS = {"id": "id_number", "phone": "phone"}
_SURE, _HARDLY = 0.7, 0.1
#: Fields that any kind of file may hold beside its own.
_ANYWHERE = frozenset(
    (
        "serial",
        "name",
        "given_name",
        "family_name",
        "sex",
        "age",
        "age_unit",
        "sex_age",
        "birth_on",
        "birth_year",
        "birth_month",
        "birth_day",
        "id_number",
        "id_kind",
        "phone",
        "address",
        "person_note",
        "person_ref",
        "occupation",
        "area_name",
        "area_code",
        "street",
        "community",
        "latitude",
        "longitude",
        "case_no",
        "disease",
        "remark",
    )
)
#: Kinds of cells worth reading in any file: a day that does not exist is wrong wherever it stands.
_ALWAYS_CHECKED = frozenset(("date", "moment", "id", "phone", "result"))
#: Figures that name or place something and count nothing.
_NO_FIGURE = re.compile(r"(?:code|id|no|编码|代码|编号|year|month|week|年|月|周|km2|iso\d?|level)$")
_DATED = frozenset(("date", "moment", "span"))
_NUMERIC = frozenset(("count", "quantity", "percent"))


def understand(
    table: Table, sample: Sequence[TableRow], saved: Mapping[str, str] | None = None, confirmed_kind: str = ""
) -> Understanding:
    """What ``table`` is and what its columns hold, by its headers and the rows of ``sample`` (some hundred do).

    ``saved`` is a mapping that a person confirmed, header → field ("" for a column to leave out); it outweighs all
    else, also where a header was slightly renamed; ``confirmed_kind`` is what that person said the table is. A shipped
    layout (SORMAS, Go.Data) comes next, then headers and content together. Every reading says its ground and
    confidence, for the page on which a person confirms it.
    """
    cells = [
        [_looked_at(row.cells[i]) for row in sample if i < len(row.cells)] for i in range(len(table.columns))
    ]
    profiles = [profile(column) for column in cells]
    layout = layout_of(table.columns)
    not_data = frozenset(
        row.number for row in sample if row.cells and row.cells[0].text.lstrip("\ufeff").startswith("##")
    )
    if layout is not None:
        readings, kind, certainty = _by_layout(table, layout, profiles), layout.kind, 1.0
    else:
        meant = [_meant(column, held) for column, held in zip(table.columns, profiles, strict=True)]
        kind, certainty = kind_of(meant, table)
        if kind == "unknown" and saved:
            certainty = 0.0
        readings = _assigned(table, meant, kind, profiles)
    if saved:
        readings = _with_saved(readings, saved)
        told = [(Claim(reading.field, 1.0, "saved"),) if reading.field else () for reading in readings]
        kind, certainty = kind_of(told, table) if layout is None else (kind, certainty)
        if confirmed_kind in kinds():
            kind, certainty = confirmed_kind, 1.0
    unit = title_unit(table.title)
    readings = [
        _with_traits(reading, column, unit, foreign=layout is not None and layout.foreign)
        for reading, column in zip(readings, cells, strict=True)
    ]
    readings = _one_order(readings, cells)
    return Understanding(
        kind, readings, certainty, layout.name if layout else "", tuple(_column_issues(readings)), not_data
    )


#: Of a longer text only the beginning is looked at to tell what a column holds.
_LONGEST = 500


def _looked_at(cell: Cell) -> Cell:
    return cell if len(cell.text) <= _LONGEST else replace(cell, text=cell.text[:_LONGEST])


def _meant(column: TableColumn, held: Profile) -> tuple[Claim, ...]:
    """The fields that a column may hold by its header, put right by its content."""
    found = {claim.field: claim for claim in claims(column.path)}
    enough = held.filled >= 3
    if enough and (held.time >= _SURE or held.ordinal >= _SURE):
        # Times of day alone: the days stand in another column, which is the one to read. Small whole numbers alone
        # are days counted from one that only the sender knows.
        found = {name: claim for name, claim in found.items() if fields()[name].kind not in _DATED}
    for look, field_name in _LOOKS.items():
        if not enough or getattr(held, look) < _SURE or field_name in found:
            continue
        # A header that claims the field of another look, under which stands this one.
        wrong = [name for name in found if _contradicts(name, look, held)]
        if wrong:
            found = {name: claim for name, claim in found.items() if name not in wrong}
            found[field_name] = Claim(field_name, 0.7, "content_contradicts_header")
        elif not found:
            found[field_name] = Claim(field_name, 0.6, "content")
    if not found and enough:
        unnamed = not any(level.strip() for level in column.path)
        header = plain_header(column.path[-1]) if column.path else ""
        if held.number >= _SURE and held.code < _SURE and not _NO_FIGURE.search(header):
            found = {name: Claim(name, 0.4, "sub_header") for name in ("part_count", "value")}
        elif unnamed and held.name >= _SURE and held.distinct > 0.5:
            found["name"] = Claim("name", 0.5, "content")
        elif unnamed and held.code >= _SURE:
            found["tube_code"] = Claim("tube_code", 0.4, "content")
    return tuple(sorted(found.values(), key=lambda claim: -claim.score))


def _contradicts(field_name: str, look: str, held: Profile) -> bool:
    kind = fields()[field_name].kind
    if kind == look:
        return False
    own = {"id": held.id, "phone": held.phone, "name": held.name, "date": held.date, "moment": held.date}
    return kind in own and own[kind] < _HARDLY


def _by_layout(table: Table, layout: Layout, profiles: Sequence[Profile]) -> list[ColumnReading]:
    """The readings of a shipped mapping; of several columns for one field, the first it names that is not empty."""
    place = {plain_header(column.path[-1]): i for i, column in enumerate(table.columns) if column.path}
    chosen: dict[str, int] = {}
    for header, field_name in layout.fields.items():
        index = place.get(header)
        if index is None:
            continue
        if field_name not in chosen or (profiles[index].filled and not profiles[chosen[field_name]].filled):
            chosen[field_name] = index
    field_at = {index: field_name for field_name, index in chosen.items()}
    return [
        reading_as(column, field_at.get(i, ""), basis=("layout",) if i in field_at else ("unknown",))
        for i, column in enumerate(table.columns)
    ]


def _assigned(
    table: Table, meant: Sequence[Sequence[Claim]], kind: str, profiles: Sequence[Profile]
) -> list[ColumnReading]:
    """Each column with the field that fits the kind best; each field once, but those that several may hold."""
    weights = kinds()[kind].fields if kind in kinds() else {}
    options = []
    for index, column in enumerate(meant):
        for claim in column:
            known = fields()[claim.field]
            if claim.field not in weights:
                if claim.basis == "sub_header" or known.kind in _NUMERIC:
                    continue
                if claim.field not in _ANYWHERE and known.kind not in _ALWAYS_CHECKED:
                    continue
            fit = (
                claim.score + (0.3 if claim.field in weights else 0.0) + 0.01 * weights.get(claim.field, 0.0)
            )
            options.append((fit, -index, claim))
    options.sort(key=lambda option: (-option[0], -option[1]))
    chosen: dict[int, Claim] = {}
    taken: set[str] = set()
    for _, negative, claim in options:
        if -negative in chosen or (claim.field in taken and not fields()[claim.field].many):
            continue
        chosen[-negative] = claim
        taken.add(claim.field)
    readings = []
    for index, column_of in enumerate(table.columns):
        said = chosen.get(index)
        if said is None:
            readings.append(reading_as(column_of, ""))
            continue
        unit = unit_in(column_of.path[-1]) if column_of.path else ""
        confidence = _confidence(said, profiles[index])
        readings.append(
            reading_as(column_of, said.field, unit=unit, confidence=confidence, basis=(said.basis,))
        )
    return readings


def _confidence(claim: Claim, held: Profile) -> float:
    """The claim's own score, raised where the content agrees and lowered where it looks like something else."""
    kind = fields()[claim.field].kind
    looks = {"id": held.id, "phone": held.phone, "name": held.name, "date": held.date, "moment": held.date}
    share = looks.get(kind)
    if share is None or held.filled < 3:
        return round(0.95 * claim.score, 2)
    return round(min(1.0, claim.score * (0.7 + 0.3 * min(1.0, share / _SURE))), 2)


def _with_saved(readings: Sequence[ColumnReading], saved: Mapping[str, str]) -> list[ColumnReading]:
    """The readings with what a person confirmed put over them."""
    plain = {plain_header(header): field_name for header, field_name in saved.items()}
    pairs = paired([plain_header(reading.name) for reading in readings], list(plain))
    confirmed: list[ColumnReading] = []
    told = set()
    for reading in readings:
        header = plain_header(reading.name)
        if header not in pairs:
            confirmed.append(reading)
            continue
        field_name = plain[pairs[header]]
        known = field_name if field_name in fields() else ""
        told.add(known)
        again = reading_as(
            reading.column,
            known,
            unit=reading.unit,
            confidence=1.0 if pairs[header] == header else 0.9,
            basis=("saved",),
        )
        confirmed.append(again)
    # A field that the saved mapping gives to one column is not another's by its header.
    return [
        reading_as(reading.column, "")
        if "saved" not in reading.basis and reading.field in told and reading.field
        else reading
        for reading in confirmed
    ]


def _with_traits(
    reading: ColumnReading, cells: Sequence[Cell], unit_of_title: str, *, foreign: bool
) -> ColumnReading:
    kind = reading.value_kind
    traits = Traits()
    if kind in _DATED:
        hint = next((order for level in reading.column.path if (order := date_order_in(level))), "")
        traits = date_traits(cells, hint)
    elif kind == "barcode":
        traits = code_traits(cells)
    elif kind == "percent":
        traits = percent_traits(cells)
    elif kind in ("count", "quantity"):
        traits = number_traits(cells)
    elif kind == "vocabulary":
        traits = word_traits(cells, reading.vocabulary)
    if foreign:
        traits = replace(traits, foreign=True)
    unit = reading.unit or (unit_of_title if kind == "count" else "")
    return replace(reading, traits=traits, unit=unit)


def _one_order(readings: list[ColumnReading], cells: Sequence[Sequence[Cell]]) -> list[ColumnReading]:
    """One system writes all its dates alike: a column of "03/04/2022" follows its neighbours' order."""
    orders = {reading.traits.date_order for reading in readings} - {""}
    if len(orders) != 1:
        return readings
    order = orders.pop()
    found = []
    for reading, column in zip(readings, cells, strict=True):
        dated = reading.value_kind in _DATED
        if dated and not reading.traits.date_order and not any(_year_first(cell) for cell in column):
            reading = replace(reading, traits=replace(reading.traits, date_order=order))
        found.append(reading)
    return found


def _year_first(cell: Cell) -> bool:
    return cell.text.strip()[:4].isdigit()


def _column_issues(readings: Sequence[ColumnReading]) -> list[Issue]:
    """What is doubtful of a whole column, said once: no date of it has a year, all lie before 1900."""
    found = []
    for reading in readings:
        if reading.traits.no_year and reading.value_kind in ("date", "moment"):
            found.append(issue(None, reading.name, "DATE_NO_YEAR"))
        if reading.traits.historic:
            found.append(issue(None, reading.name, "DATE_BEFORE_1900"))
    return found
