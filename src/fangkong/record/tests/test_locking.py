"""Nobody waits for a row and then reads that there is none."""

from __future__ import annotations

from pathlib import Path


def test_nobody_locks_a_row_past_the_house_s_way() -> None:
    """``select_for_update`` alone finds nothing where somebody else has just revised the row (locking.py says why)."""
    package = Path(__file__).resolve().parents[2]
    plain = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "tests" not in path.parts and "select_for_update" in path.read_text(encoding="utf-8")
    ]
    assert plain == ["record/locking.py"]
