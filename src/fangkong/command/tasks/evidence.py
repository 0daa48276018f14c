"""What proves a task done: the kinds of proof, and proof as it is kept."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.errors import InputError
from fangkong.record.access import Actor, visible
from fangkong.record.models import Document

#: The longest proof that is kept, in characters.
TEXT_LENGTH = 4000

#: A count found against a count expected: 412/430.
_RATIO = re.compile(r"^\s*([0-9]{1,9})\s*[/／]\s*([0-9]{1,9})\s*$")

#: The forms that proof takes.
FORMS = ("text", "number", "ratio", "document", "list")


@dataclass(frozen=True)
class EvidenceKind:
    """One kind of proof: the form it takes, and whether a second person looks at it before the task is closed."""

    kind: str
    form: str
    verify: bool


#: Saying so is enough.
NONE = EvidenceKind("", "", False)


@cache
def evidence_kinds() -> Mapping[str, EvidenceKind]:
    """Code -> kind of proof, as evidence_kinds.toml has them."""
    read = tomllib.loads(Path(__file__).with_name("evidence_kinds.toml").read_text(encoding="utf-8"))
    found = {
        code: EvidenceKind(code, entry["form"], entry["verify"])
        for code, entry in read.items()
        if isinstance(entry, dict)
    }
    assert all(kind.form in FORMS for kind in found.values())
    return found


def evidence_kind(code: str) -> EvidenceKind:
    """The kind of proof with this code, ``NONE`` for "". Raises InputError ``task.unknown_evidence``."""
    if not code:
        return NONE
    try:
        return evidence_kinds()[code]
    except KeyError:
        raise InputError("task.unknown_evidence", given=code[:24], kinds=sorted(evidence_kinds())) from None


def proof_of(
    asked: str, given: Sequence[Mapping[str, str]], *, actor: Actor, at: datetime
) -> list[dict[str, Any]]:
    """The proof as it is kept, [{kind, text, document_key, by, at}]; [] where none is asked for and none given.

    ``given`` holds {text, document_key}, each optional, of the kind that is asked for: a text says what was
    done, a number is a decimal number, a ratio is found/expected (412/430), a list has one thing per line, a
    document is named by its number or title, or is a paper of the record. Raises InputError
    ``task.evidence_needed``, ``task.evidence_number``, ``task.evidence_ratio`` or ``task.evidence_document``.
    """
    kind = evidence_kind(asked)
    kept = []
    for item in given:
        text, document_key = item.get("text", "").strip()[:TEXT_LENGTH], item.get("document_key", "").strip()
        if not (text or document_key):
            continue
        if document_key and not visible(Document.objects.open().filter(key=document_key), actor).exists():
            raise InputError("task.evidence_document")
        kept.append(
            {
                "kind": kind.kind or "text",
                "text": _formed(kind.form, text),
                "document_key": document_key,
                "by": actor.key,
                "at": at.isoformat(),
            }
        )
    if kind.kind and not any(proves(kind, item) for item in kept):
        raise InputError("task.evidence_needed", kind=kind.kind)
    return kept


def proves(kind: EvidenceKind, item: Mapping[str, Any]) -> bool:
    """True when one kept proof is of the form that is asked for: only a document may do without words."""
    return bool(item.get("text")) or (kind.form == "document" and bool(item.get("document_key")))


def proven(code: str, evidence: Sequence[Mapping[str, Any]]) -> bool:
    """True when ``evidence`` holds what a task that asks for proof of kind ``code`` needs to be closed."""
    kind = evidence_kind(code)
    return not kind.kind or any(item["kind"] == kind.kind and proves(kind, item) for item in evidence)


def ratio_of(text: str) -> tuple[int, int] | None:
    """(found, expected) of a count such as ``412/430``; None when it is none, or more were found than expected.

    >>> ratio_of("1,412 / 1,430"), ratio_of("431/430"), ratio_of("约四百")
    ((1412, 1430), None, None)
    """
    match = _RATIO.match(text.replace(",", "").replace("，", ""))
    if match is None:
        return None
    found, expected = int(match[1]), int(match[2])
    return (found, expected) if found <= expected else None


def _formed(form: str, text: str) -> str:
    if form == "number" and text:
        try:
            number = Decimal(text.replace(",", "").replace("，", ""))
        except InvalidOperation:
            raise InputError("task.evidence_number", given=text[:24]) from None
        if not number.is_finite():
            raise InputError("task.evidence_number", given=text[:24])
        return f"{number.normalize():f}"
    if form == "ratio" and text:
        counted = ratio_of(text)
        if counted is None:
            raise InputError("task.evidence_ratio", given=text[:24])
        return "{}/{}".format(*counted)
    if form == "list":
        return "\n".join(line.strip() for line in text.splitlines() if line.strip())
    return text
