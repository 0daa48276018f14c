"""The audit chain: append-only rows, each carrying the hash of the one before."""

from __future__ import annotations

from django.db import models

from .versioned import machine_now


class AuditRow(models.Model):
    """Who did what to which key, and why. Never a name or a value: a salted digest stands for the content."""

    seq = models.BigIntegerField(unique=True)
    at = models.DateTimeField(default=machine_now)
    actor = models.CharField(max_length=96)
    verb = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=40)
    object_key = models.CharField(max_length=200)
    area_code = models.CharField(max_length=24, default="", blank=True)
    purpose = models.CharField(max_length=24, default="", blank=True)
    digest = models.CharField(max_length=64, default="", blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["object_key", "seq"], name="audit_object"),
            models.Index(fields=["actor", "seq"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb} {self.object_kind}"


class AuditHead(models.Model):
    """The last row's number and hash, moved by the last statement of every writing transaction."""

    name = models.CharField(max_length=8, unique=True, default="head")
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"audit head {self.seq}"
