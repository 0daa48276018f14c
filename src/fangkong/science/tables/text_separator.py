"""The lines of a text file cut into fields: quotes, separators, and text laid out by bytes."""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .hostile import limits

SEPARATORS = (",", "\t", ";", "|", "，", "^", "~")
# Runs of dashes with something between them: one way to match a line, however long it is.
_RULER = re.compile(r"[\s|+:]*[-=_─━═┄┈]{2,}(?:[\s|+:┼┬┴├┤]+[-=_─━═┄┈]{2,})*[\s|+:┼┬┴├┤]*")


class Record(NamedTuple):
    """One record: the physical line it begins at, its fields, and what is wrong with it."""

    line: int
    fields: list[str]
    findings: tuple[str, ...] = ()


def separator_of(lines: list[str]) -> str:
    """The separator under which the lines agree best on a number of fields, "" where none does.

    >>> separator_of(["a;b;c", "1;2,5;3", "4;5;6"])
    ';'
    """
    best = ("", (0.0, 0))
    for separator in SEPARATORS:
        if not any(separator in line for line in lines):
            continue
        counts = Counter(
            len(record.fields)
            for record in records(iter([line + "\n" for line in lines]), separator)
            if any(field.strip() for field in record.fields)
        )
        wide = {count: times for count, times in counts.items() if count > 1}
        if not wide:
            continue
        count, times = max(wide.items(), key=lambda item: (item[1], item[0]))
        agreement = round(times / max(1, sum(counts.values())), 1)
        if agreement < 0.4 and count > 2 and times >= 0.8 * sum(wide.values()):
            # Few rows among many titles and notes.
            agreement = 0.4
        if (agreement, count) > best[1]:
            best = (separator, (agreement, count))
    return best[0] if best[1][0] >= 0.4 or (best[0] and len(lines) < 4) else ""


def is_ruler(line: str) -> bool:
    """Whether the line only draws: "-----  ----", "+---+---+", "|:--|--:|"."""
    return _RULER.fullmatch(line) is not None


def records(lines: Iterator[str], separator: str, width: int = 0) -> Iterator[Record]:
    """The records of ``lines`` (each with its line end) under ``separator``, streamed.

    A quote that is never closed would swallow the rest of the file. Its line is read as it stands instead, carries
    CSV_UNCLOSED_QUOTE, and the lines after it are rows of their own. ``width`` is the expected number of fields, 0
    where unknown: a quoted field over several lines counts as closed only when it yields that many.
    """
    bounds = limits()["text"]
    waiting: deque[str] = deque()
    number = 0
    opens = re.compile(rf'(?:^|{re.escape(separator)})"')

    def next_line() -> str | None:
        return waiting.popleft() if waiting else next(lines, None)

    while (line := next_line()) is not None:
        number += 1
        if '"' not in line or not opens.search(line):
            yield Record(number, line.rstrip("\r\n").split(separator))
            continue
        state = _state(line, separator, inside=False)
        held = [line]
        size = len(line)
        while state == "open" and len(held) < bounds["record_lines"] and size < bounds["line_characters"]:
            more = next_line()
            if more is None:
                break
            held.append(more)
            size += len(more)
            state = _state(more, separator, inside=True)
        literal = line.rstrip("\r\n").split(separator)
        if state == "closed" or (state == "loose" and len(held) == 1):
            fields = _parsed("".join(held), separator)
            if len(held) == 1 or not width or len(fields) == width or len(literal) != width:
                yield Record(number, fields)
                number += len(held) - 1
                continue
        waiting.extendleft(reversed(held[1:]))
        # A field that is one quote and nothing else is a ditto mark.
        unclosed = any('"' in field and field.strip() != '"' for field in literal)
        yield Record(number, literal, ("CSV_UNCLOSED_QUOTE",) if unclosed else ())


def _state(line: str, separator: str, *, inside: bool) -> str:
    """Where a line leaves a record: "closed", "open" (inside a quoted field) or "loose" (a stray quote).

    ``inside`` says that the line begins within a quoted field. Each line is looked at once, however many the
    record has.
    """
    body = line.rstrip("\r\n")
    place = 0
    while True:
        if not inside:
            if not body.startswith('"', place):
                place = body.find(separator, place)
                if place < 0:
                    return "closed"
                place += len(separator)
                continue
            place += 1
        place = body.find('"', place)
        while place >= 0 and body.startswith('""', place):
            place = body.find('"', place + 2)
        if place < 0:
            return "open"
        place += 1
        if place >= len(body):
            return "closed"
        if not body.startswith(separator, place):
            return "loose"
        place += len(separator)
        inside = False


