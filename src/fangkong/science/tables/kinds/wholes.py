"""Parts against the whole they are parts of."""

from __future__ import annotations

from collections.abc import Iterator

from ..codes import issue
from ..parts import Issue
from .lexicon import lexicon
from .rows import ReadRow, number_of, plain

_WHOLES = ("due_count", "done_count")


class Wholes:
    """PART_EXCEEDS_WHOLE: a part that is greater than the nearest whole to its left (else to its right).

    Parts that add up to the whole in most rows do so in all: there, their sum is held against it too.
    """

    def __init__(self) -> None:
        self._sums: list[tuple[int, str, float, float]] = []

    def row(self, row: ReadRow) -> Iterator[Issue]:
        groups: dict[str, list[str]] = {}
        for part_key, key_of_whole in wholes_of(row).items():
            groups.setdefault(key_of_whole, []).append(part_key)
        for whole_key, parts in groups.items():
            whole = number_of(row.sure(whole_key))
            if whole is None:
                continue
            numbers = {key: number for key in parts if (number := number_of(row.values.get(key))) is not None}
            greater = [key for key, number in numbers.items() if number > whole]
            for key in greater:
                yield row.found(key, "PART_EXCEEDS_WHOLE", part=numbers[key], whole=whole)
            if not greater and len(numbers) > 1 and len(numbers) == len(parts):
                column = row.columns[parts[0]]
                self._sums.append((row.number, column, sum(numbers.values()), whole))

    def end(self) -> Iterator[Issue]:
        for column in dict.fromkeys(column for _, column, _, _ in self._sums):
            sums = [entry for entry in self._sums if entry[1] == column]
            # Rows of noughts add up to nought whatever the parts mean.
            telling = [entry for entry in sums if entry[3] > 0]
            if 2 * sum(part == whole for _, _, part, whole in telling) <= len(telling) or len(telling) < 3:
                continue
            for number, _, part, whole in sums:
                if part > whole:
                    yield issue(number, column, "PART_EXCEEDS_WHOLE", part=part, whole=whole)


def wholes_of(row: ReadRow) -> dict[str, str]:
    """The key of each part column with the key of its whole: the nearest whole to its left, else to its right.

    What is not done yet is a part of the target, wherever it stands.
    """
    order = [key for key in row.columns if key.split(":")[0] in (*_WHOLES, "part_count")]
    wholes = [key for key in order if key.split(":")[0] in _WHOLES]
    found: dict[str, str] = {}
    left = wholes[0] if wholes else ""
    for key in order:
        if key in wholes:
            left = key
        elif left:
            found[key] = "due_count" if "due_count" in wholes and _is_left_over(row.columns[key]) else left
    return found


def _is_left_over(column: str) -> bool:
    said = plain(column)
    return any(word in said for word in lexicon("numbers")["left_over"]["words"])
