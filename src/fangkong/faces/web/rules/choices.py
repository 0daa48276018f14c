"""What the rule pages let a reader choose: diseases, roles, facts, areas and keys, as the packs have them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import get_language

from fangkong.core.areas import HOME_COUNTRY
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.figures import disease_name
from fangkong.faces.words import rule_words
from fangkong.science.rules import RuleBook
from fangkong.science.rules.packs import ANY_DISEASE
from fangkong.science.rules.roles import Role, role_table

Option = dict[str, Any]


def diseases(book: RuleBook, chosen: str, *, every: bool = False) -> list[Option]:
    """Every disease that a pack speaks of; with ``every`` also the rules for any disease."""
    found = [_option(code, disease_name(code), chosen) for code in book.diseases()]
    return [_option(ANY_DISEASE, said("rules.page.any_disease"), chosen), *found] if every else found


def role_options(chosen: str) -> list[Option]:
    """Every role that a plan is made for."""
    return [_option(name, role_name(name), chosen) for name in role_table().roles]


def role_name(name: str) -> str:
    """The role in words: it is a person of the packs."""
    return rule_words.fact_text("person", name, get_language())


def fact_options(book: RuleBook, role: Role, disease: str, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """A choice for each fact that the rows of the role tell people apart by; the first one where it is needed."""
    choices = []
    for name in role.facts:
        own = _scope_values(book, role, name, (disease, ANY_DISEASE))
        needed = name in role.needed
        values = own or (_scope_values(book, role, name, (*book.diseases(), ANY_DISEASE)) if needed else [])
        if not values:
            continue
        # A fact may be called like a field of the form (the kind of area, say).
        field = f"fact_{name}"
        chosen = given.get(field) if given.get(field) in values else (values[0] if needed else "")
        options = [
            _option(value, rule_words.fact_text(name, value, get_language()), chosen) for value in values
        ]
        if not needed:
            options.insert(0, _option("", said("rules.page.not_stated"), chosen))
        choices.append(
            {
                "name": name,
                "field": field,
                "label": said(f"rules.scope.{name}"),
                "options": options,
                "chosen": chosen,
            }
        )
    return choices


def _scope_values(book: RuleBook, role: Role, name: str, of: Collection[str]) -> list[str]:
    """What the rows that the role asks for tell apart by the fact ``name``."""
    return sorted(
        {
            str(row.scope[name])
            for pack in book.packs
            if pack.disease in of
            for row in pack.rows
            if row.key in role.keys and name in row.scope
        }
    )


def areas(book: RuleBook, own: str, chosen: str) -> list[Option]:
    """The country, the office's own area, and every area that has rows of its own."""
    places = sorted({row.jurisdiction for pack in book.packs for row in pack.rows})
    local = [place.partition("-")[2] for place in places if place.startswith(f"{HOME_COUNTRY}-")]
    codes = [code for code in dict.fromkeys([own, *local]) if code and code.isdigit()]
    names = area_names(codes)
    found = [_option(HOME_COUNTRY, said("rules.page.country"), chosen)]
    for code in codes:
        name = names.get(code, code)
        label = name if name != code else said("rules.page.area_code", area=code)
        found.append(_option(code, label, chosen))
    return found


def keys(book: RuleBook, chosen: str, disease: str) -> list[Option]:
    """Every key that has rows for the disease or for any."""
    used = {row.key for pack in book.packs if pack.disease in (disease, ANY_DISEASE) for row in pack.rows} | (
        {chosen} if chosen in book.keys else set()
    )
    return [_option(name, name, chosen) for name in sorted(used)]


def _option(value: str, label: str, chosen: str | None) -> Option:
    return {"value": value, "label": label, "chosen": value == chosen}
