"""Errors as pages: each code below the faces becomes a sentence, a status and what to do next."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from fangkong.core.errors import Conflict, FangkongError, Forbidden, NotFound
from fangkong.faces.words.errors import error_text

#: What a page that could not be opened is headed with; of a deed, that it was not done.
TITLES = {403: "error.403.title", 404: "error.404.title"}
STOPPED = "error.stopped.title"
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
        reading = request.method in ("GET", "HEAD")
        context = {
            "status": status,
            "title": TITLES.get(status, STOPPED) if reading else STOPPED,
            "text": error_text(exception, get_language() or "zh-hans"),
            "error": exception,
        }
        return render(request, "error.html", context, status=status)
