"""What the rows say for one role on one day, part by part, before any date is computed.

The planner's readable half: it asks the resolver key by key. ``reference.py`` lays a reading out on the
calendar one person at a time, ``kernel.py`` for millions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from fangkong.core.errors import InputError
from fangkong.science.rules.answers import Answer, Conflict, InForce, NoRuleInForce, NotInPack, Question
from fangkong.science.rules.packs import KeyRule
from fangkong.science.rules.roles import Role, role_table
from fangkong.science.rules.transitions import decided_by_event_day

Silence = NoRuleInForce | NotInPack | Conflict

#: Which silence calls loudest for a person: rows at odds, then the packs' silence, then the law's.
_LOUDEST = (Conflict, NotInPack, NoRuleInForce)


class Book(Protocol):
    """What a reading needs of a rule book."""

    keys: dict[str, KeyRule]

    def resolve(
        self, key: str, *, on: date | str, disease: str, area: str, scope: Mapping[str, Any] | None
    ) -> Answer:
        """The answer for ``key`` (see :meth:`RuleBook.resolve`)."""
        ...


@dataclass(slots=True)
class Reading:
    """The parts that rows decide, and those that none does (with: was the event's day asked about).

    ``stages`` is the value that the stages are made of; empty where the rules ask for none.
    """

    role: Role
    decided: dict[str, InForce]
    unanswered: tuple[tuple[Silence, bool], ...] = ()
    stages: Any = ()
    _unplaced: tuple[tuple[str, int], ...] | None = field(default=None, repr=False)

    def value(self, part: str, default: Any) -> Any:
        """The value of the row that gives ``part``."""
        answer = self.decided.get(part)
        return default if answer is None else answer.value

    def event_of(self, situation: Mapping[str, Any]) -> date | None:
        """The first day-0 date of ``situation`` that is known."""
        for name in self.role.day0:
            day = situation.get(name)
            if day is not None:
                return day if type(day) is date else date.fromisoformat(day)
        return None

    @property
    def unplaced_tests(self) -> tuple[tuple[str, int], ...]:
        """Test days for a place or a day that no stage has."""
        if self._unplaced is None:
            tests = self.value("test_days", None) or {}
            pending = {(place, day) for place, days in tests.items() for day in days}
            if self.role.form == "stages":
                for stage in self.stages:
                    pending -= {(stage["place"], day) for day in range(1, stage["days"] + 1)}
            self._unplaced = tuple(sorted(pending)) if self.stages else ()
        return self._unplaced

    @property
    def anchor_fields(self) -> tuple[str, ...]:
        """The dates of the situation that the stages count from, the first that is given; () for none.

        Raises InputError ``rules.day0_other_event`` when a row counts from an event that no date tells.
        """
        event, answer = self._anchor()
        if answer is None:
            return self.role.day0 if self.role.form != "isolation" else ()
        field_name = role_table().events.get(event)
        if field_name is None:
            raise InputError("rules.day0_other_event", event=event, rule_row=answer.rule_row)
        return (field_name,)

    def _anchor(self) -> tuple[str, InForce | None]:
        part = {"window": "stages", "isolation": "until"}.get(self.role.form, "day0")
        answer = self.decided.get(part)
        if answer is None:
            return "", None
        event = answer.value if part == "day0" else answer.value.get("anchor")
        return (str(event), answer) if event else ("", None)

    def day0_of(self, dates: Mapping[str, date | None], fields: tuple[str, ...]) -> date | None:
        """The day that the stages count from; None where it is known to be unknown and an isolation can wait.

        Raises InputError ``rules.situation_date_needed`` with the ``field`` to give.
        """
        for name in fields:
            day = dates.get(name)
            if day is not None:
                return day
        if not fields or (self.role.form == "isolation" and fields[0] in dates):
            return None
        event, answer = self._anchor()
        because = {"event": event, "rule_row": answer.rule_row} if answer else {}
        raise InputError("rules.situation_date_needed", field=fields[0], role=self.role.name, **because)


@dataclass(frozen=True, slots=True)
class Read:
    """A reading or a silence, and whether the day of the event counts (for any part, for this silence)."""

    result: Reading | Silence
    by_event: bool
    silence_by_event: bool = False


@dataclass(slots=True)
class _Asker:
    book: Book
    disease: str
    area: str
    scope: Mapping[str, Any]
    on: date
    event_on: date | None
    by_event: set[str] = field(default_factory=set)

    def ask(self, key: str) -> Answer:
        """The answer on ``key``: of the day asked about, or of the event's day where the row says so."""
        if key not in self.book.keys:
            asked = Question(key, self.on, self.disease, self.area, tuple(sorted(self.scope.items())))
            return NotInPack(asked, (), None, None, (), None)
        answer = self._resolve(key, self.on)
        if isinstance(answer, InForce) and decided_by_event_day(answer.row):
            self.by_event.add(key)
            if self.event_on is not None:
                return self._resolve(key, self.event_on)
        return answer

    def _resolve(self, key: str, on: date) -> Answer:
        return self.book.resolve(key, on=on, disease=self.disease, area=self.area, scope=self.scope)

    def silent(self, answer: Answer) -> tuple[Silence, bool]:
        """``answer`` as a part without a row."""
        assert not isinstance(answer, InForce)
        return answer, answer.asked.key in self.by_event and self.event_on is not None


def read(
    book: Book,
    role: Role,
    *,
    disease: str,
    area: str,
    scope: Mapping[str, Any],
    on: date,
    event_on: date | None,
) -> Read:
    """The parts of a plan for ``role`` under the rules of the civil day ``on``.

    ``event_on`` is the day of the event (None when unknown): rows whose transition says so are those of that
    day. Returns a silence in place of the reading when no single row decides the stages.
    """
    asker = _Asker(book, disease, area, scope, on, event_on)
    result = _isolation(asker, role) if role.form == "isolation" else _counted(asker, role)
    if isinstance(result, Reading):
        return Read(result, bool(asker.by_event))
    return Read(result, bool(asker.by_event), asker.silent(result)[1])


def _counted(asker: _Asker, role: Role) -> Reading | Silence:
    stages = asker.ask(role.stages)
    if role.unless in asker.book.keys:
        determined = asker.ask(role.unless)
        if isinstance(determined, InForce) and determined.value is False:
            if isinstance(stages, InForce) and stages.value:
                return Conflict(stages.asked, (determined.row, stages.row))
            uses = {"determine": determined}
            if isinstance(stages, InForce):
                uses["stages"] = stages
            return Reading(role, uses)
    if not isinstance(stages, InForce):
        if role.otherwise in asker.book.keys:
            asked = asker.ask(role.otherwise)
            if isinstance(asked, InForce) and asked.value is False:
                return Reading(role, {"quarantine": asked})
        return stages
    _must_be_usable(role, stages)
    decided: dict[str, InForce] = {}
    unanswered: list[tuple[Silence, bool]] = []
    for part, key in (("day0", role.parts.get("day0")), ("stages", role.stages), *role.parts.items()):
        if part in decided or key not in asker.book.keys or (not stages.value and part != "stages"):
            continue
        answer = stages if part == "stages" else asker.ask(key)
        if isinstance(answer, InForce):
            decided[part] = answer
        elif all(answer.asked.key != each.asked.key for each, _ in unanswered):
            unanswered.append(asker.silent(answer))
    _optional(asker, role, decided, unanswered)
    return Reading(role, decided, tuple(unanswered), stages.value)


def _optional(
    asker: _Asker, role: Role, decided: dict[str, InForce], unanswered: list[tuple[Silence, bool]]
) -> None:
    """The parts that a plan can do without, where a row gives them."""
    for part, key in role.optional.items():
        if key in asker.book.keys:
            answer = asker.ask(key)
            if isinstance(answer, InForce):
                decided[part] = answer
            elif isinstance(answer, Conflict):
                unanswered.append(asker.silent(answer))


def _isolation(asker: _Asker, role: Role) -> Reading | Silence:
    place, until, release = (asker.ask(key) for key in (role.place_key, role.until, role.release_rule))
    answers = {"place": place, "until": until, "release_rule": release}
    decided = {part: answer for part, answer in answers.items() if isinstance(answer, InForce)}
    if isinstance(release, InForce) and _asks_for_none(release.value):
        return Reading(role, {part: decided[part] for part in decided if part != "until"})
    if not decided:
        return loudest(release, until, place)
    for part in ("until", "release_rule"):
        if part in decided:
            _must_be_usable(role, decided[part])
    silent: list[Silence] = [each for each in (until, release, place) if isinstance(each, Conflict)]
    if not isinstance(place, InForce | Conflict):
        silent.append(place)
    if "until" not in decided and "release_rule" not in decided and not silent:
        silent.append(loudest(release, until))
    return Reading(role, decided, tuple(asker.silent(each) for each in silent), True)


def _asks_for_none(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("isolation") is False


def loudest(*answers: Answer) -> Silence:
    """The silence among ``answers`` that calls most for a person (at least one is no row)."""
    silent = [answer for answer in answers if not isinstance(answer, InForce)]
    return min(silent, key=lambda answer: _LOUDEST.index(type(answer)))


def _must_be_usable(role: Role, answer: InForce) -> None:
    value = answer.value
    usable = {"stages": _are_stages, "days": _is_count, "window": _is_window}.get(
        role.form, lambda each: isinstance(each, Mapping)
    )
    if not usable(value):
        raise InputError("rules.value_unusable", key=answer.key, rule_row=answer.rule_row, form=role.form)


def _is_count(value: Any) -> bool:
    return type(value) is int


def _are_stages(value: Iterable[Any]) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(each, Mapping) and "place" in each and _is_count(each.get("days")) for each in value
    )


def _is_window(value: Any) -> bool:
    return isinstance(value, Mapping) and _is_count(value.get("from_day")) and _is_count(value.get("to_day"))
