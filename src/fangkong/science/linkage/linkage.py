"""Which pairs of records are probably one person: splink's Fellegi-Sunter model with the parameters of ``model.toml``.

Values come normalised; an empty or masked one says nothing, neither for nor against.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

#: What stands for hidden digits, in any of the ways that senders write it.
_MASKS = frozenset("*＊×●□#?？")

_SCHEMA = pa.schema(
    [
        ("unique_id", pa.string()),
        *((name, pa.string()) for name in ("name", "pinyin", "id_number", "phone", "sex", "address")),
        ("birth_year", pa.int32()),
    ]
)


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one person, normalised; "" or None where it is not known.

    ``pinyin`` is the name's sound without tones. A value that holds a mask is taken as not known.
    """

    key: str
    name: str = ""
    pinyin: str = ""
    id_number: str = ""
    phone: str = ""
    birth_year: int | None = None
    sex: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, their keys in order, the probability that they are one person, and the level of each field.

    A level is a code of ``model.toml`` ("exact", "slip", "differs", …) or "unknown".
    """

    first_key: str
    second_key: str
    probability: float
    levels: dict[str, str]


@cache
def model() -> dict[str, Any]:
    """The parameters, as ``model.toml`` states them."""
    return tomllib.loads((Path(__file__).parent / "model.toml").read_text(encoding="utf-8"))


def model_version() -> str:
    """The version of the parameters, kept with each pair so that a decision can be read with what it rested on."""
    return str(model()["version"])


def probable_pairs(records: Iterable[Record], *, fresh: Iterable[str] | None = None) -> list[Pair]:
    """The pairs that are one person with at least the model's threshold, the likeliest first.

    Compared are records that share a name, its sound, a phone or an id; with ``fresh`` only pairs that hold at least
    one of those keys. Records of one key are one person already and are never paired.

    >>> a = Record("a", "张甲", "zhangjia", phone="10012345678", birth_year=1984)
    >>> b = Record("b", "章甲", "zhangjia", phone="10012345678", birth_year=1984)
    >>> c = Record("c", "张甲", "zhangjia", phone="10087654321", birth_year=1950)
    >>> [(pair.first_key, pair.second_key, pair.levels["name"]) for pair in probable_pairs([c, b, a])]
    [('a', 'b', 'sounds_alike')]
    """
    rows = [_row(record) for record in {record.key: record for record in records}.values()]
    if len(rows) < 2:
        return []
    wanted = None if fresh is None else frozenset(fresh)
    found = []
    for row in _predicted(rows):
        first, second = sorted((row["unique_id_l"], row["unique_id_r"]))
        if wanted is None or first in wanted or second in wanted:
            found.append(Pair(first, second, float(row["match_probability"]), _levels(row)))
    return sorted(found, key=lambda pair: (-pair.probability, pair.first_key, pair.second_key))


def hidden(value: str) -> bool:
    """True when some of ``value`` is masked."""
    return not _MASKS.isdisjoint(value)


def _row(record: Record) -> dict[str, Any]:
    values = asdict(record)
    values["unique_id"] = values.pop("key")
    return {
        name: None if value == "" or (isinstance(value, str) and hidden(value)) else value
        for name, value in values.items()
    }


def _predicted(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    # Imported here: it takes a second, and most runs of the product link nobody.
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(field) for field in model()["field"]],
        blocking_rules_to_generate_predictions=[
            block_on(name) for name in ("id_number", "phone", "name", "pinyin")
        ],
        probability_two_random_records_match=model()["prior"],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=False,
    )
    database = DuckDBAPI()
    table = database.register(pa.Table.from_pylist(list(rows), schema=_SCHEMA))
    linker = Linker(table, settings, log_level="ERROR")
    predicted = linker.inference.predict(threshold_match_probability=model()["threshold"])
    found: list[dict[str, Any]] = predicted.as_record_list()
    return found


def _comparison(field: dict[str, Any]) -> Any:
    import splink.comparison_level_library as level_library
    import splink.comparison_library as library

    name = field["name"]
    levels: list[Any] = [level_library.NullLevel(name)]
    for level in field["levels"]:
        made = (
            level_library.CustomLevel(level["sql"], level["code"])
            if "sql" in level
            else level_library.ElseLevel()
        )
        levels.append(made.configure(m_probability=level["m"], u_probability=level["u"]))
    return library.CustomComparison(output_column_name=name, comparison_levels=levels)


def _levels(row: dict[str, Any]) -> dict[str, str]:
    """Field → code of its level; splink numbers the levels of a field from the last (0) up, unknown is -1."""
    found = {}
    for field in model()["field"]:
        number = int(row[f"gamma_{field['name']}"])
        codes = [level["code"] for level in reversed(field["levels"])]
        found[field["name"]] = codes[number] if number >= 0 else "unknown"
    return found
