"""Who is on duty, and how one shift hands over to the next."""

from __future__ import annotations

from django.db import models

from fangkong.record.models import Versioned


class DutyShift(Versioned):
    """One shift of the 24-hour duty of one office: chief, deputy, experts."""

    area_code = models.CharField(max_length=24)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    chief_key = models.CharField(max_length=96)
    deputy_key = models.CharField(max_length=96, default="", blank=True)
    expert_keys = models.JSONField(default=list, blank=True)
    #: The name of the holiday that the shift falls on; "" on other days.
    holiday = models.CharField(max_length=40, default="", blank=True)
    #: [{user_key, at, answered}]: the telephone was tried
    phone_tests = models.JSONField(default=list, blank=True)
    #: planned, on, handed_over or cancelled
    state = models.CharField(max_length=12)
    #: Codes of the rules that it breaks and that its keeper kept it despite.
    kept_despite = models.JSONField(default=list, blank=True)
    entered_by = models.CharField(max_length=96)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="shift_has_hours"
            ),
        ]
        indexes = [models.Index(fields=["area_code", "starts_at"], name="shift_time")]


class ShiftSwap(Versioned):
    """One officer asks another to take a shift; agreed by the other, and by whoever keeps the roster."""

    shift_key = models.CharField(max_length=96)
    area_code = models.CharField(max_length=24)
    #: chief, deputy or expert
    post = models.CharField(max_length=12)
    from_key = models.CharField(max_length=96)
    to_key = models.CharField(max_length=96)
    reason = models.CharField(max_length=200, default="", blank=True)
    #: asked, agreed, applied, declined or withdrawn
    state = models.CharField(max_length=12)
    decided_by = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["state", "area_code"], name="swap_state")]


class Handover(Versioned):
    """The night's hand-over: what is open, why, with whom, until when; signed by who goes and who comes."""

    area_code = models.CharField(max_length=24)
    on = models.DateField()
    from_shift_key = models.CharField(max_length=96)
    to_shift_key = models.CharField(max_length=96)
    #: [{kind, key, title, owner_role, owner_key, due_at, why, until}] as it stood when it was closed out
    open_items = models.JSONField(default=list)
    note = models.TextField(default="", blank=True)
    #: drawn_up, signed_out or signed
    state = models.CharField(max_length=12)
    signed_out_by = models.CharField(max_length=96, default="", blank=True)
    signed_out_at = models.DateTimeField(null=True, blank=True)
    signed_in_by = models.CharField(max_length=96, default="", blank=True)
    signed_in_at = models.DateTimeField(null=True, blank=True)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(signed_in_by="") | ~models.Q(signed_in_by=models.F("signed_out_by")),
                name="handover_two_people",
            ),
        ]
        indexes = [models.Index(fields=["on", "area_code"], name="handover_day")]


class CarryOver(Versioned):
    """Why one thing stays open over one night, and until when: said by its office at the close-out (事不过夜)."""

    area_code = models.CharField(max_length=24)
    on = models.DateField()
    #: task, directive, receipt, order, signal, gap or limit
    item_kind = models.CharField(max_length=16)
    item_key = models.CharField(max_length=96)
    why = models.CharField(max_length=400)
    until_at = models.DateTimeField()
    said_by = models.CharField(max_length=96)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["on", "area_code"], name="carry_over_day")]
