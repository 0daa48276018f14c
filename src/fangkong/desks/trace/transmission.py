"""Who infected whom, as far as judged: the links of a case, the tree below it, the largest sources."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, Exists, OuterRef

from fangkong.record.access import Actor
from fangkong.record.models import Case, TransmissionLink

from .cases import find_case, visible_cases
from .values import LinkedCase, Links, TransmissionTree, TreeNode

#: Generations and cases that a tree shows at most; a page cannot draw more.
MOST_GENERATIONS = 20
MOST_CASES = 2000


def links(case_key: str, *, actor: Actor, at: datetime) -> Links:
    """The judged sources of a case and the cases that it infected; four queries.

    A case at the other end that lies outside the scope shows as a link without keys. Raises Forbidden without
    ``case.read``, NotFound.
    """
    find_case(case_key, actor=actor, at=at)
    known = TransmissionLink.objects.known_at(at)
    sources = list(known.filter(to_case_key=case_key).order_by("from_case_key"))
    infected = list(known.filter(from_case_key=case_key).order_by("to_case_key"))
    ends = {link.from_case_key for link in sources} | {link.to_case_key for link in infected}
    seen = _cases(ends, actor=actor, at=at)
    return Links(
        [_linked(link, seen.get(link.from_case_key)) for link in sources],
        [_linked(link, seen.get(link.to_case_key)) for link in infected],
    )


def transmission_tree(
    case_key: str, *, actor: Actor, at: datetime, generations: int = MOST_GENERATIONS, cases: int = MOST_CASES
) -> TransmissionTree:
    """Everybody infected by a case, directly or through others; two queries for each generation.

    A case that can be reached twice, or in a circle of contradicting judgements, stands once, at its first
    generation. Raises Forbidden without ``case.read``, NotFound.
    """
    root = find_case(case_key, actor=actor, at=at)
    nodes = [_node(root, 0, "", "")]
    reached, frontier = {case_key}, [case_key]
    outside, deeper = 0, False
    for generation in range(1, generations + 2):
        found = _steps(frontier, reached, at)
        if not found:
            break
        if generation > generations or len(nodes) >= cases:
            deeper = True
            break
        seen = _cases(found, actor=actor, at=at)
        outside += len(found) - len(seen)
        born = [
            _node(case, generation, found[key].from_case_key, found[key].setting)
            for key, case in seen.items()
        ]
        born.sort(key=lambda node: (node.case_no, node.case_key))
        room = cases - len(nodes)
        deeper |= len(born) > room
        nodes += born[:room]
        reached |= set(found)
        frontier = [node.case_key for node in born[:room]]
    return TransmissionTree(case_key, nodes, outside, deeper)


def largest_sources(
    disease: str, *, actor: Actor, at: datetime, limit: int = 10
) -> list[tuple[str, str, int]]:
    """(case number, case key, cases infected) of the cases with most links, largest first; two queries.

    Only sources that the actor sees; their links count wherever they lead. Raises Forbidden without
    ``case.read``.
    """
    actor.require("case.read")
    seen = visible_cases(actor, at).filter(key=OuterRef("from_case_key"))
    known = TransmissionLink.objects.known_at(at).filter(Exists(seen), disease=disease)
    counted = known.values_list("from_case_key").order_by().annotate(n=Count("to_case_key", distinct=True))
    largest = list(counted.order_by("-n", "from_case_key")[:limit])
    numbers = {
        key: case.case_no for key, case in _cases((key for key, _ in largest), actor=actor, at=at).items()
    }
    return [(numbers[key], key, n) for key, n in largest]


def _steps(frontier: list[str], reached: set[str], at: datetime) -> dict[str, TransmissionLink]:
    """Case key -> the link by which it is reached for the first time from the frontier."""
    known = TransmissionLink.objects.known_at(at).filter(from_case_key__in=frontier)
    steps: dict[str, TransmissionLink] = {}
    for link in known.order_by("from_case_key", "to_case_key"):
        if link.to_case_key not in reached:
            steps.setdefault(link.to_case_key, link)
    return steps


def _cases(keys: Iterable[str], *, actor: Actor, at: datetime) -> dict[str, Case]:
    return {case.key: case for case in visible_cases(actor, at).filter(key__in=sorted(keys))}


def _linked(link: TransmissionLink, case: Case | None) -> LinkedCase:
    return LinkedCase(case.key if case else "", case.case_no if case else "", link.setting, link.setting_text)


def _node(case: Case, generation: int, source_key: str, setting: str) -> TreeNode:
    return TreeNode(
        case_key=case.key,
        case_no=case.case_no,
        classification=case.classification,
        area_code=case.area_code,
        onset_on=case.onset_on,
        reported_on=case.reported_on,
        generation=generation,
        source_key=source_key,
        setting=setting,
    )
