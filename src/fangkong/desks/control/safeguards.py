"""What every order carries beside its rule rows: an end, exceptions, a remedy (``safeguards.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from fangkong.core.errors import InputError


@dataclass(frozen=True)
class Safeguards:
    """The safeguards as read; day counts include the first and the last day."""

    default_days: int
    max_days: int
    exceptions: tuple[str, ...]
    remedy: str
    #: Where the dates come from (rule_row, safeguard, person) -> code of the reason.
    proportionality: dict[str, str]
    #: Below this age in years a person is never kept apart from the carer without recorded consent.
    minor_under_years: int
    #: Places of a stage that keep a person at home, with whoever lives there.
    places_at_home: tuple[str, ...]
    #: Codes of the grounds on which an order is objected to, and the hours within which it is answered.
    appeal_grounds: tuple[str, ...]
    appeal_answer_hours: int
    #: So many exposure judgements by one signer within so many hours raise the mass-change alarm.
    judgement_alarm_count: int
    judgement_alarm_hours: int
    #: Days over which the precision of the orders is counted, both ends included.
    precision_window_days: int


@cache
def safeguards() -> Safeguards:
    """The safeguards of ``safeguards.toml``, read once."""
    table = tomllib.loads(Path(__file__).with_name("safeguards.toml").read_text(encoding="utf-8"))
    return Safeguards(
        default_days=table["expiry"]["default_days"],
        max_days=table["expiry"]["max_days"],
        exceptions=tuple(table["order"]["exceptions"]),
        remedy=table["order"]["remedy"],
        proportionality=dict(table["proportionality"]),
        minor_under_years=table["dependents"]["minor_under_years"],
        places_at_home=tuple(table["dependents"]["places_at_home"]),
        appeal_grounds=tuple(table["appeal"]["grounds"]),
        appeal_answer_hours=table["appeal"]["answer_hours"],
        judgement_alarm_count=table["judgement_alarm"]["count"],
        judgement_alarm_hours=table["judgement_alarm"]["hours"],
        precision_window_days=table["precision"]["window_days"],
    )


def check_span(starts_on: date, expires_on: date) -> int:
    """The days from ``starts_on`` to ``expires_on``, both counted, of an order that a person proposes.

    Raises InputError ``order.ends_before_start`` or ``order.too_long`` (the safeguard's limit).
    """
    days, limit = (expires_on - starts_on).days + 1, safeguards().max_days
    if days < 1:
        raise InputError(
            "order.ends_before_start", starts_on=starts_on.isoformat(), expires_on=expires_on.isoformat()
        )
    if days > limit:
        raise InputError("order.too_long", days=days, limit=limit)
    return days
