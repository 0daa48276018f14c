"""What the office tells its own people: in the console, by e-mail, by webhook."""

from __future__ import annotations

from django.db import models

from fangkong.record.models import machine_now


class Notification(models.Model):
    """One notice to one user about one thing. It carries codes and keys, never a name of a person."""

    key = models.CharField(max_length=96, unique=True)
    user_key = models.CharField(max_length=96)
    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=16)
    subject_key = models.CharField(max_length=96)
    params = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(default=machine_now)

    class Meta:
        indexes = [models.Index(fields=["user_key", "read_at", "at"], name="notification_user")]

    def __str__(self) -> str:
        return f"{self.kind} to {self.user_key}"


class Delivery(models.Model):
    """One attempt after another to bring a notification out of the house; it is sent once."""

    notification_key = models.CharField(max_length=96)
    #: email or webhook
    channel = models.CharField(max_length=12)
    #: waiting, sent or given_up
    state = models.CharField(max_length=12)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notification_key", "channel"], name="delivery_once"),
        ]
        indexes = [models.Index(fields=["state", "next_at"], name="delivery_waiting")]

    def __str__(self) -> str:
        return f"{self.notification_key} by {self.channel}"
