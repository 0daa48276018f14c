"""Keeps a page that is open to anybody from being flooded, without a trace of who used it.

Addresses are counted in this process's memory alone, under the installation's keyed digest, and forgotten
when the window ends; a table of them beside the reports would be a list of those who reported.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from django.core.cache import cache

from fangkong.core.errors import Forbidden
from fangkong.record.keyring import keyring


@dataclass(frozen=True)
class FloodGuard:
    """How many times one address may use the page ``name`` within the window; the next has to wait."""

    name: str
    most: int
    window_minutes: int

    def check(self, address: str) -> None:
        """Nothing while ``address`` has uses left. Raises Forbidden ``<name>.wait`` with the minutes."""
        if cache.get(self._place(address), 0) >= self.most:
            raise Forbidden(f"{self.name}.wait", minutes=self.window_minutes)

    def count(self, address: str) -> None:
        """One use more by ``address``; the window begins with the first."""
        place, seconds = self._place(address), self.window_minutes * 60
        if not cache.add(place, 1, seconds):
            try:
                cache.incr(place)
            except ValueError:  # The window ended between the two.
                cache.set(place, 1, seconds)

    def _place(self, address: str) -> str:
        digest = hmac.new(keyring().search, f"{self.name}:{address}".encode(), hashlib.sha256).hexdigest()
        return f"{self.name}-{digest}"


#: Reports: a family or an office behind one address gets through, a script does not.
PROTECTED_LINE = FloodGuard("protected", most=10, window_minutes=15)

#: Questions of what applies: each costs a look into every rule, and people ask for several days and journeys.
WHAT_APPLIES = FloodGuard("applies", most=60, window_minutes=15)
