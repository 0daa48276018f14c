"""Tasks and signals: what somebody must do, and what somebody must look at."""

from __future__ import annotations

from django.db import models

from .versioned import Versioned


class Task(Versioned):
    """A finishable deed with an owner, an area, a deadline and a state."""

    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    area_code = models.CharField(max_length=24)
    #: The role that must do it; ``owner_key`` is the one person, once somebody has taken or been given it.
    owner_role = models.CharField(max_length=24)
    owner_key = models.CharField(max_length=96, default="", blank=True)
    due_at = models.DateTimeField()
    #: awaiting (待签收), in_progress, to_verify, done, overdue, returned or revoked
    state = models.CharField(max_length=12)
    subject_kind = models.CharField(max_length=16, default="", blank=True)
    subject_key = models.CharField(max_length=96, default="", blank=True)
    rule_row = models.CharField(max_length=160, default="", blank=True)
    created_by = models.CharField(max_length=96)
    done_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=400, default="", blank=True)
    #: What is to be done, in the words of whoever gave the task; "" where the kind says it.
    title = models.CharField(max_length=400, default="", blank=True)
    #: The directive, standing duty or plan run that it carries out.
    carries_out_kind = models.CharField(max_length=16, default="", blank=True)
    carries_out_key = models.CharField(max_length=96, default="", blank=True)
    #: The post that does it (岗位), and the four-party duty (四方责任): locality, department, unit, individual.
    post = models.CharField(max_length=80, default="", blank=True)
    four_parties = models.JSONField(default=dict, blank=True)
    #: Keys of the tasks that must be done first.
    depends_on = models.JSONField(default=list, blank=True)
    #: What proves it done ("" where saying so is enough), and the proof: [{kind, text, document_key, by, at}].
    evidence_kind = models.CharField(max_length=24, default="", blank=True)
    evidence = models.JSONField(default=list, blank=True)
    #: When somebody must have taken it, and when somebody did.
    acknowledge_by = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["state", "due_at", "area_code"], name="task_due"),
            models.Index(fields=["subject_key"], name="task_subject"),
            models.Index(fields=["owner_key", "state"], name="task_owner"),
            models.Index(fields=["carries_out_key"], name="task_source"),
            models.Index(fields=["state", "acknowledge_by"], name="task_acknowledge"),
        ]


class Signal(Versioned):
    """Something that may matter: an alert to verify, investigate and close with an outcome."""

    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=24, default="", blank=True)
    disease = models.CharField(max_length=40)
    area_code = models.CharField(max_length=24)
    raised_at = models.DateTimeField()
    #: open, verified, investigated or closed
    state = models.CharField(max_length=12)
    subject_kind = models.CharField(max_length=16, default="", blank=True)
    subject_key = models.CharField(max_length=96, default="", blank=True)
    params = models.JSONField(default=dict)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["state", "raised_at", "area_code"], name="signal_state")]
