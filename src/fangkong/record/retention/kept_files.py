"""Copies outside the database: staged files of receipts and the senders' own files, removed with a purge."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq
from django.conf import settings

from fangkong.record.models import Receipt

from .categories import retention

_BLOCK = 1 << 20


class Brought:
    """Which receipts brought which people; reads the staged files once, so make one for a run."""

    def __init__(self) -> None:
        self._staged: dict[str, set[str]] | None = None

    def receipts_of(self, person_keys: Iterable[str]) -> set[str]:
        """Keys of the receipts whose rows are about the people, or whose staged files hold their identities.

        A file that told the record nothing new has left no row, but its copy still names people.
        """
        keys, found = set(person_keys), set[str]()
        for category in retention().linked:
            for link in category.links:
                rows = link.model._default_manager.filter(link.condition, person_key__in=sorted(keys))
                found |= set(rows.order_by().values_list("source_key", flat=True).distinct())
        found |= {receipt for receipt, people in self._read().items() if not keys.isdisjoint(people)}
        return set(Receipt.objects.filter(key__in=found).values_list("key", flat=True))

    def _read(self) -> dict[str, set[str]]:
        if self._staged is None:
            self._staged, layout = {}, retention().files
            for path in sorted(Path(settings.HOME).glob(layout.staged.format(sha256="*", receipt="*"))):
                for facts in filter(Path.is_file, (path / name for name in layout.identities_in)):
                    table = pq.read_table(
                        facts, columns=["key"], filters=[("model", "=", layout.identity_rows)]
                    )
                    self._staged.setdefault(path.name, set()).update(table.column("key").to_pylist())
        return self._staged


def copies_remove(receipt_keys: Iterable[str]) -> int:
    """How many receipts' copies are gone: staged rows, keys of sealed identities, the files as they arrived.

    What applying and waiting still need stays (counts, reasons, links without names). Doing it twice does
    nothing more. A receipt still under way loses only its key: it is staged anew when the file comes again.
    """
    layout, home = retention().files, Path(settings.HOME)
    receipts = list(Receipt.objects.filter(key__in=sorted(set(receipt_keys))).order_by("key"))
    for receipt in receipts:
        folder = home / layout.staged.format(sha256=receipt.sha256, receipt=receipt.key)
        for part in layout.parts if receipt.state == "applied" else layout.unfinished_parts:
            (folder / part).unlink(missing_ok=True)
    hashes = {receipt.sha256 for receipt in receipts}
    sizes = {receipt.byte_count for receipt in receipts}
    for name in layout.arrived:
        for path in sorted((home / name).rglob("*")):
            if path.is_file() and path.stat().st_size in sizes and _sha256(path) in hashes:
                path.unlink()
    return len(receipts)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
