"""Oversight: who did what, whether the chain is whole, what was reported, and which limits were missed."""

from django.urls import path

from . import report_views, signer_views, views, watch_views

urlpatterns = [
    path("", views.oversight, name="oversight"),
    path("reports/", report_views.reports, name="protected_reports"),
    path("reports/<str:key>/", report_views.report, name="protected_report"),
    path("reports/<str:key>/step/", report_views.step, name="protected_step"),
    path("alarms/", watch_views.alarms, name="alarms"),
    path("judgements/", signer_views.signers, name="signers"),
    path("judgements/<str:key>/", signer_views.signer, name="signer"),
    path("limits/", watch_views.limits, name="missed_limits"),
]
