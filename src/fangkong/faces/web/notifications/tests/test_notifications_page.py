"""The page of notices: one's own, in both languages, opened and read; and the mail that says the same."""

from __future__ import annotations

import re

import pytest

from fangkong.command.models import Notification
from fangkong.command.notifications.whom import WHOM
from fangkong.faces.web.board.tests.made_city import CITY, browser
from fangkong.faces.web.notifications.mail import written
from fangkong.faces.words.catalogue import has_word
from fangkong.record.installation import installation
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
