"""Reading meeting minutes and instructions: the report in a page, its meetings, its clauses, each with its quote.

>>> from fangkong.science.minutes import read
>>> [clause.kind for clause in read("会议强调，要完善应急预案。").clauses]
['decision']
"""

from __future__ import annotations

from .minutes import Minutes, read, read_bytes, read_file

__all__ = ["Minutes", "read", "read_bytes", "read_file"]
