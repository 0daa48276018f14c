"""The long runs are collected only by ``make deep``: atheris stands in the extra ``deep`` and not in ``dev``."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("FANGKONG_DEEP") else ["test_*.py"]
