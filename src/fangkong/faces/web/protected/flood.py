"""Keeps the protected line from being flooded, without a trace of who used it.

Addresses are counted in this process's memory alone, under the installation's keyed digest, and forgotten
when the window ends; a table of them beside the reports would be a list of those who reported.
"""

from __future__ import annotations

import hashlib
import hmac

from django.core.cache import cache

from fangkong.core.errors import Forbidden
from fangkong.record.keyring import keyring

#: Reports from one address within the window after which the next has to wait: a family or an office behind one
#: address gets through, a script does not.
REPORTS_PER_ADDRESS = 10
WINDOW_MINUTES = 15


def flood_check(address: str) -> None:
    """Nothing while ``address`` has reports left. Raises Forbidden ``protected.wait`` with the minutes."""
    if cache.get(_place(address), 0) >= REPORTS_PER_ADDRESS:
        raise Forbidden("protected.wait", minutes=WINDOW_MINUTES)


def flood_count(address: str) -> None:
    """One report more from ``address``; the window begins with the first."""
    place = _place(address)
    if not cache.add(place, 1, WINDOW_MINUTES * 60):
        try:
            cache.incr(place)
        except ValueError:  # The window ended between the two.
            cache.set(place, 1, WINDOW_MINUTES * 60)


def _place(address: str) -> str:
    digest = hmac.new(keyring().search, f"protected:{address}".encode(), hashlib.sha256).hexdigest()
    return f"protected-{digest}"
