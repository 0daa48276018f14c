"""Rule packs: the rows of law and guidance, read from a folder of TOML files into frozen values.

One file is one family of rules or one disease; one row is one rule on one timeline. ``packs/`` beside this
module is what ships; an office adds a folder of its own with local rows. ``packs/README.md`` describes the
format, the coverage tables, the vocabulary (``keys.toml``) and how rows are resolved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from fangkong.core.areas import canonical_code
from fangkong.core.errors import InputError
from fangkong.science.rules.pack_files import KEYS_FILE, pack_files, read_table
from fangkong.science.rules.validation import Problem, matches, validate_folder

#: The packs that ship with the product.
SHIPPED = Path(__file__).parent / "packs"

#: A pack of this disease speaks of every disease.
ANY_DISEASE = "any"

#: Marks from best to worst: read in a public page; quoted by another; from memory or contradictory.
CONFIDENCE_ORDER = ("verified", "secondary", "unverified")


class Table(Mapping[str, Any]):
    """A read-only table of a row's value: compares like a dict, can be hashed and pickled.

    >>> Table({"central": (1, 4)}) == {"central": (1, 4)}
    True
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items: tuple[tuple[str, Any], ...] = tuple(items.items())

    def __getitem__(self, name: str) -> Any:
        for key, value in self._items:
            if key == name:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items))

    def __repr__(self) -> str:
        return f"Table({dict(self._items)!r})"


def frozen(value: Any) -> Any:
    """``value`` of a TOML file with tables as :class:`Table` and lists as tuples, at every depth."""
    if isinstance(value, Mapping):
        return Table({key: frozen(inner) for key, inner in value.items()})
    return tuple(map(frozen, value)) if isinstance(value, list | tuple) else value


def plain(value: Any) -> Any:
    """``value`` of a row with dicts, lists and ISO dates, as JSON takes it."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, date):
        return value.isoformat()
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class KeyRule:
    """One word of the vocabulary: what a key's rows may look like and how a local row may differ."""

    key: str
    kind: str
    units: tuple[str, ...]
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document that rows cite. ``title_en`` is empty where no English title is known."""

    document_id: str
    title_zh: str
    title_en: str
    issued_by: str
    level: str
    number: str
    issued_on: date | None
    confidence: str
    source: tuple[str, ...]
    remark: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a pack says it holds: the window, areas and keys, and whether that is everything."""

    pack: str
    from_on: date
    to_on: date
    areas: tuple[str, ...]
    keys: tuple[str, ...]
    complete: bool
    basis: tuple[str, ...]
    missing: tuple[str, ...]
    note_en: str

    def holds(self, key: str, on: date) -> bool:
        """True when the entry speaks of ``key`` on the civil day ``on``."""
        return self.from_on <= on <= self.to_on and any(matches(pattern, key) for pattern in self.keys)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule in force from ``effective_from`` to ``effective_to``, both included."""

    row_id: str
    pack: str
    disease: str
    jurisdiction: str
    key: str
    value: Any
    unit: str
    scope: Table
    effective_from: date
    effective_to: date | None
    end_basis: str
    date_precision: str
    authority: str
    document: Document
    legal_basis: str
    source: tuple[str, ...]
    confidence: str
    transition: str
    note_zh: str
    note_en: str
    stricter: Table | None
    transition_rule: Table | None = None

    @property
    def rule_row(self) -> str:
        """The stable name of the row, as every decision cites it."""
        return self.row_id

    def in_force(self, on: date) -> bool:
        """True on every civil day that the row's dates hold."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def fits(self, facts: Mapping[str, Any]) -> bool:
        """True when every scope field of the row is a fact of the case, with the same value."""
        return all(name in facts and facts[name] == value for name, value in self.scope.items())


@dataclass(frozen=True, slots=True)
class RulePack:
    """One file: its rows, the documents they cite and what the pack says it holds."""

    name: str
    disease: str
    jurisdiction: str
    title_zh: str
    title_en: str
    coverage: tuple[Coverage, ...]
    documents: Mapping[str, Document] = field(hash=False)
    rows: tuple[Row, ...]


def jurisdiction_of(area: str) -> str:
    """``area`` as the packs write it: ``CN``, ``INT``, or ``CN-`` and the code without trailing zero pairs.

    >>> jurisdiction_of("310000"), jurisdiction_of("CN-3101"), jurisdiction_of("CN")
    ('CN-31', 'CN-3101', 'CN')
    """
    country, _, code = area.partition("-")
    if area.isdigit():
        country, code = "CN", area
    return f"{country}-{canonical_code(code)}" if code else country


