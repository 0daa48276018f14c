"""Orders: measures with a rule, a basis, an end and a way to object."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .versioned import Versioned


class Order(Versioned):
    """A measure on a person, an area or a place. Proposed by one, decided by another."""

    order_no = models.CharField(max_length=40)
    #: quarantine, isolation, monitoring, ...
    kind = models.CharField(max_length=24)
    disease = models.CharField(max_length=40)
    #: person, area or place
    subject_kind = models.CharField(max_length=12)
    person_key = models.CharField(max_length=96, default="", blank=True)
    area_code = models.CharField(max_length=24)
    #: The contact or case that is the reason.
    reason_key = models.CharField(max_length=96, default="", blank=True)
    #: proposed, approved, rejected, withdrawn or lapsed
    state = models.CharField(max_length=12)
    proposed_by = models.CharField(max_length=96)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=96, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=400, default="", blank=True)
    day0_on = models.DateField(null=True, blank=True)
    starts_on = models.DateField()
    expires_on = models.DateField()
    #: [{place, first_on, last_on, test_on: [...]}]
    stages = models.JSONField(default=list)
    rule_rows = models.JSONField(default=list)
    legal_basis = models.JSONField(default=list)
    confidence = models.CharField(max_length=12)
    release_condition = models.CharField(max_length=120, default="", blank=True)
    exceptions = models.JSONField(default=list)
    remedy = models.CharField(max_length=40)
    proportionality = models.CharField(max_length=40)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            models.CheckConstraint(
                condition=Q(decided_by="") | ~Q(decided_by=F("proposed_by")), name="order_two_people"
            ),
            models.CheckConstraint(condition=Q(expires_on__gte=F("starts_on")), name="order_ends"),
        ]
        indexes = [
            models.Index(fields=["state", "area_code"], name="order_state"),
            models.Index(fields=["person_key"], name="order_person"),
            models.Index(fields=["reason_key"], name="order_reason"),
        ]
