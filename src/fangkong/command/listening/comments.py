"""A pasted list of comments, as it stands under a web page: one a line, with its votes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .rows import table, themes

# Not behind a figure or letter: "4-18" is a day.
_SIGNED = r"(?<![\dA-Za-z])[+＋-]\s?\d{1,6}"
#: Votes at the end or the start of a line: "+3", "（+3）", "赞 3", "👍3", "3赞".
_VOTES = rf"[(（\[【]?\s*(?:{_SIGNED}|(?:点赞|赞同|赞|顶|👍)\s*[:：]?\s*\d{{1,6}}|\d{{1,6}}\s*(?:赞|👍))\s*[)）\]】]?"
_AT_END = re.compile(rf"[\s,，;；|]*({_VOTES})\s*$")
_AT_START = re.compile(rf"^({_VOTES})[\s,，;；|]+")
_ALONE = re.compile(rf"^({_VOTES})$")
_DIGITS = re.compile(r"[-]?\s?\d+")
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d{1,3}[.、)）])\s*(?=\D)")


@dataclass(frozen=True)
class Comment:
    """One comment: its words, its votes, the theme that its words suggest, and whether it is a rude one."""

    words: str
    votes: int
    theme: str
    rude: bool


@dataclass(frozen=True)
class Comments:
    """What a pasted list holds, and how many lines were left out as furniture of the page."""

    found: tuple[Comment, ...]
    left_out: int


def read_comments(text: str) -> Comments:
    """The comments of ``text``, one for each line; a line of votes alone belongs to the line before it.

    >>> read_comments("什么时候能买到菜？ +3\\n全部评论").found[0].votes
    3
    """
    lines: list[tuple[str, int]] = []
    left_out = 0
    for raw in text.splitlines():
        line = raw.strip()
        if not line:
            continue
        alone = _ALONE.match(line)
        if alone and lines:
            words, votes = lines[-1]
            lines[-1] = (words, votes + _number(alone[1]))
        elif alone or _is_furniture(line):
            left_out += 1
        else:
            lines.append(_split(line))
    found = tuple(Comment(words, votes, theme_of(words), is_rude(words)) for words, votes in lines if words)
    return Comments(found, left_out + sum(not words for words, _ in lines))


def theme_of(words: str) -> str:
    """The theme whose words stand most often in ``words``, the first of the file where several do; else the last."""
    lower = words.lower()
    best, most = themes()[-1], 0
    for code, entry in table()["theme"].items():
        n = sum(term in lower for term in entry["words"])
        if n > most:
            best, most = code, n
    return best


def is_rude(words: str) -> bool:
    """True when one of the rude words stands in ``words``."""
    return _any(table()["rude"], words)


def _split(line: str) -> tuple[str, int]:
    line = _BULLET.sub("", line)
    for pattern in (_AT_END, _AT_START):
        found = pattern.search(line)
        if found:
            rest = line[: found.start()] + line[found.end() :]
            return rest.strip(), _number(found[1])
    return line, 0


def _number(votes: str) -> int:
    found = _DIGITS.search(votes.replace(" ", ""))
    return int(found[0]) if found else 0


def _is_furniture(line: str) -> bool:
    """True for a line made of nothing but the page's own words and figures."""
    rest = line.lower()
    held = False
    for term in sorted(table()["furniture"], key=len, reverse=True):
        if term in rest:
            rest, held = rest.replace(term, ""), True
    return held and not re.search(r"[^\W\d_]", rest)


def _any(terms: Iterable[str], words: str) -> bool:
    lower = words.lower()
    return any(term in lower for term in terms)
