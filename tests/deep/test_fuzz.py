"""Each parser of received files, fuzzed for a while (``make deep``)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PARSERS = ("encoding", "separator", "text", "json", "markup", "sheet", "archive")
SECONDS = int(os.environ.get("FANGKONG_FUZZ_SECONDS", "120"))


@pytest.mark.parametrize("parser", PARSERS)
def test_property_no_bytes_crash_or_hang_a_parser(parser, tmp_path):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.deep.fuzz_parsers",
            parser,
            f"-max_total_time={SECONDS}",
            "-timeout=5",
            "-rss_limit_mb=600",
            f"-artifact_prefix={tmp_path}/",
        ],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=SECONDS + 120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