def row_id(pack: str, key: str, scope: Mapping[str, Any], effective_from: date, jurisdiction: str) -> str:
    """The stable name of a row, used everywhere as ``rule_row``: pack, key, scope, first day, jurisdiction.

    >>> row_id("p", "clock.day0", {"person": "close_contact"}, date(2021, 5, 14), "CN")
    'p:clock.day0:person=close_contact:2021-05-14:CN'
    """
    facts = ",".join(f"{name}={scope[name]}" for name in sorted(scope))
    return ":".join((pack, key, facts, effective_from.isoformat(), jurisdiction))


def _document(document_id: str, table: Mapping[str, Any]) -> Document:
    return Document(
        document_id=document_id,
        title_zh=table["title"],
        title_en=table.get("title_en", ""),
        issued_by=table.get("issued_by", ""),
        level=table.get("level", ""),
        number=table.get("number", ""),
        issued_on=table.get("issued_on"),
        confidence=table.get("confidence", CONFIDENCE_ORDER[-1]),
        source=tuple(table["source"]),
        remark=table.get("remark", ""),
    )


def _row(pack: Mapping[str, Any], table: Mapping[str, Any], documents: Mapping[str, Document]) -> Row:
    place = jurisdiction_of(table.get("jurisdiction", pack["jurisdiction"]))
    scope = Table(table["scope"])
    return Row(
        row_id=row_id(pack["pack"], table["key"], scope, table["effective_from"], place),
        pack=pack["pack"],
        disease=pack["disease"],
        jurisdiction=place,
        key=table["key"],
        value=frozen(table["value"]),
        unit=table["unit"],
        scope=scope,
        effective_from=table["effective_from"],
        effective_to=table.get("effective_to"),
        end_basis=table.get("end_basis", ""),
        date_precision=table.get("date_precision", "day"),
        authority=table["authority"],
        document=documents[table["document"]],
        legal_basis=table["legal_basis"],
        source=tuple(table["source"]),
        confidence=table["confidence"],
        transition=table["transition"],
        note_zh=table["note_zh"],
        note_en=table["note_en"],
        stricter=frozen(table["stricter"]) if "stricter" in table else None,
        transition_rule=frozen(table["transition_rule"]) if "transition_rule" in table else None,
    )


def _pack(table: Mapping[str, Any]) -> RulePack:
    documents = {name: _document(name, entry) for name, entry in table["documents"].items()}
    coverage = tuple(
        Coverage(
            pack=table["pack"],
            from_on=entry["from"],
            to_on=entry.get("to", date.max),
            areas=tuple(jurisdiction_of(area) for area in entry["areas"]),
            keys=tuple(entry["keys"]),
            complete=entry["complete"],
            basis=tuple(entry.get("basis", ())),
            missing=tuple(entry.get("missing", ())),
            note_en=entry["note_en"],
        )
        for entry in table["coverage"]
    )
    return RulePack(
        name=table["pack"],
        disease=table["disease"],
        jurisdiction=jurisdiction_of(table["jurisdiction"]),
        title_zh=table.get("title_zh", ""),
        title_en=table.get("title_en", ""),
        coverage=coverage,
        documents=documents,
        rows=tuple(_row(table, entry, documents) for entry in table["row"]),
    )


def load_keys(folder: Path) -> dict[str, KeyRule]:
    """The vocabulary of ``folder``: every key of its ``keys.toml``; empty when the file is not there."""
    path = folder / KEYS_FILE
    if not path.exists():
        return {}
    table = read_table(path)["keys"]
    return {
        key: KeyRule(key, entry["kind"], tuple(entry["units"]), tuple(entry.get("scopes", ())))
        for key, entry in table.items()
    }


def load_packs(folder: Path, keys: Mapping[str, KeyRule] | None = None) -> tuple[RulePack, ...]:
    """Every pack of ``folder``, in the order of the file names.

    ``keys`` is a vocabulary that the folder may use beside its own ``keys.toml`` (an office's local packs use
    the shipped one). Raises InputError ``rules.packs_invalid`` with the list of problems as ``problems`` when
    the folder is not sound; nothing of it is loaded then.
    """
    known = {
        key: {"kind": rule.kind, "units": list(rule.units), "scopes": list(rule.scopes)}
        for key, rule in (keys or {}).items()
    }
    errors: list[Problem] = [p for p in validate_folder(folder, known) if p.severity == "error"]
    if errors:
        raise InputError("rules.packs_invalid", folder=folder.name, problems=errors)
    return tuple(_pack(read_table(path)) for path in pack_files(folder) if path.name != KEYS_FILE)
