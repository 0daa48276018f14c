"""Receiving files and their receipts."""

from django.urls import path

from . import mapping_views, receipt_views, views

urlpatterns = [
    path("", views.receive, name="receive"),
    path("progress/<str:token>/", views.progress, name="receive_progress"),
    path("<str:key>/", receipt_views.receipt, name="receipt"),
    path("<str:key>/rows.csv", receipt_views.rows_csv, name="receipt_rows"),
    path("<str:key>/send-back/", receipt_views.send_back, name="receipt_send_back"),
    path("<str:key>/columns/", mapping_views.confirm, name="receipt_columns"),
    path("<str:key>/read-again/", mapping_views.reread, name="receipt_reread"),
]
