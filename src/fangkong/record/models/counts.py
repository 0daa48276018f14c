"""Published daily counts, each with the document it came from."""

from __future__ import annotations

from django.db import models

from .versioned import Versioned


class DailyCount(Versioned):
    """One figure of one area on one day, as it was published.

    A day without a row was not published: it is unknown, never zero.
    """

    disease = models.CharField(max_length=40)
    area_code = models.CharField(max_length=24)
    day = models.DateField()
    #: confirmed, asymptomatic, deaths, ... or the same with ``_cumulative``
    measure = models.CharField(max_length=40)
    #: Discovery channel, "" for all together.
    channel = models.CharField(max_length=24, default="", blank=True)
    #: Which publication this is, so that two compilations never overwrite one another.
    series = models.CharField(max_length=40, default="official")
    value = models.IntegerField()
    document_key = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(
                fields=["disease", "series", "area_code", "measure", "day"], name="dailycount_series"
            ),
        ]
