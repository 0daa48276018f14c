"""The chain of a case: everybody whom it infected, by generation, as a table that can be read aloud."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fangkong.desks.trace import queries
from fangkong.desks.trace.values import TransmissionTree, TreeNode
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing


@desk("trace", "case.read")
@require_safe
def chain(request: HttpRequest, key: str) -> HttpResponse:
    """The tree below one case; NotFound outside the actor's scope."""
    viewing: Viewing = request.viewing
    tree = queries.transmission_tree(key, actor=viewing.actor, at=viewing.at)
    above = queries.links(key, actor=viewing.actor, at=viewing.at).sources
    names = area_names(sorted({node.area_code for node in tree.nodes}))
    sizes = Counter(node.generation for node in tree.nodes)
    root = tree.nodes[0]
    context = {
        "page_title": said("page.chain.title", number=root.case_no),
        "root": root,
        "sources": above,
        "rows": [
            {
                "node": node,
                "area": names.get(node.area_code, node.area_code),
                "setting": coded("setting", node.setting) if node.setting else "",
                "depth": min(node.generation, 6),
                "infected": infected,
            }
            for node, infected in _in_order(tree)
        ],
        "count": len(tree.nodes) - 1,
        "generations": max(sizes),
        "outside": tree.outside,
        "deeper": tree.deeper,
    }
    return render(request, "trace/chain.html", context)


def _in_order(tree: TransmissionTree) -> list[tuple[TreeNode, int]]:
    """The cases depth first, each below the one that infected it, with the number it infected."""
    below: dict[str, list[TreeNode]] = {}
    for node in tree.nodes:
        below.setdefault(node.source_key, []).append(node)
    ordered: list[tuple[TreeNode, int]] = []
    waiting = [tree.nodes[0]]
    while waiting:
        node = waiting.pop()
        children = below.get(node.case_key, [])
        ordered.append((node, len(children)))
        waiting += reversed(children)
    return ordered
