"""Comma pieces put together into clauses: an aim goes with its act, an open frame with what follows, and so on."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from .classes import (
    AIM,
    DECISION,
    DUTY,
    FACT,
    OPEN,
    PRINCIPLE,
    TASKS,
    Verdict,
    judge,
    order_begins,
    without_lead,
)
from .cutting import Piece, Sentence
from .damage import TRUNCATED
from .details import DAILY, WEEKLY
from .owners import (
    CARRIED_OVER,
    STATED,
    Owner,
    Subject,
    addressed,
    assigned,
    is_body,
    level,
    proposal,
    subject,
    suspect,
)
from .repaired import LONGEST_MARK, Repaired
from .tables import is_heading_row, is_task_row, matter_cell, row_deadline, row_owner
from .vocabulary import any_of, words

#: A heading is no longer than this, in characters.
LONGEST_HEADING = 80
#: A piece without a thing of its own that goes with the act before it is no longer than this.
LONGEST_MANNER = 10
#: Aims longer than the act they follow by this factor are a clause of their own; exhortations as soon as longer.
LONGEST_AIM = 2
#: The task score of a concrete thing.
LEAST_CONCRETE = 1.6


@dataclass(frozen=True)
class Judged:
    """A comma piece with its verdict; ``start`` is past its numbering; ``subject`` as found, if any."""

    piece: Piece
    start: int
    verdict: Verdict
    subject: Subject | None


@dataclass
class Group:
    """Pieces that become one clause."""

    pieces: list[Judged]
    kind: str
    owner: Owner | None = None
    heading: bool = False

    @property
    def start(self) -> int:
        return self.pieces[0].piece.start

    @property
    def end(self) -> int:
        return self.pieces[-1].piece.end


def _judged(sentence: Sentence, text: str) -> Iterator[Judged]:
    for piece in sentence.pieces:
        whole = text[piece.start : piece.end]
        lead = without_lead(whole)
        order = whole[lead:]
        named = subject(order, order_begins())
        follows = text[piece.end] if piece.end < len(text) else ""
        if named is None and follows in "：:" and is_body(order):
            named = Subject(order, len(order), True, True)
        verdict = judge(
            order, verb=sentence.verb, subject_states=named is not None, rest=named.rest if named else 0
        )
        yield Judged(piece, piece.start + lead, verdict, named)


def groups_of(sentence: Sentence, reading: Repaired) -> list[Group]:
    """The clauses of one sentence as groups of its pieces, with their owners; a heading is one group."""
    text = reading.text
    judged = list(_judged(sentence, text))
    if not judged:
        return []
    line = text[sentence.start : sentence.end]
    if is_heading_row(line):
        return [Group(judged, FACT)]
    if is_task_row(line):
        return [_row(sentence, line, judged)]
    heading = _is_heading(sentence, reading)
    if heading:
        kinds = {item.verdict.kind for item in judged}
        kind = FACT if kinds <= {FACT, OPEN} and FACT in kinds else PRINCIPLE
        return [Group(judged, kind, heading=True)]
    groups = _assembled(judged, text, sentence.verb in words("frames", "reporting", "commanding"))
    _give_owners(groups, text)
    return groups


def _row(sentence: Sentence, line: str, judged: list[Judged]) -> Group:
    """A row of a table of tasks as one clause: its matter, the office of its row."""
    start, end = matter_cell(line)
    verdict = judge(line[start:end], verb="要求")
    limit = row_deadline(line)
    kind = verdict.kind
    if limit and limit.kind in (DAILY, WEEKLY):
        kind = DUTY
    elif limit and not verdict.principle:
        kind = DECISION
    elif kind not in TASKS:
        kind = PRINCIPLE
    verdict = replace(verdict, kind=kind)
    piece = Piece(sentence.start + start, sentence.start + end, 0)
    matter = Judged(piece, piece.start, verdict, None)
    name = row_owner(line)
    before = [item for item in judged if item.piece.end <= piece.start]
    after = [item for item in judged if item.piece.start >= piece.end]
    owner = Owner(name, STATED, level(name)) if name and kind in TASKS else None
    return Group([*before, matter, *after], kind, owner)


def _is_heading(sentence: Sentence, reading: Repaired) -> bool:
    text = reading.text
    return (
        sentence.alone
        and not sentence.closed
        and sentence.lead_in is None
        and sentence.end - sentence.start <= LONGEST_HEADING
        and not cut_off(reading, sentence.start, sentence.end)
        and "\n" in text[sentence.end :]
        and text[sentence.end : sentence.end + 1] in ("\n", " ", "\r", "\u3000")
    )


#: A piece that says when something was done, and no more.
_WHEN = re.compile(
    r"[^，]{0,20}结束后|(?:\d{4}年)?(?:\d{1,2}月)?\d{1,3}日(?:\d{1,2}[时点]|上午|下午|晚上?|中午|凌晨)?|(?:当天|当日|随后|首先|其次|最后|会后|会前|会上|根据[^，]{2,8})"
)


def _looks_back(judged: Sequence[Judged], text: str) -> bool:
    """Whether the sentence tells of the meeting or of what was done since some day, and tells nobody to act."""
    # 3月9日， and 首先， only say when.
    told_of = [item for item in judged if not _WHEN.fullmatch(text[item.start : item.piece.end])] or judged
    first = text[told_of[0].start : told_of[0].piece.end]
    told = any(any_of("frames", "modal").search(text[item.start : item.piece.end]) for item in judged)
    if told:
        return False
    tells = told_of[0].verdict.narrated and not any_of("frames", "hands_over").search(first)
    announces = judged[-1].verdict.narrated and any_of("facts", "announcement").match(
        text[judged[-1].start : judged[-1].piece.end]
    )
    praises = any(any_of("facts", "predicate").match(text[item.start : item.piece.end]) for item in judged)
    return tells or praises or bool(announces) or any_of("facts", "retrospect").search(first) is not None


def _assembled(judged: Sequence[Judged], text: str, commanded: bool) -> list[Group]:
    groups: list[Group] = []
    waiting: list[Judged] = []
    if _looks_back(judged, text):
        return [Group(list(judged), FACT)]
    for item in judged:
        kind = item.verdict.kind
        piece = text[item.start : item.piece.end]
        if groups and any_of("facts", "predicate").match(piece) and not groups[-1].pieces[-1].verdict.fresh:
            groups[-1].kind = FACT
            groups[-1].pieces.append(item)
            continue
        if kind == OPEN:
            waiting.append(item)
        elif groups and not waiting and _goes_with(item, groups[-1]):
            groups[-1].pieces.append(item)
        else:
            groups.append(Group([*waiting, item], PRINCIPLE if kind == AIM else kind))
            waiting = []
    if waiting and groups and waiting[0].piece.part == groups[-1].pieces[-1].piece.part:
        groups[-1].pieces.extend(waiting)
    elif waiting:
        groups.append(Group(waiting, _kind_of_open(waiting, commanded)))
    groups = [part for group in groups for part in _without_long_aim(group)]
    for group in groups:
        event = _answers_event(group, text)
        if (event and group.kind in (PRINCIPLE, DECISION)) or (
            group.kind == PRINCIPLE and _acts_on_what_opens(group)
        ):
            group.kind = DUTY
    return groups


def _without_long_aim(group: Group) -> list[Group]:
    """The task alone, its aims apart when they are much longer: then they are an exhortation of their own."""
    acts = next((i for i, item in enumerate(group.pieces) if item.verdict.kind == AIM), len(group.pieces))
    aims = group.pieces[acts:]
    tail = all(item.verdict.kind == AIM for item in aims) and (
        all(item.verdict.task <= item.verdict.principle for item in aims)
        or sum(item.verdict.task - item.verdict.principle for item in aims) < 0
    )
    if group.kind not in TASKS or not aims or not acts or not tail:
        return [group]
    exhorts = any(item.verdict.principle for item in aims)
    longest = (1 if exhorts else LONGEST_AIM) * (group.pieces[acts - 1].piece.end - group.start)
    if aims[-1].piece.end - aims[0].piece.start <= longest:
        return [group]
    return [Group(group.pieces[:acts], group.kind), Group(aims, PRINCIPLE)]


def _acts_on_what_opens(group: Group) -> bool:
    """Whether an order without a thing of its own follows a frame that names one (对货运人员，要加强管理)."""
    order = next((item.verdict for item in group.pieces if item.verdict.kind not in (OPEN, AIM)), None)
    opening = group.pieces[0].verdict
    names_a_thing = opening.kind == OPEN and any(reason.startswith("topic:") for reason in opening.why)
    return names_a_thing and order is not None and order.ordered and order.principle == 0


def _answers_event(group: Group, text: str) -> bool:
    """Whether the clause opens with an event (一旦…) and says what is then done, without an exhortation."""
    opening = group.pieces[0]
    event = any_of("details", "event").match(text[opening.start : opening.piece.end])
    rest = [item.verdict for item in group.pieces[1:]]
    return bool(event and rest) and not any(verdict.principle for verdict in rest if verdict.kind != AIM)


def _kind_of_open(waiting: Sequence[Judged], commanded: bool) -> str:
    """What nobody is told to do is told as a fact, unless it exhorts.

    With an unknown verb after "the meeting asked" several concrete things make it a duty, of low confidence.
    """
    concrete = max(item.verdict.task for item in waiting) >= LEAST_CONCRETE
    if commanded and concrete and not any(item.verdict.principle for item in waiting):
        return DUTY
    if commanded and not any(
        reason.startswith("situation:") for item in waiting for reason in item.verdict.why
    ):
        return PRINCIPLE
    return FACT if all(not item.verdict.principle for item in waiting) else PRINCIPLE


def _goes_with(item: Judged, group: Group) -> bool:
    verdict = item.verdict
    if verdict.kind == AIM:
        return group.kind != FACT
    if verdict.fresh or (group.kind in TASKS and item.piece.part != group.pieces[-1].piece.part):
        return False
    if verdict.kind == FACT:
        return group.kind == FACT
    if verdict.kind == PRINCIPLE and group.kind == FACT:
        return not verdict.ordered
    if verdict.kind == PRINCIPLE:
        return group.kind == PRINCIPLE or (
            group.kind in TASKS
            and item.piece.end - item.piece.start <= LONGEST_MANNER
            and verdict.principle == 0
        )
    return False


def _give_owners(groups: Sequence[Group], text: str) -> None:
    """Owners as stated, carried over the sentence (one who only leads: to the end of the semicolon part)."""
    main: str | None = None
    local: tuple[str, int] | None = None
    bracket = assigned(text[groups[0].start : groups[-1].end]) if groups else None
    for group in groups:
        if group.kind == FACT:
            main = local = None
            continue
        clause = text[group.start : group.end]
        named = next((item.subject for item in group.pieces if item.subject), None)
        part = group.pieces[0].piece.part
        if named is None and len(group.pieces) > 1:
            first = text[group.pieces[0].start : group.pieces[0].piece.end]
            second = text[group.pieces[1].start : group.pieces[1].piece.end]
            orders = group.pieces[1].verdict.fresh or order_begins().match(second)
            if orders and addressed(first):
                named = Subject(first, len(first), False, True)
        if bracket and not named:
            group.owner = Owner(bracket, STATED, level(bracket))
        elif named:
            if named.body:
                group.owner = Owner(named.name, STATED, level(named.name))
                if named.leads:
                    local = (named.name, part)
                elif part == groups[0].pieces[0].piece.part:
                    main, local = named.name, None
                else:
                    local = (named.name, part)
            else:
                main = local = None
                task = group.kind in TASKS and not suspect(named.name)
                group.owner = proposal(clause) if task else None
        elif carried := local[0] if local and local[1] == part else main:
            channel = any_of("frames", "citizen", "citizen_channel").search(clause)
            group.owner = proposal(clause) if channel else Owner(carried, CARRIED_OVER, level(carried))
        elif responsible := _responsible(clause):
            group.owner, local = responsible, (responsible.name, part)
        elif group.kind in TASKS:
            group.owner = proposal(clause)


def _responsible(clause: str) -> Owner | None:
    """The one whose own responsibility the clause names (落实企业主体责任)."""
    match = any_of("owners", "responsible").search(clause)
    if not match or not is_body(match["name"]):
        return None
    return Owner(match["name"], STATED, level(match["name"]))


def cut_off(reading: Repaired, start: int, end: int) -> bool:
    """Whether the file breaks off at the end of ``text[start:end]``."""
    _, last = reading.source_span(start, end)
    near = bisect_left(reading.marks, (last - LONGEST_MARK - 4,))
    for first, after, code in islice(reading.marks, near, None):
        if first > last:
            return False
        if code == TRUNCATED and last - 1 <= after <= last + 3:
            return True
    return False
