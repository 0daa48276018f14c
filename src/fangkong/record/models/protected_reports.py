"""The protected report line: what somebody tells oversight, past the office that it is about."""

from __future__ import annotations

from django.db import models

from .versioned import Versioned


class ProtectedReport(Versioned):
    """A report of wrongdoing or over-reach. It holds nothing about who sent it; only oversight reads it."""

    #: concealed_figures, status_by_hand, care_refused, over_reach, sealed_exit, data_misuse or other
    subject = models.CharField(max_length=24)
    #: The area it is about; "" when the sender named none.
    area_code = models.CharField(max_length=24, default="", blank=True)
    order_key = models.CharField(max_length=96, default="", blank=True)
    text = models.CharField(max_length=2000)
    filed_on = models.DateField()
    #: filed, in_review or closed
    state = models.CharField(max_length=12)
    answer = models.CharField(max_length=800, default="", blank=True)
    handled_by = models.CharField(max_length=96, default="", blank=True)
