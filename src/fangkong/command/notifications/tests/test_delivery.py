"""Messages leave the house: a real mail server and a real web server take them, or refuse them."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from datetime import timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from aiosmtpd.controller import Controller

from fangkong.command.models import Delivery, Notification
from fangkong.command.notifications.delivery import Message, _limits, deliver_due
from fangkong.record.actions import user_create
from fangkong.record.installation import installation
from fangkong.record.models import User

pytestmark = pytest.mark.django_db


def write(note: Notification, user: User) -> Message:
    return Message("新指令待签收", "请登录系统办理。", f"https://example.org/{note.subject_key}")


@pytest.fixture
def waiting():
    """One notice waiting to go out by each channel."""
    user = user_create(
        "a",
        "a long enough password",
        role="duty_officer",
        area_code="9901",
        display_name="甲",
        actor="test",
    )
    User.objects.filter(key=user.key).update(email="a@example.org")
    now = installation().now()
    note = Notification.objects.create(
        key="notification:1",
        user_key=user.key,
        kind="directive.issued",
        subject_kind="directive",
        subject_key="D1",
        at=now,
    )

    def by(channel: str) -> Delivery:
        return Delivery.objects.create(
            notification_key=note.key, channel=channel, state="waiting", next_at=now
        )

    return by, now


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Sink:
    """Keeps what it is handed; refuses the first ``refuse`` messages."""

    def __init__(self, refuse: int = 0) -> None:
        self.messages: list[bytes] = []
        self.refuse = refuse

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.refuse:
            self.refuse -= 1
            return "451 try again later"
        self.messages.append(envelope.content)
        return "250 OK"


@pytest.fixture
def mail_server(settings):
    started = []

    def start(sink: Sink) -> None:
        server = Controller(sink, hostname="127.0.0.1", port=free_port())
        server.start()
        started.append(server)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""

    yield start
    for server in started:
        server.stop()


class TestMail:
    def test_arrives_once_in_the_readers_language(self, waiting, mail_server):
        by, now = waiting
        by("email")
        sink = Sink()
        mail_server(sink)
        assert deliver_due(now, write) == (1, 0)
        assert deliver_due(now, write) == (0, 0)
        (raw,) = sink.messages
        mail = message_from_bytes(raw, policy=policy.default)
        assert mail["to"] == "a@example.org"
        assert mail["subject"] == "新指令待签收"
        assert "请登录系统办理" in mail.get_content()
        assert "https://example.org/D1" in mail.get_content()

    def test_a_refused_message_waits_and_is_tried_again(self, waiting, mail_server):
        by, now = waiting
        by("email")
        sink = Sink(refuse=1)
        mail_server(sink)
        assert deliver_due(now, write) == (0, 1)
        held = Delivery.objects.get()
        assert held.state == "waiting"
        assert held.next_at > now
        assert deliver_due(now, write) == (0, 0), "it waits"
        assert deliver_due(held.next_at, write) == (1, 0)
        assert len(sink.messages) == 1

    def test_a_server_that_is_gone_is_given_up_on_in_the_end(self, waiting, settings):
        by, now = waiting
        by("email")
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        for _ in range(_limits()["attempts"] + 3):
            deliver_due(now, write)
            now += timedelta(days=1)
        gone = Delivery.objects.get()
        assert gone.state == "given_up"
        assert gone.attempts == _limits()["attempts"]
        assert "example" not in gone.error_code


@pytest.fixture
def hook(settings):
    """A web server that keeps what is posted to it, and answers as it is told."""
    taken: list[tuple[dict[str, str], bytes]] = []
    answers: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = answers.pop(0) if answers else 204
            if status < 300:
                taken.append((dict(self.headers), body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/hook"
    settings.WEBHOOK_SECRET = "a shared secret"
    yield taken, answers
    server.shutdown()
    server.server_close()


class TestWebhook:
    def test_is_signed_and_says_whom_it_is_for(self, waiting, hook):
        by, now = waiting
        by("webhook")
        taken, _ = hook
        assert deliver_due(now, write) == (1, 0)
        headers, body = taken[0]
        digest = hmac.new(b"a shared secret", body, hashlib.sha256).hexdigest()
        assert headers["X-Fangkong-Signature"] == f"sha256={digest}"
        said = json.loads(body)
        assert (said["to"], said["kind"], said["subject"]) == ("a", "directive.issued", "新指令待签收")

    def test_one_that_fails_does_not_hold_up_the_other(self, waiting, hook, mail_server):
        by, now = waiting
        by("webhook")
        by("email")
        _, answers = hook
        answers.append(500)
        sink = Sink()
        mail_server(sink)
        assert deliver_due(now, write) == (1, 1)
        assert len(sink.messages) == 1
        states = dict(Delivery.objects.values_list("channel", "state"))
        assert states == {"webhook": "waiting", "email": "sent"}
