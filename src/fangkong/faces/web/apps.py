"""The web face as a Django app: templates, static files and template tags."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "fangkong.faces.web"
    label = "web"
