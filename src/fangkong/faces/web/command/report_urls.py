"""The situation report: the paper of a day, its files, its signature."""

from django.urls import path

import fangkong.faces.web.dates  # noqa: F401 (registers <date:...>)

from . import report_views

urlpatterns = [
    path("report/", report_views.latest, name="report"),
    path("report/<date:day>/", report_views.report, name="report_day"),
    path("report/<date:day>.pdf", report_views.pdf, name="report_pdf"),
    path("report/<date:day>.docx", report_views.docx, name="report_docx"),
    path("report/<date:day>.json", report_views.figures, name="report_json"),
    path("report/<date:day>/pack.pdf", report_views.pack, name="report_pack"),
    path("report/<date:day>/codes.json", report_views.codes, name="report_codes"),
    path("report/<date:day>/sign", report_views.sign, name="report_sign"),
]
