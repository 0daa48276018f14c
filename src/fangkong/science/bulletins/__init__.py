"""Official daily bulletins as text, read into figures with their places; sums checked, doubts held.

>>> from fangkong.science.bulletins import read_bulletin
>>> [figure.value for figure in read_bulletin("2031年5月3日，新增本土确诊病例5例。").figures]
[5]
"""

from __future__ import annotations

from .bulletin import read_bulletin
from .parts import UNSTATED, Bulletin, Check, Context, Figure, Held
from .rows import bulletin_rows

__all__ = ["UNSTATED", "Bulletin", "Check", "Context", "Figure", "Held", "bulletin_rows", "read_bulletin"]
