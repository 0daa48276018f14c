"""A sentence in pieces: what brackets enclose, its clauses, and in each clause the words of each number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .words_read import Word

#: A word, or what stands in brackets.
Piece = Word | list["Piece"]
#: The kinds of word that count something.
COUNTED = ("number", "zero")


def nested(words: Sequence[Word]) -> list[Piece]:
    """The words with what brackets enclose as lists; a bracket without its fellow is left out."""
    stack: list[list[Piece]] = [[]]
    for word in words:
        if word.kind == "open" and len(stack) < 20:
            stack.append([])
        elif word.kind == "close":
            if len(stack) > 1:
                inner = stack.pop()
                stack[-1].append(inner)
        elif word.kind != "open":
            stack[-1].append(word)
    while len(stack) > 1:
        inner = stack.pop()
        stack[-1].extend(inner)
    return stack[0]


def clauses(pieces: Sequence[Piece]) -> Iterator[tuple[list[Piece], bool]]:
    """The clauses, each with whether a strong stop ends it."""
    clause: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, Word) and piece.kind in ("comma", "strong", "end"):
            yield clause, piece.kind != "comma"
            clause = []
        else:
            clause.append(piece)
    yield clause, True


def at_every(clause: list[Piece]) -> Iterator[list[Piece]]:
    """A clause as one, or as two where "all of them" follows its last number."""
    last = max((i for i, p in enumerate(clause) if isinstance(p, Word) and p.kind in COUNTED), default=-1)
    for index in range(last + 1, len(clause)):
        piece = clause[index]
        if last >= 0 and isinstance(piece, Word) and piece.kind in ("every", "rest"):
            yield clause[:index]
            yield clause[index:]
            return
    yield clause


def chunks(clause: Sequence[Piece]) -> Iterator[tuple[list[Piece], Word, list[Piece]]]:
    """(before, number, after) for each number of a clause."""
    places = [i for i, p in enumerate(clause) if isinstance(p, Word) and p.kind in COUNTED]
    begin = 0
    for index, place in enumerate(places):
        end = len(clause)
        if index + 1 < len(places):
            end = _border(clause, begin, place, places[index + 1])
        number = clause[place]
        assert isinstance(number, Word)
        yield list(clause[begin:place]), number, list(clause[place + 1 : end])
        begin = end
        if begin < len(clause) and isinstance(follows := clause[begin], Word) and follows.kind == "join":
            begin += 1


def _border(clause: Sequence[Piece], begin: int, place: int, following: int) -> int:
    """Where the words of one number end and those of the next begin."""
    between = range(place + 1, following)
    joins = [i for i in between if isinstance(p := clause[i], Word) and p.kind == "join"]
    if joins:
        return joins[0]
    brackets = [i for i in between if isinstance(clause[i], list)]
    if brackets:
        return brackets[-1] + 1
    content = ("state", "area", "source", "channel", "unknown", "origin")
    if any(isinstance(p := clause[i], Word) and p.kind in content for i in range(begin, place)):
        unit = place + 1
        return unit + 1 if unit < following and getattr(clause[unit], "kind", "") == "unit" else unit
    return following
