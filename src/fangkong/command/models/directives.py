"""Directives, who receives them, and duties that stand."""

from __future__ import annotations

from django.db import models

from fangkong.record.models import Versioned


class Directive(Versioned):
    """What one level asks of the next, with its reason, its limits and its end. Drafted by one, issued by another."""

    directive_no = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    #: The issuing office.
    area_code = models.CharField(max_length=24)
    issuer_role = models.CharField(max_length=24)
    purpose = models.TextField()
    #: What it rests on: figures with source and day, a clause, a superior's paper.
    evidence = models.TextField(default="", blank=True)
    #: [{n, text, evidence_kind, clause_key}]
    measures = models.JSONField(default=list)
    #: [{area_code, role, unit}]: for whom it is; each becomes a recipient when it is issued.
    addressed_to = models.JSONField(default=list)
    proportionality_note = models.CharField(max_length=800, default="", blank=True)
    #: What is exempt: medical need, carers, disaster, and more.
    exceptions = models.JSONField(default=list, blank=True)
    legal_basis = models.JSONField(default=list, blank=True)
    due_at = models.DateTimeField()
    reply_by = models.DateTimeField(null=True, blank=True)
    #: The last day on which it binds.
    sunset_on = models.DateField()
    #: draft, issued, completed, withdrawn or lapsed
    state = models.CharField(max_length=12)
    drafted_by = models.CharField(max_length=96)
    drafted_at = models.DateTimeField()
    issued_by = models.CharField(max_length=96, default="", blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    clause_key = models.CharField(max_length=96, default="", blank=True)
    meeting_key = models.CharField(max_length=96, default="", blank=True)
    #: The directive of the level above that this one carries on.
    parent_key = models.CharField(max_length=96, default="", blank=True)
    change_reason = models.CharField(max_length=400, default="", blank=True)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(issued_by="") | ~models.Q(issued_by=models.F("drafted_by")),
                name="directive_two_people",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at", "area_code"], name="directive_state"),
            models.Index(fields=["parent_key"], name="directive_parent"),
            models.Index(fields=["clause_key"], name="directive_clause"),
        ]


class DirectiveRecipient(Versioned):
    """One office that a directive is for: acknowledged, replied to, carried on, done."""

    directive_key = models.CharField(max_length=96)
    area_code = models.CharField(max_length=24)
    role = models.CharField(max_length=24)
    unit = models.CharField(max_length=120, default="", blank=True)
    #: awaiting, acknowledged, replied, done, withdrawn, or ended (the directive was over before it was done)
    state = models.CharField(max_length=12)
    acknowledge_by = models.DateTimeField()
    acknowledged_by = models.CharField(max_length=96, default="", blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    reply = models.TextField(default="", blank=True)
    replied_by = models.CharField(max_length=96, default="", blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["directive_key", "area_code"], name="recipient_directive"),
            models.Index(fields=["state", "acknowledge_by", "area_code"], name="recipient_state"),
        ]


class StandingDuty(Versioned):
    """A duty that stands: measured and never ticked off, or opening one finishable task at each event."""

    title = models.CharField(max_length=400)
    area_code = models.CharField(max_length=24)
    owner_role = models.CharField(max_length=24)
    owner_key = models.CharField(max_length=96, default="", blank=True)
    post = models.CharField(max_length=80, default="", blank=True)
    #: The kind of event that opens one task each time; "" for a duty that is measured only.
    trigger = models.CharField(max_length=40, default="", blank=True)
    #: every day, week or month a task opens by the calendar ("", day, week, month)
    recurs = models.CharField(max_length=8, default="", blank=True)
    #: What would show that it is kept.
    measure = models.CharField(max_length=200, default="", blank=True)
    evidence_kind = models.CharField(max_length=24, default="", blank=True)
    clause_key = models.CharField(max_length=96, default="", blank=True)
    meeting_key = models.CharField(max_length=96, default="", blank=True)
    starts_on = models.DateField()
    #: The day on which it is looked at again; no duty stands for ever unlooked at.
    review_on = models.DateField()
    #: in_force or ended
    state = models.CharField(max_length=12)
    decided_by = models.CharField(max_length=96)
    change_reason = models.CharField(max_length=400, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["state", "trigger", "area_code"], name="duty_trigger"),
            models.Index(fields=["clause_key"], name="duty_clause"),
        ]
