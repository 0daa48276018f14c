"""Who presided, spoke and attended, by the names and posts of official prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .lexicon import lexicon


@dataclass(frozen=True)
class Person:
    """Somebody named in a report: ``name``, ``post`` (or None where the text gives none), ``role``.

    ``role`` is ``presided``, ``presided and spoke``, ``attended``, ``attended and spoke``, ``spoke`` or
    ``made the arrangements``.
    """

    name: str
    post: str | None
    role: str


def people(opening: str, headline: str = "", speakers: tuple[str, ...] = ()) -> tuple[Person, ...]:
    """Those whom the opening of a report (and its headline) names with what they did, the presiding one first.

    ``speakers`` are the names before 指出 and 强调 in the rest of the report.
    """
    posts: dict[str, str | None] = {}
    acts: dict[str, set[str]] = {}
    for sentence in re.split(r"[。！？\n]", headline + "\n" + opening):
        for name, post, did in _in_sentence(sentence):
            posts[name] = posts.get(name) or post
            acts.setdefault(name, set()).update(did)
    for name in speakers:
        posts.setdefault(name, None)
        acts.setdefault(name, set()).add("spoke")
    found = [Person(name, posts[name], _role(did)) for name, did in acts.items()]
    return tuple(sorted(found, key=lambda person: not person.role.startswith("presided")))


def _in_sentence(sentence: str) -> list[tuple[str, str | None, set[str]]]:
    """(name, post, what they did) of a sentence's persons; one verb may serve several clauses before it."""
    persons: list[tuple[str, str | None, set[str]]] = []
    waiting: list[tuple[str, str | None]] = []
    clauses = sentence.split("，")
    for number, clause in enumerate(clauses):
        named = _named(clause, bool(waiting))
        rest = clause[named[-1][2] :] if named else clause
        did = _did(rest)
        if did and number + 1 < len(clauses) and clauses[number + 1].startswith("并"):
            did |= _did(clauses[number + 1])
        waiting += [(name, post) for name, post, _ in named]
        if did and (named or "attended" in did):
            persons += [(name, post, did) for name, post in waiting]
        if did or rest.strip() not in ("", "等"):
            waiting = []
    return persons


def _did(text: str) -> set[str]:
    return {
        role for role, words in lexicon("words/names")["roles"].items() if any(word in text for word in words)
    }


def _role(did: set[str]) -> str:
    if "presided" in did:
        return "presided and spoke" if "spoke" in did else "presided"
    if "arranged" in did:
        return "made the arrangements"
    if "attended" in did:
        return "attended and spoke" if "spoke" in did else "attended"
    return "spoke"


#: A name in a list without surname known to us; no name begins or ends like a unit's.
_BARE = re.compile(r"(?![各有相等全])[\u3400-\u9fff]{1,2}[^\W省市县区州镇乡道部门局委办厅位员导众等]$")


def _named(clause: str, listed: bool = False) -> list[tuple[str, str | None, int]]:
    """(name, post, end in the clause) of the persons that a clause names one after another.

    ``listed``: the clause before ended in a name, so that this one may go on with a bare one.
    """
    persons: list[tuple[str, str | None, int]] = []
    posts: list[str] = []
    at = 0
    for number, item in enumerate(clause.split("、")):
        match = _person().match(item)
        going_on = bool(persons) or (listed and number == 0)
        if match and (match["post"] or posts or going_on or number == 0):
            own = _trimmed(match["post"] or "")
            post = "、".join([*posts, own] if own else posts) or None
            persons.append((match["name"], post, at + match.end("name")))
            posts = []
        elif going_on and (bare := _BARE.match(item)) and not _post_only().search(item):
            persons.append((bare[0], None, at + len(item)))
        elif _post_only().search(item):
            posts.append(_trimmed(item))
        else:
            posts = []
        at += len(item) + 1
    return persons


def _trimmed(post: str) -> str:
    for word in lexicon("words/names")["before_post"]:
        post = post.removeprefix(word)
    return post.strip()


@cache
def _name() -> str:
    words = lexicon("words/names")
    compound = "|".join(words["compound_surnames"])
    han = r"[\u3400-\u9fff]"
    return rf"(?:(?:{compound}){han}{{1,2}}?|[{words['surnames']}]{han}{{1,2}}?|{han}{{2,8}}·{han}{{2,8}})"


@cache
def _person() -> re.Pattern[str]:
    words = lexicon("words/names")
    posts, after = "|".join(words["posts"]), "|".join(words["after_name"])
    return re.compile(rf"^\s*(?P<post>.{{0,60}}(?:{posts}))?(?P<name>{_name()})(?=\s|{after}|$)")


@cache
def _post_only() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(lexicon('words/names')['posts'])})$")


@cache
def speaker_pattern() -> re.Pattern[str]:
    """A matcher of the sentence openings "X指出，" and "会议强调，"; ``who`` is the name or 会议."""
    words = lexicon("words/names")["speaking"]
    verbs, after = "|".join(words["verbs"]), "|".join(words["after"])
    return re.compile(
        rf"(?:^|(?<=[。！？\n”]))\s*(?P<who>会议|{_name()})(?:(?=(?:{verbs}))|(?:{after})[^，。\n]{{0,40}}?)"
        rf"(?:{verbs})[，：]"
    )
