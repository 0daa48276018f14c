"""The text of a file as somebody sends it: plain text in any common encoding, Word, HTML, PDF with text.

Every file is hostile until read: size, expansion and entities are bounded, nothing outside the file is fetched.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree  # every document type is refused before it is parsed

from fangkong.core.errors import InputError

from .lexicon import lexicon


@dataclass(frozen=True)
class FileText:
    """``text`` of a file, its ``form`` (text, word, html, pdf), ``encoding`` (of text and HTML) and the SHA-256 of the
    text in UTF-8. For Word, HTML and PDF the spans of quotes are positions in this text."""

    text: str
    form: str
    encoding: str | None
    sha256: str


def file_text(path: Path) -> FileText:
    """The text of the file at ``path``.

    Raises InputError naming the file and what to do: missing, empty, too large, no text inside (a scan), encrypted,
    damaged, expanding too much, with entities, or of a kind that is not read.
    """
    name = path.name
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise InputError("minutes.file_missing", file=name)
        if size == 0:
            raise InputError("minutes.file_empty", file=name)
        if size > _limit("file_bytes"):
            raise InputError(
                "minutes.file_too_large",
                file=name,
                megabytes=size // 10**6,
                limit=_limit("file_bytes") // 10**6,
            )
        content = path.read_bytes()
    except (OSError, ValueError):
        raise InputError("minutes.file_missing", file=name) from None
    return bytes_text(content, name)


def bytes_text(content: bytes, name: str) -> FileText:
    """The text of a file's ``content``; ``name`` is for its errors and tells HTML from text. Raises InputError."""
    if not content:
        raise InputError("minutes.file_empty", file=name)
    form, encoding = "text", None
    if content.startswith(b"%PDF"):
        form, text = "pdf", _pdf(content, name)
    elif content.startswith(b"PK"):
        form, text = "word", _word(content, name)
    elif _ENCRYPTED_WORD in content[: 1 << 20] and content.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError("minutes.encrypted", file=name)
    elif kind := _other_kind(content):
        raise InputError("minutes.file_kind", file=name, kind=kind)
    else:
        text, encoding = _decoded(content, name)
        if _is_html(text, name):
            form, text = "html", _html(text)
    if not text.strip():
        raise InputError("minutes.no_text", file=name)
    if len(text) > _limit("characters"):
        raise InputError("minutes.text_too_long", file=name, characters=len(text), limit=_limit("characters"))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return FileText(text, form, encoding, digest)


#: The stream in which Word keeps a document that has a password.
_ENCRYPTED_WORD = "EncryptedPackage".encode("utf-16-le")


def _limit(name: str) -> int:
    return int(lexicon("words/files")["limits"][name])


def _other_kind(content: bytes) -> str | None:
    for kind, mark in lexicon("words/files")["kinds"].items():
        if content.startswith(bytes.fromhex(mark)):
            return str(kind)
    return None


_WIDE = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", re.IGNORECASE)


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    """(text, encoding): UTF-8, UTF-16 with a mark, what a page declares, GB18030, Big5, in this order."""
    for mark, encoding in _WIDE:
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding
            except UnicodeDecodeError:
                raise InputError("minutes.encoding", file=name) from None
    if b"\0" in content[: 1 << 16]:
        raise InputError("minutes.file_kind", file=name, kind="?")
    tried = ["utf-8"]
    if declared := _DECLARED.search(content[:4096]):
        tried.append(declared[1].decode("ascii"))
    for encoding in [*tried, "gb18030", "big5"]:
        try:
            text = content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if encoding in ("gb18030", "big5") and not _common(text):
            continue
        return text, encoding
    # A file that is UTF-8 but for a few bytes is read, its broken places marked as unreadable.
    text = content.decode("utf-8", "replace")
    if text.count("\ufffd") <= len(text) // 50 and _common(text):
        return text, "utf-8"
    raise InputError("minutes.encoding", file=name)


#: Of the Chinese characters of a genuine text so many stand in GB/T 2312 or in Big5's first plane: text in another
#: encoding decodes too, but into rare characters.
_COMMON_SHARE = 0.85
_HAN = re.compile(r"[\u3400-\u9fff]")


