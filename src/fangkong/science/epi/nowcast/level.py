"""Eventual counts as of each past day: what the delays say, weighed against what the days before lead to expect.

Reported / share reported is noise where the share is small (4 % of dengue cases are known in their own week). The
level and the trend of the days before, by weekday, say something too. Both are weighed by their past errors, from
the oldest incomplete period to the latest, each resting on those before.

Sources: the weighing is that of Bornhuetter and Ferguson (1972) and Bühlmann's credibility, as a Gamma-Poisson
posterior gives it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fangkong.science.epi.nowcast.development import Development, complete_rows
from fangkong.science.epi.nowcast.triangle import Triangle
from fangkong.science.epi.serial_interval import FloatArray

#: Fewest periods of the level's own past: ten weeks of days.
LEVEL_WINDOW = 70
#: Numbers of periods over which the level is averaged; the one that has foretold best is taken.
SPANS = (2, 4, 7)
_DAMPED = 0.7
_STEEPEST = 0.5
_FARTHEST = 1.0
_WEEK = 7
_WEEKDAY_CASES = 2.0
_SEASON_WEEKS = 6
# Weekdays have to make the squared errors this much smaller to be used.
_SEASON_GAIN = 0.9
_HALF_LIFE = 25.0
# One-step errors are counted where at least this share was reported.
_KNOWN_WELL = 0.7
_ERRORS = 40
_LEAST_ERRORS = 3
_UNKNOWN_SPREAD = 0.25
_LEAST_SPREAD = 0.005
# Errors of the past flatter: the averaging span was chosen on them.
_FLATTERED = 1.2
_SHARE_SPREAD = 0.02
_SHARE_SPREADS = (0.0005, 2.0)
# Cases expected in a period where none were seen in all the window.
_RARE = 0.5


@dataclass(frozen=True)
class Level:
    """Eventual counts by how many periods ago, as of each of the last report periods.

    Attributes:
        expected: eventual counts, ``[series, as-of, periods ago]``.
        share: share reported by then, same shape.
        rows: the row of each, ``[as-of, periods ago]``; below 0 before the triangle begins.
        ahead: expected counts of rows later than the latest report, ``[series, rows ahead]``.
        spread: relative variance of the expectation one period ahead, ``[series]``.
    """

    expected: FloatArray
    share: FloatArray
    rows: np.ndarray
    ahead: FloatArray
    spread: FloatArray


def level(triangle: Triangle, delays: Development, ahead: int, period: int | None) -> Level:
    """Eventual counts of the last periods as of each of the last report periods.

    Arguments:
        triangle: the filled triangles.
        delays: their development.
        ahead: rows later than the latest report.
        period: 7 or 1 to use weekdays of the reference period or not; None to find out.
    """
    columns = triangle.cells.shape[2]
    ago = np.arange(max(LEVEL_WINDOW, columns + 2 * max(SPANS) + 2))
    rows = delays.as_of[:, None] - ago
    known = np.minimum(ago + 1, columns) + np.zeros_like(rows)
    inside = (rows >= 0) & (rows < triangle.cells.shape[1])
    at = np.clip(rows, 0, triangle.cells.shape[1] - 1)
    as_of = np.arange(len(delays.as_of))[:, None] + np.zeros_like(rows)
    reported = np.where(inside, triangle.running[:, at, known - 1], 0.0)
    growth = delays.growth(as_of, rows, known, np.full_like(known, columns))
    share = 1 / np.maximum(growth, 1e-9)
    by_delay = reported * growth
    usable = (inside & complete_rows(triangle, np.zeros_like(delays.start))[:, at]).astype(float)
    season = _season(by_delay, usable) if period != 1 and triangle.now + 1 >= 4 * _WEEK else None
    latest = by_delay[:, -1], usable[:, -1] * (share[:, -1] >= _KNOWN_WELL)
    plain = np.ones((by_delay.shape[0], 1, len(ago)))
    span, spread, error = _best_span(*latest, plain[:, 0])
    if season is not None:
        seasonal = _best_span(*latest, season[:, -1])
        if period == _WEEK or seasonal[2].sum() < _SEASON_GAIN * error.sum():
            span, spread, error = seasonal
            plain = season
    ages = _share_spread(triangle, delays, reported, by_delay, share, rows)
    expected = _weigh(by_delay, usable, share, plain, span, spread, ages, columns)
    beyond = _ahead(expected[:, -1], usable[:, -1], plain[:, -1], span, ahead)
    return Level(expected=expected, share=share, rows=rows, ahead=beyond, spread=spread)


def _season(counts: FloatArray, usable: FloatArray) -> FloatArray:
    """Weekday factors by periods ago: counts against the seven days around them; ``[series, as-of, periods ago]``."""
    sums = np.cumsum(np.pad(counts * usable, ((0, 0), (0, 0), (1, 0))), axis=2)
    held = np.cumsum(np.pad(usable, ((0, 0), (0, 0), (1, 0))), axis=2)
    around = np.zeros_like(counts)
    full = np.zeros_like(counts)
    half = _WEEK // 2
    around[:, :, half:-half] = (sums[:, :, _WEEK:] - sums[:, :, :-_WEEK]) / _WEEK
    full[:, :, half:-half] = (held[:, :, _WEEK:] - held[:, :, :-_WEEK]) >= _WEEK
    full[:, :, half + _SEASON_WEEKS * _WEEK :] = 0
    out = np.ones_like(counts)
    for weekday in range(_WEEK):
        days = np.arange(weekday, counts.shape[2], _WEEK)
        seen = (counts * full)[:, :, days].sum(axis=2) + _WEEKDAY_CASES
        usual = (around * full)[:, :, days].sum(axis=2) + _WEEKDAY_CASES
        out[:, :, days] = (seen / usual)[:, :, None]
    return out


def _trend(counts: FloatArray, usable: FloatArray, ago: int, span: int) -> FloatArray:
    """Level expected ``ago`` periods ago from the two spans before it (last axis: periods ago)."""
    near, far = slice(ago + 1, ago + 1 + span), slice(ago + 1 + span, ago + 1 + 2 * span)
    now = (counts[..., near] * usable[..., near]).sum(-1) / np.maximum(usable[..., near].sum(-1), 1)
    then = (counts[..., far] * usable[..., far]).sum(-1) / np.maximum(usable[..., far].sum(-1), 1)
    # Half a case on each side: two cases after one are no doubling.
    rise = np.clip(np.log((now + 0.5) / (then + 0.5)) / span, -_STEEPEST, _STEEPEST) * _DAMPED
    told = usable[..., far].sum(-1) > 0
    reach = np.clip(rise * (span + 1) / 2, -_FARTHEST, _FARTHEST)
    return np.asarray(now * np.exp(np.where(told, reach, 0)))


def _best_span(
    counts: FloatArray, usable: FloatArray, season: FloatArray
) -> tuple[np.ndarray, FloatArray, FloatArray]:
    """For each series: the span that foretold best, the relative variance of its errors, the errors' size."""
    series = counts.shape[0]
    best = np.full(series, np.inf)
    span, spread = np.full(series, SPANS[0]), np.full(series, _UNKNOWN_SPREAD)
    held = (counts > 0).any(axis=1, keepdims=True) & (np.cumsum(usable[:, ::-1], axis=1)[:, ::-1] > 0)
    for width in SPANS:
        ages = np.arange(min(_ERRORS, counts.shape[1] - 2 * width - 1))
        foretold = np.stack([_trend(counts / season, usable, int(age), width) for age in ages], axis=1)
        foretold *= season[:, ages]
        past = np.stack([held[:, age + 2 * width] for age in ages], axis=1)
        weight = usable[:, ages] * past * 0.5 ** (ages / _HALF_LIFE)
        error = counts[:, ages] - foretold
        enough = (weight > 0).sum(axis=1) >= _LEAST_ERRORS
        total = np.maximum(weight.sum(axis=1), 1e-12)
        size = (weight * error**2).sum(axis=1) / total
        beyond_chance = (weight * (error**2 - foretold)).sum(axis=1)
        relative = beyond_chance / np.maximum((weight * foretold**2).sum(axis=1), 1e-9)
        better = enough & (size < best)
        best = np.where(better, size, best)
        span = np.where(better, width, span)
        spread = np.where(better, np.maximum(relative, _LEAST_SPREAD) * _FLATTERED, spread)
    scale = np.maximum((counts * usable).sum(axis=1) ** 2, 1e-9)
    return span, np.minimum(spread, 4.0), np.where(np.isfinite(best), best / scale, 0)


