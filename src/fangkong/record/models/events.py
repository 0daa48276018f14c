"""Events, the reactions already carried out, and the steps of each day's cycle."""

from __future__ import annotations

from django.db import models

from .versioned import machine_now


class Event(models.Model):
    """Something happened that others may react to; written in the transaction that made it happen."""

    key = models.CharField(max_length=96, unique=True)
    kind = models.CharField(max_length=40)
    subject_key = models.CharField(max_length=96)
    area_code = models.CharField(max_length=24)
    #: When the office knew: the ``known_from`` of what the reaction writes.
    at = models.DateTimeField()
    params = models.JSONField(default=dict)
    recorded_at = models.DateTimeField(default=machine_now)

    class Meta:
        indexes = [models.Index(fields=["kind", "id"], name="event_kind")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_key}"


class Reaction(models.Model):
    """A reaction to an event that has been carried out; unique, so it happens once."""

    event_key = models.CharField(max_length=96)
    name = models.CharField(max_length=60)
    done_at = models.DateTimeField(default=machine_now)
    outcome = models.CharField(max_length=60, default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event_key", "name"], name="reaction_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.event_key}"


class CycleStep(models.Model):
    """A step of one day's cycle that is done, with what it did."""

    as_of = models.DateField()
    step = models.CharField(max_length=16)
    outcome = models.JSONField(default=dict)
    done_at = models.DateTimeField(default=machine_now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["as_of", "step"], name="cyclestep_once")]

    def __str__(self) -> str:
        return f"{self.as_of} {self.step}"


class Setting(models.Model):
    """One choice of the installation: jurisdiction, disease, time zone, exercise clock."""

    name = models.CharField(max_length=40, unique=True)
    value = models.JSONField()

    def __str__(self) -> str:
        return self.name
