"""An alarm is raised once, has its clocks, is verified, investigated and closed, and counts for its method."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from fangkong.command import detection
from fangkong.command.cycle import run_cycle
from fangkong.command.detection import detection_run
from fangkong.command.office_clocks import office_clock
from fangkong.command.reactions.alarms import INVESTIGATE, OUTCOME, VERIFY
from fangkong.command.reactions.running import run_reactions
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.monitor import actions
from fangkong.desks.monitor.alarms import ABERRATION, method_yield, wilson_interval
from fangkong.desks.monitor.queries import signals_open
from fangkong.record.access import Actor, system_actor
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation, installation_set
from fangkong.record.load import load
from fangkong.record.models import Area, AuditRow, Case, Signal, Timer

pytestmark = pytest.mark.django_db
OFFICE = system_actor("cycle")
CITY, DISTRICTS = "9901", [f"9901{n:02d}" for n in range(1, 6)]
DAY = date(2022, 4, 10)
HOUR = timedelta(hours=1)


def in_area(code: str, *permissions: str) -> Actor:
    may = frozenset(permissions or ("signal.read", "signal.write"))
    return Actor("u", "investigation_group", code, may, "no")


@pytest.fixture(autouse=True)
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A city of five districts, quiet for forty days; on the last one three of them are not."""
    monkeypatch.setattr(settings, "HOME", tmp_path)
    installation_set(actor="t", area_code=CITY, disease="norovirus")
    early = datetime(2020, 1, 1, tzinfo=UTC)
    areas = [{"key": code, "level": "district"} for code in DISTRICTS]
    load(Area, areas, actor="t", source_key="t", known_from=early)
    rows = []
    for place, code in enumerate(DISTRICTS):
        for back in range(41):
            day = DAY - timedelta(days=back)
            n = (12 if place < 3 else 2) if back == 0 else 2 + back % 2
            rows += [
                {
                    "key": f"{code}-{back}-{k}",
                    "case_no": "1",
                    "person_key": f"p{code}-{back}-{k}",
                    "disease": "norovirus",
                    "area_code": code + "001",
                    "classification": "confirmed",
                    "reported_on": day,
                    "known_from": datetime(day.year, day.month, day.day, 4, tzinfo=UTC),
                }
                for k in range(n)
            ]
    load(Case, rows, actor="t", source_key="r")


def looked() -> dict:
    return detection_run(CITY, actor=OFFICE, at=installation().close_of(DAY), through=DAY)


def alarms() -> list[Signal]:
    return list(Signal.objects.open().filter(kind=ABERRATION).order_by("area_code"))


def close_of_day() -> datetime:
    return installation().close_of(DAY)


def test_a_past_day_is_looked_at_with_what_was_known_then_and_once():
    found = looked()
    assert (found["series"], found["alarms"], found["unwatched"]) == (5, 3, 0)
    assert [signal.area_code for signal in alarms()] == DISTRICTS[:3]
    first = alarms()[0]
    assert first.params["observed"] == 12
    assert first.params["expected"] < first.params["upper"] < 12
    assert (first.params["says"], first.raised_at) == ("alarm.above_expected", close_of_day())
    before = record_digest()
    assert looked() == found
    assert record_digest() == before


def test_killed_between_two_transactions_it_ends_in_the_same_record(monkeypatch):
    class Killed(BaseException):
        pass

    def die() -> None:
        raise Killed

    monkeypatch.setattr(detection, "_CHUNK", 2)
    with monkeypatch.context() as patched:
        patched.setattr(detection.RAISED, "passed", die)
        with pytest.raises(Killed):
            looked()
    assert len(alarms()) == 2
    looked()
    resumed = record_digest()
    assert len(alarms()) == 3
    # The same three, raised in one go by a look that nobody interrupted.
    keys = [signal.key for signal in alarms()]
    assert actions.signals_raise([], actor=OFFICE, at=close_of_day()) == []
    looked()
    assert [signal.key for signal in alarms()] == keys
    assert record_digest() == resumed


def test_the_day_looks_and_says_what_it_found():
    result = run_cycle(DAY, actor=system_actor("cli"))
    found = {step.step: step.outcome for step in result.steps}["detect"]
    assert (found["series"], found["alarms"]) == (5, 3)
    assert not run_cycle(DAY, actor=system_actor("cli")).changed


def test_a_file_of_the_city_that_cannot_be_used_stops_the_alarms_and_not_the_day():
    (Path(settings.HOME) / "detection.toml").write_text("[watch.ears]\nmethod = 'best'\n", encoding="utf-8")
    result = run_cycle(DAY, actor=system_actor("cli"))
    step = next(step for step in result.steps if step.step == "detect")
    assert [(name, error.code) for name, error in step.refused] == [
        ("detection.toml", "detection.field_wrong")
    ]
    assert (step.outcome["alarms"], result.report_key != "") == (0, True)


