"""Staged facts enter the record: judged, written, told of, their identities sealed, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fangkong.core.keys import canonical
from fangkong.record.columns import present
from fangkong.record.digest import VERSIONED
from fangkong.record.events import Happening, emit_all
from fangkong.record.identities import identities_enter
from fangkong.record.load import AfterInsert, Outcome, Row, load, load_facts, typed_row
from fangkong.record.models import Receipt, Versioned
from fangkong.record.retention.collecting import Bases, NoBasis

from .staged_files import IDENTITY, StagedFact, StagedReceipt

#: The order in which the facts of a chunk are written: what others point at comes first.
ORDER = (
    "area",
    "organisation",
    "place",
    "person",
    "personarea",
    "case",
    "contact",
    "followup",
    "transmissionlink",
    "specimen",
    "labresult",
    "dailycount",
)
#: Counted in the receipt as new, revised or unchanged.
COUNTED = frozenset({"case", "contact", "followup", "transmissionlink", "labresult", "dailycount"})

MODELS: dict[str, type[Versioned]] = {model._meta.model_name or "": model for model in VERSIONED}


def shared_write(receipt: Receipt, staged: StagedReceipt) -> None:
    """The places and organisations that the rows speak of enter the record."""
    facts = staged.shared()
    for name in ORDER:
        rows = [typed_row(MODELS[name], fact.said) for fact in facts if fact.model == name]
        if rows:
            load(MODELS[name], rows, actor=receipt.received_by, source_key=receipt.key)


@dataclass
class Entered:
    """What became of staged facts: counts, rows that contradict the record, people whose name nobody may hold."""

    counted: Outcome
    contradicting: dict[int, StagedFact]
    nameless: list[StagedFact] = field(default_factory=list)
    refused: Mapping[str, NoBasis] = field(default_factory=dict)


def facts_enter(
    receipt: Receipt,
    staged: StagedReceipt,
    facts: list[StagedFact],
    identities: list[tuple[StagedFact, dict[str, str]]],
    bases: Bases,
    *,
    actor: str,
    names_later: bool = False,
) -> Entered:
    """What became of ``facts`` in the record, in the caller's transaction; ``identities`` are theirs, opened.

    ``names_later``: the caller lets new people be found by number and name once all are in (:func:`names_index`).
    """
    by_model: dict[str, list[StagedFact]] = {}
    for fact in facts:
        by_model.setdefault(fact.model, []).append(fact)
    held = {
        name: present(MODELS[name], "key", sorted({fact.key for fact in by_model[name]}))
        for name in ORDER
        if name in by_model
    }
    contradicting = contradicting_rows(
        [fact for name, keys in held.items() for fact in by_model[name] if fact.key in keys]
    )
    teller = Teller()
    entered = Entered(Outcome(), contradicting)
    for name, keys in held.items():
        said = [fact.said for fact in by_model[name] if fact.row not in contradicting]
        if said:
            outcome = load_facts(
                MODELS[name],
                said,
                actor=actor,
                source_key=receipt.key,
                after_insert=teller.of(name),
                back_fill=staged.manifest.back_fill and name in COUNTED,
                held=keys,
            )
            if name in COUNTED:
                entered.counted.add(outcome)
    emit_all(teller.happenings)
    if named := [(fact, said) for fact, said in identities if fact.row not in contradicting]:
        people = _merged((fact.key, said) for fact, said in named)
        new = {fact.key for fact in by_model.get("person", ()) if fact.key not in held["person"]}
        entered.refused = identities_enter(
            people,
            actor=actor,
            bases=bases,
            new=new if names_later else (),
            stated={
                MODELS[name]: [fact.said for fact in by_model[name] if fact.said.get("person_key") in new]
                for name in held
            },
        )
        entered.nameless = [fact for fact, _ in named if fact.key in entered.refused]
    return entered


def identities_opened(
    staged: StagedReceipt, facts: list[StagedFact]
) -> list[tuple[StagedFact, dict[str, str]]]:
    """Each sealed identity among ``facts``, opened."""
    sealed = [fact for fact in facts if fact.model == IDENTITY and fact.sealed is not None]
    if not sealed:
        return []
    opened = staged.opened([(fact.key, fact.sealed) for fact in sealed if fact.sealed is not None])
    return list(zip(sealed, opened, strict=True))


def _merged(people: Any) -> list[tuple[str, dict[str, str]]]:
    """One entry a person, though several rows of a chunk name them."""
    merged: dict[str, dict[str, str]] = {}
    for key, fields in people:
        merged[key] = fields | merged.get(key, {})
    return list(merged.items())


def contradicting_rows(facts: list[StagedFact]) -> dict[int, StagedFact]:
    """Rows, with the fact in question, that say otherwise than the record does since the same instant."""
    found: dict[int, StagedFact] = {}
    for name in ORDER:
        mine = [fact for fact in facts if fact.model == name]
        if not mine:
            continue
        model = MODELS[name]
        fields = {f.name: f for f in model.fact_fields()}
        held = {
            (row["key"], row["known_from"]): canonical({n: row[n] for n in fields})
            for row in model._default_manager.filter(
                key__in=[fact.key for fact in mine],
                known_from__in={fact.said["known_from"] for fact in mine},
            ).values("key", "known_from", *fields)
        }
        if not held:
            continue
        for fact in mine:
            stored = held.get((fact.key, fact.said["known_from"]))
            if stored is not None:
                row = typed_row(model, fact.said)
                said = canonical({n: row[n] if n in row else f.get_default() for n, f in fields.items()})
                if said != stored:
                    found.setdefault(fact.row, fact)
    return found


class Teller:
    """Collects the events of what a chunk wrote; each day and area is told once."""

    def __init__(self) -> None:
        self.happenings: list[Happening] = []
        self._told: set[tuple[str, datetime]] = set()

    def of(self, model: str) -> AfterInsert | None:
        """What takes in the new facts of ``model``; None for one of which nothing is told."""
        tell: Callable[[Row], None] | None = getattr(self, f"_{model}", None)
        return (lambda _model, row: tell(row)) if tell is not None else None

    def _dailycount(self, row: Row) -> None:
        day = row["day"] if isinstance(row["day"], str) else row["day"].isoformat()
        subject = f"{row['area_code']}|{day}"
        if (subject, row["known_from"]) not in self._told:
            self._told.add((subject, row["known_from"]))
            self._tell("figures.published", subject, row, "disease")

    def _case(self, row: Row) -> None:
        self._tell("case.reported", row["key"], row, "person_key", "disease")

    def _contact(self, row: Row) -> None:
        self._tell("contact.registered", row["key"], row, "case_key", "person_key", "disease", "tier")

    def _labresult(self, row: Row) -> None:
        if row["result"] == "positive":
            self._tell("result.positive", row["key"], row, "person_key", "disease", "specimen_key")

    def _tell(self, kind: str, subject: str, row: Row, *params: str) -> None:
        at, area_code = row["known_from"], row["area_code"]
        self.happenings.append(Happening(kind, subject, area_code, at, {name: row[name] for name in params}))
