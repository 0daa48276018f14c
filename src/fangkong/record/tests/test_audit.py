"""The audit chain names the first row that somebody altered, removed or moved."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from fangkong.core.errors import FangkongError
from fangkong.record import audit
from fangkong.record.load import load
from fangkong.record.models import AuditHead, AuditRow, Document


def act(times: int) -> None:
    for n in range(times):
        with audit.writing():
            audit.note(actor="u", verb="thing.done", object_kind="thing", object_key=f"t{n}", values={"n": n})


@pytest.fixture
def unlocked(db):
    """The database without the triggers: what somebody with the disk in hand could do."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE record_auditrow DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER audit_no_update")
            cursor.execute("DROP TRIGGER audit_no_delete")


@pytest.mark.django_db
class TestChain:
    def test_a_whole_chain_is_sound(self):
        start = audit.verify().rows
        act(5)
        assert audit.verify() == audit.Verdict(start + 5)

    def test_a_failed_transaction_leaves_no_row(self):
        def fail() -> None:
            with audit.writing():
                audit.note(actor="u", verb="thing.done", object_kind="thing", object_key="t")
                raise RuntimeError("the action failed after its note")

        with pytest.raises(RuntimeError, match="after its note"):
            fail()
        assert not AuditRow.objects.filter(object_key="t").exists()
        assert audit.verify().problem == ""

    def test_a_write_outside_a_writing_transaction_is_refused(self):
        with pytest.raises(RuntimeError, match="writing"):
            audit.note(actor="u", verb="v", object_kind="k", object_key="t")

    @pytest.mark.parametrize("change", [{"actor": "somebody else"}, {"digest": "0" * 64}])
    def test_the_database_refuses_an_update(self, change):
        act(1)
        with pytest.raises(DatabaseError), transaction.atomic():
            AuditRow.objects.update(**change)

    def test_the_database_refuses_a_delete(self):
        act(1)
        with pytest.raises(DatabaseError), transaction.atomic():
            AuditRow.objects.all().delete()

    def test_an_altered_row_is_found(self, unlocked):
        act(5)
        victim = AuditRow.objects.order_by("-seq")[2]
        AuditRow.objects.filter(pk=victim.pk).update(actor="nobody")
        verdict = audit.verify()
        assert (verdict.problem, verdict.seq) == ("altered", victim.seq)

    @pytest.mark.parametrize("from_end", [0, 2])
    def test_a_removed_row_is_found(self, unlocked, from_end):
        act(5)
        victim = AuditRow.objects.order_by("-seq")[from_end]
        AuditRow.objects.filter(pk=victim.pk).delete()
        verdict = audit.verify()
        assert (verdict.problem, verdict.seq) == ("removed", victim.seq)

    def test_reordered_rows_are_found(self, unlocked):
        act(5)
        first, second = AuditRow.objects.order_by("-seq")[1:3]
        swapped = {first.pk: second.seq, second.pk: first.seq}
        AuditRow.objects.filter(pk__in=swapped).update(seq=-1 * F("seq"))
        for pk, seq in swapped.items():
            AuditRow.objects.filter(pk=pk).update(seq=seq)
        assert audit.verify().problem == "reordered"

    def test_a_head_that_does_not_fit_is_found(self):
        act(2)
        AuditHead.objects.update(hash="f" * 64)
        assert audit.verify().problem == "head"

    def test_a_head_that_was_taken_away_is_found(self):
        act(2)
        AuditHead.objects.all().delete()
        assert audit.verify().problem == "head"
        with pytest.raises(FangkongError, match=r"setup\.audit_head_missing"):
            act(1)

    def test_an_end_cut_off_with_its_head_is_found_by_a_signed_report(self, unlocked):
        """Whoever moves the head back too cannot move the head that was signed."""
        act(3)
        _, signed = audit.head()
        paper = {
            "key": "d",
            "kind": "situation_report",
            "title": "t",
            "area_code": "31",
            "audit_head": signed,
        }
        load(Document, [paper], actor="u", source_key="u", known_from=datetime(2022, 4, 1, tzinfo=UTC))
        assert audit.verify().problem == ""
        kept = AuditRow.objects.order_by("-seq")[3]
        AuditRow.objects.filter(seq__gt=kept.seq).delete()
        AuditHead.objects.update(seq=kept.seq, hash=kept.hash)
        verdict = audit.verify()
        assert (verdict.problem, verdict.seq) == ("head", kept.seq)

    def test_the_digest_hides_the_value(self):
        act(1)
        row = AuditRow.objects.latest("seq")
        assert len(row.digest) == 64
        assert "n" not in row.object_key
