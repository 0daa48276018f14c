"""Who has to act: stated by the clause, carried over from an earlier clause of the sentence, or only proposed.

Nothing is ever invented: a name is stated only if it stands before the order as its subject, as the one who leads,
or in a bracket of responsible offices. Whom a field of work usually falls to is a proposal (``implied``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .vocabulary import alternation, any_of, literal, main_topic, words

STATED, CARRIED_OVER, IMPLIED = "stated", "carried_over", "implied"
#: The longest list of bodies that is still read as one subject, in characters.
LONGEST_NAME = 46


@dataclass(frozen=True)
class Owner:
    """Who has to act. ``basis``: stated, carried_over or implied; ``level`` of the post, or None when open."""

    name: str
    basis: str
    level: str | None = None


@dataclass(frozen=True)
class Subject:
    """The grammatical subject of an order: its name, where the order begins, whether it only leads (牵头)
    and whether the name is a body or kind of persons that can carry a task."""

    name: str
    rest: int
    leads: bool
    body: bool


@cache
def _modal() -> re.Pattern[str]:
    modals = alternation(words("owners", "marks", "modals"))
    leads = alternation(words("owners", "marks", "leads"))
    return re.compile(
        rf"(?P<lead>(?:{leads})(?!同志|人|的))|(?P<modal>(?<![主重需首纪概摘紧只]){_guarded(modals)})"
    )


def _guarded(modals: str) -> str:
    return rf"(?:{modals})(?![求点素闻害道塞领务件义紧员案冲隘职约])"


@cache
def _ending() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternation(words('owners', 'body', 'endings'))})(?:[”’等们（(][^，]{{0,12}})?$")


@cache
def _things() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternation(words('owners', 'things', 'endings'))})(?:等)?$")


@cache
def _suspect() -> re.Pattern[str]:
    return literal(("owners", "suspect", "names"))


@cache
def _endings() -> re.Pattern[str]:
    return re.compile(f"(?:{alternation(words('owners', 'body', 'endings'))})等?")


_VERBISH = re.compile(
    r"设在|位于|[把将对向使让被]|加强|强化|落实|做好|坚持|确保|开展|严格|推进|完善|建立|在.{1,20}(?:中|上|下)"
)


#: A piece that begins so has its subject elsewhere.
_NO_SUBJECT = re.compile(r"以及|[和及与同对把将以为在从向让使给由凡]|一旦|按照|包括|特别是|尤其")

#: By whom it is to be done: 由市卫健委牵头, 请各区于……
_BY = re.compile(
    r"(?:由|请|责成|责令)(?P<name>[^，]{2,40}?)"
    r"(?P<lead>具体负责|牵头负责|牵头|负责|会同|抓紧|尽快|于|按|对|(?:全面|严格)?落实|组织|实施|做好)"
)
#: Others are to be moved to act: they stand as the object, not as the subject.
_CAUSATIVE = re.compile(
    r"(?:并|同时|还|要|积极|广泛|充分|加强|切实)*(?:引导|倡导|帮助|支持|督促|动员|教育|鼓励|提醒|号召|推动|促使|要求)"
    r"(?![组部处科队局]|部门|中心)"
)


#: Whom the meeting asked: the subject stands after it.
_ASKED = re.compile(r"(?:会议|会上)?(?:同时|明确|还|并)?要求(?=[^，]{2,40})")
_OPEN_BRACKET = re.compile(r"[（(][^）)]*$")

#: The name goes on: 市场 in 市场监督管理所, 交通 in 交通运输局.
_LONGER_NAME = re.compile(
    r"[^，、要必须]{0,6}(?:[局所厅]|委(?!托)|办(?![理好结公])|处(?![置理罚])|队(?!伍)|中心|部门|部(?!署)|大队)(?=[^，]*)"
)


#: 体育 in the name of an office is no advertiser's.
_SPORTS_OFFICE = re.compile(
    r"(?:文化|旅游|广电|教育|文旅)[^，]{0,8}体育|体育[^，]{0,4}(?:[局厅委馆场]|中心|部门)"
)


def suspect(name: str) -> bool:
    """Whether ``name`` looks like an advertiser's name put in the place of a body's."""
    return _suspect().search(name) is not None and _SPORTS_OFFICE.search(name) is None


def is_body(name: str) -> bool:
    """Whether ``name`` ends like a body, a unit or a kind of persons that acts; those who are looked for, kept apart
    or moved (返乡人员, 密接人员) carry no task."""
    ends = (_ending().search(name) or _named_area(name)) and not _things().search(name)
    return bool(ends) and not suspect(name) and not any_of("owners", "patients").search(name)


def _named_area(name: str) -> bool:
    """Whether ``name`` is one or more areas called by name (甲区、乙县): no place that only ends so (小区, 景区)."""
    listed = [part for part in re.split(r"、|以及|和|及", name) if part]
    plain = any_of("owners", "not_areas")
    return bool(listed) and all(
        any_of("owners", "areas").fullmatch(part) and not plain.search(part) for part in listed
    )


def addressed(piece: str) -> bool:
    """Whether ``piece`` is nothing but the names of bodies that are addressed (各乡镇、县直各部门)."""
    listed = re.split(r"、|以及|和|及", piece)
    return bool(_ADDRESSED.match(piece)) and all(is_body(name) for name in listed if name)


#: How the names of those addressed begin.
_ADDRESSED = re.compile(
    r"各|[全本我]?[省市县区州旗盟镇乡](?:直|属|级|政府|委|[^，、]{0,10}[局委办厅院])|有关|相关|属地|驻"
)


def subject(piece: str, verb_follows: re.Pattern[str]) -> Subject | None:
    """The subject that ``piece`` (a comma piece without lead-in words) states, or None.

    ``verb_follows`` matches an order's beginning: without 要 or 必须 a name is a subject only before one.

    >>> from .classes import order_begins
    >>> subject("市卫健委要及时加强指导", order_begins())
    Subject(name='市卫健委', rest=5, leads=False, body=True)
    """
    if asked := _ASKED.match(piece):
        told = subject(piece[asked.end() :], verb_follows)
        if told:
            return Subject(told.name, asked.end() + told.rest, told.leads, told.body)
    by = _BY.match(piece)
    if by and is_body(by["name"]):
        return Subject(by["name"], by.end(), True, True)
    for match in _modal().finditer(piece[: LONGEST_NAME + 8]):
        name = piece[: match.start()]
        if match.lastgroup == "modal" and match.end() == len(piece):
            continue
        if match.lastgroup == "modal" and name.endswith("的"):
            return None
        if not 0 < len(name) <= LONGEST_NAME:
            if not name:
                return None
            break
        name = name.removeprefix("请")
        plain = re.sub(r"(?:都|均|也|更|还|又|一定|切实|再)+$", "", name)
        if _VERBISH.search(plain) and not is_body(plain):
            return None
        if _NO_SUBJECT.match(plain) or _CAUSATIVE.match(plain):
            return None
        if _OPEN_BRACKET.search(plain):
            return None
        body = is_body(plain) and not _VERBISH.search(plain)
        if match.lastgroup == "lead" and not body:
            continue
        return Subject(plain, match.end(), match.lastgroup == "lead", body)
    if verb_follows.match(piece) or _NO_SUBJECT.match(piece) or _CAUSATIVE.match(piece):
        return None
    for ending in _endings().finditer(piece[:LONGEST_NAME]):
        name, rest = piece[: ending.end()], piece[ending.end() :]
        if _endings().match(rest) or _LONGER_NAME.match(rest):
            continue
        if rest and verb_follows.match(rest) and is_body(name) and not _VERBISH.search(name):
            return Subject(name, ending.end(), False, True)
    return None


def assigned(clause: str) -> str | None:
    """The name in a bracket such as （责任单位：…） or （…牵头）, or None."""
    match = any_of("owners", "assigned").search(clause)
    if not match:
        return None
    name = next(value for value in match.groups() if value)
    return name if is_body(name.split("、")[-1]) or is_body(name.split("、")[0]) else None


def level(name: str) -> str | None:
    """The level of a post by the words of its name: all, province, city, district, street, unit, person."""
    for code in ("all", "person", "unit", "street", "district", "city", "province"):
        if any(word in name for word in words("owners", "levels", code)):
            return code
    return None


def proposal(clause: str) -> Owner | None:
    """Whom the field of work of ``clause`` usually falls to: a proposal, never an assertion."""
    topic = main_topic(clause)
    return Owner(topic.owner, IMPLIED) if topic else None
