"""Paragraphs on single cases: how many of each district and each way of discovery, counted by their numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from .lexicon import any_of, channels, lexicon
from .parts import Context, Span


def _spaced(word: str) -> str:
    """A pattern for ``word`` also where its page broke the line within it."""
    return r"\s*".join(word)


_ORIGINS = rf"(?:{_spaced('本土')}|{_spaced('境外输入')}性?)?\s*"
_KINDS = {
    "confirmed": rf"{_ORIGINS}(?:{_spaced('确诊')})?\s*{_spaced('病例')}",
    "asymptomatic": rf"{_ORIGINS}{_spaced('无症状')}(?:\s*{_spaced('感染')}(?:\s*者)?)?",
}
_PERSON = _spaced("感染者")
_NAME = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items()) + f"|{_PERSON}"
_AGAIN = f"(?:{'|'.join(_KINDS.values())}|{_PERSON})?"
_REFERENCE = re.compile(
    rf"(?<![系与同和为于是])(?:{_NAME})\s*(?P<first>\d{{1,6}})(?!\d)(?!\s*(?:[例人名月]|年))"
    rf"(?P<more>(?:\s*(?:[—\-至到、和及]|——)\s*{_AGAIN}\s*\d{{1,6}}(?!\d)(?!\s*(?:[例人名月岁]|年)))*)"
    r"(?!的|同住|同事|\s*例)"
)
_SOLE = re.compile(
    r"该(?:例)?(?:(?P<asymptomatic>(?:本土|境外输入性?)?无症状感染者)|(?P<confirmed>(?:本土|境外输入性?)?(?:确诊)?病例))(?=[，为系])"
)
_OPENS = re.compile(r"\s*(?:" + re.sub(r"\?P<\w+>", "?:", f"{_REFERENCE.pattern}|{_SOLE.pattern}") + ")")
_PERSON_WORDS = re.compile(r"[男女]，\s*\d+\s*(?:岁|个?月龄?|天)")
#: Names that only point: another province, this city.
_ELSEWHERE = re.compile(r".*(?:外|本|我|全|各|该|其他)[省市区县]+")
_FROM_ABROAD = re.compile(r"入境|抵达[^，。]{0,10}(?:机场|口岸|港)|自[^，。]{1,12}出发|[一-龥]{2,8}籍，|随船")
_GROUP = re.compile(r"\d+\s*[人例名]")
_SUMMARY = re.compile(r"新增|累计|现有|截至|解除医学观察")


@dataclass
class Case:
    """One numbered case: where it stands, its district and its way of discovery as far as the text says."""

    span: Span
    area: str = ""
    channel: str = ""


@dataclass
class Series:
    """The cases 1, 2, 3 ... of one kind. ``line`` is where its first one stands."""

    state: str
    start: int
    cases: dict[int, Case] = field(default_factory=dict)
    #: Cases told between two numbers, after the highest number so far.
    unnumbered: list[Case] = field(default_factory=list)
    #: The origin that the total before it names, "" where there is none.
    origin: str = ""
    #: Whether its people came across the border.
    from_abroad: bool = False

    @property
    def imported(self) -> bool:
        """Whether these are imported cases, by their total, else by their ways."""
        return self.origin == "imported" if self.origin else self.from_abroad

    @property
    def unbroken(self) -> bool:
        """Whether the numbers run from 1 without a gap."""
        return bool(self.cases) and max(self.cases) == len(self.cases) and min(self.cases) == 1

    def settle(self) -> None:
        """A campus is in the district that it is named after, where the others name that district."""
        areas = {case.area for case in self.cases.values()}
        for case in self.cases.values():
            if case.area.endswith("校区"):
                district = case.area[:-2] + "区"
                case.area = district if district in areas else ""


def is_case_sentence(page: str, start: int, end: int, follows_case: bool) -> bool:
    """Whether a sentence tells of single cases rather than of numbers of them."""
    if _OPENS.match(page, start, end):
        return True
    return follows_case and not _SUMMARY.search(page, start, end)


@cache
def _area_pattern() -> re.Pattern[str]:
    area = lexicon("frames")["area"]
    suffixes = any_of(sorted(area["suffixes"], key=len, reverse=True))
    return re.compile(
        rf'(?:{any_of(area["lives"])})[\s"“‘]*(?P<name>[一-龥]{{1,8}}?(?:{suffixes}))(?=[，。、；：\s（）〔\[\d]|$|[一-龥])'
    )


@cache
def _channel_pattern() -> tuple[re.Pattern[str], list[str]]:
    entries = [entry for entry in channels() if not entry.get("relation")]
    return (
        re.compile("|".join(f"(?P<c{n}>{any_of(entry['patterns'])})" for n, entry in enumerate(entries))),
        [entry["code"] for entry in entries],
    )


class CaseReader:
    """Reads sentences on single cases in the order of the page."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._covered = bytearray(len(page))
        self.series: list[Series] = []
        self.contexts: list[Context] = []
        #: Numbers that are neither a case's number nor any other known context.
        self.unread: list[Span] = []
        self._block: list[tuple[Series, int]] = []

    def new_block(self) -> None:
        """A paragraph ends: what was said of its cases ends with it."""
        self._block = []

    def read(self, start: int, end: int, contexts: Sequence[Context]) -> None:
        """Reads one sentence; ``contexts`` are its dates, ages and so on, already known."""
        events: list[tuple[int, str, re.Match[str]]] = []
        for match in _REFERENCE.finditer(self._page, start, end):
            events.append((match.start(), "case", match))
        if sole := _SOLE.match(self._page, start, end):
            events.append((start, "sole", sole))
        for match in _area_pattern().finditer(self._page, start, end):
            events.append((match.start(), "area", match))
        for match in _channel_pattern()[0].finditer(self._page, start, end):
            events.append((match.start(), "channel", match))
        events.sort(key=lambda event: (event[0], event[1]))
        self._walk(events)
        if _FROM_ABROAD.search(self._page, start, end):
            for series, _ in self._block:
                series.from_abroad = True
        self._account(start, end, contexts)

    def _walk(self, events: Sequence[tuple[int, str, re.Match[str]]]) -> None:
        current: list[tuple[Series, int]] = []
        unplaced: list[tuple[Series, int]] = []
        told_again, ended = False, -1
        for at, kind, match in events:
            if kind in ("case", "sole"):
                members, known = self._members(match) if kind == "case" else self._sole(match)
                if ended >= 0 and self._page[ended:at].strip(" \n，、,和及"):
                    unplaced = []  # the one before has words of its own, and no address among them
                ended = match.end()
                if known and not told_again:
                    current = []
                current.extend(members)
                told_again = known
                unplaced.extend(m for m in members if not m[0].cases[m[1]].area)
                self._block.extend(members)
            elif kind == "area" and _ELSEWHERE.fullmatch(match["name"]):
                unplaced = []
            elif kind == "area":
                self._live(unplaced or current[-1:] or self._block[-1:], match)
                unplaced = []
            else:
                code = _channel_pattern()[1][int(str(match.lastgroup)[1:])]
                for series, number in current if told_again else self._block:
                    case = series.cases[number]
                    if not case.channel or told_again:
                        case.channel = code
                current, told_again = [], False
                if any(at < later and k == "case" for later, k, _ in events):
                    self._block = []
                unplaced = []

    def _live(self, members: list[tuple[Series, int]], match: re.Match[str]) -> None:
        """An address: of the cases named before it, or of one that its number was left out of."""
        for series, number in members:
            case = series.cases[number]
            if not case.area:
                case.area, case.span = match["name"], (case.span[0], match.end())
            elif number == max(series.cases) and len(members) == 1:
                person = _PERSON_WORDS.search(self._page, case.span[1], match.start())
                if person and self._page[case.span[1] : person.start()].strip(" \n，") == "":
                    series.unnumbered.append(Case((person.start(), match.end()), match["name"]))

    def _members(self, match: re.Match[str]) -> tuple[list[tuple[Series, int]], bool]:
        numbers = _numbers(match)
        state = "confirmed" if match["confirmed"] else "asymptomatic" if match["asymptomatic"] else ""
        series = next((s for s in reversed(self.series) if s.state == state or not state), None)
        fresh = [n for n in numbers if series is None or n not in series.cases]
        restarts = series is not None and not fresh and numbers[:1] == [1] and not self._block
        if series is None or restarts:
            series = Series(state or "confirmed", match.start())
            self.series.append(series)
            fresh = numbers
        members = [(series, number) for number in numbers]
        if fresh:
            members = self._filled(series, fresh[0]) + members
        for number in fresh:
            series.cases[number] = Case(match.span())
        again = not fresh and self._page[match.end() : match.end() + 1] not in "，"
        return members, again

    def _filled(self, series: Series, number: int) -> list[tuple[Series, int]]:
        """Gives cases without a number theirs, where the numbers leave exactly their gap."""
        told, series.unnumbered = series.unnumbered, []
        last = max(series.cases, default=0)
        if not told or number != last + 1 + len(told):
            return []
        for offset, case in enumerate(told, start=1):
            series.cases[last + offset] = case
        return [(series, last + offset) for offset in range(1, len(told) + 1)]

    def _sole(self, match: re.Match[str]) -> tuple[list[tuple[Series, int]], bool]:
        state = "asymptomatic" if match["asymptomatic"] else "confirmed"
        series = Series(state, match.start(), {1: Case(match.span())})
        self.series.append(series)
        return [(series, 1)], False

    def _account(self, start: int, end: int, contexts: Sequence[Context]) -> None:
        for context in contexts:
            self._cover(context.span)
        for match in _REFERENCE.finditer(self._page, start, end):
            self._cover(match.span())
            self.contexts.append(Context("case_number", match.span()))
        for found in re.finditer(r"\d+", self._page[start:end]):
            at, stop = start + found.start(), start + found.end()
            if all(self._covered[at:stop]):
                continue
            before = self._page[max(start, at - 6) : at]
            if group := _GROUP.match(self._page, at, end):
                self.contexts.append(Context("group", group.span()))
            elif re.search(r"(?:病例|感染者|无症状)\s*$", before):
                self.contexts.append(Context("case_number", (at, stop)))
            else:
                self.unread.append((at, stop))

    def _cover(self, span: Span) -> None:
        self._covered[span[0] : span[1]] = b"\1" * (span[1] - span[0])


def _numbers(match: re.Match[str]) -> list[int]:
    numbers = [int(match["first"])]
    for sign, digits in re.findall(r"([—\-至到、和及])[^\d]*?(\d+)", match["more"] or ""):
        last = int(digits)
        if sign in "、和及":
            numbers.append(last)
        elif numbers[-1] < last <= numbers[-1] + 200_000:
            numbers.extend(range(numbers[-1] + 1, last + 1))
    return numbers
