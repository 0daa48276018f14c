"""The page of notices: one's own, in both languages, opened and read; and the mail that says the same."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from fangkong.command.models import Delivery, Directive, Notification
from fangkong.command.notifications.whom import WHOM
from fangkong.command.tasks.giving import NewTask, tasks_create
from fangkong.faces.web.board.tests.made_city import CITY, browser
from fangkong.faces.web.notifications.mail import written
from fangkong.faces.words.catalogue import has_word
from fangkong.record.access import system_actor
from fangkong.record.installation import installation
from fangkong.record.load import load
from fangkong.record.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader():
    client = browser("duty_officer", CITY)
    user = User.objects.get(key=User.objects.latest("id").key)
    for n, kind in enumerate(sorted(WHOM)):
        Notification.objects.create(
            key=f"notification:{n}",
            user_key=user.key,
            kind=kind,
            subject_kind="result",
            subject_key="R1",
            params={"area_code": CITY},
            at=installation().now(),
        )
    return client, user


def test_every_kind_has_words():
    assert [kind for kind in WHOM if not has_word(f"notification.kind.{kind}")] == []


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_lists_what_is_unread_without_a_raw_code(reader, lang):
    client, _ = reader
    client.cookies["django_language"] = lang
    page = client.get("/notices/").content.decode()
    assert page.count("data-row") == len(WHOM)
    assert not [kind for kind in WHOM if f">{kind}<" in page]


def test_opening_one_reads_it_and_leads_to_its_subject(reader):
    client, _ = reader
    answer = client.post("/notices/notification:0/")
    assert answer.status_code == 302
    assert Notification.objects.get(key="notification:0").read_at is not None
    assert client.get("/notices/").content.decode().count("data-row") == len(WHOM) - 1
    client.post("/notices/read/")
    assert client.get("/notices/").content.decode().count("data-row") == 0


def test_nobody_opens_anothers(reader):
    _, _ = reader
    other = browser("supply_group", CITY)
    assert other.post("/notices/notification:0/").status_code == 404


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_the_mail_speaks_the_readers_language_and_names_nobody(reader, lang):
    _, user = reader
    user.language = lang
    message = written(Notification.objects.get(key="notification:0"), user)
    assert bool(re.search("[\u4e00-\u9fff]", message.subject)) == (lang == "zh-hans")
    assert message.address.startswith("http")
    assert "R1" not in message.text


def test_a_notice_names_its_directive_to_whoever_may_read_it(reader):
    client, _ = reader
    at = installation().now()
    load(
        Directive,
        [
            {
                "key": "directive-1",
                "directive_no": "ZL-1",
                "title": "核对三类人员名单",
                "purpose": "保障就医",
                "area_code": CITY,
                "issuer_role": "duty_officer",
                "state": "issued",
                "due_at": at,
                "sunset_on": at.date(),
                "drafted_by": "a",
                "drafted_at": at,
            }
        ],
        actor="test",
        source_key="test",
        known_from=at,
    )
    note = Notification.objects.get(key="notification:0")
    note.subject_kind, note.subject_key = "directive", "directive-1"
    note.save()
    assert client.get("/notices/").content.decode().count("核对三类人员名单") == 1

    elsewhere = browser("district_officer", "880102")
    stranger = User.objects.get(key=User.objects.latest("id").key)
    Notification.objects.create(
        key="notification:stray",
        user_key=stranger.key,
        kind=note.kind,
        subject_kind="directive",
        subject_key="directive-1",
        params={},
        at=at,
    )
    page = elsewhere.get("/notices/").content.decode()
    assert "data-row" in page
    assert "核对三类人员名单" not in page


def test_a_notice_that_no_mail_brought_says_so(reader):
    client, _ = reader
    row = {"channel": "email", "next_at": installation().now()}
    Delivery.objects.create(notification_key="notification:0", state="given_up", **row)
    Delivery.objects.create(notification_key="notification:1", state="waiting", **row)
    assert client.get("/notices/").content.decode().count("未能送达：电子邮件") == 1


def test_a_notice_of_tasks_given_bears_the_first_one_s_title(reader):
    client, user = reader
    at = installation().now()
    new = NewTask(title="清点防护物资", owner_role=user.role, area_code=CITY, due_at=at + timedelta(hours=9))
    (key,) = tasks_create([new], actor=system_actor("reaction"), at=at - timedelta(minutes=1))
    Notification.objects.filter(key="notification:0").update(subject_kind="my_day", subject_key=key)
    assert "清点防护物资" in client.get("/notices/").content.decode()
