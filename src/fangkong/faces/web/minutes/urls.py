"""Minutes: the list with the drop, one text with its clauses, what is decided there, coverage, the report upward."""

from django.urls import path

from . import coverage_views, deeds, document_views, views

urlpatterns = [
    path("", views.minutes, name="minutes"),
    path("reports/<str:key>/", coverage_views.report, name="minutes_report"),
    path("reports/<str:key>/send/", coverage_views.send, name="minutes_report_send"),
    *(
        path(
            f"reports/<str:key>/report.{ending}",
            coverage_views.report_paper,
            {"ending": ending},
            name=f"minutes_report_{ending}",
        )
        for ending in ("pdf", "docx")
    ),
    path("<str:key>/", document_views.document, name="minutes_document"),
    path("<str:key>/bulk/", deeds.bulk, name="minutes_bulk"),
    path("<str:key>/voices/", deeds.voices, name="minutes_voices"),
    path("<str:key>/coverage/", coverage_views.table, name="minutes_coverage"),
    *(
        path(
            f"<str:key>/coverage.{ending}",
            coverage_views.table_paper,
            {"ending": ending},
            name=f"minutes_coverage_{ending}",
        )
        for ending in ("pdf", "docx")
    ),
    path("<str:key>/<str:clause>/<str:name>/", deeds.deed, name="minutes_deed"),
]
