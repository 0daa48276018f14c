"""Mappings that ship with the house or that a person confirmed, recognised again when columns moved or were renamed."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..parts import Table, TableColumn
from .headers import claims, plain_header

#: Two headers that mean the same field are one renamed; of two that the lexicon does not know so much must agree
#: (difflib's ratio). Two tables are of one layout where so many of their headers are found again.
_SAME_MEANING, _SAME_HEADER, _SAME_LAYOUT = 0.9, 0.75, 0.7


@dataclass(frozen=True, slots=True)
class Layout:
    """A shipped mapping. ``match``: of each group of headers at least one must be there. ``fields``: header → field."""

    name: str
    kind: str
    match: tuple[tuple[str, ...], ...]
    fields: Mapping[str, str]
    foreign: bool = False


@cache
def layouts() -> dict[str, Layout]:
    """The shipped mappings by name, as ``layouts/*.toml`` have them; headers in plain form."""
    found = {}
    for path in sorted((Path(__file__).parent / "layouts").glob("*.toml")):
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = Layout(
            path.stem,
            entry["kind"],
            tuple(tuple(plain_header(header) for header in group) for group in entry["match"]),
            {plain_header(header): field for header, field in entry["fields"].items()},
            entry.get("foreign", False),
        )
    return found


def layout_of(columns: Sequence[TableColumn]) -> Layout | None:
    """The shipped mapping whose headers the columns have; of several the one that explains most columns."""
    headers = {plain_header(column.path[-1]) for column in columns if column.path}
    fitting = [
        layout for layout in layouts().values() if all(headers.intersection(group) for group in layout.match)
    ]
    return max(fitting, key=lambda layout: len(headers.intersection(layout.fields)), default=None)


def fingerprint(table: Table) -> str:
    """What a table's headers are, whatever their order: the key under which a confirmed mapping is kept."""
    return fingerprint_of(table.columns)


def fingerprint_of(columns: Sequence[TableColumn]) -> str:
    """The `fingerprint` of a table with these columns."""
    return "\n".join(sorted({plain_header(column.name) for column in columns}))


def match_saved(fingerprint_of_table: str, saved: Mapping[str, str]) -> str | None:
    """The name of the saved mapping that a table is of, None where none fits or two fit alike.

    ``saved`` maps the names of mappings to their fingerprints. Columns may have moved, a few may be new, gone, or
    slightly renamed ("末次接触时间" → "末次接触日期").
    """
    headers = fingerprint_of_table.split("\n")
    scores = sorted(
        ((likeness(headers, other.split("\n")), name) for name, other in saved.items()), reverse=True
    )
    if not scores or scores[0][0] < _SAME_LAYOUT:
        return None
    if len(scores) > 1 and scores[1][0] == scores[0][0] and saved[scores[0][1]] != saved[scores[1][1]]:
        return None
    return scores[0][1]


def likeness(first: Sequence[str], second: Sequence[str]) -> float:
    """The share of the headers of both that are found again in the other, renamed ones included; in [0, 1]."""
    pairs = paired(first, second)
    return len(pairs) / max(1, len(set(first) | set(second)) - sum(a != b for a, b in pairs.items()))


def paired(first: Sequence[str], second: Sequence[str]) -> dict[str, str]:
    """Header of ``first`` → header of ``second``: equal ones, then the likeliest of the others, each once."""
    pairs = {header: header for header in first if header in set(second)}
    left = [header for header in first if header not in pairs]
    free = [header for header in second if header not in pairs]
    ratios = sorted(
        ((ratio, a, b) for a in left for b in free if (ratio := _resemblance(a, b)) >= _SAME_HEADER),
        reverse=True,
    )
    for _, a, b in ratios:
        if a not in pairs and b in free:
            pairs[a] = b
            free.remove(b)
    return pairs


def _resemblance(first: str, second: str) -> float:
    """How far two different headers may be one renamed: 入库 and 出库 look alike and mean two things."""
    means, other = claims((first,)), claims((second,))
    if means and other:
        return _SAME_MEANING if means[0].field == other[0].field else 0.0
    return difflib.SequenceMatcher(None, first, second).ratio()
