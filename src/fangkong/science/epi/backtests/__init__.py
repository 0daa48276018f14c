"""Back-tests on real data: every method run on each past day with only what was known then, and scored."""

from fangkong.science.epi.backtests.registry import BACKTESTS, Backtest
from fangkong.science.epi.backtests.report import BacktestReport, Table, Target, file_digests, versions

__all__ = ["BACKTESTS", "Backtest", "BacktestReport", "Table", "Target", "file_digests", "versions"]
