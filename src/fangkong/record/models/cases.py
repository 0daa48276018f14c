"""Cases, contacts and the links between them. Epidemiological status only; measures are in ``orders``."""

from __future__ import annotations

from django.db import models

from .versioned import Versioned


class Case(Versioned):
    """A person's illness or infection; its versions are its classification history."""

    case_no = models.CharField(max_length=40)
    person_key = models.CharField(max_length=96)
    disease = models.CharField(max_length=40)
    #: Where the case is counted.
    area_code = models.CharField(max_length=24)
    #: suspected, confirmed, asymptomatic or excluded
    classification = models.CharField(max_length=16)
    classified_on = models.DateField(null=True, blank=True)
    severity = models.CharField(max_length=16, default="", blank=True)
    reported_on = models.DateField()
    onset_on = models.DateField(null=True, blank=True)
    sampled_on = models.DateField(null=True, blank=True)
    diagnosed_on = models.DateField(null=True, blank=True)
    exposed_from_on = models.DateField(null=True, blank=True)
    exposed_to_on = models.DateField(null=True, blank=True)
    #: How it was found: controlled, screening, sought_care, imported, or "" when nobody said.
    channel = models.CharField(max_length=16, default="", blank=True)
    setting = models.CharField(max_length=24, default="", blank=True)
    place_key = models.CharField(max_length=96, default="", blank=True)
    age_years = models.PositiveSmallIntegerField(null=True, blank=True)
    #: alive, recovered, dead or "" when unknown
    outcome = models.CharField(max_length=12, default="", blank=True)
    outcome_on = models.DateField(null=True, blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            # The board's counts are answered from these two indexes alone; the key is in the first for the cases
            # with a known source, which are looked up among the links.
            models.Index(
                fields=[
                    "disease",
                    "area_code",
                    "reported_on",
                    "classification",
                    "channel",
                    "known_from",
                    "known_to",
                    "key",
                ],
                name="case_by_area",
            ),
            models.Index(
                fields=[
                    "disease",
                    "reported_on",
                    "area_code",
                    "classification",
                    "channel",
                    "known_from",
                    "known_to",
                ],
                name="case_by_day",
            ),
            models.Index(fields=["disease", "outcome", "area_code", "outcome_on"], name="case_by_outcome"),
            models.Index(fields=["person_key"], name="case_person"),
            # Asked for every new case: who else was ill at this place?
            models.Index(fields=["place_key"], name="case_place"),
            models.Index(fields=["case_no"], name="case_number"),
        ]


class Contact(Versioned):
    """A person exposed to a case: a lead for tracing, and never a status of its own making."""

    case_key = models.CharField(max_length=96)
    person_key = models.CharField(max_length=96)
    disease = models.CharField(max_length=40)
    #: The contact's own area, where somebody must find them.
    area_code = models.CharField(max_length=24)
    #: close, secondary or general
    tier = models.CharField(max_length=12)
    setting = models.CharField(max_length=24, default="", blank=True)
    from_at = models.DateTimeField(null=True, blank=True)
    to_at = models.DateTimeField(null=True, blank=True)
    last_exposure_on = models.DateField(null=True, blank=True)
    #: For a secondary contact: the close contact in between.
    via_contact_key = models.CharField(max_length=96, default="", blank=True)
    #: The verifications of 四个查清 that are facts of the contact; the control status comes from orders.
    identified = models.BooleanField(default=False)
    located = models.BooleanField(default=False)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["case_key", "tier"], name="contact_case"),
            models.Index(fields=["person_key"], name="contact_person"),
            models.Index(fields=["area_code", "disease"], name="contact_area"),
        ]


class FollowUp(Versioned):
    """One day's look after one contact: who was to be seen, whether they were, and how they were found."""

    contact_key = models.CharField(max_length=96)
    person_key = models.CharField(max_length=96)
    disease = models.CharField(max_length=40)
    area_code = models.CharField(max_length=24)
    day = models.DateField()
    #: seen_well, seen_ill, not_seen, not_due, refused or left_area; "" where the sender does not say.
    status = models.CharField(max_length=16, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["contact_key", "day"], name="followup_contact"),
            models.Index(fields=["area_code", "day"], name="followup_area"),
        ]


class TransmissionLink(Versioned):
    """Who infected whom, as far as somebody has judged it."""

    disease = models.CharField(max_length=40)
    from_case_key = models.CharField(max_length=96)
    to_case_key = models.CharField(max_length=96)
    setting = models.CharField(max_length=24, default="", blank=True)
    #: The source's own word for the setting, where it has no term of ours.
    setting_text = models.CharField(max_length=80, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["from_case_key"], name="link_from"),
            models.Index(fields=["to_case_key"], name="link_to"),
        ]
