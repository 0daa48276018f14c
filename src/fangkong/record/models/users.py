"""People who sign in."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class UserManager(BaseUserManager):
    """Finds users by sign-in name; users are made by ``record.actions.user_create``."""


class User(AbstractBaseUser):
    """A person with one role in one area. What the role may do is data (record/access/roles.toml)."""

    key = models.CharField(max_length=96, unique=True)
    username = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=60)
    role = models.CharField(max_length=24)
    area_code = models.CharField(max_length=24)
    language = models.CharField(max_length=8, default="zh-hans")
    #: Where notices go when the installation can send mail; "" for nowhere.
    email = models.EmailField(default="", blank=True)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.username


class SignInAttempt(models.Model):
    """A failed sign-in, under a digest of the name and of the address; enough to slow a guesser down."""

    subject = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject", "at"], name="signin_subject")]

    def __str__(self) -> str:
        return f"failed sign-in at {self.at:%Y-%m-%d %H:%M}"


class UnmaskGrant(models.Model):
    """A user may see one person's identity, for one purpose, until a moment; each grant is in the audit."""

    user_key = models.CharField(max_length=96)
    person_key = models.CharField(max_length=96)
    purpose = models.CharField(max_length=24)
    #: What the user wrote; gone with the person's purge, and never in the audit chain.
    reason = models.CharField(max_length=200, default="", blank=True)
    until_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user_key", "person_key", "until_at"], name="unmask_open")]

    def __str__(self) -> str:
        return f"{self.user_key} until {self.until_at:%H:%M}"
