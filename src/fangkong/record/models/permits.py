"""Permits to travel and what a checkpoint answered: no name, no number plate, and no history for the gate."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .versioned import Versioned


class Permit(Versioned):
    """Leave to make one journey again and again until a day. Proposed by one, decided by another."""

    permit_no = models.CharField(max_length=40)
    #: commuter, freight or medical
    kind = models.CharField(max_length=16)
    disease = models.CharField(max_length=40)
    person_key = models.CharField(max_length=96, default="", blank=True)
    #: Keyed digest of the number plate; "" without a vehicle.
    vehicle_digest = models.CharField(max_length=64, default="", blank=True)
    #: The area whose office issues it: one of the two ends.
    area_code = models.CharField(max_length=24)
    from_area = models.CharField(max_length=24)
    to_area = models.CharField(max_length=24)
    starts_on = models.DateField()
    expires_on = models.DateField()
    #: What the rules answered when it was proposed, and every code behind it.
    answer = models.CharField(max_length=24)
    reasons = models.JSONField(default=list, blank=True)
    #: What not travelling costs: {work_days, person_days, possible_on}, null figures while nobody can say.
    cost = models.JSONField(default=dict, blank=True)
    rule_rows = models.JSONField(default=list)
    legal_basis = models.JSONField(default=list)
    confidence = models.CharField(max_length=12)
    #: proposed, issued, refused, revoked or lapsed
    state = models.CharField(max_length=12)
    proposed_by = models.CharField(max_length=96)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=96, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=400, default="", blank=True)
    #: Why it was revoked, and by whom.
    change_reason = models.CharField(max_length=400, default="", blank=True)
    changed_by = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=F("proposed_by")), name="permit_two_people"
            ),
            models.CheckConstraint(condition=Q(expires_on__gte=F("starts_on")), name="permit_ends"),
        ]
        indexes = [
            models.Index(fields=["state", "area_code"], name="permit_state"),
            models.Index(fields=["person_key"], name="permit_person"),
        ]


class Passage(Versioned):
    """One question at one checkpoint and its answer. It goes when the person's identity is purged."""

    #: freight, commuter or medical
    kind = models.CharField(max_length=16)
    disease = models.CharField(max_length=40)
    #: "" for an emergency of whom nothing was asked.
    person_key = models.CharField(max_length=96, default="", blank=True)
    vehicle_digest = models.CharField(max_length=64, default="", blank=True)
    permit_key = models.CharField(max_length=96, default="", blank=True)
    #: The place that is the checkpoint, and the one that comes next on the journey where it was said.
    place_key = models.CharField(max_length=96)
    next_place_key = models.CharField(max_length=96, default="", blank=True)
    area_code = models.CharField(max_length=24)
    to_area = models.CharField(max_length=24, default="", blank=True)
    passed_at = models.DateTimeField()
    #: pass, escort, test, divert, call_help; turned_away for an emergency that somebody refused
    answer = models.CharField(max_length=12)
    #: The answer of the rules in their own words, and every code behind it.
    rule_answer = models.CharField(max_length=24)
    reasons = models.JSONField(default=list, blank=True)
    rule_rows = models.JSONField(default=list)
    confidence = models.CharField(max_length=12)
    emergency = models.BooleanField(default=False)
    condition = models.CharField(max_length=40, default="", blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    #: Whether the test at hand passes under the rows of the day; null where no row says.
    test_valid = models.BooleanField(null=True, blank=True)
    #: {star, must_not, test, follow, escort, ward, ends} as far as the kind has them.
    details = models.JSONField(default=dict, blank=True)
    recorded_by = models.CharField(max_length=96)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["person_key", "passed_at"], name="passage_person"),
            models.Index(fields=["vehicle_digest", "passed_at"], name="passage_vehicle"),
            models.Index(fields=["area_code", "passed_at"], name="passage_area"),
        ]
