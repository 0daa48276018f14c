"""People and what ties them to areas and households. Who they are lies apart, in ``identities``."""

from __future__ import annotations

from django.db import models

from .versioned import Versioned


class Person(Versioned):
    """One human being, without name or number; the key says nothing about who it is."""

    sex = models.CharField(max_length=1, default="", blank=True)
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    occupation = models.CharField(max_length=40, default="", blank=True)
    #: The person who cares for this one (a child or dependent is never parted from the carer unasked).
    carer_key = models.CharField(max_length=96, default="", blank=True)

    class Meta(Versioned.Meta):
        # Asked before every order that keeps a person away from home: for whom does this one care?
        indexes = [models.Index(fields=["carer_key"], name="person_carer")]


class PersonArea(Versioned):
    """One dated tie of a person to an area. Scope follows every tie, so a two-city life is seen by both."""

    person_key = models.CharField(max_length=96)
    #: home, work, registered or staying
    kind = models.CharField(max_length=12)
    area_code = models.CharField(max_length=24)
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["area_code", "person_key"], name="personarea_area"),
            models.Index(fields=["person_key", "area_code"], name="personarea_person"),
        ]


class Household(Versioned):
    """People who live together."""

    area_code = models.CharField(max_length=24)


class HouseholdMember(Versioned):
    """A person's dated membership of a household."""

    household_key = models.CharField(max_length=96)
    person_key = models.CharField(max_length=96)
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField(null=True, blank=True)

    class Meta(Versioned.Meta):
        indexes = [
            models.Index(fields=["household_key"], name="member_household"),
            models.Index(fields=["person_key"], name="member_person"),
        ]
