"""Oversight: who did what, and whether the chain is whole."""

from django.urls import path

from . import views

urlpatterns = [path("", views.oversight, name="oversight")]
