"""Reviews (复盘) and the gaps they find. Kept apart from discipline: no name of an individual at fault."""

from __future__ import annotations

from django.db import models

from fangkong.record.models import Versioned


class Review(Versioned):
    """The review of one case, event, drill or plan run: facts from the record, causes, gaps."""

    #: case, event, drill or plan_run
    subject_kind = models.CharField(max_length=16)
    subject_key = models.CharField(max_length=96)
    area_code = models.CharField(max_length=24)
    disease = models.CharField(max_length=40, default="", blank=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    #: open, held or closed
    state = models.CharField(max_length=12)
    lead_key = models.CharField(max_length=96, default="", blank=True)
    #: [{step, words}]: what the people who were there add to the record's timeline
    remarks = models.JSONField(default=list, blank=True)
    #: [{code, words}]: root causes
    causes = models.JSONField(default=list, blank=True)
    #: The timeline as it stood when the review was closed; computed from the record before.
    timeline = models.JSONField(default=list, blank=True)
    closed_by = models.CharField(max_length=96, default="", blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["state", "due_at", "area_code"], name="review_state"),
            models.Index(fields=["subject_key"], name="review_subject"),
        ]


class Gap(Versioned):
    """A gap in what the office can do: with an owner, a date, and proof that it is closed."""

    title = models.CharField(max_length=400)
    cause = models.CharField(max_length=40, default="", blank=True)
    #: review, clause, drill, audit or listening, and its key
    source_kind = models.CharField(max_length=16)
    source_key = models.CharField(max_length=96)
    area_code = models.CharField(max_length=24)
    owner_role = models.CharField(max_length=24)
    owner_key = models.CharField(max_length=96, default="", blank=True)
    due_at = models.DateTimeField()
    #: open, to_verify or closed
    state = models.CharField(max_length=12)
    proof = models.TextField(default="", blank=True)
    #: The plan that was changed because of it.
    plan_key = models.CharField(max_length=96, default="", blank=True)
    raised_by = models.CharField(max_length=96)
    closed_by = models.CharField(max_length=96, default="", blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["state", "due_at", "area_code"], name="gap_state"),
            models.Index(fields=["source_key"], name="gap_source"),
        ]
