"""Response levels and contingency plans."""

from __future__ import annotations

from django.db import models

from fangkong.core.clock import FAR_FUTURE
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
    rule_rows = models.JSONField(default=list, blank=True)
    document = models.CharField(max_length=200, default="", blank=True)
    #: What it is for, and the measures that it comes with, in words.
    matters = models.TextField(default="", blank=True)
    measures = models.JSONField(default=list, blank=True)
    starts_on = models.DateField()
    #: The day on which it is looked at again, at the latest.
    review_on = models.DateField()
    #: The day until which it is expected to last.
    expected_until = models.DateField(null=True, blank=True)
    #: The first day on which it holds no longer.
    ended_on = models.DateField(null=True, blank=True)
    #: The level before it that it adjusts.
    follows_key = models.CharField(max_length=96, default="", blank=True)
    #: [{code, kind: standing_duty | plan_run, key, by, at}]: what a person has started under it
    taken = models.JSONField(default=list, blank=True)
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
            models.UniqueConstraint(
                fields=["area_code", "hazard", "disease"],
                condition=models.Q(state="in_force", known_to=FAR_FUTURE),
                name="level_one_in_force",
            ),
        ]
        indexes = [models.Index(fields=["state", "area_code"], name="level_state")]


class Plan(Versioned):
    """A contingency plan: a checklist whose items become tasks in one act. Kinds are the office's own."""

    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    area_code = models.CharField(max_length=24)
    hazard = models.CharField(max_length=24, default="", blank=True)
    #: The key of the first edition; editions of one plan share it.
    series_key = models.CharField(max_length=96, default="", blank=True)
    edition = models.PositiveSmallIntegerField(default=1)
    #: The response levels at which it is offered; none: at every level of its hazard.
    levels = models.JSONField(default=list, blank=True)
    #: People are moved out of the area under it: orders to stay there yield.
    evacuates = models.BooleanField(default=False)
    #: [{n, title, owner_role, post, within_hours, evidence_kind, after}]
    checklist = models.JSONField(default=list)
    #: draft, in_force, rejected or retired
    state = models.CharField(max_length=12)
    written_by = models.CharField(max_length=96)
    approved_by = models.CharField(max_length=96, default="", blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    change_reason = models.CharField(max_length=400, default="", blank=True)
    #: The gap or clause that brought this edition about.
    reason_key = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(approved_by="") | ~models.Q(approved_by=models.F("written_by")),
                name="plan_two_people",
            ),
            models.UniqueConstraint(
                fields=["series_key"],
                condition=models.Q(state="in_force", known_to=FAR_FUTURE),
                name="plan_one_in_force",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "area_code"], name="plan_state"),
            models.Index(fields=["series_key"], name="plan_series"),
        ]


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
    ended_by = models.CharField(max_length=96, default="", blank=True)
    end_note = models.CharField(max_length=400, default="", blank=True)
    #: The response level under which it was started.
    level_key = models.CharField(max_length=96, default="", blank=True)
    #: [{order_key, rule_row, reason}]: orders that yield to this run (an evacuation beats a stay-in order)
    yields = models.JSONField(default=list, blank=True)
    #: [{name, area_code, rooms, by, at}]: where the people under those orders can go
    sites = models.JSONField(default=list, blank=True)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            # A drill touches no order.
            models.CheckConstraint(
                condition=models.Q(drill=False) | models.Q(yields=[]), name="planrun_drill_no_orders"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "area_code"], name="planrun_state"),
            models.Index(fields=["plan_key", "started_at"], name="planrun_plan"),
        ]
