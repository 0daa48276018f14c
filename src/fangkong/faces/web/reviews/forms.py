"""A deed on a page: one small form, and the view that does it and says what is refused where it was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError, NotFound
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import signed_in
from fangkong.faces.words.errors import error_text

#: The longest text that is read of a field.
MOST_CHARACTERS = 2000

_STATUS: list[tuple[type[FangkongError], int]] = [(Forbidden, 403), (Conflict, 409), (InputError, 400)]

Options = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Field:
    """One field of a form. ``kind``: area, text, number, date, select or check; ``value`` is what stands in it."""

    name: str
    label: str
    kind: str = "area"
    options: tuple[tuple[str, str], ...] = ()
    value: str = ""
    required: bool = True
    most: int = MOST_CHARACTERS
    hint: str = ""


@dataclass(frozen=True)
class Refused:
    """A deed that was refused: its name, the sentence that says why, and what was typed."""

    deed: str
    problem: str
    typed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Deed:
    """One thing that may be done: a form that opens under its button."""

    name: str
    label: str
    action: str
    text: str = ""
    fields: tuple[Field, ...] = ()
    open: bool = False
    problem: str = ""


def deed(
    name: str,
    words: str,
    action: str,
    fields: Iterable[Field] = (),
    *,
    refused: Refused | None = None,
    open_now: bool = False,
) -> Deed:
    """The form of the deed ``name`` with its words ``<words>`` and ``<words>.text``; what was typed stands in it."""
    here = refused if refused is not None and refused.deed == name else None
    filled = tuple(_filled(each, here.typed) if here else each for each in fields)
    return Deed(
        name,
        said(words),
        action,
        said(f"{words}.text"),
        filled,
        open_now or here is not None,
        here.problem if here else "",
    )


def deed_view(
    desk: str,
    name: str,
    do: Callable[[HttpRequest, str], str | None],
    page: Callable[[HttpRequest, str, Refused], HttpResponse],
    back: str,
) -> Callable[..., HttpResponse]:
    """The view of one POST about ``key``; it goes on to the page named ``back``, or where ``do`` says.

    The permission is the action's own. What is refused is shown by ``page`` with its status; what is not there
    stays not there.
    """

    @signed_in(desk)
    @require_POST
    def view(request: HttpRequest, key: str) -> HttpResponse:
        request.viewing.require_live()
        try:
            elsewhere = do(request, key)
        except NotFound:
            raise
        except FangkongError as problem:
            answer = page(request, key, refused_of(request, name, problem))
            answer.status_code = status_of(problem)
            return answer
        return redirect(elsewhere or reverse(back, args=[key]))

    view.__name__, view.__doc__ = name, do.__doc__
    return view


def refused_of(request: HttpRequest, name: str, problem: FangkongError) -> Refused:
    """The refusal in words, with what was typed."""
    typed = {field: value[:MOST_CHARACTERS] for field, value in request.POST.items()}
    return Refused(name, error_text(problem, get_language() or "zh-hans"), typed)


def status_of(problem: FangkongError) -> int:
    """The status of the answer that says ``problem``."""
    return next((code for kind, code in _STATUS if isinstance(problem, kind)), 400)


def typed(request: HttpRequest, name: str, most: int = MOST_CHARACTERS) -> str:
    """What was typed into a field, cut to its length."""
    return request.POST.get(name, "").strip()[:most]


def day_typed(text: str) -> date:
    """The day typed. Raises InputError ``error.bad_date``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("error.bad_date") from None


def end_of_day_typed(text: str, zone: ZoneInfo) -> datetime | None:
    """The last minute of the day typed, None when nothing was. Raises InputError ``error.bad_date``."""
    return datetime.combine(day_typed(text), time(23, 59), zone) if text else None


def chosen(kind_and_key: str) -> tuple[str, str]:
    """The kind and key of an option ``kind|key``; two empty texts for none."""
    kind, _, key = kind_and_key.partition("|")
    return kind[:16], key[:96]


def _filled(field_: Field, typed_: dict[str, str]) -> Field:
    return Field(
        field_.name,
        field_.label,
        field_.kind,
        field_.options,
        typed_.get(field_.name, ""),
        field_.required,
        field_.most,
        field_.hint,
    )
