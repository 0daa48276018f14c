"""Citizens' concerns: entered or pasted without names, merged where they are one matter, answered with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fangkong.core.clock import FAR_FUTURE, civil_day
from fangkong.core.errors import InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.load import fact_of, load, revise
from fangkong.record.locking import lock_name, locked

from ..models import Concern
from ..office_clocks import office_clock
from ..timers.life import meet_all
from ..timers.office import office_timer_cancel, office_timer_start
from .comments import is_rude, read_comments, theme_of
from .references import reference_get
from .rows import (
    ANSWER,
    ANSWERED,
    CONCERN_CLOCK,
    MERGED,
    OPEN,
    OUTSIDE,
    WRITE,
    channels,
    held,
    need_state,
    tell,
    themes,
    without_numbers,
    words_of,
    write_new,
)

#: What may answer a concern.
ANSWERS = ("clause", "directive", "duty", "plan")

#: Comments taken from one paste.
MOST_COMMENTS = 500

_UNKNOWN = "concern.unknown"


@dataclass(frozen=True)
class Pasted:
    """What a pasted list came to: new concerns, those known already, those whose votes changed, lines left out."""

    new: int
    known: int
    votes_changed: int
    left_out: int


def concern_enter(
    words: str,
    *,
    channel: str,
    area_code: str,
    voiced_on: date,
    theme: str = "",
    votes: int = 0,
    rude: bool | None = None,
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the concern, entered once: the same words by the same way on the same day give the same concern.

    The theme and whether it is rude come from its words where nobody says. Who voiced it is not stored, and
    numbers that could lead to them are taken out. Raises Forbidden without ``listening.write`` in the area;
    InputError ``listening.words_needed``, ``concern.unknown_channel``, ``concern.unknown_theme`` or
    ``concern.voiced_later``.
    """
    actor.require(WRITE, area_code)
    _check(channel, theme, voiced_on, at)
    kept = words_of(words)
    row = _row(kept, channel, area_code, voiced_on, votes, actor, nth=0)
    row |= {"theme": theme or theme_of(kept), "rude": is_rude(kept) if rude is None else rude}
    with audit.writing():
        if write_new(Concern, row, "concern.enter", actor=actor, at=at):
            _start([row["key"]], area_code, actor, at)
    return str(row["key"])


def concerns_paste(
    text: str, *, channel: str, area_code: str, voiced_on: date, actor: Actor, at: datetime
) -> Pasted:
    """What came of a pasted list of comments, read in one act and one bulk write.

    One line is one comment; "+3" and the like are its votes. The same list again adds nothing; with other votes
    it only changes the votes of what is still open. Raises as :func:`concern_enter`, InputError
    ``concern.no_comments`` for a text without any and ``concern.too_many`` past the most in one act.
    """
    actor.require(WRITE, area_code)
    _check(channel, "", voiced_on, at)
    read = read_comments(text)
    if not read.found:
        raise InputError("concern.no_comments")
    if len(read.found) > MOST_COMMENTS:
        raise InputError("concern.too_many", n=len(read.found), most=MOST_COMMENTS)
    seen: dict[str, int] = {}
    rows: dict[str, dict[str, Any]] = {}
    for comment in read.found:
        kept = words_of(comment.words)
        nth = seen.get(kept, 0)
        seen[kept] = nth + 1
        row = _row(kept, channel, area_code, voiced_on, comment.votes, actor, nth=nth)
        rows[row["key"]] = row | {"theme": comment.theme, "rude": comment.rude}
    with audit.writing():
        lock_name("concerns", area_code, channel, voiced_on.isoformat())
        known = {each.key: each for each in Concern.objects.open().filter(key__in=rows)}
        new = [row for key, row in rows.items() if key not in known]
        changed = [
            fact_of(each) | {"votes": rows[key]["votes"]}
            for key, each in known.items()
            if each.state in (OPEN, MERGED) and each.votes != rows[key]["votes"]
        ]
        if new or changed:
            load(Concern, [*new, *changed], actor=actor.key, source_key=actor.key, known_from=at)
            audit.note(
                actor=actor.key,
                verb="concern.paste",
                object_kind="concern",
                object_key=(new or changed)[0]["key"],
                area_code=area_code,
                values=[len(new), len(changed)],
            )
            _start([row["key"] for row in new], area_code, actor, at)
    return Pasted(len(new), len(known), len(changed), read.left_out)


def concerns_merge(keys: Sequence[str], into_key: str, *, actor: Actor, at: datetime) -> int:
    """How many of ``keys`` are now told to be the same matter as ``into_key``, where their votes are summed.

    What had been merged into one of them goes along. Raises NotFound ``concern.unknown``, Forbidden without
    ``listening.write`` in an area, Conflict ``concern.wrong_state`` for one that is not open, InputError
    ``concern.nothing_to_merge``.
    """
    with audit.writing():
        into = held(Concern, into_key, _UNKNOWN, actor, WRITE)
        need_state(into, OPEN)
        others = _open_ones([key for key in keys if key != into_key], actor)
        if not others:
            raise InputError("concern.nothing_to_merge")
        for each in others:
            actor.require(WRITE, each.area_code)
            if each.state == MERGED and each.same_as_key == into_key:
                continue
            need_state(each, OPEN)
        moved = [each for each in others if each.state == OPEN]
        under = Concern.objects.open().filter(same_as_key__in=[each.key for each in moved])
        rows = [fact_of(each) | {"state": MERGED, "same_as_key": into_key} for each in [*moved, *under]]
        load(Concern, rows, actor=actor.key, source_key=actor.key, known_from=at)
        for each in moved:
            audit.note(
                actor=actor.key,
                verb="concern.merge",
                object_kind="concern",
                object_key=each.key,
                area_code=each.area_code,
                values={"same_as_key": into_key},
            )
        office_timer_cancel(CONCERN_CLOCK, [each.key for each in moved], actor=actor, at=at)
    return len(moved)


