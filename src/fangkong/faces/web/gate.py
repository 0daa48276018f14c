"""The gate of every desk page: signed in, permitted, and known to the rail."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


def signed_in(key: str) -> Callable[[View], View]:
    """A view of the desk ``key`` for everybody who is signed in, whatever the role."""
    return desk(key, "")


def desk(key: str, permission: str) -> Callable[[View], View]:
    """A view of the desk ``key`` for roles that carry ``permission``; others get the page that says who may.

    Somebody not signed in is sent to sign in and comes back to the page. Pages are never kept by caches.
    """

    def gate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.viewing is None:
                return redirect_to_login(request.get_full_path())
            if permission:
                request.viewing.actor.require(permission)
            request.desk = key
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return guarded

    return gate
