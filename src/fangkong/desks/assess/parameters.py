"""The choices behind the figures of this desk, read from ``parameters.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def parameters(group: str) -> dict[str, Any]:
    """The parameters of one group, as the file has them; KeyError for a group that it has not."""
    stored = tomllib.loads(Path(__file__).with_name("parameters.toml").read_text(encoding="utf-8"))
    return dict(stored[group])
