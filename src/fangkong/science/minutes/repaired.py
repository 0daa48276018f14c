"""A damaged text made readable, character by character traceable to where it stands in the source.

Stored copies of meeting reports are damaged in a handful of ways: converted to traditional script by machine, with
the pinyin of some characters in brackets, with doubled or injected punctuation, with strings that a forum puts in
against copying, with broken bytes, cut off in mid-sentence. ``repair`` undoes what can be undone without guessing and
marks the rest. What is read (`text`) is never a citation; ``source_span`` gives the piece of the source to quote.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .damage import TRUNCATED, Edit, breaks_in, edits_of
from .script import simplified

#: Codes of what was repaired or marked, as the gold annotation names them.
SCRIPT = "script"


@dataclass(frozen=True)
class Repaired:
    """A reading of (a part of) ``source``.

    ``text`` is simplified script with Chinese punctuation; a place that cannot be read is U+FFFD in it.
    ``text[i]`` stands for ``source[starts[i]:ends[i]]`` (with the bracketed pinyin that belongs to it).
    ``marks`` are the repairs as (start in source, end in source, code), in order.
    """

    source: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    marks: tuple[tuple[int, int, str], ...]

    def source_span(self, start: int, end: int) -> tuple[int, int]:
        """The span of ``source`` that ``text[start:end]`` was read from; an empty piece gives an empty span."""
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return at, at
        return self.starts[start], self.ends[end - 1]

    def quote(self, start: int, end: int) -> str:
        """The exact piece of the source for ``text[start:end]``: what may be cited."""
        first, last = self.source_span(start, end)
        return self.source[first:last]

    def repairs(self, start: int, end: int) -> frozenset[str]:
        """What was repaired or marked inside ``text[start:end]``: script, pinyin_in_brackets,
        injected_punctuation, garbled_bytes, truncated."""
        first, last = self.source_span(start, end)
        return frozenset(code for a, b, code in self._marks_near(first, last) if a < last and b > first)

    def at_source(self, position: int) -> int:
        """The index in ``text`` of the first character that was read at or after ``position`` of the source."""
        return bisect_left(self.starts, position)

    def between(self, start: int, end: int, without: Iterable[tuple[int, int]] = ()) -> Repaired:
        """The reading of ``source[start:end]`` alone, less the spans ``without`` (furniture in the middle).

        Positions stay those of the whole source.
        """
        pieces, at = [], start
        for first, last in sorted(without):
            pieces.append((at, first))
            at = max(at, last)
        pieces.append((at, end))
        text, starts, ends = [], array("q"), array("q")
        for first, last in pieces:
            a, b = self.at_source(first), self.at_source(max(first, last))
            text.append(self.text[a:b])
            starts.extend(self.starts[a:b])
            ends.extend(self.ends[a:b])
        marks = tuple(mark for mark in self.marks if mark[0] < end and mark[1] > start)
        return replace(self, text="".join(text), starts=starts, ends=ends, marks=marks)

    def _marks_near(self, start: int, end: int) -> Iterable[tuple[int, int, str]]:
        # Marks are in order of their start and short (a truncated sentence is the longest), so a look back of
        # one clause finds all that reach into the span.
        first = bisect_left(self.marks, (start - LONGEST_MARK,))
        for mark in self.marks[first:] if first < len(self.marks) else ():
            if mark[0] >= end:
                return
            yield mark


#: No mark is longer, in characters of the source.
LONGEST_MARK = 400


def repair(source: str) -> Repaired:
    """``source`` made readable: simplified script, no bracketed pinyin, single punctuation, damage marked.

    Linear in the length of the source and total: any text gives a result. Traditional to simplified follows OpenCC
    (``t2s``), letter for letter so that positions hold.

    >>> page = repair("市應(yīng)急指揮部召開會議,,部署工作")
    >>> page.text
    '市应急指挥部召开会议，部署工作'
    >>> page.quote(1, 3), sorted(page.repairs(1, 3))
    ('應(yīng)急', ['pinyin_in_brackets', 'script'])
    """
    text, starts, ends, marks = _edited(source, edits_of(source))
    text, changed = simplified(text)
    marks += [(starts[i], ends[i], SCRIPT) for i in changed]
    marks += [
        (max(starts[a], ends[b - 1] - LONGEST_MARK), ends[b - 1], TRUNCATED) for a, b in breaks_in(text)
    ]
    return Repaired(source, text, starts, ends, tuple(sorted(marks)))


def _edited(
    source: str, edits: Iterable[Edit]
) -> tuple[str, array[int], array[int], list[tuple[int, int, str]]]:
    pieces: list[str] = []
    starts, ends = array("q"), array("q")
    marks: list[tuple[int, int, str]] = []
    at = 0
    for edit in edits:
        pieces.append(source[at : edit.start])
        starts.extend(range(at, edit.start))
        ends.extend(range(at + 1, edit.start + 1))
        if edit.text:
            pieces.append(edit.text)
            starts.extend([edit.start] * len(edit.text))
            ends.extend([edit.end] * len(edit.text))
        elif edit.belongs_before and ends:
            ends[-1] = edit.belongs_to
        if edit.code:
            marks.extend(
                (a, min(a + LONGEST_MARK, edit.end), edit.code)
                for a in range(edit.start, edit.end, LONGEST_MARK)
            )
        at = edit.end
    pieces.append(source[at:])
    starts.extend(range(at, len(source)))
    ends.extend(range(at + 1, len(source) + 1))
    return "".join(pieces), starts, ends, marks
