"""What a file is before anybody reads its rows: there, small enough, text, its encoding and hash."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fangkong.core.errors import InputError

from .limits import limits

Progress = Callable[[int, int | None], None]

#: First bytes of kinds of file that are sent by mistake, and the name people know them by.
SIGNATURES = (
    (b"PK\x03\x04", "ZIP/XLSX"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS/DOC"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"{\\rtf", "RTF"),
)
WIDE_MARKS = ((codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))

#: Text that was read in the wrong encoding once and saved again: replacement characters, their Chinese
#: look, and control characters that no keyboard makes.
MOJIBAKE = re.compile("\ufffd|锟斤拷|烫烫烫|[\x80-\x84\x86-\x9f]")
NOT_ASCII = re.compile(r"[^\x00-\x7f]+")

#: Of the Chinese characters of a genuine GB18030 file, so many stand in the common set (GB/T 2312). Files in
#: other eight-bit encodings decode as GB18030 too, but into rare characters.
COMMON_SHARE = 0.9

_BLOCK = 1 << 20
_HEAD = 1 << 16

#: Separators in the order in which the header is tried.
SEPARATORS = (",", "\t", ";")


#: Refusals of a path that is no file: no other reader can do better.
NO_FILE = frozenset(
    {"intake.file_missing", "intake.file_is_folder", "intake.file_unreadable", "intake.file_too_large"}
)

#: The refusal of a file that is no text at all; the reader of tables knows spreadsheets.
NOT_TEXT = "intake.file_not_csv"


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


@dataclass(frozen=True)
class CheckedFile:
    """A file that can be read as text."""

    path: Path
    name: str
    byte_count: int
    sha256: str
    encoding: str


def check_file(
    path: Path, name: str, progress: Progress | None = None, most_bytes: int | None = None
) -> CheckedFile:
    """The file with its hash and encoding, read once in blocks of 1 MB; ``most_bytes`` for another limit of size.

    Raises InputError naming the file, and the row and byte where it stops being text.
    """
    try:
        byte_count = path.stat().st_size
    except (OSError, ValueError):
        raise InputError("intake.file_missing", file=name) from None
    if path.is_dir():
        raise InputError("intake.file_is_folder", file=name)
    if not path.is_file():
        raise InputError("intake.file_missing", file=name)
    if byte_count == 0:
        raise InputError("intake.file_empty", file=name)
    most = most_bytes or limits().file_bytes
    if byte_count > most:
        raise InputError(
            "intake.file_too_large",
            file=name,
            megabytes=byte_count // 10**6,
            limit=most // 10**6,
        )
    try:
        with path.open("rb") as handle:
            head = handle.read(16)
    except OSError:
        raise InputError("intake.file_unreadable", file=name) from None
    for mark, kind in SIGNATURES:
        if head.startswith(mark):
            raise InputError(NOT_TEXT, file=name, kind=kind, wanted="CSV")
    for mark, kind in WIDE_MARKS:
        if head.startswith(mark):
            raise InputError("intake.encoding_wide", file=name, row=1, found=kind, wanted="UTF-8")
    digest, stopped = _read_utf8(path, name, progress)
    if stopped is None:
        return CheckedFile(path, name, byte_count, digest, "utf-8-sig")
    chinese = _read_gb18030(path)
    if stopped.cut or chinese == "cut":
        byte, row = (stopped.byte, stopped.row) if stopped.cut else _end_of(path)
        raise InputError("intake.file_cut", file=name, row=row, column=_column_at(path, byte), byte=byte)
    if chinese == "no":
        raise InputError(
            "intake.encoding",
            file=name,
            row=stopped.row,
            column=_column_at(path, stopped.byte),
            byte=stopped.byte,
            wanted="UTF-8",
        )
    return CheckedFile(path, name, byte_count, digest, "gb18030")


@dataclass(frozen=True)
class _Stop:
    """Where a file stops being UTF-8; ``cut`` when it ends inside a character."""

    byte: int
    row: int
    cut: bool = False


def _read_utf8(path: Path, name: str, progress: Progress | None) -> tuple[str, _Stop | None]:
    """(SHA-256, None) for UTF-8; (SHA-256, place) where it stops being UTF-8."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8-sig")()
    position, line, total = 0, 1, path.stat().st_size
    stopped: _Stop | None = None
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
            if (nul := block.find(b"\0")) >= 0:
                row = line + block.count(b"\n", 0, nul)
                raise InputError("intake.nul_byte", file=name, row=row, byte=position + nul, wanted="CSV")
            if stopped is None:
                waiting = len(decoder.getstate()[0])
                try:
                    text = decoder.decode(block)
                except UnicodeDecodeError as error:
                    at = max(error.start - waiting, 0)
                    stopped = _Stop(position + error.start - waiting, line + block.count(b"\n", 0, at))
                else:
                    _refuse_mojibake(text, name, line)
            line += block.count(b"\n")
            position += len(block)
            if progress is not None:
                progress(position, total)
    if stopped is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            stopped = _Stop(position, line, cut=True)
    return digest.hexdigest(), stopped


def _refuse_mojibake(text: str, name: str, line: int) -> None:
    if found := MOJIBAKE.search(text):
        row = line + text.count("\n", 0, found.start())
        raise InputError("intake.mojibake", file=name, row=row, wanted="UTF-8")


def _column_at(path: Path, byte: int) -> str:
    """The name of the column in which ``byte`` stands; its number from 1 where the header has no name for it."""
    with path.open("rb") as handle:
        header = handle.readline(_HEAD)
        start = max(byte - _HEAD, 0)
        handle.seek(start)
        before = handle.read(byte - start).rpartition(b"\n")[2]
    separator = max(SEPARATORS, key=lambda each: header.count(each.encode()))
    cells = before.decode("utf-8", "replace").split('"')
    # Separators between quotation marks are text.
    index = "".join(cells[::2]).count(separator)
    names = header.decode("utf-8-sig", "replace").strip().split(separator)
    if byte < len(header) or index >= len(names):
        return str(index + 1)
    return names[index].strip().strip('"')


def _end_of(path: Path) -> tuple[int, int]:
    """(number of bytes, last row) of the file."""
    with path.open("rb") as handle:
        rows = sum(block.count(b"\n") for block in iter(lambda: handle.read(_BLOCK), b""))
        return handle.tell(), rows + 1


def _read_gb18030(path: Path) -> str:
    """``whole`` for common Chinese text in GB18030, ``cut`` when it ends inside a character, else ``no``."""
    decoder = codecs.getincrementaldecoder("gb18030")()
    seen = common = 0
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError:
                return "no"
            characters = "".join(NOT_ASCII.findall(text))
            seen += len(characters)
            common += len(characters.encode("gb2312", "ignore")) // 2
    if common < COMMON_SHARE * seen:
        return "no"
    return "cut" if decoder.getstate()[0] else "whole"
