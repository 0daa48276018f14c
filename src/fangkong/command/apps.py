"""The office's own nouns as a Django application, labelled ``command``."""

from django.apps import AppConfig


class CommandConfig(AppConfig):
    """Names the app; holds no logic."""

    name = "fangkong.command"
    label = "command"
    default_auto_field = "django.db.models.BigAutoField"
