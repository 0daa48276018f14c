"""Specimens and laboratory results."""

from __future__ import annotations

from django.db import models

from .versioned import Versioned


class Specimen(Versioned):
    """Something taken from a person to be tested."""

    person_key = models.CharField(max_length=96)
    area_code = models.CharField(max_length=24)
    kind = models.CharField(max_length=24, default="", blank=True)
    purpose = models.CharField(max_length=24, default="", blank=True)
    collected_at = models.DateTimeField(null=True, blank=True)
    laboratory_key = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["person_key"], name="specimen_person")]


class LabResult(Versioned):
    """What a laboratory found in a specimen."""

    specimen_key = models.CharField(max_length=96)
    person_key = models.CharField(max_length=96)
    disease = models.CharField(max_length=40)
    area_code = models.CharField(max_length=24)
    method = models.CharField(max_length=16)
    #: positive, negative or indeterminate
    result = models.CharField(max_length=16)
    cycle_threshold = models.FloatField(null=True, blank=True)
    resulted_at = models.DateTimeField()

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["person_key"], name="result_person"),
            models.Index(fields=["disease", "result", "resulted_at", "area_code"], name="result_day"),
        ]
