"""The office's own rows count beside the shipped ones, under the national ceiling."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import InputError
from fangkong.desks.control.actions import order_propose_for_contact
from fangkong.desks.control.queries import order_get
from fangkong.desks.control.rulebook import rulebook
from fangkong.record.access import system_actor
from fangkong.science.rules.tests.pack_writer import write_pack

from .people import clock, contact

HAND = system_actor("reaction")


@pytest.fixture
def packs(settings, tmp_path):
    """The folder of local packs of an installation of its own."""
    settings.HOME = tmp_path
    folder = tmp_path / "packs"
    folder.mkdir()
    return folder


def test_without_local_packs_it_is_the_shipped_book_read_once(packs):
    assert rulebook() is rulebook()
    assert "covid-19" in rulebook().diseases()


def local_stages(packs, days: int) -> None:
    row = {
        "key": "contact.close.stages",
        "value": [{"place": "central", "days": days}],
        "scope": {"person": "close_contact"},
        "effective_from": date(2022, 4, 1),
        "jurisdiction": "CN-9901",
        "authority": "prefecture",
    }
    write_pack(packs, "office-own", disease="covid-19", rows=[row], jurisdiction="CN-9901")


@pytest.mark.django_db
@pytest.mark.parametrize(("own_days", "used_days"), [(10, 10), (28, 21)], ids=["milder", "stricter"])
def test_a_milder_local_row_decides_and_a_stricter_one_does_not(packs, own_days, used_days):
    local_stages(packs, own_days)
    at = clock("2022-04-11")
    key = contact(known=at, last=date(2022, 4, 10))
    outcome = order_propose_for_contact(key, actor=HAND, at=at)
    order = order_get(outcome.order_key, actor=HAND, at=at)
    assert order.expires_on == date(2022, 4, 10) + timedelta(days=used_days)


def test_a_local_pack_that_is_not_sound_is_refused_aloud(packs):
    (packs / "broken.toml").write_text("[pack]\nname = 3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"rules\.packs_invalid"):
        rulebook()
