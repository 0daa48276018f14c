"""Errors as pages: each code below the faces becomes a sentence, a status and what to do next."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from fangkong.core.errors import Conflict, FangkongError, Forbidden, NotFound
from fangkong.faces.words.errors import error_text

STATUS: list[tuple[type[FangkongError], int]] = [(Forbidden, 403), (NotFound, 404), (Conflict, 409)]


class Errors:
    """Turns a FangkongError of a view into its page; any other exception stays Django's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The error page, or None for exceptions that are not ours."""
        if not isinstance(exception, FangkongError):
            return None
        status = next((code for kind, code in STATUS if isinstance(exception, kind)), 400)
        text = error_text(exception, get_language() or "zh-hans")
        return render(
            request, "error.html", {"status": status, "text": text, "error": exception}, status=status
        )
