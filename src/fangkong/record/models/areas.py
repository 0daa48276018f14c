"""Administrative areas and their boundaries."""

from __future__ import annotations

from django.db import models

from .versioned import Versioned


class Area(Versioned):
    """An administrative area; ``key`` is its code, and the code's prefix is its place in the tree."""

    level = models.CharField(max_length=12)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80, default="", blank=True)
    #: Other names under which reports speak of it.
    aliases = models.JSONField(default=list, blank=True)
    population = models.PositiveIntegerField(null=True, blank=True)


class AreaBoundary(Versioned):
    """The drawn outline of an area; ``key`` is the area's code. Imported by the office, with its licence."""

    geometry = models.JSONField()
    crs = models.CharField(max_length=40)
    licence = models.CharField(max_length=120)
    #: The map approval number (审图号) where the law asks for one; "" for an invented city.
    review_number = models.CharField(max_length=60, default="", blank=True)
