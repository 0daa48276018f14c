"""Every address of the console."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("fangkong.faces.web.account.urls")),
    path("", include("fangkong.faces.web.board.urls")),
    path("receive/", include("fangkong.faces.web.receive.urls")),
    path("matching/", include("fangkong.faces.web.matching.urls")),
    path("signals/", include("fangkong.faces.web.monitor.urls")),
    path("", include("fangkong.faces.web.trace.urls")),
    path("orders/", include("fangkong.faces.web.control.urls")),
    path("rules/", include("fangkong.faces.web.rules.urls")),
    path("minutes/", include("fangkong.faces.web.minutes.urls")),
    path("meetings/", include("fangkong.faces.web.meetings.urls")),
    path("", include("fangkong.faces.web.directives.urls")),
    path("", include("fangkong.faces.web.response.urls")),
    path("", include("fangkong.faces.web.command.urls")),
    path("", include("fangkong.faces.web.duty.urls")),
    path("", include("fangkong.faces.web.reviews.urls")),
    path("", include("fangkong.faces.web.listening.urls")),
    path("notices/", include("fangkong.faces.web.notifications.urls")),
    path("oversight/", include("fangkong.faces.web.oversight.urls")),
    path("applies/", include("fangkong.faces.web.applies.urls")),
    path("checkpoint/", include("fangkong.faces.web.checkpoint.urls")),
    path("protected/", include("fangkong.faces.web.protected.urls")),
]
