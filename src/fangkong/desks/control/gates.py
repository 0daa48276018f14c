"""Gates of orders on many people: food, medicine, open exits, an evacuation plan, a medical channel."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.errors import InputError
from fangkong.record.models import Order


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("gates.toml").read_text(encoding="utf-8"))


def gates_of(kind: str) -> tuple[str, ...]:
    """The gates that an order of ``kind`` must meet; none for orders on people."""
    return tuple(_table()["required"].get(kind, ()))


def gate_kind(gate: str) -> str:
    """How a gate is met: ``households_per_day`` (a capacity) or ``text``. Raises InputError ``order.gate_unknown``."""
    try:
        return str(_table()["gate"][gate])
    except KeyError:
        raise InputError("order.gate_unknown", gate=gate, gates=sorted(_table()["gate"])) from None


def checked_gates(given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` with every value of the kind its gate asks for.

    Raises InputError ``order.gate_unknown`` or ``order.gate_value`` (a capacity is a whole number from 0).
    """
    checked: dict[str, Any] = {}
    for gate, value in given.items():
        if gate_kind(gate) == "households_per_day":
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise InputError("order.gate_value", gate=gate)
            checked[gate] = value
        else:
            checked[gate] = str(value).strip()
    return checked


def missing_gates(order: Order) -> list[str]:
    """The gates of the order's kind that nothing meets yet; a capacity must reach the households inside."""
    return [gate for gate in gates_of(order.kind) if not _met(gate, order)]


def _met(gate: str, order: Order) -> bool:
    value = order.gates.get(gate)
    if gate_kind(gate) == "households_per_day":
        households = order.details.get("households")
        return isinstance(value, int) and isinstance(households, int) and value >= households
    return bool(value)
