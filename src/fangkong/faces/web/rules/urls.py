"""The rule explorer and the page of one key."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.explorer, name="rules"),
    path("key/", views.key, name="rules_key"),
]
