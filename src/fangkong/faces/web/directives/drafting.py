"""A directive drafted on a page: from nothing, from a clause, or carrying on one that the office has received."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from fangkong.command.directives import actions, queries
from fangkong.command.directives.offices import Office, offices_below, own_groups
from fangkong.command.directives.rows import ACKNOWLEDGE, DRAFT, addressed
from fangkong.command.models import Directive, DirectiveRecipient
from fangkong.core.errors import FangkongError, NotFound
from fangkong.desks.control.safeguards import safeguards
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.typed_times import day_typed, moment_or_none, moment_typed
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text
from fangkong.record.access import visible
from fangkong.record.access.actor import roles_that_may

from .proofs import evidence_choices
from .typed import office_typed

#: Lines for measures on an empty form, and at most.
MEASURES, MOST_MEASURES = 4, 30

#: Lines for recipients that no box is offered for.
OTHERS = 2

#: The longest text that is read of a field.
MOST_CHARACTERS = 4000

_TEXTS = (
    "title",
    "purpose",
    "evidence",
    "proportionality_note",
    "legal_basis",
    "others",
    "due_at",
    "sunset_on",
)


@desk("directives", DRAFT)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form, or the draft that was made of it; what is refused is said above the form, with all that was typed."""
    viewing: Viewing = request.viewing
    source = _received(viewing, request.GET.get("from", ""))
    if request.method != "POST":
        return _form(request, source, _offered(request, source))
    viewing.require_live()
    if "more" in request.POST:
        return _form(request, source, _with_more_rows(_typed(request)))
    try:
        key = _draft(request, source)
    except FangkongError as problem:
        text = error_text(problem, get_language() or "zh-hans")
        return _form(request, source, _typed(request), problem=text, status=400)
    return redirect("directive", key=key)


@desk("directives", DRAFT)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """The draft in the same form, for whoever drafted it; saved, it says what was typed."""
    viewing: Viewing = request.viewing
    draft = queries.directive_get(key, actor=viewing.actor, at=viewing.at)
    if draft.drafted_by != viewing.actor.key or draft.state != "draft":
        return redirect("directive", key=key)
    if request.method != "POST":
        return _form(request, None, _drafted(draft, viewing), draft=draft)
    viewing.require_live()
    typed = _typed(request)
    if "more" in request.POST:
        return _form(request, None, _with_more_rows(typed), draft=draft)
    try:
        actions.directive_redraft(
            key,
            **_fields(request, typed),
            purpose=typed["purpose"],
            legal_basis=typed["legal_basis"].splitlines(),
            seen=request.POST.get("seen", "")[:40],
        )
    except FangkongError as problem:
        text = error_text(problem, get_language() or "zh-hans")
        return _form(request, None, typed, problem=text, status=400, draft=draft)
    return redirect("directive", key=key)


def _drafted(draft: Directive, viewing: Viewing) -> dict[str, Any]:
    """The words of a draft as the form takes them."""
    zone = viewing.installation.zone
    offered = {f"{each.area_code}|{each.role}" for each in offices_below(draft.area_code)}
    offered |= {f"{each.area_code}|{each.role}" for each in own_groups(draft.area_code)}
    ticked, others = [], []
    for each in draft.addressed_to:
        value = f"{each['area_code']}|{each['role']}"
        if value in offered and not each.get("unit"):
            ticked.append(value)
        else:
            others.append({"unit": "", **each})
    return {
        "title": draft.title,
        "purpose": draft.purpose,
        "evidence": draft.evidence,
        "proportionality_note": draft.proportionality_note,
        "legal_basis": "\n".join(draft.legal_basis),
        "measures": [{"text": m["text"], "evidence_kind": m["evidence_kind"]} for m in draft.measures],
        "offices": ticked,
        "others": others + [{"area_code": "", "role": "", "unit": ""}] * OTHERS,
        "exceptions": list(draft.exceptions),
        "due_at": draft.due_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "reply_by": draft.reply_by.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if draft.reply_by else "",
        "sunset_on": draft.sunset_on.isoformat(),
    }


def _received(viewing: Viewing, key: str) -> tuple[DirectiveRecipient, Directive] | None:
    """The recipient that is carried on and its directive; None without a key. Raises NotFound for another office's."""
    if not key:
        return None
    rows = visible(DirectiveRecipient.objects.open().filter(key=key), viewing.actor)
    recipient = rows.first()
    if recipient is None or not addressed(recipient, viewing.actor):
        raise NotFound("directive.unknown", key=key[:96])
    above = queries.directive_get(recipient.directive_key, actor=viewing.actor, at=viewing.at)
    return recipient, above


def _draft(request: HttpRequest, source: tuple[DirectiveRecipient, Directive] | None) -> str:
    viewing: Viewing = request.viewing
    typed = _typed(request)
    shared = _fields(request, typed)
    if source is not None:
        return actions.directive_carry_on(source[0].key, **shared)
    return actions.directive_draft(
        **shared,
        purpose=typed["purpose"],
        area_code=viewing.actor.area_code,
        legal_basis=typed["legal_basis"].splitlines(),
    )


