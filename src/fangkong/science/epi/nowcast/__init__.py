"""Nowcasting: what the counts of the last days and weeks will come to once all reports are in."""

from fangkong.science.epi.nowcast.estimate import LEVELS, nowcast
from fangkong.science.epi.nowcast.lawless import lawless
from fangkong.science.epi.nowcast.result import REASON_CODES, Nowcast

__all__ = ["LEVELS", "REASON_CODES", "Nowcast", "lawless", "nowcast"]
