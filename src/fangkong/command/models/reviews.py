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
    #: [{step, words, role}]: what the people who were there add to the record's timeline, by their post
    remarks = models.JSONField(default=list, blank=True)
    #: [{code, words}]: root causes
    causes = models.JSONField(default=list, blank=True)
    #: The timeline as it stood when the review was closed; computed from the record before.
    timeline = models.JSONField(default=list, blank=True)
    #: Why it found no gap, in words; a review without any finding is closed with these only.
    no_gap_because = models.TextField(default="", blank=True)
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
    came_of_kind = models.CharField(max_length=16)
    came_of_key = models.CharField(max_length=96)
    area_code = models.CharField(max_length=24)
    owner_role = models.CharField(max_length=24)
    owner_key = models.CharField(max_length=96, default="", blank=True)
    due_at = models.DateTimeField()
    #: open, to_verify or closed
    state = models.CharField(max_length=12)
    proof = models.TextField(default="", blank=True)
    #: The plan that was changed because of it.
    plan_key = models.CharField(max_length=96, default="", blank=True)
    #: The standing duty that was established because of it.
    duty_key = models.CharField(max_length=96, default="", blank=True)
    #: Who handed the proof in, and when; a second person verifies it.
    proof_by = models.CharField(max_length=96, default="", blank=True)
    proof_at = models.DateTimeField(null=True, blank=True)
    #: Why the proof was not enough, or the owner or the day was changed.
    change_reason = models.CharField(max_length=400, default="", blank=True)
    raised_by = models.CharField(max_length=96)
    closed_by = models.CharField(max_length=96, default="", blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(state="closed") | (~models.Q(proof="") & ~models.Q(closed_by="")),
                name="gap_closed_with_proof",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_by="") | ~models.Q(closed_by=models.F("proof_by")),
                name="gap_two_people",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at", "area_code"], name="gap_state"),
            models.Index(fields=["came_of_key"], name="gap_source"),
        ]
