"""Delays between two events: fitted from windows of time, and what a fitted delay says of days and dates."""

from fangkong.science.epi.delays.delay import Delay
from fangkong.science.epi.delays.fit import DelayChoice, DelayFigure, DelayFit, choose_delay, fit_delay

__all__ = ["Delay", "DelayChoice", "DelayFigure", "DelayFit", "choose_delay", "fit_delay"]
