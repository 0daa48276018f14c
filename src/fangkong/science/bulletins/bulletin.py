"""The daily bulletin of a city or province as text, read into figures; what is not understood is held."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from .cases import Series
from .checks import borne_out, checks_of, contradictions
from .days import calendar_of, published
from .items import Item
from .lexicon import any_of, lexicon
from .page import plain
from .parts import UNSTATED, Bulletin, Check, Context, Figure, Held, Span
from .reading import PageReading, Placed
from .words_read import Words

_TITLE = re.compile(r"\s*(?P<area>[一-龥]{1,6}?[省市区县州盟旗])(?=(?:20\d{2}年)?\d{1,2}月\d{1,2}日)")
_PUBLISHER = re.compile(
    r"(?:^|[\s，。：；（【])(?P<area>[一-龥]{1,6}?[省市区县州盟旗]|[一-龥]{2,4}?)"
    r"(?:卫生健康委(?:员会)?|卫健委|疾控中心|疾病预防控制中心|新冠肺炎疫情防控|发布(?=\s))"
)


def read_bulletin(
    text: str, *, area_names: Mapping[str, str] | None = None, published_on: date | None = None
) -> Bulletin:
    """The figures of an official daily bulletin, each with its place in the text; nothing where the text is silent.

    Args:
        text: the page as text, in simplified or traditional script. Any text is taken; none raises.
        area_names: name → code of the areas to be expected, names with or without their ending (浦东新区, 浦东).
            Without it areas are told by their endings (区, 县, 市 ...), or by their place when the sum bears it out.
        published_on: the day of publication where the caller knows it; it also tells the year when the page leaves
            it out.

    Returns:
        A `Bulletin`. "No new cases" is a figure of zero, and a kind that is not named has no figure. Numbers in digits
        stand in a figure, in ``held`` or in ``contexts``; none is passed over. A number that stands twice with two
        values is held both times.

    Each number takes its meaning from the structure of its sentence: totals, brackets, "among them", "the rest".
    Where the districts are only told case by case, the cases are counted (``basis`` "counted").

    >>> bulletin = read_bulletin("2031年5月3日0—24时，新增本土确诊病例5例（东山区3例，西山区2例）。无新增死亡病例。")
    >>> [(figure.area, figure.measure, figure.origin, figure.value) for figure in bulletin.figures]
    [('', 'confirmed', 'local', 5), ('东山区', 'confirmed', 'local', 3), ('西山区', 'confirmed', 'local', 2), \
('', 'deaths', '', 0)]
    >>> [(check.what, check.stated, check.summed) for check in bulletin.checks]
    [('areas', 5, 5)]
    """
    page = plain(text)
    reading = PageReading(text, page, Words(area_names), calendar_of(page, published_on))
    reading.read()
    return _Assembly(reading).bulletin(published_on)


class _Assembly:
    """What the sentences gave, settled by one another and put together."""

    def __init__(self, reading: PageReading) -> None:
        self._reading = reading
        self._figures: list[Figure] = []

    def bulletin(self, published_on: date | None) -> Bulletin:
        """What was read, put together."""
        self._settle()
        for placed in self._reading.placed:
            self._take(placed)
        area = self._own_area()
        self._figures = [self._own(f, area) for f in self._figures]
        day = self._main_day()
        checks = self._count_cases()
        for key in contradictions(self._figures):
            for figure in [f for f in self._figures if f.key == key and f.basis != "counted"]:
                self._reading.held.append(Held(figure.sentence, figure.span, "contradiction"))
        twice = contradictions(self._figures)
        checks += checks_of(self._figures)
        self._figures = [f for f in self._figures if f.key not in twice]
        self._account()
        self._figures.sort(key=lambda f: (f.basis == "counted", f.span))
        self._reading.held.sort(key=lambda h: h.span)
        return Bulletin(
            area,
            published(self._reading.page, day, published_on),
            day,
            self._figures,
            self._reading.held,
            checks,
            self._reading.contexts,
        )

    def _settle(self) -> None:
        """What only the whole sentence or page can say: origins by the parts, names by the sums."""
        for placed in self._reading.placed:
            item = placed.item
            parts = [child for child in item.children if not child.why]
            sourced = [child for child in parts if child.source]
            if not item.origin and sourced and sum(child.value for child in sourced) == item.value:
                item.origin = "imported"
            told = {child.origin for child in parts if not child.area} - {item.origin, ""}
            if item.origin and told and len({child.origin for child in parts}) > 1:
                item.origin = ""
            if (
                not item.origin
                and self._section_of(placed)
                and not told
                and item.flow == "new"
                and item.state in ("confirmed", "asymptomatic")
            ):
                item.origin = self._section_of(placed)
        for placed in self._reading.placed:
            item = placed.item
            if item.unsure and not item.why and not (borne_out(item) or self._named_elsewhere(item.area)):
                item.why = "unknown_words"

    def _section_of(self, placed: Placed) -> str:
        return self._reading.sections.get(placed.sentence.paragraph, "")

    def _named_elsewhere(self, name: str) -> bool:
        endings = any_of(lexicon("frames")["area"]["suffixes"])
        return bool(
            re.search(rf"{re.escape(name)}(?:{endings}|发布|卫健|疾控|日报|报告)", self._reading.page)
        )

    def _take(self, placed: Placed) -> None:
        item, sentence = placed.item, placed.sentence
        if not item.why and not item.measure:
            item.why = "no_flow"
        if item.told_again and any(
            other.item.value == item.value
            and not other.item.why
            and other.item.state == item.state
            and other.item.flow == "new"
            for other in self._reading.placed
        ):
            self._reading.contexts.append(Context("restated", item.span))
            return
        if item.why:
            self._reading.hold(sentence, item.span, item.why)
            return
        self._figures.append(
            Figure(
                item.area,
                item.measure,
                item.channel,
                item.value,
                item.span,
                self._reading.quote(sentence, item.span),
                item.origin,
                placed.day,
                item.basis,
                item.source,
                self._reading.words.code(item.area) if item.area else "",
                self._within(item),
            )
        )

    def _own_area(self) -> str:
        """The publisher's area: by its name, or the name that the first figures carry."""
        head = self._reading.page[:300]
        named = [
            m["area"]
            for m in _PUBLISHER.finditer(head)
            if not re.search(r"[今昨日据从报了经由]|^.?市?$", m["area"])
        ]
        if not named and (title := _TITLE.match(head)):
            named = [title["area"]]
        areas = [figure.area for figure in self._figures if figure.basis != "counted"]
        if named and named[0] not in areas:
            return named[0]
        if not areas or not areas[0]:
            return named[0] if named else ""
        first = areas[0]
        siblings = {area for area in areas if area and area != first and area[-1] == first[-1]}
        if siblings and first[-1] in "区县市省州":
            return ""
        lead = self._figures[0]
        parted = any(f.area not in ("", first) for f in self._figures) or set(areas) == {first}
        return first if not lead.source and (parted or len(set(areas)) > 1) else ""

    def _main_day(self) -> date | None:
        days = Counter(f.day for f in self._figures if f.day and f.measure in ("confirmed", "asymptomatic"))
        days = days or Counter(f.day for f in self._figures if f.day)
        return max(days, key=lambda day: (days[day], day)) if days else None

    def _count_cases(self) -> list[Check]:
        """Counts the single cases of each series that is whole and agrees with its total."""
        found: list[Check] = []
        for series in self._reading.cases.series:
            origin = "imported" if series.imported else "local"
            day = self._reading.case_days[id(series)]
            total = next(
                (f for f in self._figures if f.key == (day, "", series.state, "", origin, "")),
                None,
            )
            agrees = total is not None and total.value == len(series.cases) and series.unbroken
            if total is not None:
                found.append(
                    Check(
                        "cases",
                        total.value,
                        len(series.cases),
                        agrees,
                        series.state,
                        origin,
                        "",
                        day,
                        total.span,
                    )
                )
            if series.imported:
                continue
            if agrees:
                self._figures += self._counted(series, origin, day)
            else:
                first = next(iter(series.cases.values())).span
                text = self._reading.text[first[0] : first[1]]
                self._reading.held.append(Held(text, first, "case_series"))
        return found

    def _counted(self, series: Series, origin: str, day: date | None) -> list[Figure]:
        text, words = self._reading.text, self._reading.words
        groups: dict[tuple[str, str], list[Span]] = {}
        series.settle()
        placed = any(case.area for case in series.cases.values())
        for case in series.cases.values():
            area = case.area or UNSTATED
            keys = {("", case.channel)} if case.channel else set()
            if placed:
                keys |= {(area, case.channel), (area, "")}
            for key in keys:
                groups.setdefault(key, []).append(case.span)
        made = []
        for (area, channel), spans in sorted(groups.items()):
            span = (min(s[0] for s in spans), max(s[1] for s in spans))
            made.append(
                Figure(
                    area, series.state, channel, len(spans), span, text[span[0] : span[1]], origin, day, "counted",
                    "", words.code(area) if area not in ("", UNSTATED) else "",
                )
            )  # fmt: skip
        return made

    def _account(self) -> None:
        """Every number in digits has its place; one that has none is held."""
        reading = self._reading
        reading.contexts += reading.cases.contexts
        covered = bytearray(len(reading.page))
        places = [f.span for f in self._figures if f.basis == "stated"]
        for span in [*places, *(h.span for h in reading.held), *(c.span for c in reading.contexts)]:
            covered[span[0] : span[1]] = b"\1" * (span[1] - span[0])
        ends = reading.all_sentences
        at = 0
        for found in re.finditer(r"\d+", reading.page):
            if all(covered[found.start() : found.end()]):
                continue
            while at + 1 < len(ends) and ends[at].end < found.end():
                at += 1
            reading.hold(ends[at], found.span(), "stray_number")

    def _within(self, item: Item) -> str:
        """The area that an item's area is told as a part of."""
        if item.parent is None or item.parent.area == item.area:
            return ""
        return self._reading.words.code(item.parent.area) or item.parent.area if item.parent.area else ""

    def _own(self, figure: Figure, area: str) -> Figure:
        """The figure with the bulletin's own area left unsaid, also where it is named without its ending."""
        words = self._reading.words
        if not area:
            return figure
        if figure.area in (area, words.bare(area)):
            return replace(figure, area="", area_code="", within="")
        own = (area, words.bare(area), words.code(area))
        return replace(figure, within="") if figure.within in own else figure
