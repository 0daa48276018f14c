"""Time limits of the rules as rows: what started them, when they are due, who hears when they are missed."""

from __future__ import annotations

from django.db import models

from .versioned import Versioned


class Timer(Versioned):
    """One time limit that runs for one subject: the row that sets it, its start, its end, its state."""

    #: The rule key that sets the limit (``report.case_hours``).
    clock = models.CharField(max_length=80)
    disease = models.CharField(max_length=40)
    area_code = models.CharField(max_length=24)
    subject_kind = models.CharField(max_length=16)
    subject_key = models.CharField(max_length=96)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    rule_row = models.CharField(max_length=200)
    #: A target is measured and shown; it binds nobody.
    target = models.BooleanField(default=False)
    #: running, met, missed or cancelled
    state = models.CharField(max_length=12)
    met_at = models.DateTimeField(null=True, blank=True)
    #: The role that hears of it when it is missed.
    escalated_to = models.CharField(max_length=24, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["state", "due_at", "area_code"], name="timer_due"),
            models.Index(fields=["subject_key"], name="timer_subject"),
        ]