def _fields(request: HttpRequest, typed: dict[str, Any]) -> dict[str, Any]:
    """What every kind of draft takes of the form."""
    viewing: Viewing = request.viewing
    zone = viewing.installation.zone
    offices = [office_typed(each) for each in typed["offices"]]
    offices += [each for each in typed["others"] if each["area_code"]]
    return {
        "title": typed["title"],
        "measures": typed["measures"],
        "recipients": offices,
        "due_at": moment_typed(typed["due_at"], zone, "directive.field.due_at"),
        "reply_by": moment_or_none(request.POST.get("reply_by", ""), zone, "directive.field.reply_by"),
        "sunset_on": day_typed(typed["sunset_on"], "directive.field.sunset_on"),
        "evidence": typed["evidence"],
        "proportionality_note": typed["proportionality_note"],
        "exceptions": typed["exceptions"],
        **viewing.by(),
    }


def _typed(request: HttpRequest) -> dict[str, Any]:
    post = request.POST
    texts, kinds = post.getlist("measure"), post.getlist("measure_evidence")
    measures = [
        {"text": text[:MOST_CHARACTERS], "evidence_kind": kind[:24]}
        for text, kind in zip(texts, kinds, strict=False)
    ]
    typed: dict[str, Any] = {name: post.get(name, "")[:MOST_CHARACTERS] for name in _TEXTS}
    others = zip(
        post.getlist("other_area"), post.getlist("other_role"), post.getlist("other_unit"), strict=False
    )
    return typed | {
        "others": [
            {"area_code": where.strip()[:24], "role": role[:24], "unit": unit.strip()[:120]}
            for where, role, unit in others
        ],
        "reply_by": post.get("reply_by", ""),
        "measures": measures[:MOST_MEASURES],
        "offices": [each[:200] for each in post.getlist("office")],
        "exceptions": [each[:40] for each in post.getlist("exception")],
    }


def _with_more_rows(typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed, with empty rows for measures behind it."""
    measures = typed["measures"] + [{"text": "", "evidence_kind": ""}] * MEASURES
    return typed | {"measures": measures[:MOST_MEASURES]}


def _offered(request: HttpRequest, source: tuple[DirectiveRecipient, Directive] | None) -> dict[str, Any]:
    """What the empty form begins with: the words of the directive above, or those that the address brings."""
    viewing: Viewing = request.viewing
    typed: dict[str, Any] = dict.fromkeys(_TEXTS, "")
    typed["others"] = [{"area_code": "", "role": "", "unit": ""}] * OTHERS
    typed |= {"reply_by": "", "offices": [], "exceptions": list(safeguards().exceptions)}
    typed["measures"] = [{"text": "", "evidence_kind": ""}] * MEASURES
    zone = viewing.installation.zone
    if source is None:
        # The office's habit: over by the close of the next day.
        close = viewing.installation.close_of(viewing.day + timedelta(days=1))
        typed["due_at"] = close.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
        return typed
    above = source[1]
    return typed | {
        "title": above.title,
        "purpose": above.purpose,
        "evidence": above.evidence,
        "legal_basis": "\n".join(above.legal_basis),
        "exceptions": list(above.exceptions),
        "measures": [{"text": m["text"], "evidence_kind": m["evidence_kind"]} for m in above.measures],
        "due_at": above.due_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "sunset_on": above.sunset_on.isoformat(),
    }


def _form(
    request: HttpRequest,
    source: tuple[DirectiveRecipient, Directive] | None,
    typed: dict[str, Any],
    problem: str = "",
    status: int = 200,
    draft: Directive | None = None,
) -> HttpResponse:
    viewing: Viewing = request.viewing
    area_code = draft.area_code if draft else source[0].area_code if source else viewing.actor.area_code
    below, groups = offices_below(area_code), own_groups(area_code)
    names = area_names([area_code, *(office.area_code for office in below)])
    context = {
        "page_title": said(
            "directive.edit" if draft else "directive.carry_on" if source else "directive.new"
        ),
        "draft": draft,
        "seen": draft.known_from.isoformat() if draft else "",
        "source": source[1] if source else None,
        "office": names.get(area_code, area_code),
        "typed": typed,
        "below": [_choice(office, names, typed) for office in below],
        "groups": [_choice(office, names, typed) for office in groups],
        "kinds": evidence_choices(),
        "receiving_roles": roles_that_may(ACKNOWLEDGE),
        "exceptions": [(code, code in typed["exceptions"]) for code in safeguards().exceptions],
        "more_rows": len(typed["measures"]) < MOST_MEASURES,
        "problem": problem,
        "blocked": viewing.looking_back,
    }
    return render(request, "directives/new.html", context, status=status)


def _choice(office: Office, names: dict[str, str], typed: dict[str, Any]) -> dict[str, Any]:
    value = f"{office.area_code}|{office.role}"
    return {
        "value": value,
        "name": names.get(office.area_code, office.area_code),
        "role": office.role,
        "on": value in typed["offices"],
    }
