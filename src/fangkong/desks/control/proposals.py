"""What came of an attempt to propose an order: data, so that a reaction can act on every silence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

#: Outcomes on which the rules are silent or at odds: a named person decides.
TO_DECIDE = ("not_in_pack", "rules_conflict", "rules_other_event")


@dataclass(frozen=True)
class Proposal:
    """The outcome ``code`` and, where there is one, the order.

    ``proposed`` (``new``, or False when it stood already), ``already_covered`` (another running order of the
    person holds these days), ``no_rule_in_force`` (the law is silent), ``not_in_pack`` / ``rules_conflict`` /
    ``rules_other_event`` (a person decides), ``nothing_to_do`` (the rule asks for nothing),
    ``exposure_date_unknown``, ``already_over``, ``became_case`` (isolation took over) and
    ``outside_jurisdiction`` (another office's person). ``params`` say which rule key, day or row it hangs on.
    """

    code: str
    order_key: str = ""
    new: bool = False
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def to_decide(self) -> bool:
        """True when the packs do not decide and a named person must."""
        return self.code in TO_DECIDE


@dataclass(frozen=True)
class Measure:
    """What an order would say: kind, days, and the rows and texts that it rests on."""

    kind: str
    starts_on: date
    expires_on: date
    stages: list[dict[str, Any]]
    rule_rows: list[str]
    legal_basis: list[str]
    confidence: str
    release_condition: str
    #: Where the dates come from: rule_row, safeguard or person.
    dates_from: str
    day0_on: date | None = None
