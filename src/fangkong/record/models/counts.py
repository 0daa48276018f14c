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


class SeriesBreak(Versioned):
    """A stretch in which a series does not mean what it meant before: no fit runs through it, no alarm stands on it.

    Found by comparing sources (`fangkong.science.reconcile`) or named by a person, with the reason.
    """

    disease = models.CharField(max_length=40)
    #: "" for every area of the series.
    area_code = models.CharField(max_length=24, default="", blank=True)
    measure = models.CharField(max_length=40, default="", blank=True)
    series = models.CharField(max_length=40)
    #: shifted_day, renamed, regrouped, definition_change, revision, negative_step, sum_differs, missing
    kind = models.CharField(max_length=24)
    from_day = models.DateField()
    to_day = models.DateField()
    #: Which source was compared with which, and by how much they differ.
    other_series = models.CharField(max_length=40, default="", blank=True)
    params = models.JSONField(default=dict)
    noted_by = models.CharField(max_length=96)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["disease", "series", "from_day"], name="seriesbreak_series")]
