"""What one person confirmed is remembered for the next file, and a second look revises it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fangkong.core.errors import InputError
from fangkong.desks.intake.saved_mappings import mapping_confirm, saved_mappings
from fangkong.record.models import SavedMapping

AT = datetime(2022, 5, 1, 8, tzinfo=UTC)


def confirm(actor, columns, at=AT):
    return mapping_confirm(
        "f" * 64, kind="contact_ledger", title="柳堤区密接台账", columns=columns, actor=actor, at=at
    )


def test_a_confirmed_mapping_is_found_by_the_look_of_the_file(office):
    confirm(office, {" 姓名": "name", "电话": "phone", "备注": ""})
    assert saved_mappings(actor=office) == {"f" * 64: {"姓名": "name", "电话": "phone", "备注": ""}}


def test_confirming_anew_revises_and_keeps_what_was_read_before(office):
    key = confirm(office, {"姓名": "name"})
    assert confirm(office, {"姓名": "name", "住址": "address"}, AT + timedelta(days=1)) == key
    assert SavedMapping.objects.known_at(AT).get(key=key).columns == {"姓名": "name"}
    assert saved_mappings(actor=office)["f" * 64] == {"姓名": "name", "住址": "address"}


@pytest.mark.parametrize("columns", [{}, {"备注": ""}, {"姓名": "nickname"}])
def test_a_mapping_that_reads_nothing_or_an_unknown_field_is_refused(office, columns):
    with pytest.raises(InputError):
        confirm(office, columns)
    assert saved_mappings(actor=office) == {}
