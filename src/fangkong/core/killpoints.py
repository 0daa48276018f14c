"""Places where the process may be killed on purpose, to prove that a killed run resumes to the same record.

A module registers a point once at import and passes it at run time:

    STAGED = kill_point("receive.staged")
    ...
    STAGED.passed()

With ``FANGKONG_KILL_AT=receive.staged`` (or ``receive.staged:3`` for the third passage) the process gets
SIGKILL there: no handler, no flush, no rollback code runs. Without the variable, passing costs one comparison.
"""

from __future__ import annotations

import os
import signal

_registered: dict[str, KillPoint] = {}
_target, _, _count = os.environ.get("FANGKONG_KILL_AT", "").partition(":")
_passages_left = int(_count or "1")


class KillPoint:
    """One registered place; ``passed()`` kills the process when the environment names it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def passed(self) -> None:
        """Go on, or die here by SIGKILL when ``FANGKONG_KILL_AT`` names this point and its turn has come."""
        global _passages_left
        if self.name != _target:
            return
        _passages_left -= 1
        if _passages_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def kill_point(name: str) -> KillPoint:
    """The point registered under ``name``. Raises ValueError when the name is taken."""
    if name in _registered:
        raise ValueError(f"kill point {name!r} is registered twice")
    _registered[name] = KillPoint(name)
    return _registered[name]


def registered() -> list[str]:
    """The names of all points registered by the modules imported so far, sorted."""
    return sorted(_registered)
