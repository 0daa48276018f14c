"""A report cut into paragraphs, sentences and comma pieces, with the lead-ins ("the meeting stressed") set apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .vocabulary import alternation, any_of, words

#: Brackets inside which a comma does not cut.
_OPENING, _CLOSING = "（(《〈【[", "）)》〉】]"
#: A bracket longer than this is taken for one that was never closed.
_LONGEST_BRACKET = 120
#: A lead-in is short; what is longer tells of the meeting.
_LONGEST_LEAD_IN = 26


@dataclass(frozen=True)
class Piece:
    """``text[start:end]`` between two stops. ``part`` counts the semicolon parts of the sentence."""

    start: int
    end: int
    part: int


@dataclass(frozen=True)
class Sentence:
    """A sentence of the report: its lead-in (or None) and the pieces after it.

    ``paragraph`` is its number; ``closed``: it ends with a full stop; ``alone``: it is all of its paragraph;
    ``verb`` is the reporting verb of the lead-in that governs it ("" without one).
    """

    start: int
    end: int
    paragraph: int
    closed: bool
    alone: bool
    lead_in: tuple[int, int] | None
    verb: str
    pieces: tuple[Piece, ...]


_STOPS = "。！？!?"


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of ``text`` in order; every character outside pieces and lead-ins is a stop or a blank.

    A lead-in governs the sentences after it until the paragraph ends; one that stands alone (会议议定以下事项：)
    until the next. Linear in the length of the text.
    """
    at = 0
    announced = ""
    for number, line in enumerate(text.split("\n")):
        verb = announced
        spans = list(_sentence_spans(line))
        for start, end in spans:
            closed = end < len(line) and line[end] in _STOPS + "…"
            lead_in, here, pieces = _pieces(text, at + start, at + end)
            verb = here or verb
            if here:
                announced = here if not pieces else ""
            if pieces or lead_in:
                alone = len(spans) == 1
                yield Sentence(at + start, at + end, number, closed, alone, lead_in, verb, tuple(pieces))
        at += len(line) + 1


#: A bracket of responsible offices after the stop belongs to the sentence.
_SENTENCE_END = re.compile(rf"[{_STOPS}]+[”’」』）)]*(?![（(](?:责任|牵头|配合|主办|承办|落实|完成))")


def _sentence_spans(line: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE_END.finditer(line):
        if line[start : match.start()].strip():
            yield start, match.start()
        start = match.end()
    if line[start:].strip():
        yield start, len(line)


def _pieces(text: str, start: int, end: int) -> tuple[tuple[int, int] | None, str, list[Piece]]:
    pieces = list(_comma_pieces(text, start, end))
    if not pieces:
        return None, "", []
    first = pieces[0]
    head = text[first.start : first.end]
    verb = _lead_in_verb(head)
    if verb and len(pieces) > 1:
        return (first.start, first.end), verb, pieces[1:]
    if verb and first.end < len(text) and text[first.end] in "：:":
        return (first.start, first.end), verb, []
    glued = _glued().match(head)
    if glued and not _narrative(glued.group()):
        rest = Piece(first.start + glued.end(), first.end, first.part)
        return (first.start, rest.start), glued["verb"], [rest, *pieces[1:]]
    return None, "", pieces


def _comma_pieces(text: str, start: int, end: int) -> Iterator[Piece]:
    part, begin, opened = 0, start, -1
    for i in range(start, end):
        character = text[i]
        if character in _OPENING:
            opened = i if opened < 0 else opened
        elif character in _CLOSING:
            opened = -1
        elif character in "，,；;：:\t|｜" and (opened < 0 or i - opened > _LONGEST_BRACKET):
            # 24：00, also with a blank after the colon.
            after = text[i + 1 : end].lstrip(" ")[:1] if character in ":：" else text[i + 1 : i + 2]
            if character in ",:：，" and start < i < end - 1 and (text[i - 1] + (after or "x")).isdecimal():
                continue
            opened = -1
            yield from _trimmed(text, begin, i, part)
            part += character in "；;"
            begin = i + 1
    yield from _trimmed(text, begin, end, part)


def _trimmed(text: str, start: int, end: int, part: int) -> Iterator[Piece]:
    blank = " \t\r\u3000\u00a0、—-…·●■◆★▲"
    while start < end and (text[start] in blank or text[start].isspace()):
        start += 1
    while end > start and (text[end - 1] in blank or text[end - 1].isspace()):
        end -= 1
    if start < end:
        yield Piece(start, end, part)


@cache
def _reporting() -> str:
    return alternation(words("frames", "reporting", "verbs"))


@cache
def _glued() -> re.Pattern[str]:
    modal = any_of("frames", "modal").pattern
    return re.compile(
        rf"(?:会议|会上|大会|座谈会|调度会|他|她|书记|市长|县长|区长)(?:还|并|又|最后|同时|特别|进一步|明确|一致)*"
        rf"(?P<verb>{_reporting()})(?=(?:{modal})|各|全[市县区省]|切实|进一步)"
    )


@cache
def _lead_in() -> re.Pattern[str]:
    return re.compile(rf"(?P<who>.*?)(?P<verb>{_reporting()})$")


@cache
def _not_a_speaker() -> re.Pattern[str]:
    return any_of("frames", "not_a_speaker")


def _narrative(head: str) -> bool:
    return _not_a_speaker().search(head) is not None


def _lead_in_verb(head: str) -> str:
    """The reporting verb if ``head`` is a lead-in such as 会议强调 or a name with 指出, else ""."""
    if len(head) > _LONGEST_LEAD_IN:
        return ""
    match = _lead_in().match(head)
    if not match or not match["who"] or _narrative(match["who"]):
        return ""
    return match["verb"]