def _share_spread(
    triangle: Triangle,
    delays: Development,
    reported: FloatArray,
    by_delay: FloatArray,
    share: FloatArray,
    rows: np.ndarray,
) -> FloatArray:
    """Relative variance of what is reported at each age beyond chance, ``[series, periods ago]``."""
    columns = triangle.cells.shape[2]
    window = by_delay.shape[2]
    out = np.full((by_delay.shape[0], window), _SHARE_SPREAD)
    for age in range(columns - 1):
        now_age = triangle.now - rows[:, age]
        use = (rows[:, age] >= 0) & (now_age < window) & (now_age > age)
        if use.sum() < _LEAST_ERRORS:
            continue
        later = now_age[use]
        eventual, share_now = by_delay[:, -1][:, later], share[:, -1][:, later]
        foretold = eventual * share[:, use, age]
        error = reported[:, use, age] - foretold
        ages = triangle.now - delays.as_of[use]
        complete = rows[use, age] >= delays.start[:, None]
        weight = complete * 0.5 ** (ages / _HALF_LIFE) * np.maximum(share_now - share[:, use, age], 0) ** 2
        beyond_chance = (weight * (error**2 - foretold)).sum(axis=1)
        relative = beyond_chance / np.maximum((weight * foretold**2).sum(axis=1), 1e-9)
        out[:, age] = np.where(weight.sum(axis=1) > 0, np.clip(relative, *_SHARE_SPREADS), _SHARE_SPREAD)
    return out


