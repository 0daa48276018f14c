"""Notices."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.notifications, name="notifications"),
    path("read/", views.read_all, name="notifications_read"),
    path("<str:key>/", views.opened, name="notification"),
]
