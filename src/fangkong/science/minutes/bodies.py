"""Who met: the body, its level and its place, as the opening sentence names them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .lexicon import lexicon


@dataclass(frozen=True)
class Body:
    """``name`` of who met, ``words`` as the text has them, the meeting's ``number`` and whether it was enlarged."""

    name: str
    words: str
    number: int | None
    enlarged: bool


_TIME = (
    r"(?:(?:今天|今日|今晚|昨天|昨日|昨晚|前天|当天|当日|近日|日前|同日|随后)"
    r"|[（(]\d[^）)]{0,12}[）)]|(?:20\d{2}年)?(?:\d{1,2}月)?\d{1,2}日|[上下]午|晚上|晚间|晚|中午|凌晨|傍晚|早上|清晨|夜间|，|\s)+"
)
_VERB = re.compile(
    r"(?P<chaired>主持召开|主持举行|组织召开|召集召开)|(?P<held>召开了?|举行了?)|(?P<watched>(?:组织)?(?:收听收看|收看收听|收看|收听)了?)"
)
_NAME_END = re.compile(r"会议|(?<!社)会(?=时|，|。|$|上|并|暨|[（(])")
_NUMBER = re.compile(r"第([一二三四五六七八九十百零〇\d]{1,5})(?:次|期)")
_HEAD = re.compile(r"[，。；：\s\n]")


def body_of(opening: str, headline: str) -> Body | None:
    """The body that the first sentence with a meeting in it names, else the headline's; None without any."""
    for piece in [*re.split(r"[。\n]", opening)[:6], headline]:
        found = _in_sentence(piece)
        if found is not None:
            return found
    return None


def _in_sentence(sentence: str) -> Body | None:
    for verb in _VERB.finditer(sentence):
        left = _HEAD.split(_before(sentence[: verb.start()]))[-1]
        right = _meeting_name(sentence[verb.end() :])
        if verb["chaired"] or verb["watched"]:
            left = ""
        if right in lexicon("words/meetings")["bare_names"] and _names_somebody(left):
            right = ""
        words = _chosen(left, right)
        if words:
            whole = left + right
            number = _NUMBER.search(whole)
            return Body(
                _cleaned(left, right) or words, words, _value(number[1]) if number else None, "扩大" in whole
            )
    return None


def _before(text: str) -> str:
    """The subject before the verb, without the time, adverbs and manner that follow it."""
    text = _ADVERBS.sub("", text)
    return re.sub(rf"{_TIME}$", "", re.sub(r"^.*?[讯电]\s", "", text) if text else text)


def _meeting_name(after: str) -> str:
    clause = re.split(r"[，。；：\n]", after, maxsplit=1)[0]
    ends = [match.end() for match in _NAME_END.finditer(clause)]
    if not ends:
        return ""
    name = clause[: ends[-1]]
    if ends[-1] < len(clause) and (bracket := re.match(r"[（(]扩大[）)]会议", clause[ends[-1] :])):
        name += bracket[0]
    return name


def _chosen(left: str, right: str) -> str:
    """The words of the text that name the body."""
    if _has_organ(left):
        return left
    if _has_organ(right):
        return right
    return right or left


def _cleaned(left: str, right: str) -> str:
    left = re.sub(rf"^{_TIME}", "", left)
    if own_place := _OUR_PLACE.fullmatch(left):
        left = own_place["place"]
    if _has_organ(left):
        return _bare(left)
    if _has_organ(right):
        parent = left if left in lexicon("words/meetings")["parents"] and left.endswith("委") else ""
        return parent + _bare(right)
    if left and not right:
        return left
    own = _PARENT.search(left) is not None and (left.endswith("自治区") or right[:1] not in ("全", left[-1:]))
    return left + right if own else right


