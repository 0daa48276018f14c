"""One process of its own installation, run to its end or killed at a registered point: what kill tests are made of."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

#: What the test process itself was given, and the installation under test must not see.
_OURS = ("FANGKONG_DATABASE_URL", "FANGKONG_KEYFILE", "FANGKONG_KILL_AT")


def run(
    script: str, home: Path, kill_at: str = "", seconds: float = 120, database: str = ""
) -> subprocess.CompletedProcess[str]:
    """What the Python ``script`` did in the installation at ``home``; it dies at the point ``kill_at`` where given.

    ``database`` is the address of a PostgreSQL database of its own; without one it works on a file in ``home``. Raises
    subprocess.TimeoutExpired behind ``seconds``.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    environment |= {"FANGKONG_HOME": str(home), "DJANGO_SETTINGS_MODULE": "fangkong.settings"}
    if kill_at:
        environment["FANGKONG_KILL_AT"] = kill_at
    if database:
        environment["FANGKONG_DATABASE_URL"] = database
    command = [sys.executable, "-c", script]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )
