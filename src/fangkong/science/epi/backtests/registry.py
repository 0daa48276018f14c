"""Every back-test by the name under which ``fangkong backtest`` runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from fangkong.science.epi.backtests import detection, forecast, nowcast, reproduction
from fangkong.science.epi.backtests.report import BacktestReport

#: Takes the folder of the real data sets (its sibling ``reference`` holds the recorded vintages).
Backtest = Callable[[Path], BacktestReport]

#: A module adds its own as ``**module.BACKTESTS``; names are in kebab case, the subject first.
BACKTESTS: Mapping[str, Backtest] = MappingProxyType(
    {**nowcast.BACKTESTS, **forecast.BACKTESTS, **detection.BACKTESTS, **reproduction.BACKTESTS}
)
