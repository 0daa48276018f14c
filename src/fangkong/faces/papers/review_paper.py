"""A review on paper, and its timeline in words: what happened when, since when it was known, against which limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.command.models import Gap, Review
from fangkong.command.office_clocks import OFFICE
from fangkong.command.reviews.steps import Limit, Step
from fangkong.faces.words import catalogue, formats
from fangkong.faces.words.catalogue import has_word, word
from fangkong.record.installation import installation

from .order_notice import TEMPLATE
from .order_phrases import rule_lines
from .pdf import typeset
from .word_file import filled, template_of

NAME = "review"

#: How the office's own limits are named in a record.


@dataclass(frozen=True)
class LimitLine:
    """One limit in words: what it asks until when, its state as a code, how it went, and where it comes from."""

    text: str
    state: str
    went: str
    source: str


@dataclass(frozen=True)
class StepLine:
    """One step in words; ``happened`` says so when the record has nothing of it."""

    code: str
    label: str
    happened: str
    known: str
    took: str
    recorded: bool
    missed: bool
    limits: tuple[LimitLine, ...] = ()
    remarks: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class ReviewNames:
    """What the paper calls the subject, the area, and whoever leads and closes."""

    subject: str
    area: str = ""
    closed_by: str = ""
    areas: Mapping[str, str] = field(default_factory=dict)


def step_lines(
    steps: Sequence[Step], remarks: Sequence[Mapping[str, str]], lang: str | None
) -> list[StepLine]:
    """The steps in the words of ``lang``, each with the remarks that were made about it."""
    told = _Told(catalogue.language(lang))
    return [told.step(step, remarks) for step in steps]


def review_pdf(
    review: Review, steps: Sequence[Step], gaps: Sequence[Gap], names: ReviewNames, lang: str
) -> bytes:
    """The review as PDF in ``lang``, dated by its own day; the same facts give the same bytes.

    Raises FangkongError ``papers.no_cjk_font`` without a font for Chinese.
    """
    on = (review.closed_at or review.opened_at).astimezone(installation().zone).date()
    return typeset(TEMPLATE, review_view(review, steps, gaps, names, lang), on)


def review_docx(
    review: Review, steps: Sequence[Step], gaps: Sequence[Gap], names: ReviewNames, lang: str
) -> bytes:
    """The review as a Word file in the office's own ``review.<lang>.docx``, else the shipped one.

    Raises InputError ``papers.template_unreadable``.
    """
    return filled(template_of(NAME, lang), review_view(review, steps, gaps, names, lang))


def review_view(
    review: Review, steps: Sequence[Step], gaps: Sequence[Gap], names: ReviewNames, lang: str
) -> dict[str, Any]:
    """The page model, of the same form as a notice: ``title``, ``meta``, ``to``, ``sections``, ``sign``, ``foot``."""
    return _Paper(review, names, catalogue.language(lang)).whole(steps, gaps)


class _Told:
    """Steps and limits in one language."""

    def __init__(self, lang: str) -> None:
        self.lang, self.zone = lang, installation().zone

    def word(self, code: str, **params: object) -> str:
        return word(code, self.lang, **params)

    def moment(self, at: datetime) -> str:
        return formats.moment(at.astimezone(self.zone), self.lang)

    def day(self, day: date) -> str:
        return formats.day(day, self.lang)

    def length(self, took: timedelta, *, in_days: bool = False) -> str:
        """A length of time in the two largest units that matter."""
        minutes = round(abs(took).total_seconds() / 60)
        days, hours = divmod(minutes // 60, 24)
        if in_days:
            return self.word("review.length.days", n=abs(took.days))
        if days:
            text = self.word("review.length.days", n=days)
            return f"{text} {self.word('review.length.hours', n=hours)}" if hours else text
        if hours:
            text = self.word("review.length.hours", n=hours)
            left = minutes % 60
            return f"{text} {self.word('review.length.minutes', n=left)}" if left else text
        return self.word("review.length.minutes", n=minutes)

    def step(self, step: Step, remarks: Sequence[Mapping[str, str]]) -> StepLine:
        took = ""
        if step.took is not None:
            way = "after" if step.took >= timedelta(0) else "before"
            took = self.word(f"review.took.{way}", length=self.length(step.took, in_days=step.took_in_days))
        about = [
            {"words": each["words"], "role": self.word(f"role.{each['role']}")}
            for each in remarks
            if each["step"] == step.code and has_word(f"role.{each['role']}")
        ]
        return StepLine(
            code=step.code,
            label=step.title or self.word(f"review.step.{step.code}"),
            happened=self._happened(step),
            known=self.moment(step.known_from) if step.known_from else "",
            took=took,
            recorded=step.recorded,
            missed=step.missed,
            limits=tuple(self._limit(limit) for limit in step.limits),
            remarks=tuple(about),
        )

    def _happened(self, step: Step) -> str:
        if not step.recorded:
            # Of many that were asked for none is done yet: that is known, and said as a count.
            if step.of:
                return self.word("review.count_of", n=step.n or 0, of=step.of)
            return self.word("review.not_recorded")
        if step.at is not None:
            last = step.until if step.until and step.until != step.at else None
            text = self._from_to(self.moment(step.at), self.moment(last) if last else "")
        elif step.on is not None:
            last_on = step.until_on if step.until_on and step.until_on != step.on else None
            text = self._from_to(self.day(step.on), self.day(last_on) if last_on else "")
        else:
            text = ""
        if step.of:
            count = self.word("review.count_of", n=step.n or 0, of=step.of)
        elif step.n:
            count = self.word("review.count", n=step.n)
        else:
            return text
        return f"{count}{self.word('review.comma')}{text}" if text else count

    def _from_to(self, first: str, last: str) -> str:
        return self.word("review.from_to", first=first, last=last) if last else first

    def _limit(self, limit: Limit) -> LimitLine:
        code = f"timer.clock.{limit.clock.partition(':')[0]}"
        name = self.word(code) if limit.clock and has_word(code) else self.word("review.limit.task")
        text = self.word("review.limit.until", name=name, at=self.moment(limit.due_at))
        many = limit.kept + limit.missed + limit.running > 1
        if many:
            went = self.word(
                "review.limit.counted", kept=limit.kept, missed=limit.missed, running=limit.running
            )
        elif limit.late_by is not None:
            went = self.word("review.limit.late_by", length=self.length(limit.late_by))
        else:
            went = self.word(f"review.limit.{limit.state}")
        return LimitLine(text, limit.state, went, self._source(limit))

    def _source(self, limit: Limit) -> str:
        if not limit.rule_row:
            return ""
        if limit.rule_row.startswith(OFFICE):
            return self.word("review.limit.office")
        return " ".join(line.title or line.note for line in rule_lines([limit.rule_row], self.lang))


class _Paper:
    """Builds one paper in one language."""

    def __init__(self, review: Review, names: ReviewNames, lang: str) -> None:
        self.of, self.names, self.lang, self.told = review, names, lang, _Told(lang)

    def word(self, code: str, **params: object) -> str:
        return word(code, self.lang, **params)

    def whole(self, steps: Sequence[Step], gaps: Sequence[Gap]) -> dict[str, Any]:
        of, moment = self.of, self.told.moment
        closed = moment(of.closed_at) if of.closed_at else self.word("review.paper.not_closed")
        whole = [f"{each['words']}（{self._role(each['role'])}）" for each in of.remarks if not each["step"]]
        if self.lang == "en":
            whole = [line.replace("（", " (").replace("）", ")") for line in whole]
        causes = [
            f"{self.word('review.cause.' + each['code'])}{self.word('frame.colon')}{each['words']}"
            for each in of.causes
        ]
        sections = [
            self._text("not_discipline", [self.word("review.not_discipline")]),
            self._timeline(step_lines(steps, of.remarks, self.lang)),
            self._text("remarks", whole),
            self._text("causes", causes),
            self._text("no_gap", [of.no_gap_because]),
            self._gaps(gaps),
        ]
        return {
            "lang": self.lang,
            "title": self.word("review.paper.title", subject=self.names.subject),
            "meta": [self.names.area, self.word(f"review.state.{of.state}"), closed],
            "to": [
                self._line("review.opened", moment(of.opened_at)),
                self._line("review.due", moment(of.due_at)),
            ],
            "sections": [part for part in sections if part.get("paragraphs") or part.get("rows")],
            "sign": [
                {"label": self.word("review.paper.office"), "value": self.names.area},
                {"label": self.word("review.paper.closed_by"), "value": self.names.closed_by},
                {"label": self.word("review.paper.day"), "value": closed if of.closed_at else ""},
            ],
            "served_title": self.word("review.paper.present"),
            "served": [self.word(f"review.paper.present.{part}") for part in ("post", "sign", "at")],
            "foot": {
                "text": self.word("review.paper.foot", subject=self.names.subject),
                "page": catalogue.text("papers.page", self.lang),
            },
        }

    def _role(self, role: str) -> str:
        return self.word(f"role.{role}") if has_word(f"role.{role}") else role

    def _line(self, code: str, value: str) -> dict[str, Any]:
        return {"label": self.word(code), "value": value, "blank": False, "note": ""}

    def _text(self, head: str, paragraphs: Sequence[str]) -> dict[str, Any]:
        shown = [paragraph for paragraph in paragraphs if paragraph.strip()]
        return {"title": self.word(f"review.head.{head}"), "kind": "text", "paragraphs": shown}

    def _timeline(self, lines: Sequence[StepLine]) -> dict[str, Any]:
        head = [self.word(f"review.column.{name}") for name in ("step", "happened", "known", "limit")]
        rows = []
        for line in lines:
            limits = "\n".join(
                f"{limit.text}{self.word('review.comma')}{limit.went}" for limit in line.limits
            )
            said = "\n".join(each["words"] for each in line.remarks)
            happened = "\n".join(part for part in (line.happened, line.took, said) if part)
            rows.append([line.label, happened, line.known, limits])
        return {"title": self.word("review.head.timeline"), "kind": "stages", "head": head, "rows": rows}

    def _gaps(self, gaps: Sequence[Gap]) -> dict[str, Any]:
        head = [self.word(f"gap.column.{name}") for name in ("title", "owner", "due", "state")]
        rows = [
            [
                gap.title,
                self._role(gap.owner_role),
                self.told.moment(gap.due_at),
                self.word(f"gap.state.{gap.state}"),
            ]
            for gap in gaps
        ]
        return {"title": self.word("review.head.gaps"), "kind": "stages", "head": head, "rows": rows}
