"""Writes on timers: a limit starts to run, is met, is missed, or is no longer asked for."""

from .life import timer_cancel, timer_key_of, timer_met, timer_start
from .missed import timer_mark_missed

__all__ = ["timer_cancel", "timer_key_of", "timer_mark_missed", "timer_met", "timer_start"]
