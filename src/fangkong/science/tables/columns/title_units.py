"""The unit that a title states for all figures of the table: "单位：万人"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..values.text import clean
from ..values.units import is_unit, unit_of

_UNIT = re.compile(r"(?:计量)?单位\s*[:：]\s*([^\s,，;；)）:：]{1,6})")


def title_unit(title: Sequence[str]) -> str:
    """A unit with a scale that the title lines state ("万人"), "" for a plain one or none.

    >>> title_unit(["人员统计表", "单位：万人"]), title_unit(["填报单位：甲街道   单位：人"])
    ('万人', '')
    """
    for line in title:
        for found in _UNIT.finditer(clean(line).text):
            if is_unit(found[1]) and unit_of(found[1]).scale > 1:
                return found[1]
    return ""
