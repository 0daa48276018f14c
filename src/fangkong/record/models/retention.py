"""Purges that the end of a rule asked for, and the certificate of each: what was destroyed, never whose."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from .versioned import machine_now


class PurgeRun(models.Model):
    """One run of the purge; at most one is under way, and one that was killed is gone on with."""

    key = models.CharField(max_length=96, unique=True)
    #: running or done
    state = models.CharField(max_length=8)
    #: The office's clock when it began.
    at = models.DateTimeField()
    by = models.CharField(max_length=96)
    #: Why a named person released data for purge; "" when only the rules asked for it.
    reason = models.CharField(max_length=400, default="", blank=True)
    #: Receipts whose files brought the people purged: their copies are removed before the run is done.
    receipts = models.JSONField(default=list, blank=True)
    file_count = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="purgerun_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"


class PurgeCertificate(models.Model):
    """That data of one category was destroyed, because of which rule, when and by whom. No personal data."""

    key = models.CharField(max_length=96, unique=True)
    run_key = models.CharField(max_length=96)
    category = models.CharField(max_length=40)
    purpose = models.CharField(max_length=40)
    disease = models.CharField(max_length=40, default="", blank=True)
    area_code = models.CharField(max_length=24)
    #: rule_lapsed, event_ended, no_basis or no_purpose
    trigger = models.CharField(max_length=16)
    #: The row that lapsed, or that asks for the purge; "" where no row ever allowed the data.
    rule_row = models.CharField(max_length=200, default="", blank=True)
    #: The first day without a basis, where a rule gives it.
    lapsed_on = models.DateField(null=True, blank=True)
    people = models.PositiveIntegerField(default=0)
    #: Rows deleted beside the identities (tables that a category says to erase).
    rows = models.PositiveIntegerField(default=0)
    #: Sum, modulo 2^256, of a keyed digest of each person's key: proves who was purged to whoever holds the
    #: keys and the list, is the same in any order, and tells nobody else anything.
    digest = models.CharField(max_length=64, default="0" * 64)
    by = models.CharField(max_length=96)
    at = models.DateTimeField()
    #: When the last copy was gone; None while the run is under way.
    issued_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(default=machine_now)

    class Meta:
        indexes = [
            models.Index(fields=["run_key"], name="certificate_run"),
            models.Index(fields=["area_code", "issued_at"], name="certificate_area"),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.disease} {self.area_code}: {self.people}"
