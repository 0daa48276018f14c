"""Told once, to whoever it concerns, in time; nobody reads another's notices; history is not news."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangkong.command.minutes.actions import minutes_receive
from fangkong.command.models import Delivery, Notification
from fangkong.command.notifications.actions import notification_read, notifications_read_all, notify
from fangkong.command.notifications.queries import notifications_of, notifications_unread_count
from fangkong.command.notifications.whom import WHOM, office_users, whom
from fangkong.command.office_clocks import office_clock
from fangkong.command.reactions.running import run_reactions
from fangkong.command.reactions.table import TABLE
from fangkong.core.errors import NotFound
from fangkong.record import events
from fangkong.record.access import actor_of, system_actor
from fangkong.record.actions import user_create
from fangkong.record.audit import writing
from fangkong.record.installation import installation
from fangkong.record.models import Event, User

pytestmark = pytest.mark.django_db

HAND = system_actor("test")


def user(name: str, role: str, area: str) -> User:
    return user_create(
        name, "a long enough password", role=role, area_code=area, display_name=name, actor="test"
    )


def event(kind: str, area: str, *, at=None, **params) -> Event:
    with writing():
        events.emit(kind, f"{kind}-1", area, at=at or installation().now(), params=params)
    return Event.objects.filter(kind=kind).latest("id")


class TestWhoIsTold:
    def test_the_closest_office_that_has_the_role(self):
        city, district = user("c", "duty_officer", "9901"), user("d", "duty_officer", "990101")
        user("e", "duty_officer", "990102")
        assert office_users("duty_officer", "990101004") == {district.key}
        assert office_users("duty_officer", "990103") == {city.key}
        assert office_users("supply_group", "990101") == set()

    def test_a_positive_result_reaches_duty_investigation_and_the_authority(self):
        told = [
            user(role, role, "9901") for role in ("duty_officer", "investigation_group", "health_authority")
        ]
        user("s", "supply_group", "9901")
        assert whom(event("result.positive", "990101")) == {u.key for u in told}

    def test_who_did_it_is_not_told_of_it(self):
        one, two = user("a", "duty_officer", "9901"), user("b", "duty_officer", "9901")
        assert whom(event("result.positive", "9901", by=one.key)) == {two.key}

    def test_a_user_who_left_is_not_told(self):
        gone = user("a", "duty_officer", "9901")
        User.objects.filter(key=gone.key).update(is_active=False)
        notify(event("result.positive", "9901"), HAND)
        assert not Notification.objects.exists()

    def test_every_kind_that_is_told_is_a_reaction(self):
        assert all(("notify", notify) in TABLE[kind] for kind in WHOM)


class TestTelling:
    def test_once_however_often_the_event_is_answered(self):
        user("a", "duty_officer", "9901")
        happened = event("result.positive", "9901")
        assert notify(happened, HAND) == notify(happened, HAND)
        assert Notification.objects.count() == 1

    def test_what_a_file_of_the_past_brings_is_not_news(self):
        user("a", "duty_officer", "9901")
        stale = installation().now() - office_clock("notice_stale").within - timedelta(minutes=1)
        notify(event("result.positive", "9901", at=stale), HAND)
        assert not Notification.objects.exists()

    def test_goes_out_only_to_an_address_and_only_where_mail_is_set_up(self, settings):
        user("a", "duty_officer", "9901")
        User.objects.filter(username="a").update(email="a@example.org")
        user("b", "duty_officer", "9901")
        settings.EMAIL_HOST, settings.WEBHOOK_URL = "", ""
        notify(event("result.positive", "9901"), HAND)
        assert not Delivery.objects.exists()
        settings.EMAIL_HOST = "mail.example.org"
        notify(event("result.positive", "9901"), HAND)
        assert list(Delivery.objects.values_list("channel", flat=True)) == ["email"]


class TestReading:
    def test_everybody_sees_only_their_own(self):
        mine, other = user("a", "duty_officer", "9901"), user("b", "supply_group", "9901")
        notify(event("result.positive", "9901"), HAND)
        now = installation().now()
        assert notifications_unread_count(actor=actor_of(mine), at=now) == 1
        assert notifications_of(actor=actor_of(other), at=now).rows == []
        with pytest.raises(NotFound):
            notification_read(Notification.objects.get().key, actor=actor_of(other), at=now)

    def test_read_once_stays_read_and_keeps_its_hour(self):
        mine = actor_of(user("a", "duty_officer", "9901"))
        notify(event("result.positive", "9901"), HAND)
        now = installation().now()
        key = Notification.objects.get().key
        first = notification_read(key, actor=mine, at=now).read_at
        assert notification_read(key, actor=mine, at=now + timedelta(hours=1)).read_at == first
        assert notifications_read_all(actor=mine, at=now) == 0

    def test_pages_hold_each_notice_once(self):
        mine = user("a", "duty_officer", "9901")
        for n in range(7):
            notify(event("result.positive", "9901", n=n), HAND)
        seen, after = [], ""
        while True:
            page = notifications_of(actor=actor_of(mine), at=installation().now(), limit=3, after=after)
            seen += [row.key for row in page.rows]
            after = page.after
            if not after:
                break
        assert len(seen) == len(set(seen)) == 7


class TestMinutes:
    def test_whoever_confirms_minutes_there_hears_of_them_and_whoever_brought_them_does_not(self):
        brought, reader = user("a", "general_group", "9901"), user("b", "duty_officer", "9901")
        district = user("c", "district_officer", "990101")
        user("d", "supply_group", "9901")
        assert whom(event("minutes.received", "9901", by=brought.key)) == {reader.key}
        assert whom(event("minutes.received", "990101")) == {district.key}

    def test_a_street_without_anybody_leaves_it_to_the_closest_office_above(self):
        reader = user("a", "general_group", "9901")
        assert whom(event("minutes.received", "990101001")) == {reader.key}

    def test_received_minutes_are_told_with_their_page(self):
        reader = user("b", "duty_officer", "9901")
        brought = actor_of(user("a", "general_group", "9901"))
        text = "会议强调，要印发采样规范。要制定预检分诊流程。"
        key = minutes_receive(text, area_code="9901", actor=brought, at=installation().now())
        assert run_reactions(actor=system_actor("worker"))
        run_reactions(actor=system_actor("worker"))
        told = Notification.objects.get(kind="minutes.received")
        assert (told.user_key, told.subject_kind, told.subject_key) == (reader.key, "minutes", key)
