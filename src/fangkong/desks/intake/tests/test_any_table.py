"""For any table, however broken its cells: rows in = accepted + held + rejected."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fangkong.core.errors import InputError
from fangkong.desks.intake.actions import receive_file
from fangkong.desks.intake.tests.conftest import MAPPING
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
from fangkong.record.models import DailyCount, Receipt, ReceiptRow

DAYS = st.sampled_from(
    ["2022-04-01", "2022/4/2", "20220403", "2022-02-30", "", "soon", "9999-12-31", "0001-01-01"]
)
AREAS = st.sampled_from(["柳堤区", "柳堤", "望海", "nowhere", ""])
MEASURES = st.sampled_from(["ill", "found", "gone", ""])
NUMBERS = st.one_of(st.integers(-5, 20).map(str), st.sampled_from(["", "1,204", "2.5", "x", "9" * 30, "３"]))
ROWS = st.tuples(DAYS, AREAS, MEASURES, NUMBERS).map(list)
BROKEN = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0\ufffd"), max_size=6), max_size=6
)


class TestAnyTable(TestCase):
    @settings(max_examples=40, derandomize=True, deadline=None)
    @given(st.lists(st.one_of(ROWS, ROWS, BROKEN), min_size=1, max_size=12))
    def test_every_row_is_accounted_for(self, rows):
        DailyCount.objects.all().delete()
        Receipt.objects.all().delete()
        ReceiptRow.objects.all().delete()
        with tempfile.TemporaryDirectory() as folder:
            path, mapping = Path(folder, "any.csv"), Path(folder, "any.toml")
            mapping.write_text(MAPPING, encoding="utf-8")
            with path.open("w", newline="", encoding="utf-8") as handle:
                writer = csv.writer(handle)
                writer.writerow(["day", "where", "what", "n"])
                writer.writerows(rows)
            before = record_digest()
            receipt, refusal = None, ""
            try:
                receipt = receive_file(path, actor=system_actor("cli"), mapping_file=mapping)
            except InputError as error:
                refusal = error.code
        if receipt is None:
            assert refusal in ("intake.all_rejected", "intake.no_rows", "intake.mojibake")
            assert record_digest() == before
            return
        # A row without a filled cell is none.
        written = len([row for row in rows if any(cell.strip() for cell in row)])
        assert receipt.row_count == written
        assert receipt.accepted + receipt.held + receipt.rejected == written
        outcomes = list(ReceiptRow.objects.filter(receipt_key=receipt.key).values_list("outcome", flat=True))
        assert (outcomes.count("held"), outcomes.count("rejected")) == (receipt.held, receipt.rejected)
        assert DailyCount.objects.count() == receipt.accepted
