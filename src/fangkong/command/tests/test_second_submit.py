"""The same submit twice: the same answer and the same record, or a refusal that names the state; nothing is doubled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from fangkong.command.models import Delivery, Notification
from fangkong.core.errors import Conflict
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest

from .deeds.registry import deeds, writes

pytestmark = pytest.mark.django_db


def test_every_write_of_the_rooms_is_walked() -> None:
    """Whoever adds a write makes it ready in ``deeds/``; whoever takes one away takes its deed along."""
    assert set(writes()) - set(deeds()) == set()
    loops = {name for name, deed in deeds().items() if deed.counts}
    assert set(deeds()) - set(writes()) <= loops


def a_second_later(act: Callable[[], Any]) -> Callable[[], Any]:
    """The same submit as the second click of the button brings it."""
    assert isinstance(act, partial)
    if "at" not in act.keywords:
        return act
    return partial(act.func, *act.args, **act.keywords | {"at": act.keywords["at"] + timedelta(seconds=1)})


@pytest.mark.parametrize("name", list(deeds()))
def test_a_second_submit_doubles_nothing(name: str) -> None:
    deed = deeds()[name]
    act = deed.ready()
    before = record_digest()
    first = act()
    stood = (record_digest(), Notification.objects.count(), Delivery.objects.count())
    # What only marks a notice as read is no part of the record.
    assert stood[0] != before or name.startswith("notifications.")
    again = act if deed.renews else a_second_later(act)
    if deed.again:
        with pytest.raises(Conflict) as refused:
            again()
        assert refused.value.code == deed.again
    else:
        second = again()
        assert deed.counts or second == first
    assert (record_digest(), Notification.objects.count(), Delivery.objects.count()) == stood
    assert verify().problem == ""
