"""The protected line, open to anybody."""

from django.urls import path

from . import views

urlpatterns = [path("", views.protected, name="protected")]
