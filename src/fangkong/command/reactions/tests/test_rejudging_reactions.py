"""A changed exposure, an excluded case, a positive contact and a new rule reach the running orders by themselves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.command import rules_watch
from fangkong.command.rules_watch import rejudge_when_rules_change
from fangkong.command.worker import tick
from fangkong.desks.control.actions import order_approve, order_withdraw
from fangkong.desks.control.tests.people import clock, colleague, contact, positive
from fangkong.record.access import system_actor
from fangkong.record.models import Order, Rejudgement, Task

pytestmark = pytest.mark.django_db
WORKER = system_actor("worker")
AT = clock("2022-07-11", "09:00")


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch):
    """As after a start: nothing judged yet."""
    monkeypatch.setattr(rules_watch, "_judged", rules_watch._Judged())


@pytest.fixture
def running() -> Order:
    contact(known=AT, last=date(2022, 7, 10), emit=True)
    tick(AT, WORKER)
    order = Order.objects.open().get()
    order_approve(order.key, actor=colleague("health_authority"), at=AT + timedelta(hours=1))
    tick(AT + timedelta(hours=1), WORKER)
    return Order.objects.open().get()


def test_a_corrected_exposure_is_offered_as_a_shorter_order_and_makes_no_second_one(running):
    later = AT + timedelta(hours=2)
    contact(known=later, last=date(2022, 7, 8), emit=True)
    tick(later, WORKER)
    offer = Rejudgement.objects.open().get()
    assert (offer.order_key, offer.cause, offer.outcome) == (running.key, "exposure", "shorter")
    assert Order.objects.open().count() == 1


def test_the_approved_isolation_of_a_contact_ends_the_quarantine(running):
    later = AT + timedelta(days=1)
    positive("result-1", known=later, person_key=running.person_key)
    tick(later, WORKER)
    isolation = Order.objects.open().get(kind="isolation")
    assert Order.objects.open().get(key=running.key).state == "approved"
    authority = colleague("health_authority", name="second")
    order_approve(isolation.key, actor=authority, at=later + timedelta(hours=1), reason="two tests")
    tick(later + timedelta(hours=1), WORKER)
    assert Order.objects.open().get(key=running.key).state == "superseded"
    assert (
        not Task.objects.open()
        .filter(subject_key=running.key, kind="serve_notice", state="awaiting")
        .exists()
    )


def test_a_new_day_judges_the_running_orders_by_its_rules():
    at = clock("2023-01-05")
    contact(known=at, last=date(2023, 1, 4), emit=True)
    tick(at, WORKER)
    key = Order.objects.open().get().key
    order_approve(key, actor=colleague("health_authority"), at=at + timedelta(hours=1), reason="read")
    assert rejudge_when_rules_change(clock("2023-01-07"), WORKER).looked == 1
    assert rejudge_when_rules_change(clock("2023-01-07", "18:00"), WORKER) is None
    assert rejudge_when_rules_change(clock("2023-01-08"), WORKER).ended == 1
    assert Order.objects.open().get(key=key).state == "lapsed"


def test_a_changed_pack_on_disk_judges_them_again(running, settings, tmp_path):
    settings.HOME = tmp_path
    day = clock("2022-07-12")
    assert rejudge_when_rules_change(day, WORKER).unchanged == 1
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "local.toml").write_text(LOCAL, encoding="utf-8")
    assert rejudge_when_rules_change(day + timedelta(minutes=1), WORKER).shorter == 1
    assert Rejudgement.objects.open().get().after["expires_on"] == "2022-07-15"


LOCAL = """
pack = "local"
disease = "covid-19"
jurisdiction = "CN-9901"
[[coverage]]
from = 2022-07-12
areas = ["CN-9901"]
keys = ["contact.close.stages"]
complete = false
note_en = "One relaxed row."
[documents.notice]
title = "临江市通知"
source = ["office file 12"]
[[row]]
key = "contact.close.stages"
value = [{ place = "central", days = 3 }, { place = "home_monitoring", days = 2 }]
unit = "d"
scope = { person = "close_contact" }
effective_from = 2022-07-12
authority = "prefecture"
document = "notice"
legal_basis = "临江市通知第二条"
source = ["office file 12"]
confidence = "verified"
transition = "a running order ends at the earlier of its own end and the new end"
note_zh = "本市缩短。"
note_en = "Shorter here."
"""


def test_whoever_goes_free_is_told_and_whoever_was_never_bound_is_not(running):
    proposed = Order.objects.open().get(key=running.key)
    at = AT + timedelta(hours=2)
    authority = colleague("health_authority", name="second")
    order_withdraw(proposed.key, actor=authority, at=at, reason="wrong person")
    contact("contact-2", known=at, last=date(2022, 7, 10), person_key="person-2", emit=True)
    tick(at, WORKER)
    never = Order.objects.open().get(state="proposed")
    order_withdraw(never.key, actor=authority, at=at + timedelta(hours=1), reason="wrong person")
    tick(at + timedelta(hours=1), WORKER)
    told = Task.objects.open().filter(kind="serve_release_notice")
    assert list(told.values_list("subject_key", flat=True)) == [proposed.key]


def test_whoever_an_order_without_basis_held_is_told():
    at = clock("2023-01-05")
    contact(known=at, last=date(2023, 1, 4), emit=True)
    tick(at, WORKER)
    key = Order.objects.open().get().key
    order_approve(key, actor=colleague("health_authority"), at=at + timedelta(hours=1), reason="read")
    rejudge_when_rules_change(clock("2023-01-08"), WORKER)
    tick(clock("2023-01-08", "15:00"), WORKER)
    assert Order.objects.open().get(key=key).state == "lapsed"
    assert Task.objects.open().filter(kind="serve_release_notice", subject_key=key).exists()
