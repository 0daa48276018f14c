"""Errors that a person reads: a code with parameters below the faces, words in the faces."""

from __future__ import annotations

from typing import Any


class FangkongError(Exception):
    """What went wrong as ``code`` and ``params``; the faces put it into words.

    ``params`` never hold a name, a number or a phone: they end up in logs and on pages.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        detail = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code} ({detail})" if detail else self.code


class InputError(FangkongError):
    """A file, row, column or field that cannot be taken; nothing of it was written."""


class Forbidden(FangkongError):
    """The actor may not do this here; ``params`` say who may."""


class NotFound(FangkongError):
    """No such thing in the actor's scope: what is outside the scope looks exactly like what is not there."""


class Conflict(FangkongError):
    """The thing is no longer in the state that the action needs."""
