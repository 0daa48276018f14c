"""The kinds of damage that stored copies of Chinese pages have, found as edits of the source."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pypinyin.pinyin_dict import pinyin_dict

from .lexicon import lexicon
from .script import one

PINYIN = "pinyin_in_brackets"
PUNCTUATION = "injected_punctuation"
GARBLED = "garbled_bytes"
TRUNCATED = "truncated"

#: What stands in a reading where the source cannot be read.
UNREADABLE = "\ufffd"


@dataclass(frozen=True)
class Edit:
    """``source[start:end]`` is read as ``text``; ``code`` says what was repaired ("" for mere typography).

    With ``belongs_to`` an edit without text belongs to the character before it, up to that position.
    """

    start: int
    end: int
    text: str = ""
    code: str = ""
    belongs_to: int = -1

    @property
    def belongs_before(self) -> bool:
        """Whether a quotation of the character before includes this place."""
        return self.belongs_to >= 0


_HAN = r"\u3400-\u9fff\uf900-\ufaff〇"
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_LATIN = f"a-zü{_TONED}"
#: A forum's string against copying: short clumps of printable characters, several of them with a sign.
_CLUMP = r"[!-~]{1,2}"
_SIGNED = r"(?:[!-/:-@\[-`{-~][!-~]?|[!-~][!-/:-@\[-`{-~])"

_PATTERN = re.compile(
    rf"""
      (?P<entity>&(?:\#\d{{1,7}}|\#x[0-9a-fA-F]{{1,6}}|[a-zA-Z]{{2,8}});)
    | (?P<invisible>[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\u00ad]+)
    | (?P<anticopy>(?<![!-~])(?:{_CLUMP}[ ]){{1,12}}{_SIGNED}(?:[ ]{_CLUMP}){{1,12}}
        (?:[ ][a-zA-Z](?=\d{{1,2}}[日月])|(?![!-~])))
    | (?P<broken>\ufffd+|[\ue000-\uf8ff]+|[\x80-\x84\x86-\x9f]+|(?:锟斤拷|锟斤|烫烫|屯屯){{1,40}}
        |[\u00a1-\u00ff]{{6,200}}|[?？](?=[！!，,、](?=[“{_HAN}]))|[?？][{_LATIN}]{{1,6}}[)）])
    | (?P<pinyin>(?<=[{_HAN}])[(（](?P<syllable>[{_LATIN}]{{1,6}})(?:[)）]|(?=\s*\Z))
        (?P<gap>[ ]?(?=[{_HAN}，。、；：”]))?)
    | (?P<run>[,，、。;；:：!！?？]{{2,40}})
    | (?P<mark>[,;:!?])
    | (?P<question>？)
    | (?P<bracket>[()])
    | (?P<space>[\u00a0\u2000-\u200a\u202f\u205f\u3000\v\f])
    | (?P<return>\r\n?)
    | (?P<wide>[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff05])
    """,
    re.VERBOSE,
)
_FULL = str.maketrans(",;:!?()", "，；：！？（）")
_IS_HAN = re.compile(f"[{_HAN}]")
_BESIDE = re.compile(f"[{_HAN}“”‘’《》〈〉【】（）()、，。；：！？…—\ufffd]")
#: The strongest mark of a doubled run is the one that was meant.
_STRENGTH = "。；：、，"


def edits_of(source: str) -> Iterator[Edit]:
    """Every edit of ``source`` in order, without overlap."""
    done = 0
    for match in _PATTERN.finditer(source):
        if match.start() < done:
            continue
        edit = _EDITS[str(match.lastgroup)](source, match)
        if edit is not None:
            yield edit
            done = edit.end
        elif match.lastgroup == "pinyin":  # brackets round something else
            for place in (match.start(), match.end("syllable")):
                if place < match.end():
                    yield Edit(place, place + 1, source[place].translate(_FULL))


def _entity(source: str, match: re.Match[str]) -> Edit | None:
    text = html.unescape(match[0])
    if len(text) != 1:
        return None
    return Edit(match.start(), match.end(), " " if text.isspace() else text if text.isprintable() else "")


def _dropped(source: str, match: re.Match[str]) -> Edit:
    return Edit(match.start(), match.end())


def _anticopy(source: str, match: re.Match[str]) -> Edit | None:
    clumps = match[0].split(" ")
    signed = sum(any(not letter.isalnum() for letter in clump) for clump in clumps)
    if signed < 2 or len(clumps) < 3:
        return None
    return Edit(match.start(), match.end(), "", PUNCTUATION)


def _broken(source: str, match: re.Match[str]) -> Edit:
    return Edit(match.start(), _end_of_garble(source, match.end()), UNREADABLE, GARBLED)


#: So many rare characters or single Latin letters after broken bytes, within one run of text, were broken with them.
_RARE_ENOUGH, _RARE_SHARE = 2, 0.25
_GARBLE = re.compile(rf"！?[{_HAN}]*(?:[“”a-zA-Z]{{1,2}}(?:\([{_LATIN}]{{1,6}}\))?[{_HAN}]*){{0,3}}")


def _end_of_garble(source: str, start: int) -> int:
    """Where the characters end that were broken together with the bytes before ``start``.

    Bytes of a double-byte encoding that are read from the wrong byte on give characters outside the first level of
    GB/T 2312, which ordinary prose hardly uses.
    """
    run = _GARBLE.match(source, start, start + 60)
    if run is None:
        return start
    odd = [
        place
        for place in range(start, run.end())
        if source[place] in _LATIN_LETTERS or (_IS_HAN.match(source[place]) and _is_rare(source[place]))
    ]
    if len(odd) < _RARE_ENOUGH or len(odd) < _RARE_SHARE * (odd[-1] + 1 - start):
        return start
    end = odd[-1] + 1
    return (
        source.index(")", end) + 1
        if source[odd[-1]] in _LATIN_LETTERS and ")" in source[end : run.end()]
        else end
    )


_LATIN_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" + _TONED)


def _is_rare(character: str) -> bool:
    try:
        return not 0xB0 <= one(character).encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return True


def _pinyin(source: str, match: re.Match[str]) -> Edit | None:
    if not _is_pinyin(match["syllable"], source[match.start() - 1]):
        return None
    bracket = match.end() - len(match["gap"] or "")
    return Edit(match.start(), match.end(), "", PINYIN, belongs_to=bracket)


def _run(source: str, match: re.Match[str]) -> Edit | None:
    marks = match[0].translate(_FULL)
    kept = marks.strip("，、") if marks.strip("，、") else marks
    if set(kept) <= set("！？"):  # several of them are emphasis
        text = kept
    else:
        text = min(kept, key=lambda mark: _STRENGTH.find(mark) % 10)
    if not _by_chinese(source, match.start(), match.end()):
        return None
    code = "" if text == marks else PUNCTUATION
    return Edit(match.start(), match.end(), text[:1], code)


def _mark(source: str, match: re.Match[str]) -> Edit | None:
    if match[0] == "?":
        return _question(source, match)
    if not _by_chinese(source, match.start(), match.end()):
        return None
    return Edit(match.start(), match.end(), match[0].translate(_FULL))


def _question(source: str, match: re.Match[str]) -> Edit | None:
    """A question mark between two characters where nothing is asked stands for lost bytes."""
    before, after = source[max(match.start() - 40, 0) : match.start()], source[match.end() : match.end() + 1]
    clause = re.split(r"[,，。;；\n]", before)[-1]
    inside = bool(before and _IS_HAN.match(before[-1]) and after and _IS_HAN.match(after))
    if inside and not any(word in clause for word in lexicon("words/damage")["interrogatives"]):
        return Edit(match.start(), match.end(), UNREADABLE, GARBLED)
    return Edit(match.start(), match.end(), "？") if _by_chinese(source, match.start(), match.end()) else None


def _bracket(source: str, match: re.Match[str]) -> Edit | None:
    if not _by_chinese(source, match.start(), match.end()):
        return None
    return Edit(match.start(), match.end(), match[0].translate(_FULL))


def _space(source: str, match: re.Match[str]) -> Edit:
    return Edit(match.start(), match.end(), " ")


def _return(source: str, match: re.Match[str]) -> Edit:
    return Edit(match.start(), match.end(), "\n")


def _wide(source: str, match: re.Match[str]) -> Edit:
    return Edit(match.start(), match.end(), chr(ord(match[0]) - 0xFEE0))


_EDITS = {
    "entity": _entity,
    "invisible": _dropped,
    "anticopy": _anticopy,
    "broken": _broken,
    "pinyin": _pinyin,
    "run": _run,
    "mark": _mark,
    "question": _question,
    "bracket": _bracket,
    "space": _space,
    "return": _return,
    "wide": _wide,
}


def _by_chinese(source: str, start: int, end: int) -> bool:
    """Whether a half-width mark stands in Chinese text: a neighbour is Chinese and no digit is on both sides."""
    before, after = source[start - 1 : start] if start else "", source[end : end + 1]
    if before.isascii() and after.isascii() and before.isalnum() and after.isalnum():
        return False
    return bool((before and _BESIDE.match(before)) or (after and _BESIDE.match(after)))


def _toneless(reading: str) -> str:
    """A reading without its tone; the two dots of ü stay."""
    letters = unicodedata.normalize("NFD", reading)
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if letter not in _TONE_MARKS))


#: Macron, acute, caron, grave.
_TONE_MARKS = "\u0304\u0301\u030c\u0300"


@cache
def _syllables() -> frozenset[str]:
    return frozenset(
        _toneless(reading) for readings in pinyin_dict.values() for reading in readings.split(",")
    )


def _is_pinyin(syllable: str, character: str) -> bool:
    """Whether ``syllable`` is a reading: any with a tone; without a tone one that the character before it has."""
    if any(letter in _TONED for letter in syllable):
        return _toneless(syllable) in _syllables()
    readings = pinyin_dict.get(ord(character), "").split(",")
    return any(_toneless(reading) == syllable for reading in readings)


_SENTENCE_END = "。！？…；”）》"


def breaks_in(text: str) -> Iterator[tuple[int, int]]:
    """The clauses of a readable text after which a sentence is cut off, as spans of ``text``.

    A line of running prose (it holds a whole sentence, or one of the words that only prose holds) must end with
    the end of a sentence; headings, captions and buttons hold neither.
    """
    words = lexicon("words/damage")
    at = 0
    for line in text.split("\n"):
        start, stripped = at, line.rstrip()
        at += len(line) + 1
        body = stripped.rstrip("，、：")
        if not body or stripped[-1] in _SENTENCE_END:
            continue
        if not _IS_HAN.search(body) or stripped.endswith(tuple(words["line_ends"])):
            continue
        open_end = body != stripped and stripped[-1] != "："
        first_sentence = body.find("。")
        prose = first_sentence >= 0 or any(word in body for word in words["prose"])
        tail = re.split(r"[，。；！？]", body)[-1].strip()
        if not prose or not _IS_HAN.search(tail) or (not open_end and _byline(tail, words["bylines"])):
            continue
        yield start + len(body) - len(tail), start + len(body)


def _byline(tail: str, bylines: list[str]) -> bool:
    """Whether the last words of a line are the writer's or the source's, not the beginning of a sentence."""
    return any(tail.lstrip("（( 【[").startswith(word) for word in bylines)
