"""Names in pinyin, as the search compares them.

pypinyin looks for phrases first (重庆 is chóngqìng though 重 alone is zhòng) and takes some 30 µs a name. Few
names hold the beginning of a phrase; in all others each character is read by itself, and readings are kept.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import add

from pypinyin import Style, lazy_pinyin
from pypinyin.seg.mmseg import p_set

_CHINESE = re.compile("[\u4e00-\u9fff]*").fullmatch


def pinyin(name: str) -> str:
    """``name`` in pinyin without tones; what is not a Chinese character stays as it is.

    >>> pinyin("王小明"), pinyin("重庆")
    ('wangxiaoming', 'chongqing')
    """
    if _single(name):
        return "".join(map(_reading, name))
    return spelled(name)


def spelled(name: str) -> str:
    """The same by pypinyin alone."""
    return "".join(lazy_pinyin(name, style=Style.NORMAL))


def _single(name: str) -> bool:
    """True when ``name`` is Chinese characters only and no two neighbours begin a phrase."""
    if not _CHINESE(name):
        return False
    return not any(map(p_set.__contains__, map(add, name, name[1:])))


@lru_cache(maxsize=30000)
def _reading(character: str) -> str:
    return spelled(character)
