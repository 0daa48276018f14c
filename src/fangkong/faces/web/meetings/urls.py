"""Meetings: those to come and those held, the call, one meeting with what is done there, its minutes on paper."""

from django.urls import path

from . import call_views, deeds, paper_views, views

urlpatterns = [
    path("", views.meetings, name="meetings"),
    path("new/", call_views.new, name="meeting_new"),
    path("<str:key>/", views.meeting, name="meeting"),
    *(
        path(
            f"<str:key>/minutes.{ending}",
            paper_views.paper,
            {"ending": ending},
            name=f"meeting_minutes_{ending}",
        )
        for ending in ("pdf", "docx")
    ),
    *(path(f"<str:key>/{name}/", deeds.DEEDS[name], name=f"meeting_{name}") for name in deeds.DEEDS),
]