def _weigh(
    by_delay: FloatArray,
    usable: FloatArray,
    share: FloatArray,
    season: FloatArray,
    span: np.ndarray,
    spread: FloatArray,
    share_spread: FloatArray,
    columns: int,
) -> FloatArray:
    """Delay estimate and expectation weighed from the oldest incomplete period to the latest."""
    expected = by_delay.copy()
    series, as_ofs, _ = by_delay.shape
    season = np.broadcast_to(season, by_delay.shape)
    smooth = by_delay / season
    held = np.cumsum(usable[:, :, ::-1], axis=2)[:, :, ::-1]
    rare = _RARE / (held[:, :, 0] + 1)
    # Older periods are complete: their count is the reported one.
    for age in range(columns - 1, -1, -1):
        trend = np.zeros((series, as_ofs))
        for width in np.unique(span):
            of = span == width
            trend[of] = _trend(smooth[of], usable[of], age, int(width))
        prior = np.maximum(season[:, :, age] * trend, rare)
        part = np.minimum(share[:, :, age], 1)
        delay_error = 1 / np.maximum(prior * part, 1e-6) + share_spread[:, None, age]
        prior_error = spread[:, None] + 1 / np.maximum(prior * span[:, None], 1)
        weight = np.where(part > 0.999, 1.0, prior_error / (prior_error + delay_error))
        # Without a past of two spans the reports speak alone.
        told = np.take_along_axis(
            held, (age + 2 * span)[:, None, None] + np.zeros((1, as_ofs, 1), int), axis=2
        )
        weight = np.where(told[:, :, 0] > 0, weight, 1.0)
        weight = np.where(usable[:, :, age] > 0, weight, 0.0)
        old = usable[:, :, age] == 0
        mixed = weight * by_delay[:, :, age] + (1 - weight) * prior
        expected[:, :, age] = np.where(old & (held[:, :, age] == 0), 0.0, mixed)
        smooth[:, :, age] = expected[:, :, age] / season[:, :, age]
    # Nothing reported is little expected, not nothing.
    return np.where(usable > 0, np.maximum(expected, rare[:, :, None]), expected)


def _ahead(
    expected: FloatArray, usable: FloatArray, season: FloatArray, span: np.ndarray, ahead: int
) -> FloatArray:
    """Expected counts of rows later than the latest report, nearest first."""
    out = np.zeros((expected.shape[0], ahead))
    season = np.broadcast_to(season, expected.shape)
    smooth, known = expected / season, (usable > 0) | (expected > 0)
    weekdays = season.shape[1] - season.shape[1] % _WEEK
    for step in range(ahead):
        padded = np.concatenate([np.zeros((len(smooth), 1)), smooth], axis=1)
        held = np.concatenate([np.zeros((len(smooth), 1)), known], axis=1)
        trend = np.array([float(_trend(padded[i], held[i], 0, int(width))) for i, width in enumerate(span)])
        out[:, step] = trend * season[:, (_WEEK - 1 - step) % _WEEK % max(weekdays, 1)]
        smooth = np.concatenate([trend[:, None], smooth[:, :-1]], axis=1)
        known = np.concatenate([np.ones((len(smooth), 1), bool), known[:, :-1]], axis=1)
    return out
