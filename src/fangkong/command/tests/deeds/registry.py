"""How a deed is registered, and which writes of the rooms there are."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

#: The rooms whose writes are walked, and the modules in which their public writes stand.
ROOMS = {
    "minutes": ("actions",),
    "meetings": ("actions",),
    "directives": ("actions",),
    "tasks": ("actions", "assigning", "giving"),
    "duty": ("actions",),
    "response": ("actions",),
    "reviews": ("actions",),
    "listening": ("actions",),
    "notifications": ("actions",),
}

#: Functions with a keyword-only actor that write nothing by themselves: a caller holds their transaction.
PARTS_OF_WRITES = {
    "tasks.change_many": "the chunk that every hand-over writes",
    "tasks.proof_of": "checks and shapes a proof",
}

#: A deed made ready: called, it does it.
Act = Callable[[], Any]


@dataclass(frozen=True)
class Deed:
    """One write of a room, what has to stand before it, and what a second submit of it is answered with.

    ``again`` is "" where the second submit gives the same answer and changes nothing, else the code of the
    refusal. ``in_steps``: it commits more than once on its way, so a killed one is gone on with. ``counts``: its
    answer says what this submit changed, so a second one answers otherwise. ``renews``: asked later, it takes what
    stands then, so only a second submit of the same instant changes nothing.
    """

    name: str
    ready: Callable[[], Act]
    again: str = ""
    in_steps: bool = False
    counts: bool = False
    renews: bool = False


_deeds: dict[str, Deed] = {}


def deed(
    action: Callable[..., Any],
    *,
    again: str = "",
    in_steps: bool = False,
    counts: bool = False,
    renews: bool = False,
) -> Callable[[Callable[[], Act]], Callable[[], Act]]:
    """Register the function below as what makes ``action`` ready; it gives the act, arguments and all."""

    def register(ready: Callable[[], Act]) -> Callable[[], Act]:
        name = name_of(action)
        assert name not in _deeds, f"{name} is registered twice"
        _deeds[name] = Deed(name, ready, again, in_steps, counts, renews)
        return ready

    return register


def name_of(action: Callable[..., Any]) -> str:
    """``<room>.<function>``."""
    return f"{action.__module__.split('.')[2]}.{action.__name__}"


@cache
def deeds() -> dict[str, Deed]:
    """Name -> deed, of all rooms."""
    for room in (*ROOMS, "loops"):
        importlib.import_module(f"{__package__}.{room}")
    return dict(sorted(_deeds.items()))


def writes() -> Iterator[str]:
    """The public functions of the rooms' writing modules that take a keyword-only ``actor``."""
    found = set()
    for room, modules in ROOMS.items():
        for name in modules:
            module = importlib.import_module(f"fangkong.command.{room}.{name}")
            for member, function in inspect.getmembers(module, inspect.isfunction):
                actor = inspect.signature(function).parameters.get("actor")
                mine = function.__module__.startswith(f"fangkong.command.{room}.")
                if (
                    mine
                    and not member.startswith("_")
                    and actor is not None
                    and actor.kind is actor.KEYWORD_ONLY
                ):
                    found.add(name_of(function))
    yield from sorted(found - set(PARTS_OF_WRITES))
