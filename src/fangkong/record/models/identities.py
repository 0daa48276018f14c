"""Identities: ciphertext, the wrapped key that opens it, and keyed digests for exact search.

On PostgreSQL these tables lie in a schema of their own (migration 0002). Destroying the row of
``IdentityKey`` is the purge: the ciphertext in the database and in every backup stays shut for good.
"""

from __future__ import annotations

from django.db import models


class Identity(models.Model):
    """Name, number, phone and address of one person, sealed with AES-256-GCM under the person's own key."""

    person_key = models.CharField(max_length=96, unique=True)
    nonce = models.BinaryField(max_length=12)
    ciphertext = models.BinaryField()
    #: What the person is found by (``IdentityDigest``), one digest for each of ``identity_index.KINDS``, zeros where
    #: the identity lacks it: so that the rows of the index are found from the person without an index of their own.
    digests = models.BinaryField(max_length=64, default=b"")
    #: Keyed marks of both ends of each number (``identity_index.slip_marks``); "" in rows older than they are.
    marks = models.BinaryField(max_length=8, default=b"")

    def __str__(self) -> str:
        return "Identity (sealed)"


class IdentityKey(models.Model):
    """The person's data key, wrapped by a master key that is not in the database."""

    person_key = models.CharField(max_length=96, unique=True)
    master = models.CharField(max_length=16, db_index=True)
    wrapped = models.BinaryField()

    def __str__(self) -> str:
        return "IdentityKey (wrapped)"


class IdentityDigest(models.Model):
    """HMAC-SHA-256 of a number, phone, name or pinyin under the search key, its first 128 bits: exact match only.

    One index, by digest: its entries are scattered over the whole of it, and cost more than all the rest of a row.
    """

    person_key = models.CharField(max_length=96)
    kind = models.CharField(max_length=12)
    digest = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest", "kind", "person_key"], name="identitydigest_once"),
        ]

    def __str__(self) -> str:
        return f"IdentityDigest {self.kind}"
