"""In which order files that came together are received: first what the others point at."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fangkong.core.errors import InputError

from .csv_rows import read_table
from .file_checks import CheckedFile
from .mapping import FileMapping
from .recognition import choose_mapping

#: Cases before the contacts and links that name them; people of registers before their results.
_TARGETS = ("daily_counts", "cases", "contacts", "transmission_links", "lab_results")


def in_receiving_order(
    paths: Iterable[Path], *, mapping: str | None = None, mapping_file: Path | None = None
) -> list[Path]:
    """``paths`` with line lists before the files that name their cases; otherwise in the order given.

    Only headers are read. A file whose kind nobody can tell comes last, where receiving it says why.
    """

    def rank(path: Path) -> int:
        found = _mapping_of(path, mapping, mapping_file)
        return _TARGETS.index(found.target) if found else len(_TARGETS)

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
