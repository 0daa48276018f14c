"""The pager under a list: places in the address, written so that every place survives the way there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest


def whole_number(request: HttpRequest, name: str, default: int) -> int:
    """The whole number that the address gives for ``name``; ``default`` for anything else."""
    asked = request.GET.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else default


def pager(request: HttpRequest, page: Any, **kept: str) -> dict[str, Any]:
    """The context of components/pager.html for ``page``; ``kept`` are the filters that stay in the address.

    ``page`` has rows and the place ``after``, and a total where somebody counted. Places hold instants
    ("+00:00"), which an address must spell out.
    """
    first = whole_number(request, "from", 1)
    shown, after = len(page.rows), request.GET.get("after", "")
    later = {**kept, "after": page.after, "from": str(first + shown)}
    return {
        "first": first if shown else 0,
        "last": first + shown - 1 if shown else 0,
        "total": getattr(page, "total", None),
        "earlier_href": f"?{urlencode(kept)}" if after else None,
        "later_href": f"?{urlencode(later)}" if page.after else None,
    }
