"""The report inside a page: without sidebars, other headlines, comments, footers and buttons.

No layout is assumed. Each line of the readable text is prose of the official register, a line that ends every report
(related headlines, comments, editor, site notices), a caption, or something short; a report is a run of prose that
opens with a meeting (or is a superior's document) with at most a few short lines between. The run with the most
sentences wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .damage import GARBLED, TRUNCATED
from .lexicon import lexicon
from .repaired import Repaired, repair
from .tables import is_heading_row, is_task_row


@dataclass(frozen=True)
class Break:
    """A place where the file breaks off or cannot be read.

    ``code`` is ``truncated`` (a sentence without its end) or ``garbled_bytes``; ``span`` is the piece of the source
    beside which something is missing.
    """

    code: str
    span: tuple[int, int]


@dataclass(frozen=True)
class Report:
    """Where the report stands in a page. Spans are code points of the page.

    ``span``: first to last character of the report; ``embedded``: furniture between (photo captions and the like);
    ``title``: the headline, outside the span, or None; ``dateline``: the page's own time, or None;
    ``headline`` and ``stamp``: their readings; ``signature``: the short lines right after (a
    document's issuer and date); ``breaks``: what is missing inside; ``text``: the reading of the report alone,
    embedded furniture left out, with positions of the whole page. Without a report the span is empty.
    """

    span: tuple[int, int]
    embedded: tuple[tuple[int, int], ...]
    title: tuple[int, int] | None
    dateline: tuple[int, int] | None
    breaks: tuple[Break, ...]
    text: Repaired
    headline: str = ""
    stamp: str = ""
    signature: str = ""


@dataclass(frozen=True)
class _Line:
    start: int
    text: str
    kind: str  # prose, stop, caption, short

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def report(source: str) -> Report:
    """The report in ``source`` with its headline, the page's time and what is missing.

    ``source`` is the text of any page; nothing is assumed about its layout. Linear in its length.

    >>> report("首页\\n2月5日，市指挥部召开会议。会议强调，要排查到位。\\n责任编辑：甲\\n其他新闻").span
    (3, 28)
    """
    page = repair(source)
    lines = list(_lines(page.text))
    found = _best(lines)
    if found is None:
        return Report((0, 0), (), None, None, (), page.between(0, 0))
    first, last = found
    start = lines[first].start + _body_start(lines[first].text)
    end = lines[last].start + _body_end(lines[last].text)
    inside = lines[first + 1 : last]
    embedded = tuple(
        page.source_span(line.start, line.end) for line in inside if line.kind in ("caption", "stop")
    )
    span = page.source_span(start, end)
    text = page.between(*span, without=embedded)
    title, dateline = _title(page, lines, first), _dateline(page, lines, first, start)
    return Report(
        span=span,
        embedded=embedded,
        title=title,
        dateline=dateline,
        breaks=tuple(_breaks(text, span)),
        text=text,
        headline=_read(page, title),
        stamp=_read(page, dateline),
        signature="\n".join(line.text for line in lines[last + 1 : last + 3] if len(line.text) <= 60),
    )


def _read(page: Repaired, span: tuple[int, int] | None) -> str:
    return "" if span is None else page.text[page.at_source(span[0]) : page.at_source(span[1])]


def _breaks(text: Repaired, span: tuple[int, int]) -> Iterator[Break]:
    for start, end, code in text.marks:
        if code in (TRUNCATED, GARBLED) and start >= span[0] and end <= span[1]:
            yield Break(code, (start, end))


_TERMINAL = tuple("。！？…”）")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SUMMARY = re.compile(r"[【\[](?:摘要|导读|提要|核心提示|内容提要)[】\]]\s*")
_ENUMERATED = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.．是要]|（[一二三四五六七八九十\d]{1,3}）|\d{1,2}[.、．](?!\d)|[①-⑳]"
    r"|第[一二三四五六七八九十]+[条、，])"
)
_BULLET = re.compile(r"^[-–—·•|>*▪■●◆#【\[（( ]+")
_DATE_LINE = re.compile(
    r"^[\s\-–·|>【\[]*(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/]\d{1,2}|\d{1,2}:\d{2})[\s\d:：\]】]*"
)


def _lines(text: str) -> Iterator[_Line]:
    at = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            start = at + line.index(stripped[0])
            yield _Line(start, stripped, _kind(stripped))
        at += len(line) + 1


def _kind(line: str) -> str:
    words, limits = lexicon("words/page"), lexicon("words/page")["limits"]
    bare = _BULLET.sub("", line)
    lead = any(word in line for word in words["lead_ins"])
    long = len(line) >= limits["prose_least"]
    prose = (
        line.endswith(_tuple("attendance_ends"))
        or (lead and len(line) >= limits["headline_least"])
        or (line.endswith("：") and any(word in line for word in words["document_formulas"]))
        or (_ENUMERATED.match(line) is not None and line.endswith(("。", "；")))
        or (long and _is_sentence(line))
        or (line.endswith("。") and len(line) >= limits["sentence_least"] and _register(line) > 0)
        or (long and "讯 " in line[:16] and any(word in line for word in words["meeting_verbs"]))
    )
    if not lead and any(word in line for word in words["site_words"]):
        return "stop"
    if is_task_row(line) or is_heading_row(line):
        return "prose"
    if len(line) <= limits["headline_most"] and not lead and _comment().match(line):
        return "stop"
    if bare.startswith(_tuple("summaries")):
        return "caption"
    starts_stop = bare.startswith(_tuple("stops"))
    if starts_stop and not (prose and line.count("。") > 1):
        return "stop"
    if prose:
        return "prose"
    if len(line) <= limits["headline_most"] and (
        bare.startswith(_tuple("captions")) or any(word in line for word in words["caption_words"])
    ):
        return "caption"
    if _DATE_LINE.match(line):
        return "stop"
    return "short" if _HAN.search(line) else "caption"


@cache
def _comment() -> re.Pattern[str]:
    """The head or the buttons of a reader's comment: a nickname with a time, votes, "floor 3"."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in lexicon("words/page")["comments"]["patterns"]))


def _chats(line: str) -> bool:
    """Whether a line is in the everyday language of a reader, which no report uses."""
    words = lexicon("words/page")["comments"]
    return sum(line.count(word) for word in words["everyday"]) >= words["everyday_least"]


def _goes_on(lines: list[_Line], last: int, number: int) -> bool:
    """Whether prose after short lines is of the same report: its register, an announced list, or the next number."""
    line, before = lines[number].text, [between.text for between in lines[last + 1 : number]]
    if is_task_row(line) or is_heading_row(line):
        return True
    if _register(line) >= lexicon("words/page")["limits"]["register_least"]:
        return True
    numbered = _ENUMERATED.match(line) is not None
    announced = any(each.endswith(("：", "︰")) or _ENUMERATED.match(each) for each in before)
    return announced or (numbered and _ENUMERATED.match(lines[last].text) is not None)


def _is_sentence(line: str) -> bool:
    return "。" in line or (line.endswith(_TERMINAL) and "，" in line)


@cache
def _tuple(name: str) -> tuple[str, ...]:
    return tuple(lexicon("words/page")[name])


def _best(lines: list[_Line]) -> tuple[int, int] | None:
    """(first, last) line of the run of prose that reads most like a report."""
    best: tuple[float, int, int] | None = None
    at = 0
    while at < len(lines):
        if lines[at].kind != "prose" or not _opens(lines[at].text):
            at += 1
            continue
        last = _last(lines, at)
        score = sum(_weight(line.text) for line in lines[at : last + 1] if line.kind == "prose")
        if best is None or score > best[0]:
            best = (score, at, last)
        at = last + 1
    if best is None:
        return _unopened(lines)
    first = best[1]
    # A superior's document begins with those whom it addresses.
    if (
        first
        and lines[first - 1].text.endswith("：")
        and lines[first - 1].text.startswith(_tuple("addressees"))
    ):
        first -= 1
    return first, best[2]


def _unopened(lines: list[_Line]) -> tuple[int, int] | None:
    """The longest run of prose of the official register, where no line tells of a meeting."""
    runs: list[tuple[float, int, int]] = []
    at = 0
    while at < len(lines):
        if lines[at].kind != "prose" or _register(lines[at].text) < 1:
            at += 1
            continue
        last = _last(lines, at)
        runs.append((sum(_weight(line.text) for line in lines[at : last + 1]), at, last))
        at = last + 1
    if not runs:
        return None
    _, first, last = max(runs, key=lambda run: (run[0], -run[1]))
    return first, last


def _weight(line: str) -> float:
    return (
        line.count("。")
        + line.count("；") / 2
        + 3 * sum(line.count(word) for word in lexicon("words/page")["lead_ins"][:8])
    )


def _register(line: str) -> int:
    return sum(word in line for word in lexicon("words/page")["register"])


def _opens(line: str) -> bool:
    words = lexicon("words/page")
    if any(word in line for word in words["lead_ins"]) or any(
        word in line for word in words["document_formulas"]
    ):
        return True
    return any(word in line for word in words["meeting_nouns"]) and any(
        word in line for word in words["meeting_verbs"]
    )


def _last(lines: list[_Line], first: int) -> int:
    """The last line of the report that begins at ``first``."""
    words, limits = lexicon("words/page"), lexicon("words/page")["limits"]
    last, skipped, led = first, 0, False
    for number in range(first + 1, len(lines)):
        line = lines[number]
        if line.kind == "stop":
            break
        if line.kind == "prose":
            # Who was there stands at the end; before the first 会议指出 it is the opening.
            led = led or any(word in lines[last].text for word in words["lead_ins"])
            over = led and _without_byline(lines[last].text).endswith(_tuple("attendance_ends"))
            if over and not any(word in line.text for word in words["after_attendance"]):
                break
            if (skipped and not _goes_on(lines, last, number)) or _chats(line.text):
                break
            last, skipped = number, 0
            continue
        # A numbered heading or a row of a table belongs to the report if prose follows, or other rows.
        skipped += _ENUMERATED.match(line.text) is None
        if skipped > limits["gap_lines"] or _DATE_LINE.fullmatch(line.text):
            break
    return last


def _without_byline(line: str) -> str:
    return line[: _body_end(line)]


_TIMES = re.compile(r"\s*\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?\s*")
_WIRE = re.compile(
    r"[\u3400-\u9fff]{2,12}(?:\d{4}年\d{1,2}月\d{1,2}日|\d{1,2}月\d{1,2}日)?[讯电](?=[ 　（(])"
)


@cache
def _label() -> re.Pattern[str]:
    labels = "|".join(map(re.escape, lexicon("words/page")["labels"]))
    return re.compile(rf"[\s|【\[（]*(?:{labels})[：:]\s*")


def _body_start(line: str) -> int:
    """Where the body begins in its first line: after the page's time, source and counters that are glued to it."""
    at = 0
    while True:
        moved = at
        if label := _label().match(line, at):
            at = label.end()
            time = _TIMES.match(line, at)
            if time is None and (space := re.compile(r"\S{1,20}\s+").match(line, at)):
                at = space.end()
        if (time := _TIMES.match(line, at)) and not re.match(r"[，讯电]|上午|下午|晚", line[time.end() :]):
            at = time.end()
        if summary := _SUMMARY.match(line, at):
            at = summary.end()
        if at == moved:
            break
    # A headline in the same line before the wire's own opening ("本报讯 …").
    head = line[at : at + lexicon("words/page")["limits"]["headline_most"] * 2]
    for wire in _WIRE.finditer(head):
        before = head[: wire.start()]
        if wire.start() and before[-1].isspace() and "。" not in before:
            return at + wire.start()
    return at


def _body_end(line: str) -> int:
    """Where the body ends in its last line: before the writers' names."""
    full_stop = max(line.rfind(mark) for mark in "。！？")
    if full_stop < 0:
        return len(line)
    end = full_stop + 1
    while end < len(line) and line[end] in "”’":
        end += 1
    tail = line[end:].strip(" |")
    if not _HAN.search(tail):
        return end
    named = tail.strip("（）()【】[] ")
    bracketed = tail[0] in "（(【[" and tail[-1] in "）)】]" and "，" not in tail and len(tail) <= 40
    if bracketed or (named.startswith(_tuple("bylines")) and len(tail) <= 60):
        return end
    return len(line)


def _title(page: Repaired, lines: list[_Line], first: int) -> tuple[int, int] | None:
    words, limits = lexicon("words/page"), lexicon("words/page")["limits"]
    best: tuple[int, _Line] | None = None
    for line in reversed(lines[max(first - limits["title_lines"], 0) : first]):
        if not limits["headline_least"] <= len(line.text) <= limits["headline_most"]:
            continue
        score = sum(word in line.text for word in words["title_words"])
        if (
            score
            and not line.text.endswith("。")
            and line.kind != "stop"
            and (best is None or score > best[0])
        ):
            best = (score, line)
    return None if best is None else page.source_span(best[1].start, best[1].end)


_STAMP = re.compile(
    r"20\d{2}(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日)(?:\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
)


def _dateline(page: Repaired, lines: list[_Line], first: int, start: int) -> tuple[int, int] | None:
    """The nearest full date before the first word of the body: the page's own time."""
    near = lines[max(first - lexicon("words/page")["limits"]["title_lines"], 0) : first + 1]
    for line in reversed(near):
        stamps = [stamp for stamp in _STAMP.finditer(line.text) if line.start + stamp.end() <= start]
        if stamps:
            stamp = stamps[-1]
            return page.source_span(line.start + stamp.start(), line.start + stamp.end())
    return None
