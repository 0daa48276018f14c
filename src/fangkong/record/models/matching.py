"""Two keys, one person: what the linkage proposes and what a person has decided."""

from __future__ import annotations

from django.db import models

from .versioned import Versioned


class MatchCandidate(Versioned):
    """A pair of people who may be one: how alike they are, field by field, and what was decided.

    The fields' values stay sealed; ``levels`` says only how near each of them is ("exact", "close", "differs").
    """

    #: The two keys in order, so that a pair is one row whichever file named which first.
    first_key = models.CharField(max_length=96)
    second_key = models.CharField(max_length=96)
    #: Probability that the two are one, by the linkage model of ``model_version``.
    probability = models.FloatField()
    levels = models.JSONField(default=dict)
    model_version = models.CharField(max_length=20)
    #: The receipt that brought the second of the two.
    receipt_key = models.CharField(max_length=96, default="", blank=True)
    area_code = models.CharField(max_length=24)
    #: open, same or different
    state = models.CharField(max_length=12, default="open")
    decided_by = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["state", "-probability"], name="matchcandidate_queue"),
            models.Index(fields=["first_key"], name="matchcandidate_first"),
            models.Index(fields=["second_key"], name="matchcandidate_second"),
        ]


class SamePerson(Versioned):
    """``person_key`` is the person ``into_key``. Closing the version parts the two again (unmerge).

    Nothing that was recorded under either key is rewritten: reads follow this row as of their own instant.
    """

    person_key = models.CharField(max_length=96)
    into_key = models.CharField(max_length=96)
    candidate_key = models.CharField(max_length=96, default="", blank=True)
    decided_by = models.CharField(max_length=96)
    reason = models.CharField(max_length=200, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["person_key"], name="sameperson_person"),
            models.Index(fields=["into_key"], name="sameperson_into"),
        ]
