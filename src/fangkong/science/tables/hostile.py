"""What is refused before it is parsed: archives that expand, XML that defines entities, files past the limits."""

from __future__ import annotations

import re
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from .codes import issue
from .parts import Issue

_CHUNK = 65_536


class FileRefused(Exception):
    """The file cannot be read at all; ``issue`` says why, with row None."""

    def __init__(self, found: Issue) -> None:
        super().__init__(found.code)
        self.issue = found


def refused(code: str, **params: Any) -> FileRefused:
    """The refusal with ``code``; ``params`` say what was found and which limit it passed."""
    return FileRefused(issue(None, "", code, **params))


@cache
def limits() -> dict[str, dict[str, Any]]:
    """The limits by group, as ``limits.toml`` has them."""
    return tomllib.loads((Path(__file__).parent / "limits.toml").read_text(encoding="utf-8"))


def open_archive(path: Path) -> zipfile.ZipFile:
    """The archive, once its own directory shows that it stays within the limits.

    The directory may be trusted here: ``zipfile`` never gives out more of a part than its directory names.

    Raises:
        FileRefused: FILE_TRUNCATED when there is no directory at the end, ARCHIVE_EXPANDS_TOO_MUCH when the parts
            would grow past the limits, FILE_TYPE_MISMATCH when they are encrypted.
    """
    bounds = limits()["archive"]
    try:
        archive = zipfile.ZipFile(path)
    except (
        zipfile.BadZipFile,
        ValueError,
        OverflowError,
        NotImplementedError,
        OSError,
        IndexError,
    ) as problem:
        raise refused("FILE_TRUNCATED", found="zip") from problem
    try:
        parts = archive.infolist()
        if len(parts) > bounds["entries"]:
            raise refused("ARCHIVE_EXPANDS_TOO_MUCH", entries=len(parts), limit=bounds["entries"])
        if any(part.flag_bits & 1 for part in parts):
            raise refused("FILE_TYPE_MISMATCH", found="encrypted")
        total = sum(part.file_size for part in parts)
        # The whole file is the divisor: parts that overlap in the archive would each look harmless.
        packed = max(1, path.stat().st_size)
        if total > bounds["expanded"] or (
            total > bounds["growth_free_below"] and total > bounds["growth"] * packed
        ):
            raise refused("ARCHIVE_EXPANDS_TOO_MUCH", expanded=total, packed=packed)
    except BaseException:
        archive.close()
        raise
    return archive


def chunks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The bytes of a part, in pieces. Raises FileRefused (FILE_TRUNCATED) where the archive is damaged."""
    try:
        with archive.open(part) as stream:
            while piece := stream.read(_CHUNK):
                yield piece
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        ValueError,
        KeyError,
        NotImplementedError,
        RuntimeError,
        zlib.error,
    ) as problem:
        raise refused("FILE_TRUNCATED", found="zip", part=part) from problem


def _refuse_entities(*_: Any) -> int:
    raise refused("XML_ENTITY_REFUSED")


def safe_parser(
    start: Callable[[str, dict[str, str]], None],
    text: Callable[[str], None],
    end: Callable[[str], None],
) -> Any:
    """An expat parser that refuses every document type, entity and outside reference (as ``defusedxml`` does)."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_entities
    parser.EntityDeclHandler = _refuse_entities
    parser.UnparsedEntityDeclHandler = _refuse_entities
    parser.ExternalEntityRefHandler = _refuse_entities
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.EndElementHandler = end
    return parser


def parse_xml(
    pieces: Iterator[bytes] | IO[bytes],
    start: Callable[[str, dict[str, str]], None],
    text: Callable[[str], None],
    end: Callable[[str], None],
) -> None:
    """Parse XML to its end through the three handlers; element names come without their prefix.

    Raises:
        FileRefused: XML_ENTITY_REFUSED, FILE_TRUNCATED where the XML is not well-formed, or
            ARCHIVE_EXPANDS_TOO_MUCH where elements nest, or hold nothing, past the limit.
    """
    bounds = limits()["xml"]
    depth = elements = letters = 0

    def started(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > bounds["depth"]:
            raise refused("ARCHIVE_EXPANDS_TOO_MUCH", depth=depth, limit=bounds["depth"])
        if elements - letters > bounds["elements_without_text"]:
            raise refused(
                "ARCHIVE_EXPANDS_TOO_MUCH", elements=elements, limit=bounds["elements_without_text"]
            )
        start(name.rpartition(":")[2], attributes)

    def said(piece: str) -> None:
        nonlocal letters
        letters += len(piece)
        text(piece)

    def ended(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(":")[2])

    parser = safe_parser(started, said, ended)
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as problem:
        raise refused("FILE_TRUNCATED", found="xml") from problem


_FORMULA_LIKE = re.compile(
    r"""=\s*[^\s=]                                # =anything
      | @\s*[A-Za-z]\w*\s*[(!|]                   # @SUM(…
      | [+\-]\s*[@=]                              # +=…, -@…
      | [+\-][^\u4e00-\u9fff]*[(|!]               # +cmd|'/C calc'!A0, -SUM(…
      | [+\-]\s*\$?[A-Za-z]{1,3}\$?\d+\s*[+\-*/&] # +A1+B1
      | [+\-]\s*\d+(?:\.\d+)?\s*[+*/&]\s*[\d(A-Za-z]    # -2+3
    """,
    re.VERBOSE,
)


def is_formula_like(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula and run it (CSV injection, OWASP).

    Signs before figures, phone numbers, dates and plain words are none: "+86 10 1234", "-5", "-阴性", "+".

    >>> [is_formula_like(t) for t in ("=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-5.2", "+86-10-0000", "+")]
    [True, True, True, False, False, False]
    """
    return _FORMULA_LIKE.match(text.lstrip()) is not None
