"""The ways into the rules that everybody uses: load the packs, ask for a rule, ask for a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import InputError
from fangkong.science.rules.answers import Answer, Conflict, NoRuleInForce, NotInPack
from fangkong.science.rules.packs import ANY_DISEASE, SHIPPED, KeyRule, RulePack, load_keys, load_packs
from fangkong.science.rules.plan import Plan
from fangkong.science.rules.resolver import RuleBook, rule_book
from fangkong.science.rules.validation import KEYS_FILE


def load(*folders: str | Path) -> RuleBook:
    """The book of the packs in ``folders``, read in order; without a folder, of the packs that ship.

    One folder is read alone. Each folder may use the keys of its own ``keys.toml`` and of those before it; the
    shipped vocabulary stands in where none of them has one. To add local rows to what ships, give
    ``load(SHIPPED, folder)``. Raises InputError ``rules.folder_unknown``, ``rules.packs_invalid`` (with
    ``problems``) or ``rules.pack_name_taken``.

    >>> load().row("covid19-cn-control-plan:clock.day0:person=close_contact:2022-06-28:CN").value
    'last_unprotected_exposure'
    """
    if not folders:
        return rule_book()
    keys: dict[str, KeyRule] = {}
    packs: list[RulePack] = []
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise InputError("rules.folder_unknown", folder=str(folder))
        if not keys and not (folder / KEYS_FILE).exists():
            keys = load_keys(SHIPPED)
        packs += load_packs(folder, keys)
        keys |= load_keys(folder)
    return RuleBook(packs, keys)


def resolve(
    key: str,
    *,
    on: date | str,
    area: str = HOME_COUNTRY,
    disease: str = ANY_DISEASE,
    scope: Mapping[str, Any] | None = None,
    book: RuleBook | None = None,
    **facts: Any,
) -> Answer:
    """The row in force for ``key`` on the civil day ``on``, or which silence there is.

    ``book`` is the shipped packs when it is not given; everything else is as in :meth:`RuleBook.resolve`:
    the answer is :class:`InForce` (read it like its row), :class:`NoRuleInForce`, :class:`NotInPack` or
    :class:`Conflict`.

    >>> resolve("contact.lookback_days", on=date(2021, 10, 20), disease="covid-19").value
    2
    >>> early = resolve("campaign.finish_hours", on=date(2021, 8, 6), disease="covid-19")
    >>> type(early).__name__, early.next_row.effective_from.isoformat()
    ('NotInPack', '2021-09-13')
    """
    asked = book or rule_book()
    return asked.resolve(key, on=on, area=area, disease=disease, scope=scope, **facts)


def plan_for(
    situation: Mapping[str, Any],
    *,
    on: date | str,
    area: str | None = None,
    book: RuleBook | None = None,
) -> Plan | NoRuleInForce | NotInPack | Conflict:
    """What the rules of the civil day ``on`` ask of one person: the plan, or which silence there is.

    ``on`` is the day of the decision; the situation carries the dates of the events. ``book`` is the shipped
    packs when it is not given; everything else is as in :meth:`RuleBook.plan_for`.

    >>> cleaner = {"disease": "covid-19", "role": "close_contact", "last_exposure_on": date(2021, 10, 20)}
    >>> [(stage.place, stage.last_day.isoformat()) for stage in plan_for(cleaner, on="2021-10-20").stages]
    [('central', '2021-11-03'), ('home_monitoring', '2021-11-10')]
    """
    return (book or rule_book()).plan_for(situation, on=on, area=area)
