"""Receiving a bulletin: each sentence that bears a figure is a row of its receipt.

A sentence of which one part is read and another is not counts twice: as accepted for what was read and as held, with
the sentence quoted, for what was not. So no number of a bulletin is lost and none is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from fangkong.core.areas import level_of
from fangkong.core.clock import end_of_day
from fangkong.core.errors import InputError
from fangkong.core.keys import stable_key
from fangkong.record.access import Actor
from fangkong.record.installation import Installation
from fangkong.record.models import Area, DailyCount
from fangkong.science.bulletins import Bulletin, Held, bulletin_rows
from fangkong.science.tables.codes import issue
from fangkong.science.tables.parts import Issue

from .bulletin_recognition import BulletinRead
from .bulletins import choices, decide_bulletin, unstated_code
from .defects import Defect, held, rejected
from .facts import DecidedRow, Fact
from .issues_kept import gravest_first, issues_write
from .kept_files import file_keep
from .manifest import Manifest, row_id
from .mapping import AREAS_KNOWN_FROM
from .receipt_making import Arrival, Way
from .staged_files import FactWriter, StagedReceipt, folder_of, staged_writer

#: Under which name a receipt says that its file was read as a bulletin.
MAPPING = "bulletin"

#: How a receipt tells the second statement of a line from the first.
_STATEMENT = "§{}"


@dataclass
class _Statement:
    """A sentence that bears figures: what was read of it, and what was not."""

    start: int
    sentence: str
    facts: list[Fact] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    figures: int = 0
    defects: list[Defect] = field(default_factory=list)

    @property
    def is_read(self) -> bool:
        """Whether something of it was read."""
        return bool(self.facts) or self.figures > len(self.defects)


def bulletin_way(read: BulletinRead, arrival: Arrival) -> Way:
    """How the bulletin ``read`` from the file is received: a row for each sentence that bears a figure."""
    key = stable_key("receipt", arrival.sha256, MAPPING, arrival.known_at, arrival.scope)
    return Way(
        key,
        "mapping",
        read.area_code or arrival.place.area_code,
        lambda received_at: (_stage(read, arrival, key, received_at), MAPPING),
    )


def _stage(read: BulletinRead, arrival: Arrival, key: str, now: datetime) -> StagedReceipt:
    """The staged form of a bulletin, complete or not there at all: a kill leaves only a folder to sweep.

    Raises InputError ``intake.no_disease`` where the office has chosen none.
    """
    place, known_at = arrival.place, arrival.known_at
    if not place.disease:
        raise InputError("intake.no_disease", file=arrival.name, mapping=MAPPING, command="fangkong init")
    statements = _statements(read, place, arrival.actor, known_at)
    if known_at is None:
        _date_corrections(statements, now)
    with staged_writer(arrival.sha256, key) as writer:
        manifest = _write(statements, read, writer)
        manifest.known_at = (known_at or _last_known(statements) or now).isoformat()
        issues_write(writer.folder, gravest_first(_issues(read)))
        file_keep(arrival.path, writer.folder, key)
        writer.close(_missing_areas(read, statements), manifest)
    return StagedReceipt(folder_of(arrival.sha256, key), key)


def _statements(
    read: BulletinRead, place: Installation, actor: Actor, known_at: datetime | None
) -> list[_Statement]:
    """The statements of the text in their order."""
    found: dict[int, _Statement] = {}
    bulletin = read.bulletin
    starts = _starts(read)
    for start, sentence in starts.values():
        found.setdefault(start, _Statement(start, sentence)).figures += 1
    rows = bulletin_rows(bulletin)
    for number, decision in decide_bulletin(
        bulletin,
        area_code=read.area_code,
        disease=place.disease,
        series=choices()["series"],
        known=lambda day: known_at or end_of_day(max(day, bulletin.day or day), place.zone),
        unstated_code=unstated_code(read.area_code, set(read.areas)),
    ):
        statement = found[starts[rows[number - 1]["span"]][0]]
        _add(statement, _checked(decision, read, place, actor))
    for each in bulletin.held:
        start, sentence = _place(read.text, each.span, each.sentence)
        statement = found.setdefault(start, _Statement(start, sentence))
        statement.figures += 1
        statement.defects.append(_unread(each))
    return [found[start] for start in sorted(found)]


def _starts(read: BulletinRead) -> dict[tuple[int, int], tuple[int, str]]:
    """Place of each figure → (where its sentence begins, the sentence); of counted cases that of their total."""
    figures = read.bulletin.figures
    found = {
        each.span: _place(read.text, each.span, each.sentence) for each in figures if each.basis != "counted"
    }
    totals = {
        (each.day, each.measure, each.origin): found[each.span]
        for each in reversed(figures)
        if each.basis != "counted" and not each.area and not each.channel and not each.source
    }
    for each in figures:
        if each.basis == "counted":
            total = totals.get((each.day, each.measure, each.origin))
            found[each.span] = total or _place(read.text, each.span, each.sentence)
    return found


def _place(text: str, span: tuple[int, int], sentence: str) -> tuple[int, str]:
    """Where the sentence around ``span`` begins, and the sentence."""
    start = text.rfind(sentence, max(0, span[1] - len(sentence)), span[0] + len(sentence))
    return (start if start >= 0 else span[0]), sentence


def _checked(
    decision: DecidedRow | Defect, read: BulletinRead, place: Installation, actor: Actor
) -> DecidedRow | Defect:
    """The decision, or why it cannot stand: an area of somebody else, a day that has not been."""
    if isinstance(decision, Defect):
        return decision
    code = decision.area_codes[0]
    if code != read.area_code and code not in read.areas:
        return held("unknown_area", "area")
    if not actor.sees(code):
        return rejected("outside_your_area", "area")
    if decision.day is not None and decision.day > place.today():
        return held("future_date", "day")
    return decision


def _add(statement: _Statement, decision: DecidedRow | Defect) -> None:
    if isinstance(decision, Defect):
        decision.params.setdefault("sentence", statement.sentence)
        statement.defects.append(decision)
        return
    statement.facts += decision.facts
    statement.areas += decision.area_codes
    if decision.day is not None:
        statement.days.append(decision.day)


def _unread(each: Held) -> Defect:
    reason = choices()["held"].get(each.why, "bulletin_unread")
    return held(reason, "", sentence=each.sentence, why=each.why)


def _date_corrections(statements: Iterable[_Statement], now: datetime) -> None:
    """A figure that differs from what the record has since the same instant is a correction, known from ``now`` on.

    So no earlier day's report changes. A correction that is there already keeps its instant.
    """
    facts = [fact for statement in statements for fact in statement.facts]
    versions: dict[str, list[tuple[datetime, int]]] = {}
    rows = DailyCount.objects.filter(key__in={fact.key for fact in facts}).order_by("known_from")
    for key, known_from, value in rows.values_list("key", "known_from", "value"):
        versions.setdefault(key, []).append((known_from, value))

    def dated(fact: Fact) -> Fact:
        known = versions.get(fact.key, [])
        value = fact.values["value"]
        if all(since != fact.known_from or stored == value for since, stored in known):
            return fact
        last_since, last = known[-1]
        return replace(fact, known_from=last_since if last == value else max(now, last_since))

    for statement in statements:
        statement.facts = [dated(fact) for fact in statement.facts]


def _write(statements: Iterable[_Statement], read: BulletinRead, writer: FactWriter) -> Manifest:
    """Stage every statement: its facts under one row, what was not read under another."""
    manifest = Manifest(back_fill=True)
    on_line: dict[int, int] = {}
    said: set[tuple[str, str]] = set()
    days: list[date] = []

    def identifier(statement: _Statement) -> int:
        line = read.text.count("\n", 0, statement.start) + 1
        on_line[line] = on_line.get(line, -1) + 1
        return row_id(on_line[line], line)

    for statement in statements:
        if statement.is_read:
            row = identifier(statement)
            manifest.rows, manifest.accepted = manifest.rows + 1, manifest.accepted + 1
            fresh = [fact for fact in statement.facts if (fact.model, fact.key) not in said]
            said |= {(fact.model, fact.key) for fact in fresh}
            days += statement.days
            if fresh:
                writer.row(DecidedRow(row, fresh, (row,), statement.areas))
        if statement.defects:
            defect = _gravest(statement.defects)
            manifest.rows += 1
            if defect.outcome == "held":
                manifest.held += 1
            else:
                manifest.rejected += 1
            writer.defect(identifier(statement), defect)
    most = max(on_line.values(), default=0)
    manifest.sheets = ("", *(_STATEMENT.format(number + 1) for number in range(1, most + 1))) if most else ()
    manifest.facts = writer.facts
    if days:
        manifest.first_day, manifest.last_day = min(days).isoformat(), max(days).isoformat()
    return manifest


def _gravest(defects: list[Defect]) -> Defect:
    """The reason that stands for a statement: one that another file may remove never hides one that stays."""
    return next((each for each in defects if each.reason.startswith(MAPPING)), defects[0])


def _last_known(statements: Iterable[_Statement]) -> datetime | None:
    return max((fact.known_from for each in statements for fact in each.facts), default=None)


def _issues(read: BulletinRead) -> Iterator[Issue]:
    """What the text says of itself that cannot be: sums that are not its totals; and a year that was taken."""
    bulletin: Bulletin = read.bulletin
    if not read.year_told:
        yield issue(None, "", "DATE_NO_YEAR", day=bulletin.day.isoformat() if bulletin.day else "")
    sentences = {figure.span: figure.sentence for figure in bulletin.figures}
    told: set[tuple[Any, ...]] = set()
    for check in bulletin.checks:
        place = (check.what, check.span, check.stated, check.summed)
        if check.agrees or check.what == "repeated" or place in told:
            continue
        told.add(place)
        line = read.text.count("\n", 0, check.span[0]) + 1
        yield issue(
            line,
            "",
            "TOTAL_DISAGREES",
            reason="bulletin_sum",
            what=check.what,
            stated=check.stated,
            summed=check.summed,
            sentence=sentences.get(check.span, ""),
        )


def _missing_areas(read: BulletinRead, statements: Iterable[_Statement]) -> list[Fact]:
    """The publisher's areas that the record lacks, where the bulletin brings any figure."""
    if not any(statement.facts for statement in statements):
        return []
    recorded = set(Area.objects.open().filter(key__in=list(read.areas)).values_list("key", flat=True))
    kept = ("name_zh", "name_en", "aliases", "population")
    return [
        Fact(
            "area",
            code,
            AREAS_KNOWN_FROM,
            {**{name: area[name] for name in kept if area.get(name)}, "level": level_of(code)},
        )
        for code, area in sorted(read.areas.items())
        if code not in recorded
    ]
