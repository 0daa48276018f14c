"""Sign-in, sign-out, language, and looking back at a past day."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from fangkong.core.errors import Forbidden, InputError
from fangkong.faces.web.frame import first_desk
from fangkong.faces.web.viewing import SESSION_KEY
from fangkong.record.access import actor_of
from fangkong.record.installation import installation
from fangkong.record.models import User
from fangkong.record.sign_in import sign_in as record_sign_in


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    return target if url_has_allowed_host_and_scheme(target, {request.get_host()}) else "/"


def _first_page(user: User) -> str:
    """The first desk of the rail that the user may open: an auditor has no board."""
    return reverse(first_desk(actor_of(user))[1])


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; on success the page that was asked for."""
    context = {"next": _next(request), "username": "", "problem": "", "demo": installation().demonstration}
    status = 200
    if request.method == "POST":
        username = request.POST.get("username", "").strip()
        try:
            user = record_sign_in(
                username, request.POST.get("password", ""), address=request.META.get("REMOTE_ADDR", "")
            )
        except Forbidden as wait:
            context |= {"problem": "sign_in.slow", "minutes": wait.params["minutes"]}
            status = 429
        else:
            if user is not None:
                login(request, user, backend="django.contrib.auth.backends.ModelBackend")
                response = redirect(_first_page(user) if context["next"] == "/" else context["next"])
                if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                    _remember_language(response, user.language)
                return response
            context["problem"], status = "sign_in.wrong", 403
        context["username"] = username
    return render(request, "sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Back to the sign-in page, signed out."""
    logout(request)
    return redirect("sign_in")


def _remember_language(response: HttpResponse, code: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=365 * 24 * 3600, httponly=True, samesite="Lax"
    )


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The same page in the other language."""
    code = request.POST.get("language", "")
    response = redirect(_next(request))
    if code in dict(settings.LANGUAGES):
        _remember_language(response, code)
    return response


@require_POST
def look_back(request: HttpRequest) -> HttpResponse:
    """The same page as it was known at the close of the chosen day."""
    chosen = request.POST.get("day", "")
    try:
        day = date.fromisoformat(chosen)
    except ValueError:
        raise InputError("view.bad_day", value=chosen[:20]) from None
    request.session[SESSION_KEY] = day.isoformat()
    return redirect(_next(request))


def look_back_end(request: HttpRequest) -> HttpResponse:
    """Back on today's board. Today is remembered, so that loaded history does not open its last day again."""
    request.session[SESSION_KEY] = installation().today().isoformat()
    return redirect("board")