def _common(text: str) -> bool:
    sample = _HAN.findall(text[:200_000])
    if not sample:
        return False
    joined = "".join(sample)
    most = max(len(joined.encode(encoding, "ignore")) // 2 for encoding in ("gb2312", "big5"))
    return most >= _COMMON_SHARE * len(sample)


def _is_html(text: str, name: str) -> bool:
    head = text[:2000].lstrip("\ufeff \r\n\t").lower()
    return head.startswith(("<!doctype html", "<html", "<head", "<body")) or (
        name.lower().endswith((".html", ".htm", ".xhtml")) and re.search(r"<[a-z!/]", head) is not None
    )


class _TextOfPage(HTMLParser):
    """The visible text of a page: a line for each block, scripts, forms and hidden parts left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent: list[str] = []
        words = lexicon("words/files")["html"]
        self._blocks, self._skipped = frozenset(words["blocks"]), frozenset(words["skipped"])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        hidden = any(
            name == "hidden" or (name == "style" and value and re.search(r"display\s*:\s*none", value))
            for name, value in attrs
        )
        if (
            tag in self._skipped
            or (hidden and tag not in _VOID)
            or (self._silent and tag == self._silent[-1])
        ):
            self._silent.append(tag)
        if tag in self._blocks:
            self.pieces.append(_ROW_BEGINS if tag == "tr" else _CELL if tag in ("td", "th") else "\n")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag == self._silent[-1]:
            self._silent.pop()
        if tag in self._blocks:
            self.pieces.append(_ROW_ENDS if tag == "tr" else "\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(re.sub(r"[ \t\r\n]+", " ", data))


_VOID = frozenset(
    {"br", "img", "input", "hr", "meta", "link", "area", "base", "col", "embed", "source", "wbr"}
)


def _html(text: str) -> str:
    parser = _TextOfPage()
    parser.feed(text)
    parser.close()
    return _tidy(_with_rows("".join(parser.pieces)))


#: Where a table's rows and cells begin and end, until the whole text is there.
_ROW_BEGINS, _CELL, _ROW_ENDS = "\x1d", "\x1e", "\x1f"
_ROW = re.compile(f"{_ROW_BEGINS}([^{_ROW_BEGINS}{_ROW_ENDS}]*){_ROW_ENDS}")


def _with_rows(text: str) -> str:
    """``text`` with each row of a table in a line, cells parted by tabs; a table that only lays out a page is none."""
    return re.sub(f"[{_ROW_BEGINS}{_CELL}{_ROW_ENDS}]", "\n", _ROW.sub(_row_line, text))


def _row_line(match: re.Match[str]) -> str:
    cells = [cell.strip() for cell in match[1].split(_CELL)[1:]]
    row = len(cells) >= _limit("least_cells") and not any("\n" in cell for cell in cells)
    return "\n" + "\t".join(cells) + "\n" if row else match[0]


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" *\n *", "\n", text)).strip("\n")


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def _word(content: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            if "word/document.xml" not in names:
                kind = (
                    "XLSX"
                    if "xl/workbook.xml" in names
                    else "PPTX"
                    if "ppt/presentation.xml" in names
                    else "ZIP"
                )
                raise InputError("minutes.file_kind", file=name, kind=kind)
            entry = archive.getinfo("word/document.xml")
            if entry.flag_bits & 1:
                raise InputError("minutes.encrypted", file=name)
            with archive.open(entry) as handle:
                document = handle.read(_limit("expanded_bytes") + 1)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError):
        raise InputError("minutes.file_damaged", file=name) from None
    if len(document) > _limit("expanded_bytes"):
        raise InputError("minutes.expands_too_much", file=name, limit=_limit("expanded_bytes") // 10**6)
    # A Word document never declares a type; whatever does so brings entities.
    if b"<!DOCTYPE" in document or b"<!ENTITY" in document or not _is_utf8(document):
        raise InputError("minutes.entities", file=name)
    try:
        return _tidy(_with_rows("".join(_paragraphs(document))))
    except ElementTree.ParseError:
        raise InputError("minutes.file_damaged", file=name) from None


def _is_utf8(document: bytes) -> bool:
    """In another encoding a document type could hide from the search for it."""
    try:
        document.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in document


def _paragraphs(document: bytes) -> Iterator[str]:
    """The text of a document in its order; what is struck by a tracked deletion is no text."""
    copies = 0
    for event, element in ElementTree.iterparse(io.BytesIO(document), ("start", "end")):  # noqa: S314
        if element.tag == _FALLBACK:  # the text of a box once more, for old programs
            copies += 1 if event == "start" else -1
        if event == "start" and not copies and element.tag in (f"{_W}tr", f"{_W}tc"):
            yield _ROW_BEGINS if element.tag == f"{_W}tr" else _CELL
        if event == "start" or copies:
            continue
        if element.tag == f"{_W}t":
            yield element.text or ""
        elif element.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            yield " " if element.tag == f"{_W}tab" else "\n"
        elif element.tag == f"{_W}tr":
            yield _ROW_ENDS
        elif element.tag == f"{_W}p":
            yield "\n"
            element.clear()


def _pdf(content: bytes, name: str) -> str:
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        document = pypdf.PdfReader(io.BytesIO(content))
        if document.is_encrypted and not document.decrypt(""):
            raise InputError("minutes.encrypted", file=name)
        if len(document.pages) > _limit("pages"):
            raise InputError(
                "minutes.too_many_pages", file=name, pages=len(document.pages), limit=_limit("pages")
            )
        pages: list[str] = []
        length = 0
        for page in document.pages:
            pages.append(page.extract_text() or "")
            length += len(pages[-1])
            if length > _limit("characters"):
                break
    except InputError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError):
        raise InputError("minutes.file_damaged", file=name) from None
    text = "\n".join(pages)
    if len(_HAN.findall(text)) < _limit("least_characters_a_page") * len(pages):
        raise InputError("minutes.scan", file=name, pages=len(pages))
    return _joined(text)


def _joined(text: str) -> str:
    """A PDF's lines as paragraphs: a line that fills its width goes on in the next one."""
    lines = [line.strip() for line in text.split("\n")]
    widest = max((len(line) for line in lines), default=0)
    pieces: list[str] = []
    for line in lines:
        full = bool(pieces) and len(pieces[-1].rsplit("\n", 1)[-1]) >= widest - 3
        before = pieces[-1][-1:] if pieces else ""
        if line and full and before and before not in "。！？：":
            pieces[-1] += line
        else:
            pieces.append(line)
    return "\n".join(pieces).strip("\n")
