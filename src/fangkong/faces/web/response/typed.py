"""What people type into the forms of levels and plans, and how a refusal comes back to the form it was typed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language

from fangkong.core.errors import FangkongError, InputError, NotFound
from fangkong.faces.web.refusals import status_of
from fangkong.faces.words.errors import error_text

#: The longest text that is read of a field.
MOST_CHARACTERS = 4000


@dataclass(frozen=True)
class Refused:
    """A deed that was refused: its name, the sentence that says why, what was typed, and the answer's status."""

    deed: str
    problem: str
    status: int = 400
    typed: dict[str, str] = field(default_factory=dict)


def tried(request: HttpRequest, deed: str, do: Callable[[], Any]) -> Refused | None:
    """None when ``do`` was done; else why not. What is not there stays not there (NotFound goes on)."""
    request.viewing.require_live()
    try:
        do()
    except NotFound:
        raise
    except FangkongError as problem:
        status = status_of(problem)
        typed = {name: value[:MOST_CHARACTERS] for name, value in request.POST.items()}
        return Refused(deed, error_text(problem, get_language()), status, typed)
    return None


def number_typed(given: str, code: str) -> int:
    """The whole number typed. Raises InputError ``code``."""
    text = given.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise InputError(code)
    return int(text)
