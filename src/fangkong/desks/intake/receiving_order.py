"""In which order files that came together are received: first what the others point at."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from fangkong.core.errors import InputError
from fangkong.science.tables.columns import understand
from fangkong.science.tables.hostile import FileRefused
from fangkong.science.tables.layout import tables_of
from fangkong.science.tables.workbook import open_workbook

from .csv_rows import read_table
from .file_checks import CheckedFile
from .mapping import FileMapping
from .recognition import choose_mapping
from .table_terms import target_of

#: Cases before the contacts and links that name them; people of registers before what was done for them.
_TARGETS = (
    "daily_counts",
    "cases",
    "places",
    "contacts",
    "transmission_links",
    "follow_ups",
    "lab_results",
)

#: Rows by which a table that no mapping knows is told.
_SAMPLE = 50


def in_receiving_order(
    paths: Iterable[Path], *, mapping: str | None = None, mapping_file: Path | None = None
) -> list[Path]:
    """``paths`` with line lists before the files that name their cases; otherwise in the order given.

    Only headers and some first rows are read. A file whose kind nobody can tell comes last, where receiving it says
    why.
    """

    def rank(path: Path) -> int:
        found = _mapping_of(path, mapping, mapping_file)
        targets = [found.target] if found else _targets_of(path)
        return min((_TARGETS.index(target) for target in targets if target), default=len(_TARGETS))

    return sorted(paths, key=rank)


def _mapping_of(path: Path, mapping: str | None, mapping_file: Path | None) -> FileMapping | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            # A pipe would be empty when its turn comes.
            if not path.is_file():
                return None
            with path.open(encoding=encoding, newline="") as handle:
                columns = read_table(CheckedFile(path, path.name, 0, "", encoding), handle).columns
            return choose_mapping(columns, path.name, code=mapping, file=mapping_file)
        except (InputError, OSError, ValueError):
            continue
    return None


def _targets_of(path: Path) -> list[str]:
    """The targets of the tables of a file that no mapping knows."""
    try:
        # A pipe would be empty when its turn comes.
        if not path.is_file():
            return []
        return [
            target_of(understand(table, list(islice(table.rows, _SAMPLE))).kind)
            for table in tables_of(open_workbook(path))
        ]
    except (FileRefused, OSError):
        return []