def _bare(name: str) -> str:
    """The body alone, out of the name of its meeting."""
    name = _NUMBER.sub("", re.sub(r"20\d{2}年", "", name))
    parts = name.split("暨")
    for number, part in enumerate(parts):
        bare = part
        for word in ("（扩大）", "(扩大)", *lexicon("words/meetings")["name_only"]):
            if bare.endswith(word) or word.startswith(("（", "(")):
                bare = bare.replace(word, "") if word.startswith(("（", "(")) else bare.removesuffix(word)
        while (shorter := _stripped(bare)) != bare:
            bare = shorter
        parts[number] = bare if _has_organ(bare) else part
    return "暨".join(parts)


def _stripped(name: str) -> str:
    for word in lexicon("words/meetings")["name_only"]:
        if name.endswith(word) and _has_organ(name.removesuffix(word)):
            return name.removesuffix(word)
    return name


def _names_somebody(left: str) -> bool:
    return _has_organ(left) or _PARENT.search(left) is not None or _OUR_PLACE.search(left) is not None


def _has_organ(name: str) -> bool:
    return any(organ in name for organ in lexicon("words/meetings")["organs"])


_ADVERBS = re.compile(
    r"(?:立即|随即|随后|接着|紧接着|马上|及时|连夜|又|还|组织|再次|迅速|以[^，。]{1,12}(?:形式|方式))+$"
)
#: 我县, 街道, 某某镇: whose meeting it was.
_PARENT = re.compile(r"^.{0,5}(?:[省市县区州旗镇乡委]|街道)$")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0}


def _value(numeral: str) -> int | None:
    """A Chinese or Arabic numeral below a thousand.

    >>> _value("十二"), _value("一百零五"), _value("68")
    (12, 105, 68)
    """
    if numeral.isdigit() and numeral.isascii():
        return int(numeral)
    total, digit = 0, 0
    for sign in numeral:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        elif sign in _DIGITS:
            digit = _DIGITS[sign]
        else:
            return None
    return total + digit


def level_of(name: str) -> str | None:
    """state, province, city, county or township by the first sign of a level in the body's name."""
    words = lexicon("words/meetings")
    for wrong in words["not_levels"]["words"]:
        name = name.replace(wrong, "　" * len(wrong))
    followed = "|".join(words["level_followed_by"]["words"])
    found = [
        (match.start(), -len(sign), level)
        for level, signs in words["levels"].items()
        for sign in signs
        if (match := re.search(rf"(?<=[全我本]){sign}|{sign}(?=$|{followed})", name))
    ]
    return min(found)[2] if found else None


@cache
def _named_place() -> re.Pattern[str]:
    words = lexicon("words/meetings")["places"]
    never, after, before = words["never_inside"], "|".join(words["after"]), "|".join(words["before"])
    return re.compile(
        rf"(?:^|(?<=[^\u3400-\u9fff])|{before})"
        rf"(?P<place>(?:(?![{never}])[\u3400-\u9fff]){{2,6}}?(?:省|自治区|市|自治州|州|自治县|县|区|旗))"
        rf"(?={after})"
    )


_OUR_PLACE = re.compile(r"我[省市县区州旗][（(](?P<place>[\u3400-\u9fff]{2,8}[省市县区州旗])[）)]")
_HERE = re.compile(r"(?:来|抵|入)?[（(]?[来返回抵][）)]?(?P<short>[\u3400-\u9fff])人员")


def place_of(body: Body, opening: str, headline: str, own: str) -> tuple[str | None, str, str]:
    """(place, basis, its words): a name that the page states, else the short name in 来…人员, else None."""
    if match := _OUR_PLACE.search(own):
        return match["place"], "stated", match[0]
    for text in (body.name, headline, opening[:300]):
        level = level_of(body.name)
        for match in _named_place().finditer(text):
            name = match["place"]
            if not any(wrong in name for wrong in lexicon("words/meetings")["not_levels"]["words"]) and (
                level is None or level_of(name) == level
            ):
                return name, "stated", name
    short = [match["short"] for match in _HERE.finditer(own) if match["short"] not in _NOT_PLACES]
    return (short[0], "abbreviation", "") if short else (None, "unknown", "")


#: 来访人员, 返乡人员 and the like: no short name of a place.
_NOT_PLACES = frozenset("访乡岗程校国华家业工城村外的往返电人客厂学院京来回")
