"""How well found issues agree with a key: what was recalled, which clean rows were alarmed, what was said beside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .parts import Issue

#: Of these severities the key's issues must be found.
SCORED = frozenset({"error", "warning"})


@dataclass(frozen=True, slots=True)
class Score:
    """The agreement with one key, or with several (`+`).

    ``expected`` and ``recalled`` count the key's errors and warnings; ``clean`` the rows of data without an issue in
    the key and ``alarmed`` those of them with an error or a warning found; ``emitted`` the (row, code) pairs found
    and ``extra`` those that stand in the key neither as issues nor as also.
    """

    expected: int = 0
    recalled: int = 0
    clean: int = 0
    alarmed: int = 0
    emitted: int = 0
    extra: int = 0
    missed: tuple[tuple[int | None, str], ...] = ()
    beside: tuple[tuple[int | None, str], ...] = ()

    @property
    def recall(self) -> float:
        return self.recalled / self.expected if self.expected else 1.0

    @property
    def false_alarms(self) -> float:
        return self.alarmed / self.clean if self.clean else 0.0

    @property
    def extra_share(self) -> float:
        return self.extra / self.emitted if self.emitted else 0.0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.expected + other.expected,
            self.recalled + other.recalled,
            self.clean + other.clean,
            self.alarmed + other.alarmed,
            self.emitted + other.emitted,
            self.extra + other.extra,
            self.missed + other.missed,
            self.beside + other.beside,
        )


def score(issues: Iterable[Issue], expected: Mapping[str, Any], rows: Collection[int] = ()) -> Score:
    """The agreement of ``issues`` with a key.

    Args:
        issues: what was found.
        expected: {"issues": [{"row", "code", "severity"}], "also": [{"row", "code"}]}. An entry may have "rows", the
            rows that share the problem: it counts as found on any of them. ``also`` is never required and never
            extra.
        rows: the numbers of the file's rows of data; those without an entry in the key are the clean ones.

    Returns:
        The `Score`.
    """
    found = list(issues)
    pairs = {(issue.row, issue.code) for issue in found}
    wanted = [entry for entry in expected["issues"] if entry["severity"] in SCORED]
    missed = [entry for entry in wanted if not any((row, entry["code"]) in pairs for row in _rows(entry))]
    named = [*expected["issues"], *expected.get("also", ())]
    true = {(row, entry["code"]) for entry in named for row in _rows(entry)}
    beside = pairs - true
    unclean = {row for entry in named for row in _rows(entry)}
    clean = set(rows) - unclean
    alarmed = {issue.row for issue in found if issue.severity in SCORED and issue.row in clean}
    return Score(
        expected=len(wanted),
        recalled=len(wanted) - len(missed),
        clean=len(clean),
        alarmed=len(alarmed),
        emitted=len(pairs),
        extra=len(beside),
        missed=tuple((entry["row"], entry["code"]) for entry in missed),
        beside=tuple(sorted(beside, key=lambda pair: (pair[0] or 0, pair[1]))),
    )


def _rows(entry: Mapping[str, Any]) -> Sequence[int | None]:
    return [entry["row"], *entry.get("rows", ())]
