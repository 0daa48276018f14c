"""The kinds of proof that a measure, a task or a duty may ask for, in the page's language."""

from __future__ import annotations

from typing import Any

from fangkong.command.tasks.evidence import evidence_kinds
from fangkong.faces.web.control.presenting import coded

#: The prefix under which their words stand.
PREFIX = "task.evidence"


def evidence_choices() -> list[tuple[str, str]]:
    """(code, name) of every kind of proof, as a form offers them."""
    return [(code, coded(PREFIX, code)) for code in evidence_kinds()]


def with_proofs(measures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The measures, each with the name of the proof that it asks for, "" where saying so is enough."""
    return [
        measure | {"proof": coded(PREFIX, measure["evidence_kind"]) if measure.get("evidence_kind") else ""}
        for measure in measures
    ]
