"""Which mapping a file belongs to, by the names of its columns."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from fangkong.core.errors import InputError

from .mapping import FileMapping, read_mapping

PACKAGED = Path(__file__).parent / "mappings"

#: A mapping nearly fits a file that has so many of its required columns: what is missing is worth telling.
_NEARLY = 0.5


def mappings() -> list[FileMapping]:
    """All mappings at hand by code; one in FANGKONG_HOME/mappings stands for the packaged one of its code."""
    found: dict[str, FileMapping] = {}
    for folder in (PACKAGED, Path(settings.HOME) / "mappings"):
        for path in sorted(folder.glob("*.toml")):
            mapping = read_mapping(path)
            found[mapping.code] = mapping
    return [found[code] for code in sorted(found)]


def choose_mapping(
    columns: list[str], name: str, *, code: str | None = None, file: Path | None = None
) -> FileMapping:
    """The mapping for a file named ``name`` with these ``columns``.

    A mapping fits when the file has all its required columns; of several the one with the most wins. Raises
    InputError naming the missing columns and the nearest mapping, or both of two that fit equally well.
    """
    if file is not None:
        return _fitting(read_mapping(file), columns, name)
    known = mappings()
    if code is not None:
        named = [mapping for mapping in known if mapping.code == code]
        if not named:
            raise InputError(
                "intake.no_such_mapping", file=name, mapping=code, mappings=[m.code for m in known]
            )
        return _fitting(named[0], columns, name)
    fitting = [mapping for mapping in known if mapping.required_columns <= set(columns)]
    if not fitting:
        raise _nothing_fits(known, columns, name)
    most = max(len(mapping.required_columns) for mapping in fitting)
    best = [mapping for mapping in fitting if len(mapping.required_columns) == most]
    if len(best) > 1:
        raise InputError(
            "intake.two_mappings", file=name, mappings=[m.code for m in best], option="--mapping"
        )
    return best[0]


def _fitting(mapping: FileMapping, columns: Iterable[str], name: str) -> FileMapping:
    if missing := mapping.required_columns - set(columns):
        raise InputError(
            "intake.column_missing",
            file=name,
            row=1,
            columns=sorted(missing),
            column=min(missing),
            mapping=mapping.code,
        )
    return mapping


def _nothing_fits(known: list[FileMapping], columns: list[str], name: str) -> InputError:
    def share(mapping: FileMapping) -> float:
        return len(mapping.required_columns & set(columns)) / len(mapping.required_columns)

    nearest = max(known, key=share)
    if share(nearest) < _NEARLY:
        return InputError(
            "intake.file_unknown",
            file=name,
            row=1,
            columns=columns[:20],
            mappings=[m.code for m in known],
            option="--mapping-file",
        )
    missing = sorted(nearest.required_columns - set(columns))
    return InputError(
        "intake.column_missing", file=name, row=1, columns=missing, column=missing[0], mapping=nearest.code
    )
