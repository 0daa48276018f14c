"""Organisations and the places they keep: first-class, beside people."""

from __future__ import annotations

from django.db import models

from .versioned import Versioned


class Organisation(Versioned):
    """A laboratory, hospital, school, enterprise, checkpoint, shop or office."""

    kind = models.CharField(max_length=24)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, default="", blank=True)
    area_code = models.CharField(max_length=24)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["area_code", "kind"], name="organisation_area")]


class Place(Versioned):
    """A spot that people share: a building, a ward, a market hall, a workshop."""

    kind = models.CharField(max_length=24)
    name_zh = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, default="", blank=True)
    area_code = models.CharField(max_length=24)
    organisation_key = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["area_code", "kind"], name="place_area")]
