"""The meetings that a report tells of, with what is said of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from .bodies import Body, body_of, level_of, place_of
from .dates import MeetingDay, meeting_day
from .hearing import Hearing, hearing
from .lexicon import lexicon
from .page import Report
from .people import Person, people, speaker_pattern


@dataclass(frozen=True)
class Meeting:
    """One meeting as the report gives it. Spans are code points of the page; names are as read, never completed.

    ``id``: M1, M2 in order of appearance. ``day``: the day with its basis. ``body``: who met, in simplified script
    (the meeting's own name where no body is named), ``body_span`` where that stands. ``kind``: ordinary, numbered,
    enlarged, follow-on, or document (a superior's paper); ``number`` of a numbered one; ``follows``: the meeting that
    a follow-on one follows. ``level``: state, province, city, county, township or None; ``place`` with its basis
    (stated, abbreviation, unknown). ``chairs``: whom the opening names, the presiding one first; ``heard``: what was
    reported and by whom; ``venues``. ``spans``: the main span first, then sentences about it that stand elsewhere.
    """

    id: str
    spans: tuple[tuple[int, int], ...]
    day: MeetingDay
    body: str
    body_span: tuple[int, int] | None
    kind: str
    number: int | None
    follows: str | None
    level: str | None
    place: str | None
    place_basis: str
    chairs: tuple[Person, ...]
    heard: Hearing
    venues: tuple[str, ...]

    @property
    def date(self) -> str | None:
        """The day as an ISO date, or None where it is not known."""
        return self.day.day.isoformat() if self.day.day else None


def meetings(report: Report) -> tuple[Meeting, ...]:
    """The meetings of ``report``, the superior's before the follow-on one; none where the text tells of none."""
    text = report.text.text
    parts = list(_parts(text))
    found: list[Meeting] = []
    for number, (start, end, elsewhere) in enumerate(parts, start=1):
        others = [span for _, _, spans in parts[: number - 1] + parts[number:] for span in spans]
        own = _without(text, start, end, others)
        opening = "\n".join([text[a:b] for a, b in elsewhere] + [_opening(own)])
        follows = found[0].id if found else None
        meeting = _meeting(report, f"M{number}", own, opening, follows, found, len(parts) == 1)
        if meeting is None:
            continue
        spans = [(start, end), *elsewhere]
        found.append(replace(meeting, spans=tuple(report.text.source_span(a, b) for a, b in spans)))
    return tuple(found) or _document(report)


def _document(report: Report) -> tuple[Meeting, ...]:
    """A superior's document in the place of a meeting: who signed it, and when."""
    text = report.text.text
    if not any(formula in text for formula in lexicon("words/page")["document_formulas"]):
        return ()
    issuer = next((line for line in report.signature.split("\n") if _organ(line)), "")
    issuer = issuer or (report.headline if _organ(report.headline) else "")
    name = issuer.split("关于")[0].strip()
    place, basis, _ = place_of(Body(name, name, None, False), "", report.headline, text)
    return (
        Meeting(
            id="M1",
            spans=(report.span,),
            day=meeting_day(report.signature, report.stamp, text),
            body=name,
            body_span=None,
            kind="document",
            number=None,
            follows=None,
            level=level_of(name),
            place=place,
            place_basis=basis,
            chairs=(),
            heard=Hearing((), ()),
            venues=(),
        ),
    )


def _organ(line: str) -> bool:
    return any(organ in line for organ in lexicon("words/meetings")["organs"])


def _meeting(
    report: Report, key: str, own: str, opening: str, follows: str | None, before: list[Meeting], alone: bool
) -> Meeting | None:
    headline = "" if follows else report.headline
    body = body_of(opening if follows is None else own, headline)
    if body is None and follows is None and not speaker_pattern().search(own):
        return None
    if body is None or body.name == lexicon("words/meetings")["follow_word"]:
        body = Body("", "", None, False)
    day = MeetingDay(before[0].day.day, "follows", "", before[0].day.month_day) if before else None
    if day is None:
        day = meeting_day(opening[:200], report.stamp, report.text.text)
    place, place_basis, place_words = place_of(body, opening, headline, own)
    # Who presided may be told after the speeches.
    chairing = [own[a:b] for a, b in _sentences(own, 0, len(own)) if _CHAIRING.search(own[a:b])]
    names = tuple(dict.fromkeys(m["who"] for m in speaker_pattern().finditer(own) if m["who"] != "会议"))
    chairs = people("\n".join([opening, *chairing]), headline, names)
    name = _full_name(_of_post(body.name, chairs), place, place_basis)
    return Meeting(
        id=key,
        spans=(),
        day=day,
        body=name or (place or ""),
        body_span=_find(report, body.words or place_words),
        kind=_kind(body, follows, own if alone else ""),
        number=body.number,
        follows=follows,
        level=level_of(body.name) or level_of(place or "") or _level_of_chairs(chairs),
        place=place,
        place_basis=place_basis,
        chairs=chairs,
        heard=hearing(own),
        venues=tuple(word for word in ("主会场", "分会场") if word in own),
    )


def _of_post(name: str, chairs: tuple[Person, ...]) -> str:
    """The full name of a body that is only called 领导小组, from the post of its chief."""
    if name in lexicon("words/meetings")["organs"]:
        for person in chairs:
            for post in (person.post or "").split("、"):
                if name in post and not post.startswith(name):
                    return post[: post.index(name) + len(name)]
    return name


def _level_of_chairs(chairs: tuple[Person, ...]) -> str | None:
    posts = [level_of(person.post.split("、")[0]) for person in chairs[:1] if person.post]
    return posts[0] if posts else None


def _full_name(name: str, place: str | None, basis: str) -> str:
    """市委常委会 of a place that the page names is that place's."""
    if name and place and basis == "stated" and name[0] == place[-1]:
        return place[:-1] + name
    return name


def _kind(body: Body, follows: str | None, own: str) -> str:
    words = lexicon("words/meetings")
    first = re.split(r"[。\n]", own, maxsplit=1)[0]
    if follows or words["follow_word"] in first or any(word in first for word in words["follow_begins"]):
        return "follow-on"
    if body.enlarged:
        return "enlarged"
    return "ordinary" if body.number is None else "numbered"


def _find(report: Report, words: str) -> tuple[int, int] | None:
    at = report.text.text.find(words) if words else -1
    return None if at < 0 else report.text.source_span(at, at + len(words))


_CHAIRING = re.compile(r"主持会议|会议由.{2,60}主持|并(?:作(?:重要)?)?讲话")
_OPENING_LONGEST = 1200


def _opening(own: str) -> str:
    """What stands before the first "the meeting pointed out" that opens a sentence."""
    lead = speaker_pattern().search(own)
    return own[: min(lead.start() if lead else len(own), _OPENING_LONGEST)]


def _parts(text: str) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """(start, end, spans elsewhere) of each meeting in the reading."""
    follow = next(_follow_on().finditer(text), None)
    if follow is None or not text[: follow.start()].strip():
        yield 0, len(text), []
        return
    elsewhere = [
        span for span in _sentences(text, 0, follow.start()) if _of_follow_on(text[span[0] : span[1]])
    ]
    yield 0, len(text[: follow.start()].rstrip()), []
    yield follow.start(), len(text), elsewhere


def _of_follow_on(sentence: str) -> bool:
    words = lexicon("words/meetings")
    return words["follow_word"] in sentence and any(verb in sentence for verb in words["follow_verbs"])


@cache
def _follow_on() -> re.Pattern[str]:
    """A paragraph (or sentence) that opens the follow-on meeting."""
    words = lexicon("words/meetings")
    begins, verbs = "|".join(words["follow_begins"]), "|".join(words["follow_verbs"])
    return re.compile(
        rf"(?:(?<=\n)|(?<=。)|^)[^，。\n]{{0,20}}(?:{begins})[^。\n]{{0,60}}?(?:{verbs})[^。\n]*"
    )


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in re.compile(r"[^。！？\n]+[。！？]?").finditer(text, start, end):
        yield match.start(), match.end()


def _without(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> str:
    pieces, at = [], start
    for first, last in sorted(spans):
        if start <= first and last <= end:
            pieces.append(text[at:first])
            at = last
    return "".join([*pieces, text[at:end]])
