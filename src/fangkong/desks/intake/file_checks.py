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


@dataclass(frozen=True)
class CheckedFile:
    """A file that can be read as text."""

    path: Path
    name: str
    byte_count: int
    sha256: str
    encoding: str


def check_file(path: Path, name: str, progress: Progress | None = None) -> CheckedFile:
    """The file with its hash and encoding, read once in blocks of 1 MB.

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
    if byte_count > limits().file_bytes:
        raise InputError(
            "intake.file_too_large",
            file=name,
            megabytes=byte_count // 10**6,
            limit=limits().file_bytes // 10**6,
        )
    try:
        with path.open("rb") as handle:
            head = handle.read(16)
    except OSError:
        raise InputError("intake.file_unreadable", file=name) from None
    for mark, kind in SIGNATURES:
        if head.startswith(mark):
            raise InputError("intake.file_not_csv", file=name, kind=kind, wanted="CSV")
    for mark, kind in WIDE_MARKS:
        if head.startswith(mark):
            raise InputError("intake.encoding", file=name, row=1, byte=0, found=kind, wanted="UTF-8")
    digest, stopped = _read_utf8(path, name, progress)
    if stopped is None:
        return CheckedFile(path, name, byte_count, digest, "utf-8-sig")
    if not _is_gb18030(path):
        byte, row = stopped
        raise InputError("intake.encoding", file=name, row=row, byte=byte, found="?", wanted="UTF-8")
    return CheckedFile(path, name, byte_count, digest, "gb18030")


def _read_utf8(path: Path, name: str, progress: Progress | None) -> tuple[str, tuple[int, int] | None]:
    """(SHA-256, None) for UTF-8; (SHA-256, (byte, row)) where it stops being UTF-8."""
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8-sig")()
    position, line, stopped, total = 0, 1, None, path.stat().st_size
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
                    stopped = (position + error.start - waiting, line + block.count(b"\n", 0, at))
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
            stopped = (position, line)
    return digest.hexdigest(), stopped


def _refuse_mojibake(text: str, name: str, line: int) -> None:
    if found := MOJIBAKE.search(text):
        row = line + text.count("\n", 0, found.start())
        raise InputError("intake.mojibake", file=name, row=row, wanted="UTF-8")


def _is_gb18030(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("gb18030")()
    seen = common = 0
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError:
                return False
            characters = "".join(NOT_ASCII.findall(text))
            seen += len(characters)
            common += len(characters.encode("gb2312", "ignore")) // 2
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return common >= COMMON_SHARE * seen
