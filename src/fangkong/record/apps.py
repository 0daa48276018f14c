"""The record as a Django application, labelled ``record`` from the first migration on."""

from django.apps import AppConfig


class RecordConfig(AppConfig):
    """Names the app; holds no logic."""

    name = "fangkong.record"
    label = "record"
    default_auto_field = "django.db.models.BigAutoField"
