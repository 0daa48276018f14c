"""What a page says when a deed is refused: the sentence, what was typed, and the status of the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from fangkong.core.errors import Conflict, FangkongError, Forbidden, NotFound
from fangkong.faces.words.errors import error_text

from .gate import View

#: The longest text of a field that is said back.
MOST_CHARACTERS = 2000

_STATUS: list[tuple[type[FangkongError], int]] = [(Forbidden, 403), (Conflict, 409)]


@dataclass(frozen=True)
class Refused:
    """A deed that was refused: its name, the sentence that says why, and what was typed."""

    deed: str
    problem: str
    typed: dict[str, str] = field(default_factory=dict)


def status_of(problem: FangkongError) -> int:
    """The status of the answer that says ``problem``: 403, 409, else 400."""
    return next((code for kind, code in _STATUS if isinstance(problem, kind)), 400)


def refused_of(
    request: HttpRequest, name: str, problem: FangkongError, most: int = MOST_CHARACTERS
) -> Refused:
    """The refusal in words, with what was typed, each field cut to ``most`` characters."""
    typed = {field: value[:most] for field, value in request.POST.items()}
    return Refused(name, error_text(problem, get_language() or "zh-hans"), typed)


def deed_view(
    gate: Callable[[View], View],
    name: str,
    do: Callable[[HttpRequest, str], str | None],
    page: Callable[[HttpRequest, str, Refused], HttpResponse],
    back: str,
    most: int = MOST_CHARACTERS,
) -> Callable[..., HttpResponse]:
    """The view of one POST about ``key`` behind ``gate``; it goes on to the page named ``back``, or where ``do`` says.

    The permission is the action's own. What is refused is shown by ``page`` with its status; what is not there
    stays not there.
    """

    @gate
    @require_POST
    def view(request: HttpRequest, key: str) -> HttpResponse:
        request.viewing.require_live()
        try:
            elsewhere = do(request, key)
        except NotFound:
            raise
        except FangkongError as problem:
            answer = page(request, key, refused_of(request, name, problem, most))
            answer.status_code = status_of(problem)
            return answer
        return redirect(elsewhere or reverse(back, args=[key]))

    view.__name__, view.__doc__ = name, do.__doc__
    return view
