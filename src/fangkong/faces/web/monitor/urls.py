"""Signals: those to verify, those to investigate, those closed, and one of them with its deeds."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.signals, name="signals"),
    path("<str:key>/", views.signal, name="signal"),
    path("<str:key>/verify/", views.verify, name="signal_verify"),
    path("<str:key>/investigate/", views.investigate, name="signal_investigate"),
    path("<str:key>/close/", views.close, name="signal_close"),
]
