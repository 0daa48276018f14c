"""Receiving files and their receipts."""

from django.urls import path

from . import decision_views, held_views, receipt_views, views

urlpatterns = [
    path("", views.receive, name="receive"),
    path("progress/<str:token>/", views.progress, name="receive_progress"),
    path("<str:key>/", receipt_views.receipt, name="receipt"),
    path("<str:key>/held/", held_views.held, name="receipt_held"),
    path("<str:key>/held/decide/", held_views.decide, name="receipt_held_decide"),
    path("<str:key>/held/cells/", held_views.cells, name="receipt_held_cells"),
    path("<str:key>/rows.csv", receipt_views.rows_csv, name="receipt_rows"),
    path("<str:key>/send-back/", receipt_views.send_back, name="receipt_send_back"),
    path("<str:key>/columns/", decision_views.confirm, name="receipt_columns"),
    path("<str:key>/read-again/", decision_views.reread, name="receipt_reread"),
    path("<str:key>/withdraw/", decision_views.withdraw, name="receipt_withdraw"),
]