def _parsed(text: str, separator: str) -> list[str]:
    """The fields of one whole record with quotes in it; stray quotes are kept as text."""
    body = text[:-2] if text.endswith("\r\n") else text[:-1] if text.endswith(("\n", "\r")) else text
    csv.field_size_limit(max(csv.field_size_limit(), 4 * limits()["text"]["line_characters"]))
    rows = list(csv.reader(body.splitlines(keepends=True), delimiter=separator))
    return rows[0] if len(rows) == 1 else body.split(separator)


Cutter = Callable[[str], list[str]]
Measure = Callable[[str], bytes | str]


def fixed_layout(lines: list[str]) -> Cutter | None:
    """What cuts a line of fixed layout into its fields, None where the lines show no such layout.

    Columns are aligned as a terminal shows them: a Chinese character takes two places, as it takes two bytes in
    GB18030. Where that leaves no clear gutters, places counted by characters and by UTF-8 bytes are tried. A ruler
    line gives the columns by itself.
    """
    text = [line.expandtabs(8) for line in lines if line.strip()]
    ruler = next((line for line in text if is_ruler(line) and len(line.split()) > 1), None)
    body = [line for line in text if not is_ruler(line)]
    if len(body) < 2:
        return None
    best: tuple[int, Measure, list[tuple[int, int | None]]] | None = None
    measures: tuple[Measure, ...] = (_gb, _characters, _utf8)
    for measure in measures:
        # A title line would fill the gutters; it is left out of the measuring, as every line without a gap is.
        ruled = [measure(line) for line in body if re.search(r"\S[ \u3000]{2,}\S", line)]
        if len(ruled) < 2:
            continue
        spans = _ruled_spans(measure(ruler), ruled) if ruler else _gutter_spans(ruled)
        if spans and len(spans) > 1 and (best is None or len(spans) > best[0]):
            best = (len(spans), measure, spans)
    if best is None:
        return None
    _, measure, spans = best

    def cut(line: str) -> list[str]:
        if not line.strip():
            return [""]
        measured = measure(line.expandtabs(8))
        fields = [_text(measured[start:end], measure).strip(" \u3000") for start, end in spans]
        gaps = [measured[a[1] : b[0]] for a, b in itertools.pairwise(spans) if a[1] is not None]
        crossed = any(_text(gap, measure).strip() for gap in gaps) or any("�" in field for field in fields)
        # A line that does not keep to the columns (a title, a note) is one field, never cut in the middle of a word.
        return [line.strip()] if crossed else fields

    return cut


def _gb(line: str) -> bytes:
    return line.replace("\u3000", "  ").encode("gb18030", "replace")


def _utf8(line: str) -> bytes:
    return line.replace("\u3000", "   ").encode("utf-8", "replace")


def _characters(line: str) -> str:
    return line.replace("\u3000", " ")


def _text(piece: bytes | str, measure: Measure) -> str:
    if isinstance(piece, str):
        return piece
    return piece.decode("gb18030" if measure is _gb else "utf-8", "replace")


def _ruled_spans(
    ruler: bytes | str, ruled: list[bytes] | list[str] | list[bytes | str]
) -> list[tuple[int, int | None]]:
    plain = ruler.decode("latin-1") if isinstance(ruler, bytes) else ruler
    runs = [match.span() for match in re.finditer(r"[^\s|+]+", plain)]
    ends: list[int | None] = [start for start, _ in runs[1:]]
    return [(start, end) for (start, _), end in zip(runs, [*ends, None], strict=True)]


def _gutter_spans(ruled: list[bytes] | list[str] | list[bytes | str]) -> list[tuple[int, int | None]]:
    longest = max(len(line) for line in ruled)
    used = bytearray(longest)
    for line in ruled:
        for place, unit in enumerate(line):
            if unit not in (32, " "):
                used[place] = 1
    spans: list[tuple[int, int | None]] = []
    start: int | None = None
    for place in range(longest):
        if used[place] and start is None:
            start = place
        elif not used[place] and start is not None:
            spans.append((start, place))
            start = None
    if start is not None:
        spans.append((start, None))
    if spans:
        spans[-1] = (spans[-1][0], None)
    return spans
