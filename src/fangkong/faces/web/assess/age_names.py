"""Age groups in words."""

from __future__ import annotations

from fangkong.desks.assess.age_groups import UNKNOWN_AGE
from fangkong.faces.web.control.presenting import said


def age_name(code: str) -> str:
    """An age group in words."""
    if code == UNKNOWN_AGE:
        return said("assess.age.unknown")
    if code.endswith("+"):
        return said("assess.age.open", first=code[:-1])
    first, last = code.split("-")
    return said("assess.age.range", first=first, last=last)
