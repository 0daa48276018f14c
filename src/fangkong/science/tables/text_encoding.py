"""The encoding a text file is written in, found from its bytes."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from .hostile import limits

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class TextEncoding:
    """``name`` is Python's name of the codec; ``binary`` says that the bytes are no text in any of them."""

    name: str
    binary: bool = False


def text_encoding(path: Path) -> TextEncoding:
    """The encoding of a text file: Unicode by mark or by form, else GB18030, Big5, Windows-1252 or Latin-1.

    UTF-8 is tried on the whole file, since one name in row 100,000 may tell. The Chinese encodings are told apart by
    how many of their characters belong to the everyday half of their tables, which a wrong reading rarely hits.
    GB18030 stands for GB2312 and GBK too: it contains them, and they lack characters that real names have.
    """
    scan = limits()["text"]["encoding_scan"]
    sample_size = limits()["text"]["encoding_sample"]
    decoder = codecs.getincrementaldecoder("utf-8")()
    unicode_holds = True
    bad_spots = 0
    head = b""
    sample = bytearray()
    nul_count = total = 0
    with path.open("rb") as stream:
        while total < scan and (piece := stream.read(_CHUNK)):
            if not total:
                head = piece
                for mark, name in _MARKS:
                    if piece.startswith(mark):
                        return TextEncoding(name)
            total += len(piece)
            nul_count += piece.count(0)
            if not piece.isascii() and len(sample) < sample_size:
                sample += _lines_beyond_ascii(piece)[:sample_size]
            if unicode_holds:
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    unicode_holds = False
        if unicode_holds:
            try:
                decoder.decode(b"", True)
            except UnicodeDecodeError as problem:
                # Cut in the middle of a character: the rest of the file is still what it is.
                unicode_holds = problem.reason == "unexpected end of data"
    if nul_count:
        wide = _utf16_without_mark(head)
        if wide:
            return TextEncoding(wide)
        if nul_count > limits()["text"]["nul_share"] * total:
            return TextEncoding("latin-1", binary=True)
    elif not unicode_holds or _control_share(head) > 0.02:
        # UTF-16 text all in Chinese has hardly a NUL, but its line ends and separators have.
        wide = _utf16_without_mark(head)
        if wide:
            return TextEncoding(wide)
    if unicode_holds:
        return TextEncoding("utf-8", binary=_control_share(head) > 0.1)
    bad_spots = bytes(sample).decode("utf-8", "replace").count("�")
    many = len(bytes(sample).decode("utf-8", "ignore").encode("ascii", "ignore"))
    beyond = len(bytes(sample).decode("utf-8", "ignore")) - many
    # In the older encodings, and in text of any language, at most four in ten spots happen to be UTF-8.
    if bad_spots * 3 < beyond:
        return TextEncoding("utf-8")
    return _older_encoding(bytes(sample), head)


def _lines_beyond_ascii(piece: bytes) -> bytes:
    if len(piece) <= 65_536:
        return piece
    return b"\n".join(line for line in piece.split(b"\n") if not line.isascii())


def _control_share(head: bytes) -> float:
    controls = sum(head.count(bytes((byte,))) for byte in range(32) if byte not in (9, 10, 12, 13, 26, 27))
    return controls / max(1, len(head))


def _utf16_without_mark(head: bytes) -> str:
    """ "utf-16-le" or "utf-16-be" where the bytes read well as one of them, else ""."""
    even = head[: len(head) // 2 * 2][:65_536]
    best = ("", 0.0)
    for name in ("utf-16-le", "utf-16-be"):
        text = even.decode(name, "replace")
        if not text:
            continue
        usual = sum(
            1
            for c in text
            if c in "\t\r\n"
            or " " <= c <= "~"
            or "一" <= c <= "鿿"
            or "\u3000" <= c <= "〿"
            or "！" <= c <= "～"
        )
        ends = sum(1 for c in text if c in "\t\r\n,;|")
        share = usual / len(text)
        if share > 0.95 and ends and share > best[1]:
            best = (name, share)
    return best[0]


def _older_encoding(sample: bytes, head: bytes) -> TextEncoding:
    chinese = _everyday_share(sample, "gb18030", b"\xb0\xa1", b"\xd7\xf9")
    taiwan = _everyday_share(sample, "big5", b"\xa4\x40", b"\xc6\x7e")
    if max(chinese, taiwan) >= 0.45:
        return TextEncoding("gb18030" if chinese >= taiwan else "big5hkscs")
    if _control_share(head) > 0.02:
        return TextEncoding("latin-1", binary=True)
    # Five bytes have no character in Windows-1252.
    return TextEncoding("latin-1" if set(sample) & {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "cp1252")


def _everyday_share(sample: bytes, codec: str, first: bytes, last: bytes) -> float:
    """The share of everyday characters (the codec's first level, and its punctuation) among those beyond ASCII."""
    text = sample.decode(codec, "replace")
    everyday = beyond = 0
    for character in text:
        if character < "\x80":
            continue
        beyond += 1
        try:
            code = character.encode(codec)
        except UnicodeEncodeError:
            continue
        if len(code) != 2:
            continue
        # Punctuation and full-width forms stand below the characters in both tables.
        if (
            first <= code <= last and (codec != "gb18030" or code[1] >= 0xA1)
        ) or b"\xa1\x40" <= code <= b"\xa3\xfe":
            everyday += 1
    return everyday / beyond if beyond else 0.0
