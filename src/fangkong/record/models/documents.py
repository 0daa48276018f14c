"""Documents (what came in, what went out) and receipts of files."""

from __future__ import annotations

from django.db import models

from .versioned import Versioned, machine_now


class Document(Versioned):
    """A paper: a source that figures came from, or a report that the office issued."""

    #: source, situation_report, open_figures, ...
    kind = models.CharField(max_length=24)
    title = models.CharField(max_length=200)
    area_code = models.CharField(max_length=24)
    as_of = models.DateField(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    #: The office's own papers as codes and figures; the faces put them into words.
    content = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, default="", blank=True)
    signed_by = models.CharField(max_length=96, default="", blank=True)
    #: The head of the audit chain when it was signed.
    audit_head = models.CharField(max_length=64, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["kind", "as_of", "area_code"], name="document_kind")]


class Receipt(models.Model):
    """What became of one file under one mapping: total = accepted + held + rejected."""

    key = models.CharField(max_length=96, unique=True)
    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)
    byte_count = models.BigIntegerField()
    mapping = models.CharField(max_length=80)
    area_code = models.CharField(max_length=24, default="", blank=True)
    #: staged, applying, applied or refused
    state = models.CharField(max_length=12)
    row_count = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    #: Of the accepted rows: facts that are new, that revise, that were known already.
    inserted = models.PositiveIntegerField(default=0)
    revised = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    #: How many staged facts are in the record; apply resumes here after a kill.
    applied_to = models.PositiveIntegerField(default=0)
    #: When the office knew the rows: fixed at staging, so that a resumed run writes the same instants.
    known_at = models.DateTimeField()
    #: mapping, option or receipt: where ``known_at`` of the rows comes from.
    known_basis = models.CharField(max_length=12)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    received_at = models.DateTimeField(default=machine_now)
    received_by = models.CharField(max_length=96)
    #: When the file was withdrawn with all that it alone brought; None while it stands.
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, default="", blank=True)
    error_params = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="receipt_time")]

    def __str__(self) -> str:
        return f"Receipt {self.key}"


class SavedMapping(Versioned):
    """What a person confirmed once: which column of a sender's file holds which field."""

    #: The kind of file (contact_ledger, lab_results, ...).
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    #: By which the file is recognised again, also when its columns moved.
    fingerprint = models.CharField(max_length=64)
    #: Header as the sender writes it -> field.
    columns = models.JSONField(default=dict)
    area_code = models.CharField(max_length=24, default="", blank=True)
    confirmed_by = models.CharField(max_length=96)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["fingerprint"], name="savedmapping_fingerprint")]


class ReceiptRow(models.Model):
    """A row that was held or rejected, with its place in the file and the reason; no content of the row."""

    receipt_key = models.CharField(max_length=96)
    #: The sheet of a workbook; "" for a text file.
    sheet = models.CharField(max_length=40, default="", blank=True)
    row_number = models.PositiveIntegerField()
    column = models.CharField(max_length=80, default="", blank=True)
    #: held or rejected
    outcome = models.CharField(max_length=12)
    reason = models.CharField(max_length=60)
    params = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["receipt_key", "row_number"], name="receiptrow_place")]
        constraints = [
            models.UniqueConstraint(fields=["receipt_key", "sheet", "row_number"], name="receiptrow_once"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt_key} row {self.row_number}"
