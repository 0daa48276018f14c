"""Every address of the console."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("fangkong.faces.web.account.urls")),
    path("", include("fangkong.faces.web.board.urls")),
    path("receive/", include("fangkong.faces.web.receive.urls")),
    path("", include("fangkong.faces.web.trace.urls")),
    path("orders/", include("fangkong.faces.web.control.urls")),
    path("rules/", include("fangkong.faces.web.rules.urls")),
    path("", include("fangkong.faces.web.command.urls")),
    path("oversight/", include("fangkong.faces.web.oversight.urls")),
    path("applies/", include("fangkong.faces.web.applies.urls")),
    path("protected/", include("fangkong.faces.web.protected.urls")),
]
