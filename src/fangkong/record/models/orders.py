"""Orders: measures with a rule, a basis, an end and a way to object."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .versioned import Versioned


class Order(Versioned):
    """A measure on a person, an area or a place. Proposed by one, decided by another."""

    order_no = models.CharField(max_length=40)
    #: quarantine, isolation, monitoring, exclusion; risk_area; closure, disinfection; checkpoint; testing
    kind = models.CharField(max_length=24)
    disease = models.CharField(max_length=40)
    #: person, household, area, place, journey or campaign
    subject_kind = models.CharField(max_length=12)
    person_key = models.CharField(max_length=96, default="", blank=True)
    #: The household or place that the order is on, where it is on one.
    subject_key = models.CharField(max_length=96, default="", blank=True)
    area_code = models.CharField(max_length=24)
    #: The contact or case that is the reason.
    reason_key = models.CharField(max_length=96, default="", blank=True)
    #: proposed, approved, suspended, rejected, withdrawn, lapsed or superseded
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
    #: Why the measure fits the harm and no smaller one does, in the proposer's words; "" where the rule says it.
    proportionality_note = models.CharField(max_length=800, default="", blank=True)
    #: The rank of the office that signs (county, prefecture, province, national), and the one the rules ask for.
    issuer_rank = models.CharField(max_length=12, default="", blank=True)
    required_rank = models.CharField(max_length=12, default="", blank=True)
    #: The facts that the rules were asked with, so that the order can be judged again.
    situation = models.JSONField(default=dict, blank=True)
    #: The civil day whose rules the running stages follow.
    judged_on = models.DateField(null=True, blank=True)
    #: What the kind of subject adds: level, unit and residents of an area, works at a place, rounds of a campaign.
    details = models.JSONField(default=dict, blank=True)
    #: What an order on many people must carry before it starts: gate -> what meets it.
    gates = models.JSONField(default=dict, blank=True)
    #: Over-reach checks that found something when it was proposed: [{item, code, blocks, rule_row, params}].
    findings = models.JSONField(default=list, blank=True)
    #: The order that this one renews, shortens or replaces.
    follows_key = models.CharField(max_length=96, default="", blank=True)
    #: Why it was suspended, resumed, shortened, superseded or withdrawn, and by whom.
    change_reason = models.CharField(max_length=400, default="", blank=True)
    changed_by = models.CharField(max_length=96, default="", blank=True)

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
            models.Index(fields=["subject_kind", "state", "area_code"], name="order_subject"),
        ]


class Rejudgement(Versioned):
    """A running order judged again: both computations side by side, and what came of the offer."""

    order_key = models.CharField(max_length=96)
    person_key = models.CharField(max_length=96, default="", blank=True)
    area_code = models.CharField(max_length=24)
    #: rules, result, classification or exposure
    cause = models.CharField(max_length=16)
    judged_on = models.DateField()
    #: shorter, ends_now or not_decided; what stayed the same is counted and not written.
    outcome = models.CharField(max_length=16)
    #: {expires_on, stages, rule_rows, confidence} of the order as it ran, and as the rules of the day give it.
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    #: offered, accepted, declined or overtaken
    state = models.CharField(max_length=12)
    decided_by = models.CharField(max_length=96, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=400, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["order_key"], name="rejudgement_order"),
            models.Index(fields=["state", "area_code"], name="rejudgement_state"),
        ]


class Appeal(Versioned):
    """An objection to an order, by the person it binds or for them. It is answered, with reasons, by another."""

    order_key = models.CharField(max_length=96)
    person_key = models.CharField(max_length=96, default="", blank=True)
    area_code = models.CharField(max_length=24)
    #: wrong_person, wrong_date, not_exposed, wrong_rule, hardship, care_needed or other
    ground = models.CharField(max_length=24)
    filed_at = models.DateTimeField()
    filed_by = models.CharField(max_length=96)
    due_at = models.DateTimeField()
    #: filed, upheld, dismissed or withdrawn
    state = models.CharField(max_length=12)
    decided_by = models.CharField(max_length=96, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=800, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["order_key"], name="appeal_order"),
            models.Index(fields=["state", "due_at", "area_code"], name="appeal_due"),
        ]


class Consent(Versioned):
    """A carer's recorded consent before a child or dependent is kept apart from them; it can be taken back."""

    order_key = models.CharField(max_length=96)
    #: The child or dependent.
    person_key = models.CharField(max_length=96)
    carer_key = models.CharField(max_length=96, default="", blank=True)
    area_code = models.CharField(max_length=24)
    given_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=96)
    #: given or taken_back
    state = models.CharField(max_length=12)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["order_key"], name="consent_order")]


class ExposureJudgement(Versioned):
    """One person's exposure as an expert judged it by hand: signed, reasoned, and never a status."""

    contact_key = models.CharField(max_length=96)
    person_key = models.CharField(max_length=96)
    case_key = models.CharField(max_length=96)
    disease = models.CharField(max_length=40)
    area_code = models.CharField(max_length=24)
    last_exposure_on = models.DateField()
    evidence = models.CharField(max_length=400)
    reason = models.CharField(max_length=400)
    signed_by = models.CharField(max_length=96)
    signed_at = models.DateTimeField()

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["person_key"], name="judgement_person"),
            models.Index(fields=["signed_by", "signed_at"], name="judgement_signer"),
        ]
