"""People who are probably one."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.matching, name="matching"),
    path("decide/", views.decide, name="matching_decide"),
    path("undo/", views.undo, name="matching_undo"),
    path("names/", views.names, name="matching_names"),
]
