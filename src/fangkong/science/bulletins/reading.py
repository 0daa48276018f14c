"""The sentences of a page in order: which tell of numbers, which of single cases, which of tables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from .cases import CaseReader, is_case_sentence
from .clauses import ClauseReader
from .columns import Columns, head, line
from .days import Days, day_at, days_in
from .items import Item, Running
from .lexicon import any_of, corrections, lexicon, states
from .listed import listing
from .page import Sentence, sentences
from .parts import Context, Held, Span
from .words_read import Words

_HEADING = 24
_LONG = 1200
_ABOVE = re.compile(r"以上|上述|前述|[这该]\d*例?|追踪到\s*\d+例")


@cache
def _contexts() -> tuple[re.Pattern[str], dict[str, str]]:
    entries = lexicon("contexts")["context"]
    pattern = "|".join(f"(?P<c{n}>{any_of(entry['patterns'])})" for n, entry in enumerate(entries))
    return re.compile(pattern), {f"c{n}": entry["kind"] for n, entry in enumerate(entries)}


@dataclass
class Placed:
    """An item with its sentence and day."""

    item: Item
    sentence: Sentence
    day: date | None


class PageReading:
    """One page being read."""

    def __init__(self, text: str, page: str, words: Words, days: Days) -> None:
        self.text, self.page, self.words, self.days = text, page, words, days
        self.placed: list[Placed] = []
        self.held: list[Held] = []
        self.contexts: list[Context] = []
        self.cases = CaseReader(page)
        self.case_days: dict[int, date | None] = {}
        self._day: date | None = None
        self._running = Running()
        #: Paragraph → the origin that its heading names.
        self.sections: dict[int, str] = {}
        self.all_sentences: list[Sentence] = []
        self._section = ""
        self._columns: Columns | None = None
        self._last_flow = ""
        self._list_until = -1

    def read(self) -> None:
        """Reads the sentences in order."""
        paragraph, in_case = -1, False
        self.all_sentences = sentences(self.page)
        for sentence in self.all_sentences:
            if sentence.paragraph != paragraph:
                paragraph, in_case = sentence.paragraph, False
                self.cases.new_block()
                if not self._goes_on_with_list(sentence):
                    self._running = Running()
                self._heading(sentence)
                self.sections[paragraph] = self._section
            start, end = sentence.start, sentence.end
            if is_case_sentence(self.page, start, end, in_case):
                in_case = True
                self._case_sentence(sentence)
            else:
                self._count_sentence(sentence)

    def _goes_on_with_list(self, sentence: Sentence) -> bool:
        """Whether a line belongs to the list that an earlier line opened with a colon."""
        if self._list_until < 0:
            return False
        text = self.page[sentence.start : sentence.end]
        short = len(text) <= 2 * _HEADING and re.search(r"\d", text) and text[-1] != "："
        if not short:
            self._list_until = -1
        return bool(short)

    def _heading(self, sentence: Sentence) -> None:
        text = self.page[sentence.start : sentence.end]
        if len(text) > _HEADING or re.search(r"\d[例人名]", text):
            return
        origins = [
            code
            for code, patterns in lexicon("frames")["origin"].items()
            if re.search(any_of(patterns), text)
        ]
        if origins and not re.search(r"[，。]", text):
            self._section = origins[0] if len(origins) == 1 else ""
        elif not re.search(r"[\d\t|｜，。]", text):
            self._section = ""

    def _case_sentence(self, sentence: Sentence) -> None:
        known = len(self.cases.series)
        found = [
            Context(_contexts()[1][str(m.lastgroup)], m.span())
            for m in _contexts()[0].finditer(self.page, sentence.start, sentence.end)
        ]
        self.contexts += found
        self.cases.read(sentence.start, sentence.end, found)
        for series in self.cases.series[known:]:
            self.case_days[id(series)] = self._day
            head = next((f for f in reversed(self._figures_so_far()) if f[0] == series.state), None)
            series.origin = head[1] if head else ""

    def _figures_so_far(self) -> list[tuple[str, str]]:
        return [
            (p.item.state, p.item.origin)
            for p in self.placed
            if p.item.flow == "new" and not p.item.why and not p.item.area and not p.item.channel
        ]

    def _count_sentence(self, sentence: Sentence) -> None:
        start, end = sentence.start, sentence.end
        if self._columns is not None:
            if (made := line(self.page, sentence, self._columns)) is not None:
                self.placed += [Placed(item, sentence, self._day) for item in made]
                return
            self._columns = None
        self._columns = head(self.page, sentence, self.words, self._last_flow)
        if self._columns is not None:
            return
        if table := listing(self.page, start, end, self.words):
            for entry in table.entries:
                item = Item(entry.number, entry.span, state=table.state, origin=entry.origin)
                item.flow = "" if states()[table.state].get("stock") else self._last_flow
                item.area = "" if entry.is_source else entry.name
                item.source = entry.name if entry.is_source else ""
                self.placed.append(Placed(item, sentence, self._day))
            return
        words = self.words.read(self.page, start, end)
        self.contexts += [Context(w.code, (w.start, w.end)) for w in words if w.kind == "context"]
        if corrections().search(self.page, start, end):
            for word in words:
                if word.kind == "number" and re.match(r"\d", word.code):
                    self.hold(sentence, (word.start, word.end), "change_of_text")
            return
        reader = ClauseReader(self.words, self._running, listed=self._list_until >= 0)
        known = days_in(words, self.page, self.days, self._day)
        for item in reader.read(words):
            self._day = day_at(known, item.span[0])
            if not item.flow and not item.why and not item.measure and self._last_flow == "new":
                item.flow = "" if self._running.as_of else "new"
            if item.about and not item.origin and _ABOVE.search(self.page, start, item.span[0]):
                heads = [origin for state, origin in self._figures_so_far() if state == item.about]
                item.origin = heads[-1] if heads else ""
            if item.flow and not item.why:
                self._last_flow = item.flow
            self.placed.append(Placed(item, sentence, self._day))
        if not reader.items:
            self._day = known[-1][1]
        if self.page[end - 1] in "：" and self._running.state:
            self._list_until, self._running.child = sentence.line, False

    def hold(self, sentence: Sentence, span: Span, why: str) -> None:
        self.held.append(Held(self.quote(sentence, span), span, why))

    def quote(self, sentence: Sentence, span: Span) -> str:
        """The sentence around ``span``; of one that is longer than a reader takes in, the piece around it."""
        start, end = sentence.start, sentence.end
        if end - start > _LONG:
            start, end = max(start, span[0] - _LONG // 4), min(end, span[1] + _LONG // 4)
        return self.text[start:end]
