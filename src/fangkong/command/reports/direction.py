"""Whether it rises or falls, with its interval: the estimates, and the two sentences that open the paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from fangkong.desks.assess.values import Assessment, ChangeValue, DayFigures, Value
from fangkong.science.epi.estimates import Refusal

from .entries import Entry, figure, is_figure, refusal


def spread_entries(found: Assessment) -> list[Entry]:
    """Reproduction number, chance that it is below 1, growth, doubling time: each a figure or a refusal."""
    return [
        _estimate("reproduction", found.reproduction),
        _estimate("below_one", found.below_one),
        _estimate("growth", found.growth),
        _change_time(found.change_time),
    ]


def _estimate(code: str, found: Value | Refusal) -> Entry:
    if isinstance(found, Refusal):
        return refusal(code, found.code, **_plain(found))
    bounds = None
    if found.lower is not None and found.upper is not None:
        bounds = (_rounded(found.lower), _rounded(found.upper), found.level)
    return figure(
        code,
        _rounded(found.mean),
        interval=bounds,
        sources=found.sources,
        as_of=found.as_of,
        params={"first_day": found.first_day.isoformat(), "last_day": found.last_day.isoformat()},
    )


def _change_time(found: ChangeValue | Refusal) -> Entry:
    if isinstance(found, Refusal):
        return refusal("change_time", found.code, **_plain(found))
    if found.days is None:
        return refusal("change_time", "steady")
    days = {"first_day": found.first_day.isoformat(), "last_day": found.last_day.isoformat()}
    bounds = None
    if found.lower_days is not None and found.upper_days is not None:
        bounds = (_rounded(found.lower_days), _rounded(found.upper_days), found.level)
    return figure(
        f"{found.kind}_time",
        _rounded(found.days),
        interval=bounds,
        sources=found.sources,
        as_of=found.as_of,
        params=days,
    )


def _rounded(value: float) -> float:
    # Four places: more than any paper prints, few enough that a report is the same on every machine.
    return round(value, 4)


def _plain(found: Refusal) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in found.params.items()
    }


def lead_sentences(
    last: DayFigures | None, total: int | None, share: Entry, estimates: Sequence[Entry]
) -> list[dict[str, Any]]:
    """The two sentences of the paper as codes and parameters: what came in, and which way it goes.

    ``last`` is the last published day, ``total`` its new infections, ``share`` the entry of those found in
    control. The direction is read off the reproduction number's interval, never off two days.
    """
    return [_what_came_in(last, total, share), _direction(estimates)]


def _what_came_in(last: DayFigures | None, total: int | None, share: Entry) -> dict[str, Any]:
    if last is None or total is None:
        return {"code": "nothing_published", "params": {}}
    params: dict[str, Any] = {"day": last.day.isoformat(), "n": total, "sources": sorted(last.sources)}
    if total == 0:
        return {"code": "no_new_infections", "params": params}
    if not is_figure(share):
        return {"code": "new_infections", "params": params}
    params |= {"control_share": [share["value"], share["of"]]}
    return {"code": "new_infections_in_control", "params": params}


def _direction(estimates: Sequence[Entry]) -> dict[str, Any]:
    found = {entry["code"]: entry for entry in estimates}
    rt, growth = found["reproduction"], found["growth"]
    # The growth rate bears a missing day better than the reproduction number does: it stands in for it.
    for entry, neutral, code in ((rt, 1, "direction"), (growth, 0, "growth")):
        if is_figure(entry) and "interval" in entry:
            lower, upper, level = entry["interval"]
            way = "rising" if lower > neutral else "falling" if upper < neutral else "level"
            params = {
                "rate": entry["value"],
                "rate_interval": [lower, upper],
                "level_share": [round(level * 100), 100],
                "last_day": entry["params"]["last_day"],
            }
            return {"code": f"{code}_{way}", "params": params}
    return {"code": "direction_unknown", "params": {"why": rt["refusal"], "of": rt["params"]}}
