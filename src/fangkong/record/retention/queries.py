"""What is shown of retention: each category's basis today, an identity's clock, the certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fangkong.core.clock import civil_day
from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, visible, visible_people
from fangkong.record.installation import installation
from fangkong.record.models import Person, PurgeCertificate

from ..rulebook import rulebook
from .categories import Category, retention
from .clocks import PurgeClock, purge_clock
from .collecting import Bases, Basis, NoBasis

#: The permission that reads categories and certificates; they hold no personal data.
READ = "order.read"


@dataclass(frozen=True)
class CategoryState:
    """A category, and whether data of it may be collected on the day: ``basis`` is a Basis or a NoBasis."""

    category: Category
    basis: Basis | NoBasis

    @property
    def open(self) -> bool:
        """True when collection is open."""
        return isinstance(self.basis, Basis)


def categories_state(
    *, actor: Actor, at: datetime, disease: str = "", area_code: str = ""
) -> list[CategoryState]:
    """Every category with its basis as the rules stand on the day of ``at``, in the order of categories.toml.

    ``disease`` and ``area_code`` default to the installation's. Raises Forbidden without ``order.read``.
    """
    actor.require(READ)
    place = installation()
    bases, on = Bases(rulebook(), place.area_code), civil_day(at, place.zone)
    disease, area_code = disease or place.disease, area_code or place.area_code
    return [
        CategoryState(category, bases.collection(category, on=on, disease=disease, area_code=area_code))
        for category in retention().categories.values()
    ]


def certificates(*, actor: Actor, limit: int = 200) -> list[PurgeCertificate]:
    """The certificates issued in the actor's scope, newest first. Raises Forbidden without ``order.read``."""
    actor.require(READ)
    issued = PurgeCertificate.objects.filter(issued_at__isnull=False)
    return list(visible(issued, actor).order_by("-issued_at", "key")[:limit])


def clock_of_person(person_key: str, *, actor: Actor, at: datetime) -> PurgeClock | None:
    """The purge clock of a person in the actor's scope; None when no identity of theirs is held.

    Raises Forbidden without ``order.read``, NotFound ``person.not_found`` outside the scope.
    """
    actor.require(READ)
    if not visible_people(Person.objects.known_at(at).filter(key=person_key), actor, at=at).exists():
        raise NotFound("person.not_found")
    return purge_clock(person_key, at=at)
