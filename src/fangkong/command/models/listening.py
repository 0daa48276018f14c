"""What comes from below: proposals of the grass roots, new problems, citizens' concerns."""

from __future__ import annotations

from django.db import models

from fangkong.record.models import Versioned


class GrassrootsProposal(Versioned):
    """A way of doing it that somebody below found: tried where, with what result, adopted by whom."""

    title = models.CharField(max_length=200)
    words = models.TextField()
    area_code = models.CharField(max_length=24)
    proposed_by = models.CharField(max_length=96)
    tried_in = models.CharField(max_length=200, default="", blank=True)
    result = models.TextField(default="", blank=True)
    #: proposed, tried, adopted or declined
    state = models.CharField(max_length=12)
    answer = models.TextField(default="", blank=True)
    decided_by = models.CharField(max_length=96, default="", blank=True)
    #: directive, duty or plan that adopted it, and its key
    adopted_in_kind = models.CharField(max_length=16, default="", blank=True)
    adopted_in_key = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["state", "area_code"], name="proposal_state")]


class NewProblem(Versioned):
    """A situation that no plan or rule foresaw, logged so that somebody studies it in time."""

    title = models.CharField(max_length=200)
    words = models.TextField()
    area_code = models.CharField(max_length=24)
    raised_by = models.CharField(max_length=96)
    raised_at = models.DateTimeField()
    owner_role = models.CharField(max_length=24)
    due_at = models.DateTimeField()
    #: open, studied or answered
    state = models.CharField(max_length=12)
    #: What the study found, before anything was decided.
    study = models.TextField(default="", blank=True)
    answer = models.TextField(default="", blank=True)
    answered_by = models.CharField(max_length=96, default="", blank=True)
    #: The directive, duty, gap or plan that came of it.
    leads_to_kind = models.CharField(max_length=16, default="", blank=True)
    leads_to_key = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        indexes = [models.Index(fields=["state", "due_at", "area_code"], name="problem_state")]


class Concern(Versioned):
    """What citizens complain of or ask, without who said it, and the decision that answers it."""

    words = models.TextField()
    #: The hotline, comments under a page, a visit, a letter.
    channel = models.CharField(max_length=24)
    theme = models.CharField(max_length=40, default="", blank=True)
    area_code = models.CharField(max_length=24)
    voiced_on = models.DateField()
    votes = models.IntegerField(default=0)
    #: Rude ones are kept and counted.
    rude = models.BooleanField(default=False)
    same_as_key = models.CharField(max_length=96, default="", blank=True)
    entered_by = models.CharField(max_length=96)
    #: open, answered, outside (not for this office) or merged (the same matter as another)
    state = models.CharField(max_length=12)
    answer = models.TextField(default="", blank=True)
    answered_by = models.CharField(max_length=96, default="", blank=True)
    #: clause, directive, duty or plan, and its key
    answered_in_kind = models.CharField(max_length=16, default="", blank=True)
    answered_in_key = models.CharField(max_length=96, default="", blank=True)
    #: What changed for citizens, in words that can be published.
    changed = models.TextField(default="", blank=True)
    meeting_key = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        constraints = [
            *Versioned.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(state__in=("answered", "outside"))
                | ~models.Q(answer="")
                | ~models.Q(answered_in_key=""),
                name="concern_answer_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(state="merged", same_as_key__gt="")
                | (~models.Q(state="merged") & models.Q(same_as_key="")),
                name="concern_merged_into",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "voiced_on", "area_code"], name="concern_state"),
            models.Index(fields=["answered_in_key"], name="concern_answer"),
            models.Index(fields=["same_as_key"], name="concern_same"),
            models.Index(fields=["meeting_key"], name="concern_meeting"),
        ]
