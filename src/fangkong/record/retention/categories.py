"""The categories of personal data: what each covers, and the rules that allow and end it (categories.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import models
from django.db.models import Q

from fangkong.core.errors import InputError
from fangkong.record import models as tables

#: Fields that hold a person's key in any table.
PERSON_FIELDS = frozenset({"person_key", "carer_key"})


@dataclass(frozen=True)
class Condition:
    """What a rule must say: a row of ``key`` for ``facts`` in force, and its value as asked.

    ``names``: the row's list holds one of them. ``values``: the row's value is one of them.
    """

    key: str
    facts: tuple[tuple[str, Any], ...] = ()
    names: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()

    def meets(self, value: Any) -> bool:
        """True when a row with ``value`` fulfils the condition."""
        if self.names:
            return isinstance(value, list | tuple) and any(name in value for name in self.names)
        return not self.values or value in self.values


@dataclass(frozen=True)
class Link:
    """A table whose rows give a person's identity a purpose, ``where`` a field holds one of the listed values."""

    table: str
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def model(self) -> type[models.Model]:
        """The table."""
        return table_named(self.table)

    @property
    def condition(self) -> Q:
        """The filter of the rows."""
        return Q(**{f"{field}__in": values for field, values in self.where})


@dataclass(frozen=True)
class Category:
    """One category of personal data. Every code has its words in the faces."""

    code: str
    purpose: str
    sources: tuple[str, ...]
    covers: tuple[str, ...]
    links: tuple[Link, ...]
    grounds: tuple[Condition, ...]
    limits: tuple[Condition, ...]
    ends: tuple[Condition, ...]
    supports: tuple[Condition, ...]
    event_end: str
    erase: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every rule key that the category rests on, without repeats."""
        conditions = (*self.grounds, *self.limits, *self.ends, *self.supports)
        named = [condition.key for condition in conditions] + ([self.event_end] if self.event_end else [])
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True)
class Hold:
    """A state of things in which nothing of the person is purged; ``until`` is the field of its last day."""

    code: str
    table: str
    states: tuple[tuple[str, tuple[str, ...]], ...]
    until: str

    @property
    def condition(self) -> Q:
        """The filter of the rows that hold."""
        return Q(**{f"{field}__in": values for field, values in self.states})


@dataclass(frozen=True)
class TaskHold:
    """Tasks that hold: their unfinished states, and the tables whose rows they may be about."""

    code: str
    unfinished: tuple[str, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class KeptFiles:
    """Where copies lie under FANGKONG_HOME, and which parts of them a purge removes."""

    staged: str
    #: The parts of a staged file that say whose identities it brought, and the kind of the rows that do.
    identities_in: tuple[str, ...]
    identity_rows: str
    parts: tuple[str, ...]
    unfinished_parts: tuple[str, ...]
    arrived: tuple[str, ...]


@dataclass(frozen=True)
class Retention:
    """The whole of categories.toml."""

    categories: Mapping[str, Category]
    holds: tuple[Hold, ...]
    tasks: TaskHold
    files: KeptFiles

    def category(self, code: str) -> Category:
        """The category. Raises InputError ``retention.unknown_category`` naming those that exist."""
        try:
            return self.categories[code]
        except KeyError:
            raise InputError(
                "retention.unknown_category", category=code, known=sorted(self.categories)
            ) from None

    @property
    def linked(self) -> tuple[Category, ...]:
        """The categories whose rows give an identity its purpose."""
        return tuple(category for category in self.categories.values() if category.links)


#: The category of an identity that no row gives a purpose.
UNLINKED = "identity"


def table_named(name: str) -> type[models.Model]:
    """The record's table of this name. Raises AttributeError when there is none."""
    found = getattr(tables, name)
    assert issubclass(found, models.Model)
    return found


@cache
def retention() -> Retention:
    """What categories.toml says, read once."""
    return read(tomllib.loads(Path(__file__).with_name("categories.toml").read_text(encoding="utf-8")))


def read(stored: Mapping[str, Any]) -> Retention:
    """The categories of a table as categories.toml holds it."""
    law = stored["law"]
    return Retention(
        categories={
            code: _category(code, entry, law if entry.get("law") else {})
            for code, entry in stored["category"].items()
        },
        holds=tuple(
            Hold(entry["code"], entry["table"], _listed(entry["states"]), entry.get("until", ""))
            for entry in stored["hold"]
        ),
        tasks=TaskHold(
            stored["tasks"]["code"], tuple(stored["tasks"]["unfinished"]), tuple(stored["tasks"]["subjects"])
        ),
        files=_kept_files(stored["files"]),
    )


def _category(code: str, entry: Mapping[str, Any], law: Mapping[str, Any]) -> Category:
    def conditions(name: str) -> tuple[Condition, ...]:
        return tuple(_condition(each) for each in (*entry.get(name, ()), *law.get(name, ())))

    return Category(
        code=code,
        purpose=entry["purpose"],
        sources=tuple(entry["sources"]),
        covers=tuple(entry["covers"]),
        links=tuple(Link(each["table"], _listed(each.get("where", {}))) for each in entry.get("links", ())),
        grounds=conditions("grounds"),
        limits=conditions("limits"),
        ends=conditions("ends"),
        supports=conditions("supports"),
        event_end=entry.get("event_end", ""),
        erase=tuple(entry.get("erase", ())),
    )


def _kept_files(entry: Mapping[str, Any]) -> KeptFiles:
    return KeptFiles(
        staged=entry["staged"],
        identities_in=tuple(entry["identities_in"]),
        identity_rows=entry["identity_rows"],
        parts=tuple(entry["parts"]),
        unfinished_parts=tuple(entry["unfinished_parts"]),
        arrived=tuple(entry["arrived"]),
    )


def _condition(entry: Mapping[str, Any]) -> Condition:
    return Condition(
        entry["key"],
        tuple(sorted(entry.get("facts", {}).items())),
        tuple(entry.get("names", ())),
        tuple(entry.get("values", ())),
    )


def _listed(entry: Mapping[str, list[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((field, tuple(values)) for field, values in entry.items())


def person_fields(model: type[models.Model]) -> list[str]:
    """Fields of ``model`` that hold a person's key."""
    return sorted(field.name for field in model._meta.concrete_fields if field.name in PERSON_FIELDS)


def uncovered(models_of_the_record: Iterable[type[models.Model]]) -> list[str]:
    """``Model.field`` of every field with a person's key that no category covers: must be empty."""
    covered = {name for category in retention().categories.values() for name in category.covers}
    return [
        f"{model.__name__}.{field}"
        for model in models_of_the_record
        for field in person_fields(model)
        if not {model.__name__, f"{model.__name__}.{field}"} & covered
    ]