def concern_split(key: str, *, actor: Actor, at: datetime) -> None:
    """The concern is a matter of its own after all: open again, until the office's limit from now.

    Raises NotFound ``concern.unknown``, Forbidden without ``listening.write``, Conflict ``concern.wrong_state``.
    """
    with audit.writing():
        concern = held(Concern, key, _UNKNOWN, actor, WRITE)
        need_state(concern, MERGED)
        revise(concern, at=at, actor=actor.key, verb="concern.split", state=OPEN, same_as_key="")


def concern_sort(key: str, *, theme: str, rude: bool, actor: Actor, at: datetime) -> None:
    """The concern has another theme, or is rude or not. Raises as :func:`concern_split` and :func:`concern_enter`."""
    if theme not in themes():
        raise InputError("concern.unknown_theme", given=theme[:40])
    with audit.writing():
        concern = held(Concern, key, _UNKNOWN, actor, WRITE)
        if (concern.theme, concern.rude) != (theme, rude):
            revise(concern, at=at, actor=actor.key, verb="concern.sort", theme=theme, rude=rude)


def concern_answer(
    key: str,
    *,
    answer: str = "",
    answered_in_kind: str = "",
    answered_in_key: str = "",
    changed: str = "",
    meeting_key: str = "",
    actor: Actor,
    at: datetime,
) -> None:
    """The concern is answered by a clause, directive, duty or plan, or with the reason why nothing was decided.

    ``changed`` says what changed for citizens, in words that can be published; it stands with the meeting that
    the decision came of. Raises NotFound ``concern.unknown``, Forbidden without ``concern.answer`` in its area,
    Conflict ``concern.wrong_state``, InputError ``concern.reason_needed`` without either,
    ``concern.changed_by_what`` for a change without a decision, ``listening.unknown_reference``.
    """
    why, new = without_numbers(answer.strip()), without_numbers(changed.strip())
    named = bool(answered_in_kind or answered_in_key)
    if not (named or why):
        raise InputError("concern.reason_needed")
    if new and not named:
        raise InputError("concern.changed_by_what")
    with audit.writing():
        concern = held(Concern, key, _UNKNOWN, actor, ANSWER)
        need_state(concern, OPEN)
        meeting = meeting_key
        if named:
            found = reference_get(answered_in_kind, answered_in_key, ANSWERS, actor=actor, at=at)
            meeting = meeting_key or found.meeting_key
        revise(
            concern,
            at=at,
            actor=actor.key,
            verb="concern.answer",
            state=ANSWERED,
            answer=why,
            answered_by=actor.key,
            answered_in_kind=answered_in_kind,
            answered_in_key=answered_in_key,
            changed=new,
            meeting_key=meeting,
        )
        meet_all([CONCERN_CLOCK], key, actor=actor, at=at)
        tell("concern.answered", concern, at, answered_in=answered_in_key, meeting_key=meeting)


def concern_set_outside(key: str, reason: str, *, actor: Actor, at: datetime) -> None:
    """The concern is not for this office: the reason says where it went. Raises as :func:`concern_answer`."""
    why = without_numbers(reason.strip())
    if not why:
        raise InputError("concern.reason_needed")
    with audit.writing():
        concern = held(Concern, key, _UNKNOWN, actor, ANSWER)
        need_state(concern, OPEN)
        changes = {"state": OUTSIDE, "answer": why, "answered_by": actor.key}
        revise(concern, at=at, actor=actor.key, verb="concern.set_outside", **changes)
        meet_all([CONCERN_CLOCK], key, actor=actor, at=at)


def _open_ones(keys: Iterable[str], actor: Actor) -> list[Concern]:
    wanted = sorted(set(keys))
    rows = Concern.objects.filter(key__in=wanted, known_to=FAR_FUTURE)
    found = locked(visible(rows, actor).order_by("key"))
    if missing := set(wanted) - {each.key for each in found}:
        raise NotFound(_UNKNOWN, key=min(missing))
    return found


def _check(channel: str, theme: str, voiced_on: date, at: datetime) -> None:
    if channel not in channels():
        raise InputError("concern.unknown_channel", given=channel[:24])
    if theme and theme not in themes():
        raise InputError("concern.unknown_theme", given=theme[:40])
    if voiced_on > civil_day(at, installation().zone):
        raise InputError("concern.voiced_later")


def _row(
    words: str, channel: str, area_code: str, voiced_on: date, votes: int, actor: Actor, *, nth: int
) -> dict[str, Any]:
    # Votes are no part of the key: the same comment seen again has more of them.
    return {
        "key": stable_key("concern", area_code, channel, voiced_on, words, nth),
        "words": words,
        "channel": channel,
        "area_code": area_code,
        "voiced_on": voiced_on,
        "votes": votes,
        "entered_by": actor.key,
        "state": OPEN,
    }


def _start(keys: list[str], area_code: str, actor: Actor, at: datetime) -> None:
    clock = office_clock(CONCERN_CLOCK)
    office_timer_start(clock, dict.fromkeys(keys, area_code), subject_kind="concern", actor=actor, at=at)
