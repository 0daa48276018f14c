"""A file of any kind opened as a workbook, by what it holds and not by what it is called."""

from __future__ import annotations

import re
from pathlib import Path

from .codes import issue
from .hostile import FileRefused, refused
from .json_files import looks_like_json, open_json
from .parts import Workbook
from .text_files import open_text
from .xls import open_xls
from .xls_markup import open_markup
from .xlsx import open_xlsx

__all__ = ["FileRefused", "open_workbook"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BIFF = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
#: Beginnings of files that hold no table, and what they are called in the refusal.
_OTHER = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ", "xz"),
    (b"BZh", "bzip2"),
    (b"PAR1", "parquet"),
    (b"SQLite format 3", "sqlite"),
    (b"{\\rtf", "rtf"),
    (b"\x7fELF", "program"),
    (b"MZ\x90", "program"),
)
_FORMS = {
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xltx": "xlsx",
    ".xls": "xls",
    ".xlt": "xls",
    ".et": "xls",
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".dat": "text",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".htm": "markup",
    ".html": "markup",
}


def open_workbook(path: str | Path, name: str | None = None) -> Workbook:
    """The file opened: its form, encoding and sheets. Rows are read when the sheets are asked for them.

    Args:
        path: the file.
        name: the name it came under, where ``path`` is a copy of another name.

    Returns:
        The workbook. A file that is not what its name says, but safe to read as what it is, is read, and
        FILE_TYPE_MISMATCH stands in ``issues``.

    Raises:
        FileRefused: the file is empty, broken, no table, or built to exhaust the reader; its ``issue`` says which.
    """
    path = Path(path)
    name = path.name if name is None else name
    with path.open("rb") as stream:
        head = stream.read(65_536)
    if not head:
        raise refused("FILE_EMPTY")
    found = _found(head, Path(name).suffix.lower())
    try:
        if found == "xlsx":
            workbook = open_xlsx(path, name)
        elif found == "xls":
            workbook = open_xls(path, name)
        elif found == "markup":
            workbook = open_markup(path, name)
        elif found == "json":
            workbook = open_json(path, name)
        else:
            workbook = open_text(path, name)
    except (RecursionError, MemoryError) as problem:
        raise refused("FILE_TYPE_MISMATCH", found=found) from problem
    named = _FORMS.get(Path(name).suffix.lower())
    if named and named != found and not (named == "json" and found == "text"):
        workbook.issues.append(issue(None, "", "FILE_TYPE_MISMATCH", named=named, found=found))
    return workbook


def _found(head: bytes, suffix: str) -> str:
    """ "xlsx", "xls", "markup", "json" or "text", from the first bytes. Raises FileRefused for what is no table."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    if head.startswith(_OLE) or (head.startswith(_BIFF) and b"\x00" in head[:16]):
        return "xls"
    for beginning, kind in _OTHER:
        if head.startswith(beginning):
            raise refused("FILE_TYPE_MISMATCH", found=kind)
    if _FORMS.get(suffix) in ("xlsx", "xls") and head.startswith(b"\x00"):
        raise refused("FILE_TYPE_MISMATCH", found="binary")
    start = _beginning(head)
    if re.match(r"<[a-z!?/][^<]{0,2000}>", start):
        return "markup"
    if suffix in (".json", ".jsonl", ".ndjson") or looks_like_json(start):
        return "json"
    return "text"


def _beginning(head: bytes) -> str:
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return head[:4096].decode(encoding, "ignore").lstrip("\ufeff \t\r\n").lower()