def test_an_alarm_walks_from_signal_to_outcome_with_its_clocks():
    looked()
    run_reactions(actor=OFFICE)
    key, at, office = alarms()[0].key, close_of_day(), in_area(CITY)

    def clocks() -> dict[str, str]:
        run_reactions(actor=OFFICE)
        return dict(Timer.objects.open().filter(subject_key=key).values_list("clock", "state"))

    assert clocks() == {VERIFY: "running"}
    timer = Timer.objects.open().get(subject_key=key)
    assert timer.due_at == office_clock(VERIFY).due(at)
    assert (timer.disease, timer.rule_row) == ("norovirus", "office:alarm_verify")
    with pytest.raises(Conflict, match="not_verified"):
        actions.signal_investigate(key, finding="linked_cases", actor=office, at=at + HOUR)
    actions.signal_verify(key, actor=office, at=at + HOUR)
    assert clocks() == {VERIFY: "met", INVESTIGATE: "running"}
    with pytest.raises(Conflict, match="not_investigated"):
        actions.signal_close(key, outcome="confirmed_outbreak", actor=office, at=at + HOUR)
    with pytest.raises(InputError, match="unknown_finding"):
        actions.signal_investigate(key, finding="gossip", actor=office, at=at + HOUR)
    actions.signal_investigate(key, finding="linked_cases", actor=office, at=at + 2 * HOUR)
    actions.signal_investigate(key, finding="linked_cases", actor=office, at=at + 3 * HOUR)
    with pytest.raises(Conflict, match="is_investigated"):
        actions.signal_investigate(key, finding="no_link", actor=office, at=at + 3 * HOUR)
    assert clocks() == {VERIFY: "met", INVESTIGATE: "met", OUTCOME: "running"}
    actions.signal_close(key, outcome="confirmed_outbreak", actor=office, at=at + 4 * HOUR)
    assert clocks() == {VERIFY: "met", INVESTIGATE: "met", OUTCOME: "met"}
    held = Signal.objects.open().get(key=key)
    assert (held.params["finding"], held.params["outcome"]) == ("linked_cases", "confirmed_outbreak")
    verbs = AuditRow.objects.filter(object_key=key, actor="u").values_list("verb", flat=True)
    assert set(verbs) == {"signal.verify", "signal.investigate", "signal.close"}


def test_an_alarm_that_was_a_data_error_needs_no_investigation_any_more():
    looked()
    run_reactions(actor=OFFICE)
    at, office = close_of_day(), in_area(CITY)
    for signal, verified in zip(alarms()[:2], (False, True), strict=True):
        if verified:
            actions.signal_verify(signal.key, actor=office, at=at + HOUR)
        actions.signal_close(signal.key, outcome="data_error", actor=office, at=at + 2 * HOUR)
        run_reactions(actor=OFFICE)
        states = dict(Timer.objects.open().filter(subject_key=signal.key).values_list("clock", "state"))
        assert states == ({VERIFY: "met", INVESTIGATE: "cancelled"} if verified else {VERIFY: "met"})
    with pytest.raises(InputError, match="unknown_outcome"):
        actions.signal_close(alarms()[2].key, outcome="event", actor=office, at=at)
    with pytest.raises(Conflict, match="not_verified"):
        actions.signal_close(alarms()[2].key, outcome="not_confirmed", actor=office, at=at)


def test_what_became_of_the_alarms_is_shown_back_as_of_any_instant():
    looked()
    at, office = close_of_day(), in_area(CITY)
    first, second, _ = (signal.key for signal in alarms())
    actions.signal_verify(first, actor=office, at=at + HOUR)
    actions.signal_investigate(first, finding="common_exposure", actor=office, at=at + 2 * HOUR)
    actions.signal_close(first, outcome="confirmed_outbreak", actor=office, at=at + 3 * HOUR)
    actions.signal_close(second, outcome="data_error", actor=office, at=at + 5 * HOUR)

    def told(when: datetime, actor: Actor = office):
        return method_yield(actor=actor, at=when)

    assert told(at - HOUR) == []
    (at_first,) = told(at)
    assert (at_first.watch, at_first.method, at_first.raised, at_first.open) == ("ears", "ears_c2", 3, 3)
    assert (at_first.share, at_first.lower) == (None, None)
    (early,) = told(at + 4 * HOUR)
    assert (early.verified, early.confirmed, early.false, early.share, early.open) == (1, 1, 0, 1.0, 2)
    (now,) = told(at + 6 * HOUR)
    assert (now.confirmed, now.false, now.known, now.open, now.share) == (1, 1, 0, 1, 0.5)
    assert (now.lower, now.upper) == wilson_interval(1, 2)
    assert now.by_disease["norovirus"].raised == 3
    (own,) = told(at + 6 * HOUR, in_area(DISTRICTS[1]))
    assert (own.raised, own.false) == (1, 1)
    assert method_yield(actor=office, at=at, since=at + HOUR) == []
    with pytest.raises(Forbidden):
        told(at, in_area(CITY, "board.read"))


def test_scope_holds_for_every_deed():
    looked()
    key, at = alarms()[0].key, close_of_day() + HOUR
    with pytest.raises(NotFound):
        actions.signal_verify(key, actor=in_area(DISTRICTS[4]), at=at)
    actions.signal_verify(key, actor=in_area(DISTRICTS[0]), at=at)
    with pytest.raises(Forbidden):
        actions.signal_investigate(key, finding="no_link", actor=in_area(DISTRICTS[0], "signal.read"), at=at)
    page = signals_open(actor=in_area(CITY), at=at, kind=ABERRATION)
    assert len(page.rows) == 3
    assert signals_open(actor=in_area(CITY), at=at, kind="cluster").rows == []


@pytest.mark.parametrize("chunk", [2, 200])
def test_one_bulk_write_however_many_alarms(chunk, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(detection, "_CHUNK", chunk)
    with django_assert_max_num_queries(50 if chunk == 2 else 25):
        looked()
    assert len(alarms()) == 3
