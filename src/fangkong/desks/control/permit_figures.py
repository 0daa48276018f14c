"""What permits and checkpoints go by beside the rules: ``permits.toml`` beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.errors import InputError

_FILE = Path(__file__).with_name("permits.toml")


@cache
def figures() -> Mapping[str, Any]:
    """The tables of ``permits.toml``."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def permit_kinds() -> tuple[str, ...]:
    """The kinds of permits."""
    return tuple(figures()["kind"])


def permit_kind(kind: str) -> Mapping[str, Any]:
    """What the kind asks the rules. Raises InputError ``permit.unknown_kind``."""
    try:
        return dict(figures()["kind"][kind])
    except KeyError:
        raise InputError("permit.unknown_kind", kind=kind, kinds=list(permit_kinds())) from None


def told(kind: str, rule_answer: str, *, read: bool) -> str:
    """What a checkpoint is told for the rules' answer to a traveller of ``kind``: a code of ``permits.toml``.

    Nobody is turned away by a row that was not ``read``: somebody is called who decides.
    """
    answer = str(figures()["answer"][kind][rule_answer])
    return answer if read else str(figures()["undecided"].get(answer, answer))
