"""Receiving files and their receipts."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.receive, name="receive"),
    path("<str:key>/", views.receipt, name="receipt"),
    path("<str:key>/rows.csv", views.rows_csv, name="receipt_rows"),
]
