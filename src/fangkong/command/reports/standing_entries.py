"""How the office stands as entries of a paper: time limits kept, command, incidents, what people meet with."""

from __future__ import annotations

from typing import Any

from .entries import Entry, figure, refusal
from .settings import clocks_of, paper_setting, unreported
from .standing import Standing

#: The three targets of 7-1-7.
SEVEN_ONE_SEVEN = ("detected_in_time", "notified_in_time", "responded_in_time")

#: Why a figure is missing though somebody could report it.
NO_DESK, NONE_RECORDED = "no_desk_yet", "none_recorded"


def unreported_entries(block: str) -> list[Entry]:
    """The fields of ``block`` that no desk carries yet, each named."""
    return [refusal(code, NO_DESK) for code in unreported(block)]


def timeliness_entries(found: Standing) -> list[Entry]:
    """The share of each kind of time limit that was kept among those decided in the window, duties and targets.

    A limit that passed undone counts as not kept, marked already or not.
    """
    entries = [_limits(code, clocks, found) for code, clocks in clocks_of().items()]
    return [*entries, *unreported_entries("timeliness")]


def _limits(code: str, clocks: list[str], found: Standing) -> Entry:
    days = {"first_day": found.since.isoformat(), "last_day": found.on.isoformat()}
    counted = found.starting("limit:").items()
    mine = [counts for clock, counts in counted if clock.partition(":")[0] in clocks]
    decided, kept = sum(a for a, _, _ in mine), sum(b for _, b, _ in mine)
    if not decided:
        return refusal(code, "no_limit_decided", **days)
    return figure(code, kept, whole=decided, sources=["record.timer"], as_of=found.on, params=days)


def seven_one_seven_entry(found: Standing) -> Entry:
    """The three targets of 7-1-7 together: how many of those decided in the window were kept."""
    clocks = [clock for code, clocks in clocks_of().items() if code in SEVEN_ONE_SEVEN for clock in clocks]
    return _limits("seven_one_seven", clocks, found)


def command_entries(found: Standing) -> list[Entry]:
    """Levels in force, directives and their receipts, tasks not taken, reviews, gaps, new problems, duty."""
    tasks, late, not_taken = found["tasks"]
    entries = _levels(found)
    entries += _register(found, "directives", ("directives_running", "directives_late"))
    entries += _register(found, "receipts", ("receipts_awaiting", "receipts_late"))
    entries += [
        _count("tasks_open", tasks, found, "task"),
        _count("tasks_late", late, found, "task"),
        _count("tasks_not_taken", not_taken, found, "task"),
    ]
    entries += _register(found, "reviews", ("reviews_open", "reviews_late"))
    entries += _register(found, "gaps", ("gaps_open", "gaps_late"))
    return [*entries, duty_entry(found)]


def _levels(found: Standing) -> list[Entry]:
    kept, in_force, _ = found["levels"]
    if not kept:
        return [refusal("levels_in_force", NONE_RECORDED)]
    return [_count("levels_in_force", in_force, found, "responselevel")]


def due_entries(found: Standing) -> list[Entry]:
    """Directives, reviews and limits of the rules that fall due by the end of the day after."""
    return [_count(code, found[f"due:{code}"][0], found, source) for code, source in _DUE.items()]


def duty_entry(found: Standing) -> Entry:
    """How many of the shifts on duty had their telephone tried; a refusal without a roster or anybody on duty."""
    kept, on_duty, tried = found["shifts"]
    if not kept:
        return refusal("duty_reached", NONE_RECORDED)
    if not on_duty:
        return refusal("duty_reached", "nobody_on_duty")
    return figure("duty_reached", tried, whole=on_duty, sources=["record.dutyshift"], as_of=found.on)


def incident_entries(found: Standing) -> list[Entry]:
    """Emergencies turned away and let through that day, situations no plan foresaw, and what nobody reports."""
    refused, _, _ = found["signal:care_refused"]
    asked, _, emergencies = found["passages"]
    if asked or refused:
        entries = [
            _count("care_refused", refused, found, "signal"),
            _count("emergencies", emergencies, found, "passage"),
        ]
    else:
        why: dict[str, Any] = {"day": found.on.isoformat()}
        entries = [refusal(code, "no_gate_that_day", **why) for code in ("care_refused", "emergencies")]
    entries += _register(found, "problems", ("problems_open", "problems_late"))
    return [*entries, *unreported_entries("incidents")]


def complaint_entries(found: Standing) -> list[Entry]:
    """Citizens' concerns: all on record, those voiced that day, those without an answer."""
    total, waiting, today = found["concerns"]
    if not total:
        return [refusal("complaints", NONE_RECORDED)]
    values = {"complaints": total, "complaints_new": today, "complaints_open": waiting}
    return [_count(code, value, found, "concern") for code, value in values.items()]


def people_entries(found: Standing, restricted_days: Entry) -> list[Entry]:
    """What the measures cost people: days, appeals, permits that wait, gates, alarms, and what nobody reports."""
    decided, upheld, filed = found["appeals"]
    permits, waiting, _ = found["permits"]
    asked, passed, _ = found["passages"]
    alarms = sum(found[f"signal:{kind}"][1] for kind in paper_setting("alarm_kinds"))
    entries = [
        restricted_days,
        figure("appeals_upheld", upheld, whole=decided, sources=["record.appeal"], as_of=found.on)
        if decided
        else refusal("appeals_upheld", "no_appeal_decided"),
        _count("appeals_open", filed, found, "appeal"),
        _count("permits_waiting", waiting, found, "permit")
        if permits
        else refusal("permits_waiting", NONE_RECORDED),
        figure("gates_passed", passed, whole=asked, sources=["record.passage"], as_of=found.on)
        if asked
        else refusal("gates_passed", "no_gate_that_day", day=found.on.isoformat()),
        _count("alarms_open", alarms, found, "signal"),
    ]
    return [*entries, *unreported_entries("people")]


def _register(found: Standing, code: str, names: tuple[str, str]) -> list[Entry]:
    """What is open and what is late of one register; one refusal while nothing was ever entered in it."""
    total, waiting, late = found[code]
    source = _SOURCES[code]
    if not total:
        return [refusal(names[0], NONE_RECORDED)]
    return [_count(names[0], waiting, found, source), _count(names[1], late, found, source)]


_DUE = {"directives_due": "directive", "reviews_due": "review", "limits_due": "timer"}
_SOURCES = {
    "directives": "directive",
    "receipts": "directiverecipient",
    "reviews": "review",
    "gaps": "gap",
    "problems": "newproblem",
}


def _count(code: str, value: int, found: Standing, source: str) -> Entry:
    return figure(code, value, sources=[f"record.{source}"], as_of=found.on)
