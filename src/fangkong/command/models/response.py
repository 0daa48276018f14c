"""Response levels and contingency plans."""

from __future__ import annotations

from django.db import models

from fangkong.record.models import Versioned


class ResponseLevel(Versioned):
    """An emergency response as declared: which hazard, where, at which level, by whom, until when."""

    area_code = models.CharField(max_length=24)
    #: epidemic, flood, … : the kind of event
    hazard = models.CharField(max_length=24)
    disease = models.CharField(max_length=40, default="", blank=True)
    #: 1 (the highest) to 4
    level = models.PositiveSmallIntegerField()
    #: The rank that declared it (county, prefecture, province, national) and its basis.
    rank = models.CharField(max_length=12)
    legal_basis = models.JSONField(default=list)
    document = models.CharField(max_length=200, default="", blank=True)
    starts_on = models.DateField()
    #: The day on which it is looked at again, at the latest.
    review_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    proposed_by = models.CharField(max_length=96)
    declared_by = models.CharField(max_length=96, default="", blank=True)
    #: proposed, in_force, adjusted, ended or rejected
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=400, default="", blank=True)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            models.CheckConstraint(condition=models.Q(level__gte=1, level__lte=4), name="level_one_to_four"),
            models.CheckConstraint(
                condition=models.Q(declared_by="") | ~models.Q(declared_by=models.F("proposed_by")),
                name="level_two_people",
            ),
        ]
        indexes = [models.Index(fields=["state", "area_code"], name="level_state")]


class Plan(Versioned):
    """A contingency plan: a checklist whose items become tasks in one act. Kinds are the office's own."""

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    area_code = models.CharField(max_length=24)
    hazard = models.CharField(max_length=24, default="", blank=True)
    edition = models.PositiveSmallIntegerField(default=1)
    #: [{n, title, owner_role, post, within_hours, evidence_kind, after}]
    checklist = models.JSONField(default=list)
    #: draft, in_force or retired
    state = models.CharField(max_length=12)
    written_by = models.CharField(max_length=96)
    approved_by = models.CharField(max_length=96, default="", blank=True)
    #: The gap or clause that brought this edition about.
    reason_key = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["state", "area_code"], name="plan_state")]


class PlanRun(Versioned):
    """A plan set in motion, for real or as a drill, with the time each step took."""

    plan_key = models.CharField(max_length=96)
    area_code = models.CharField(max_length=24)
    hazard = models.CharField(max_length=24, default="", blank=True)
    drill = models.BooleanField(default=False)
    reason = models.CharField(max_length=400, default="", blank=True)
    started_by = models.CharField(max_length=96)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    #: running or ended
    state = models.CharField(max_length=12)
    #: [{order_key, rule_row, reason}]: orders that yield to this run (an evacuation beats a stay-in order)
    yields = models.JSONField(default=list, blank=True)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["state", "area_code"], name="planrun_state")]
