"""How what was said before fared: the coverage of past nowcasts, and Rt with and without the reports still to come."""

from __future__ import annotations

import math
from typing import Any

from fangkong.desks.assess.outlook_values import PastNowcasts, ReproductionDays
from fangkong.desks.monitor.alarms import wilson_interval
from fangkong.faces.web.control.presenting import said
from fangkong.faces.words import formats
from fangkong.science.epi.estimates import Refusal

from .reading import AreaReading
from .wordings import between, day, number


def coverage(past: PastNowcasts) -> list[dict[str, str]]:
    """[{label, text, note}]: how often the intervals held and how far median and raw count were off."""
    if not past.days:
        return []
    rows = []
    for code, held, promised in (("half", past.within_50, 0.5), ("most", past.within_95, 0.95)):
        low, high = wilson_interval(held, past.days)
        rows.append(
            {
                "label": said(f"assess.past.{code}"),
                "text": said(
                    "assess.past.share", share=formats.percent(held, past.days), k=held, n=past.days
                ),
                "note": said(
                    "assess.past.promised",
                    promised=formats.percent(promised, 1),
                    interval=between(low, high, scale=100, places=0),
                ),
            }
        )
    assert past.error is not None, "settled days have errors"
    assert past.raw_error is not None, "settled days have errors"
    rows.append(
        {
            "label": said("assess.past.error"),
            "text": said("assess.past.cases_off", n=number(past.error, places=1)),
            "note": said("assess.past.raw", n=number(past.raw_error, places=1)),
        }
    )
    return rows


def carried(reading: AreaReading, found: ReproductionDays | Refusal) -> dict[str, Any] | None:
    """{text, plain}: Rt of the last day with the open reports in its interval, and what it would be without them.

    None where the desk's own Rt is refused: what few cases do not carry, samples of them do not either.
    """
    if isinstance(found, Refusal) or isinstance(reading.found.reproduction, Refusal):
        return None
    mean, low, high = (
        float(found.pooled.mean[-1]),
        *(float(found.pooled.quantile(level)[-1]) for level in (0.025, 0.975)),
    )
    plain = float(found.plain.mean[-1])
    if not all(map(math.isfinite, (mean, low, high, plain))):
        return None
    return {
        "text": said("assess.carried", rt=number(mean), interval=between(low, high), day=day(found.days[-1])),
        "plain": said("assess.carried_plain", rt=number(plain)),
    }
