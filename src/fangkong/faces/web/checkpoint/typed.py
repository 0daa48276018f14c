"""What is typed at a gate or for a permit, as the facts that the rules are asked with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from fangkong.core.errors import InputError
from fangkong.desks.control.actions import Holder, Shown
from fangkong.faces.web.control.deeds import number_typed

FIELDS = (
    *("place", "kind", "number", "plate", "tested", "result", "antigen", "stay", "code", "temperature"),
    *("from_area", "to_area", "from_risk", "to_risk", "registered", "street", "next", "condition"),
    *("urgent", "refused_by", "reason", "starts_on", "expires_on"),
)

#: The most characters read of a field, and the most hours or days that somebody may have been away.
_MOST, _MOST_HOURS, _MOST_DAYS = 400, 9_999, 9_999

RESULTS = ("negative", "positive")
CODES = ("green", "yellow", "red")


def typed_of(post: Mapping[str, str]) -> dict[str, str]:
    """Every field as typed, "" for none."""
    return {name: post.get(name, "").strip()[:_MOST] for name in FIELDS}


def holder_of(typed: Mapping[str, str]) -> Holder:
    """Who stands there."""
    return Holder(number=typed["number"], plate=typed["plate"])


def shown_of(typed: Mapping[str, str], now: datetime) -> Shown:
    """What they show. Hours are counted back from ``now``. Raises InputError ``checkpoint.hours``."""
    tested, stay, registered = (_hours(typed[name]) for name in ("tested", "stay", "registered"))
    street = _whole(typed["street"], _MOST_DAYS)
    return Shown(
        tested_at=None if tested is None else now - tested,
        test_result=typed["result"] if typed["result"] in RESULTS else RESULTS[0],
        antigen=typed["antigen"] if typed["antigen"] in RESULTS else None,
        stay=stay,
        code=typed["code"] if typed["code"] in CODES else None,
        temperature_normal={"normal": True, "high": False}.get(typed["temperature"]),
        from_area=typed["from_area"],
        to_area=typed["to_area"],
        from_risk=typed["from_risk"] or None,
        to_risk=typed["to_risk"] or None,
        registered_at=None if registered is None else now - registered,
        risk_street_days=street,
        condition=typed["condition"],
        urgent=typed["urgent"] == "yes",
    )


def _hours(given: str) -> timedelta | None:
    """The hours typed; minutes may stand behind a colon, as "3:50"."""
    hours, _, minutes = given.partition(":")
    whole = _whole(hours, _MOST_HOURS)
    if whole is None:
        return None
    part = _whole(minutes, 59) or 0
    return timedelta(hours=whole, minutes=part)


def _whole(given: str, most: int) -> int | None:
    if not given:
        return None
    number = number_typed(given)
    if number is None or number > most:
        raise InputError("checkpoint.hours")
    return number
