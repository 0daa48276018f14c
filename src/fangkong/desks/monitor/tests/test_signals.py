"""A signal is raised once, verified, and closed with an outcome."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.monitor import actions, queries
from fangkong.record.access import Actor, system_actor
from fangkong.record.digest import record_digest
from fangkong.record.models import Event, Signal

pytestmark = pytest.mark.django_db
NOW = datetime(2022, 4, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = system_actor("reaction")


def in_area(code: str, *permissions: str) -> Actor:
    may = frozenset(permissions or ("signal.read", "signal.write"))
    return Actor("u", "investigation_group", code, may, "no")


def raised(subject_key: str = "r1", **more) -> str:
    asked = {"disease": "d", "area_code": "990101", "subject_kind": "result", "channel": "laboratory"}
    asked |= {"actor": OFFICE, "at": NOW, "params": {"result": "positive"}, **more}
    return actions.signal_raise("positive", subject_key=subject_key, **asked)


def open_keys(**more) -> list[str]:
    return [row.key for row in queries.signals_open(**{"actor": OFFICE, "at": NOW + 9 * HOUR, **more}).rows]


def test_the_same_occasion_is_one_signal():
    key = raised()
    before = record_digest()
    assert raised(at=NOW + HOUR, params={}) == key
    assert record_digest() == before
    assert raised("r2") != key
    assert Event.objects.filter(kind="signal.raised").count() == 2


def test_a_signal_goes_from_open_to_verified_to_closed():
    key = raised()
    actions.signal_verify(key, actor=in_area("9901"), at=NOW + HOUR)
    actions.signal_verify(key, actor=in_area("9901"), at=NOW + 2 * HOUR)
    assert [row.state for row in queries.signals_open(actor=OFFICE, at=NOW + 2 * HOUR).rows] == ["verified"]
    actions.signal_close(key, outcome="event", actor=in_area("9901"), at=NOW + 3 * HOUR)
    actions.signal_close(key, outcome="event", actor=in_area("9901"), at=NOW + 4 * HOUR)
    assert open_keys() == []
    states = Signal.objects.filter(key=key).order_by("known_from").values_list("state", flat=True)
    assert list(states) == ["open", "verified", "closed"]
    assert Signal.objects.open().get(key=key).params == {"result": "positive", "outcome": "event"}
    assert raised(at=NOW + 5 * HOUR) == key
    assert open_keys() == []


def test_as_known_before_it_was_closed_it_is_open():
    key = raised()
    actions.signal_close(key, outcome="duplicate", actor=OFFICE, at=NOW + HOUR)
    assert open_keys(at=NOW) == [key]
    assert queries.signals_open_count(actor=OFFICE, at=NOW) == 1
    assert queries.signals_open_count(actor=OFFICE, at=NOW + HOUR) == 0


def test_refusals():
    key = raised()
    with pytest.raises(InputError, match="unknown_outcome"):
        actions.signal_close(key, outcome="forgotten", actor=OFFICE, at=NOW + HOUR)
    with pytest.raises(NotFound):
        actions.signal_verify(key, actor=in_area("9902"), at=NOW + HOUR)
    with pytest.raises(Forbidden):
        actions.signal_verify(key, actor=in_area("9901", "signal.read"), at=NOW + HOUR)
    with pytest.raises(Forbidden):
        raised("r9", actor=in_area("9902"))
    with pytest.raises(Forbidden):
        open_keys(actor=in_area("9901", "board.read"))
    actions.signal_close(key, outcome="event", actor=OFFICE, at=NOW + HOUR)
    with pytest.raises(Conflict):
        actions.signal_close(key, outcome="false_alarm", actor=OFFICE, at=NOW + 2 * HOUR)
    with pytest.raises(Conflict):
        actions.signal_verify(key, actor=OFFICE, at=NOW + 2 * HOUR)


def test_scope_filters_and_pages():
    keys = [raised(f"r{n}", at=NOW + n * timedelta(minutes=n % 3)) for n in range(7)]
    raised("far", area_code="990201", disease="e")
    assert sorted(open_keys(actor=in_area("9901"))) == sorted(keys)
    assert len(open_keys(area_code="9902")) == len(open_keys(disease="e")) == 1
    seen, after = [], ""
    while True:
        page = queries.signals_open(actor=OFFICE, at=NOW + HOUR, disease="d", limit=2, after=after)
        seen += page.rows
        after = page.after
        if not after:
            break
    assert sorted(row.key for row in seen) == sorted(keys)
    assert [row.raised_at for row in seen] == sorted((row.raised_at for row in seen), reverse=True)
    with pytest.raises(InputError):
        open_keys(after="nonsense")


@pytest.mark.parametrize("size", [1, 40])
def test_one_query_however_many_signals(size, django_assert_num_queries):
    for n in range(size):
        raised(f"r{n}")
    with django_assert_num_queries(1):
        assert len(open_keys(actor=in_area("9901"))) == size
