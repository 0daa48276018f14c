"""The door for names: nobody's identity is sealed without a basis for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import models

from fangkong.core.clock import civil_day
from fangkong.record.installation import installation

from .categories import UNLINKED, retention
from .clocks import CHUNK_PEOPLE, Clocks, HeldFor, links_of
from .collecting import Bases, Basis, NoBasis, law_area

#: Rows of tables that speak of people (person_key, area_code, disease, known_from), as written in this transaction.
Stated = Mapping[type[models.Model], Sequence[Mapping[str, Any]]]


def require_basis_for(person_keys: Sequence[str], *, category: str = "", at: datetime | None = None) -> None:
    """Nothing when the identities of all ``person_keys`` may be held.

    Each is judged by what the record says of the person (a case, a contact, a result, an order) on the day on
    which the office knew it, and one link with a basis is enough; who has none yet, by the general law of
    today. ``category`` names the category instead, judged on the day of ``at`` (the office's now). Each
    question is put to the rules once for the whole batch.

    Raises Forbidden ``retention.no_basis`` or ``retention.limited`` for the batch: nothing of it may enter.
    """
    if not person_keys:
        return
    clocks = Clocks.of_the_office(at or installation().now())
    if category:
        _require([HeldFor(category, clocks.disease, clocks.office_area, clocks.on)], clocks)
        return
    unlinked = HeldFor(UNLINKED, clocks.disease, clocks.office_area, clocks.on)
    for start in range(0, len(person_keys), CHUNK_PEOPLE):
        chunk = person_keys[start : start + CHUNK_PEOPLE]
        links = links_of(chunk, clocks)
        for key in chunk:
            _require(links.get(key) or [unlinked], clocks)


def without_basis(
    person_keys: Sequence[str],
    *,
    at: datetime | None = None,
    bases: Bases | None = None,
    stated: Stated | None = None,
) -> dict[str, NoBasis]:
    """The people of ``person_keys`` whose names no rule lets the office hold, each with why.

    For a file: its facts enter without these names, and the receipt says so. Judged as ``require_basis_for``
    does; each question is put to the rules once for the whole batch, or once for all batches that come with
    the same ``bases``. ``stated`` are rows of the file about people of whom the record knew nothing before: a
    basis that they give is enough, and only of the others everything is asked.
    """
    clocks = Clocks.of_the_office(at or installation().now())
    if bases is not None:
        clocks = replace(clocks, bases=bases)
    allowed = _allowed_by(stated, clocks) if stated else frozenset()
    person_keys = [key for key in person_keys if key not in allowed]
    unlinked = HeldFor(UNLINKED, clocks.disease, clocks.office_area, clocks.on)
    refused: dict[str, NoBasis] = {}
    for start in range(0, len(person_keys), CHUNK_PEOPLE):
        chunk = person_keys[start : start + CHUNK_PEOPLE]
        links = links_of(chunk, clocks)
        answers: dict[tuple[HeldFor, ...], NoBasis | None] = {}
        for key in chunk:
            held = tuple(links.get(key) or [unlinked])
            if held not in answers:
                answers[held] = _refusal(held, clocks)
            if (why := answers[held]) is not None:
                refused[key] = why
    return refused


def _allowed_by(stated: Stated, clocks: Clocks) -> frozenset[str]:
    """The people whom a row of ``stated`` gives a basis."""
    answers: dict[tuple[str, str, datetime], bool] = {}
    found = set()
    for category in retention().linked:
        for link in category.links:
            # A condition is the database's to judge.
            for row in () if link.condition else stated.get(link.model, ()):
                told = (row.get("disease", ""), row.get("area_code", ""), row["known_from"])
                if told not in answers:
                    held = HeldFor(
                        category.code,
                        told[0] or clocks.disease,
                        law_area(told[1], clocks.office_area),
                        civil_day(told[2], clocks.zone),
                    )
                    answers[told] = told[2] <= clocks.at and _refusal([held], clocks) is None
                if answers[told]:
                    found.add(row["person_key"])
        answers.clear()
    return frozenset(found)


def _require(held_for: Sequence[HeldFor], clocks: Clocks) -> None:
    refused = _refusal(held_for, clocks)
    if refused is not None:
        raise refused.refusal()


def _refusal(held_for: Sequence[HeldFor], clocks: Clocks) -> NoBasis | None:
    """None when one of the links has a basis; else why the first has none."""
    refused: NoBasis | None = None
    for held in held_for:
        found = clocks.bases.collection(
            retention().category(held.category),
            on=held.collected_on,
            disease=held.disease,
            area_code=held.area_code,
        )
        if isinstance(found, Basis):
            return None
        refused = refused or found
    return refused
