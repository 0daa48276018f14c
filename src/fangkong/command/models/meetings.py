"""Meetings, and what was said in them clause by clause."""

from __future__ import annotations

from django.db import models

from fangkong.record.models import Versioned


class Meeting(Versioned):
    """One meeting of a leading group or headquarters, here or at the level above or below."""

    #: The body that met, in its own words (疫情防控工作领导小组).
    body = models.CharField(max_length=120)
    #: The number it has in its series (第十二次), where it has one.
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    #: ordinary, numbered, enlarged or follow_on (续会)
    kind = models.CharField(max_length=12)
    area_code = models.CharField(max_length=24)
    held_on = models.DateField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    #: [{name, post}]
    chairs = models.JSONField(default=list, blank=True)
    #: [{name, main, expected, present}]: the main venue first, then the branch venues
    venues = models.JSONField(default=list, blank=True)
    #: [{code, title, by, paper, heard}]: the standing reports first; ``paper`` is what the record said when it was
    #: called, or asked anew before it was held
    agenda = models.JSONField(default=list, blank=True)
    #: The meeting whose decisions this one carries on.
    follows_key = models.CharField(max_length=96, default="", blank=True)
    #: The text that the meeting was read from, and the minutes that the office issued.
    source_document_key = models.CharField(max_length=96, default="", blank=True)
    minutes_document_key = models.CharField(max_length=96, default="", blank=True)
    #: [{by, clause_key, words}]: who saw it otherwise
    dissent = models.JSONField(default=list, blank=True)
    #: called, held, closed or cancelled
    state = models.CharField(max_length=12)
    called_by = models.CharField(max_length=96)
    #: Who wrote the minutes and who signed them: never the same person.
    minutes_by = models.CharField(max_length=96, default="", blank=True)
    signed_by = models.CharField(max_length=96, default="", blank=True)
    #: Why it was called off.
    change_reason = models.CharField(max_length=400, default="", blank=True)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(state="closed") | ~models.Q(signed_by=""), name="meeting_closed_signed"
            ),
            models.CheckConstraint(
                condition=models.Q(signed_by="") | ~models.Q(signed_by=models.F("minutes_by")),
                name="meeting_two_people",
            ),
        ]
        indexes = [
            models.Index(fields=["held_on", "area_code"], name="meeting_day"),
            models.Index(fields=["follows_key"], name="meeting_follows"),
        ]


class Clause(Versioned):
    """One clause of minutes or of an instruction: its exact words, what it was read as, and what became of it."""

    document_key = models.CharField(max_length=96)
    meeting_key = models.CharField(max_length=96, default="", blank=True)
    area_code = models.CharField(max_length=24)
    position = models.PositiveIntegerField()
    #: Half-open, in code points of the document's text.
    span_start = models.PositiveIntegerField()
    span_end = models.PositiveIntegerField()
    #: The exact piece of the text, and the reading of it (script, damage repaired).
    quote = models.TextField()
    text = models.TextField()
    repairs = models.JSONField(default=list, blank=True)
    #: decision, standing_duty, principle, fact or unreadable
    clause_class = models.CharField(max_length=16)
    confidence = models.FloatField()
    #: Why it was read so: codes and the words that decided.
    why = models.JSONField(default=list, blank=True)
    is_heading = models.BooleanField(default=False)
    duplicate_of = models.CharField(max_length=96, default="", blank=True)
    #: The clause of the meeting above that this one carries on at the level below.
    refines_key = models.CharField(max_length=96, default="", blank=True)
    #: {name, basis: stated | carried_over | implied}, or empty: nobody is named
    owner = models.JSONField(default=dict, blank=True)
    object = models.CharField(max_length=400, default="", blank=True)
    deadline = models.JSONField(default=dict, blank=True)
    trigger = models.CharField(max_length=200, default="", blank=True)
    evidence = models.CharField(max_length=200, default="", blank=True)
    #: Over-restriction alarms that the clause raises.
    alarms = models.JSONField(default=list, blank=True)
    #: read, confirmed, merged or set_aside
    state = models.CharField(max_length=12)
    decided_by = models.CharField(max_length=96, default="", blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=400, default="", blank=True)
    #: directive, standing_duty or clause (merged into), and its key
    leads_to_kind = models.CharField(max_length=16, default="", blank=True)
    leads_to_key = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(span_end__gt=models.F("span_start")), name="clause_has_words"
            ),
        ]
        indexes = [
            models.Index(fields=["document_key", "position"], name="clause_place"),
            models.Index(fields=["state", "area_code"], name="clause_state"),
            models.Index(fields=["leads_to_key"], name="clause_leads_to"),
            models.Index(fields=["meeting_key"], name="clause_meeting"),
        ]
