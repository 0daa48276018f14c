"""What kind of statement a comma piece is: decision, standing duty, principle or fact, and the words that decided.

要 is no test: exhortations use it and duties do without. What counts is an act on a thing that someone could check.
Lists and weights are data (``words/``). The classes are those of the gold annotation's README.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from .details import deadline_word, time_first
from .lexicon import lexicon
from .vocabulary import alternation, any_of, hits, literal, topics, words

DECISION, DUTY, PRINCIPLE, FACT, UNREADABLE = "decision", "standing_duty", "principle", "fact", "unreadable"
TASKS = frozenset({DECISION, DUTY})
#: Pieces that only make sense with a neighbour: an aim goes with the act before, an open frame with what follows.
AIM, OPEN = "aim", "open"


@dataclass(frozen=True)
class Verdict:
    """``kind``: a class, AIM or OPEN; ``task`` and ``principle`` scores; ``finishing`` score of a decision;
    ``why``: the words that decided, each as ``list:word``; ``ordered``: the piece has an order's mood;
    ``fresh``: it starts an order of its own (a modal or a subject)."""

    kind: str
    task: float = 0.0
    principle: float = 0.0
    finishing: float = 0.0
    why: tuple[str, ...] = ()
    ordered: bool = False
    fresh: bool = False
    narrated: bool = False


#: A task needs one of these: a thing or an act; 持续 or 全覆盖 alone is none.
_SUBSTANCE = frozenset(
    {"topic", "finish", "continue", "document", "endstate", "deadline", "deploy", "prohibition", "working"}
)


_ENDS = ("finish:", "document:", "endstate:", "deadline:", "quantity:", "lead_in:", "completeness:")


@dataclass
class _Score:
    task: float = 0.0
    principle: float = 0.0
    finishing: float = 0.0
    substance: bool = False
    why: list[str] = field(default_factory=list)

    @property
    def finishes_by_more_than_numbers(self) -> bool:
        """Whether something else than a count speaks of an end: a count alone tells of how things are."""
        ends = [each.split(":", 1) for each in self.why if each.startswith(_ENDS)]
        return any(
            name == "deadline" or (name != "quantity" and not word[:1].isdecimal()) for name, word in ends
        )

    def say(self, name: str, found: Iterable[str]) -> None:
        self.substance = self.substance or name in _SUBSTANCE
        self.why.extend(f"{name}:{word}" for word in found)


#: What is done every day is an order, also where the same words tell of one meeting.
_EVERY_DAY = re.compile(r"每[日天周月]|定期")


#: 测温、扫码等防控工作 is about what it lists.
_LISTED = re.compile(r"等(?!各项)[^，]{0,8}(?:工作|措施)$")
_PLAIN_MODAL = re.compile(r"^(?:要|必须|应当|应|须|都要)")


def _weights(group: str) -> dict[str, float]:
    weights: dict[str, float] = lexicon("words/weights")[group]
    return weights


@cache
def _lead() -> re.Pattern[str]:
    return re.compile(rf"^(?:{any_of('frames', 'lead').pattern})[、，：:.． ]*")


@cache
def _modal() -> re.Pattern[str]:
    return any_of("frames", "modal")


@cache
def _verbs() -> re.Pattern[str]:
    return literal(
        ("acts", "finish", "verbs"),
        ("acts", "continue", "verbs"),
        ("acts", "light", "verbs"),
        ("acts", "create", "verbs"),
        ("principles", "exhort", "verbs"),
        ("principles", "viewpoint", "verbs"),
    )


@cache
def _adverbs() -> re.Pattern[str]:
    return re.compile(
        rf"^(?:{alternation(words('details', 'object', 'adverbs'))}|再|都|也|还|又|更|更加|均|不|好|地)+"
    )


@cache
def order_begins() -> re.Pattern[str]:
    """Matches where an order can begin without 要: adverbs, then a verb of the lists or a 把/对 phrase with one."""
    verbs = _verbs().pattern
    adverbs = alternation((*words("details", "object", "adverbs"), "再", "都", "更", "更加", "共同"))
    return re.compile(
        rf"(?:{time_first().pattern.removeprefix('^')})?(?:(?:{adverbs})*(?:{verbs})|(?:{adverbs})*(?:对|把|将|为|以|在|按|按照|通过|向|从|针对)[^，]{{1,50}}?(?:{verbs})"
        rf"|(?:一旦|凡是?|如有|如遇|遇有|发现)[^，]{{1,30}}?(?:立即|立刻|马上|及时|第一时间|一律|迅速|当日|必须))"
    )


def without_lead(piece: str) -> int:
    """How many characters of ``piece`` are numbering or connection (一是, 同时, （二）)."""
    at = 0
    while match := _lead().match(piece[at:]):
        if match.end() == 0 or at + match.end() >= len(piece):
            break
        at += match.end()
    return at


@lru_cache(maxsize=4096)  # the same set phrases come again and again
def judge(piece: str, *, verb: str = "", subject_states: bool = False, rest: int = 0) -> Verdict:
    """The verdict on one comma piece (without its numbering).

    ``verb``: the reporting verb that governs it; ``subject_states``: the piece names a subject that is told to act,
    and ``rest`` is where its order begins.
    """
    modal = _modal().search(piece)
    order = piece[rest:]
    if rest and not order:
        return Verdict(OPEN, ordered=True, fresh=True, why=(f"leads:{piece}",))
    begins = order_begins().match(order) or _modal_start(order)
    narrative = any_of("facts", "narrative").search(piece)
    situation = any_of("facts", "situation").search(piece)
    if narrative and not modal and not _EVERY_DAY.search(piece):
        return Verdict(FACT, why=(f"narrative:{narrative.group()}",), narrated=True)
    ordered = bool(modal or begins or subject_states)
    if (
        situation
        and not modal
        and not deadline_word(piece)
        and (subject_states or not (begins and situation.start() > 0))
    ):
        return Verdict(FACT, why=(f"situation:{situation.group()}",))
    score = _scored(piece, order, verb)
    fresh = bool(modal or subject_states)
    if not ordered:
        return _unordered(piece, score)
    kind = _kind(score)
    if any_of("frames", "manner").match(piece):
        return Verdict(OPEN, score.task, score.principle, score.finishing, tuple(score.why), fresh=fresh)
    aim = any_of("principles", "aim").match(_stripped(piece))
    if aim and not fresh and not _measurable(piece) and score.finishing < 2:
        kind = AIM
        score.say("aim", [aim.group()])
    elif not fresh and kind == PRINCIPLE and score.principle == 0 and any_of("frames", "open").search(piece):
        kind = OPEN
    return Verdict(
        kind, score.task, score.principle, score.finishing, tuple(score.why), ordered=True, fresh=fresh
    )


def _measurable(piece: str) -> bool:
    capacity = topics()[-1].nouns
    return bool(any_of("principles", "measurable_aim").search(piece) or capacity.search(piece))


def _modal_start(order: str) -> re.Match[str] | None:
    return _modal().match(order)


def _unordered(piece: str, score: _Score) -> Verdict:
    if any_of("frames", "open").search(piece):
        return Verdict(OPEN, score.task, score.principle, score.finishing, tuple(score.why))
    if score.principle > score.task:
        return Verdict(PRINCIPLE, score.task, score.principle, score.finishing, tuple(score.why))
    acts = score.finishes_by_more_than_numbers or literal(("acts", "finish", "verbs")).search(piece)
    if score.finishing >= _weights("decision")["threshold"] and acts:
        return Verdict(DECISION, score.task, score.principle, score.finishing, tuple(score.why), ordered=True)
    if any_of("frames", "state").search(piece) and not score.principle:
        return Verdict(AIM, score.task, score.principle, score.finishing, tuple(score.why))
    return Verdict(OPEN, score.task, score.principle, score.finishing, tuple(score.why))


def _kind(score: _Score) -> str:
    if score.task <= score.principle or not score.substance:
        return PRINCIPLE
    return DECISION if score.finishing >= _weights("decision")["threshold"] else DUTY


def _stripped(piece: str) -> str:
    return re.sub(r"^(?:并|还|再|同时|从而|进而|要)+", "", piece)


def _head_verb(piece: str) -> str:
    modal = _modal().match(piece)
    body = piece[modal.end() :] if modal and len(modal.group()) <= 3 else piece
    stripped = _adverbs().sub("", time_first().sub("", body, count=1))
    match = (
        literal(("principles", "exhort", "verbs")).match(body)
        or _verbs().match(stripped)
        or _verbs().match(body)
    )
    if match:
        return match.group()
    later = _later_verb().match(stripped)
    return later["verb"] if later else ""


@cache
def _later_verb() -> re.Pattern[str]:
    """The verb after what it acts on: 对养老院……开展, 把卡口……看好."""
    return re.compile(
        rf"(?:对|把|将|为|以|在|按|按照|通过|向|从|针对)[^，]{{1,50}}?(?P<verb>{_verbs().pattern})"
    )


def _scored(piece: str, order: str, verb: str) -> _Score:
    score = _Score()
    task, principle, decision = _weights("task"), _weights("principle"), _weights("decision")
    head = _head_verb(order)
    found = list(dict.fromkeys(noun for topic in topics() for noun in hits(topic.nouns, piece)))
    if found:
        score.task += task["topic_first"] + task["topic_more"] * min(len(found) - 1, task["topic_most"])
        score.say("topic", found)
    if head in words("acts", "finish", "verbs"):
        score.task += task["finish_verb"]
        score.finishing += decision["finish_verb"]
        score.say("finish", [head])
    elif head in words("acts", "continue", "verbs"):
        score.task += task["continue_verb"]
        # 开展 or 组织 is an act only with a thing.
        score.say("support" if head in words("acts", "support", "verbs") else "continue", [head])
    _score_ends(piece, score)
    if verb in words("frames", "reporting", "deciding"):
        score.task += task["deciding"]
        score.finishing += decision["deciding"]
        score.say("lead_in", [verb])
    idioms = hits(any_of("principles", "idiom"), piece)
    if idioms:
        more = principle["idiom_more"] * min(len(idioms) - 1, principle["idiom_most"])
        score.principle += principle["idiom_first"] + more
        score.say("idiom", idioms)
    capacity = topics()[-1].nouns.search(piece)
    if capacity:
        score.task += task["capacity"]
        score.say("topic", [capacity.group()])
    elif (abstract := _abstract_end().search(piece)) and not (found and _LISTED.search(piece)):
        score.principle += principle["abstract_end"]
        score.say("abstract", [abstract.group()])
    if _generic().fullmatch(piece) and not any_of("acts", "completeness").search(piece):
        score.principle += principle["generic"]
        score.say("generic", [piece])
    if head in words("principles", "viewpoint", "verbs"):
        score.principle += principle["viewpoint"]
        score.say("viewpoint", [head])
    if head in words("principles", "exhort", "verbs"):
        score.principle += principle["exhort_verb"]
        score.say("exhort", [head])
    if any_of("frames", "citizen", "citizen_channel").search(piece):
        score.task += task["channel"]
        score.say("deploy", hits(any_of("frames", "citizen", "citizen_channel"), piece))
    elif any_of("frames", "citizen").search(piece):
        score.principle += principle["citizen"]
        score.say("citizen", hits(any_of("frames", "citizen"), piece))
    if not found and not score.principle:
        _score_working(order, score)
    return score


def _score_working(order: str, score: _Score) -> None:
    """A thing that no list knows after a verb of work: little, but more than nothing."""
    body = _adverbs().sub("", _PLAIN_MODAL.sub("", order))
    match = literal(("acts", "working", "verbs")).match(body)
    least = lexicon("words/acts")["working"]["least_object"]
    if match and len(body) - match.end() >= least:
        score.task += _weights("task")["working"]
        score.say("working", [match.group()])


def _score_ends(piece: str, score: _Score) -> None:
    task, decision = _weights("task"), _weights("decision")
    for name in ("completeness", "endstate", "recurrent", "prohibition", "deploy", "each"):
        found = hits(any_of("acts", name), piece)
        if found:
            score.task += task.get(name, 0.0)
            score.finishing += decision.get(name, 0.0)
            score.say(name, found)
    if nominal := _nominal().search(piece):
        score.task += task["nominal"]
        score.say("continue", [nominal["act"]])
    complete = any_of("acts", "completeness").search(piece)
    if complete and literal(("acts", "sweep", "verbs")).search(piece):
        score.finishing += decision["sweep_complete"]
    document = _document().search(piece)
    if document:
        score.task += task["document"]
        score.finishing += decision["document"]
        score.say("document", [document.group()])
    if word := deadline_word(piece):
        score.task += task["deadline"]
        score.finishing += decision["deadline"]
        score.say("deadline", [word])
    if quantity := re.search(
        r"\d+(?:\.\d+)?(?:万|余)?(?:间|张|名|人|家|个|台|套|支|辆|吨|%|％|人份|管)", piece
    ):
        score.finishing += decision["quantity"]
        score.say("quantity", [quantity.group()])


@cache
def _generic() -> re.Pattern[str]:
    """A piece made of light verbs, adverbs and nouns without content alone; longest words first, no going back."""
    tokens = (
        *words("principles", "generic", "nouns"),
        *words("principles", "generic", "joints"),
        *words("acts", "light", "verbs"),
        *words("details", "object", "adverbs"),
    )
    return re.compile(rf"(?>{alternation(tokens)})++")


@cache
def _nominal() -> re.Pattern[str]:
    """做好补助发放工作: the act stands before 工作."""
    acts = (*words("acts", "finish", "verbs"), *words("acts", "continue", "verbs"))
    plain = set(acts) - set(words("acts", "support", "verbs")) - {"防范", "落细"}
    light = alternation(words("acts", "nominal", "verbs"))
    return re.compile(
        rf"(?:{light})(?![^，]*(?:防控|防疫))[^，]{{2,30}}?(?P<act>{alternation(plain)})(?:等)?工作$"
    )


@cache
def _document() -> re.Pattern[str]:
    create = alternation(words("acts", "create", "verbs"))
    nouns = alternation(words("acts", "document", "nouns"))
    return re.compile(rf"(?:{create})[^，]{{0,26}}?(?:{nouns})")


@cache
def _abstract_end() -> re.Pattern[str]:
    return re.compile(
        rf"(?:{alternation(words('principles', 'abstract', 'nouns'))})(?:上来|中|上|工作|不放松|等)?$"
    )
