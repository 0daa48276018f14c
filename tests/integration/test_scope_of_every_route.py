"""A user whose scope is one district sees only that district: every route, every role, every byte.

Each district's names, numbers and notes carry a secret token. The walk follows the address table itself, so a
page added tomorrow is walked tomorrow; each answer's body, headers and, for PDF and Word, the text inside
are searched for the tokens of the other districts.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pypdf import PdfReader

from fangkong.record.access.actor import roles

from .seeded_city import DAYS, DISTRICTS, Seeded, seed, token

pytestmark = pytest.mark.django_db

ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")

HOME = DISTRICTS[0]

#: What is posted wherever something may be posted: enough for a decision, a step, a look at a name.
FORM = {"decision": "approve", "reason": "x", "step": "done", "purpose": "notice", "day": "2022-04-10"}


def routes(patterns=None, prefix: str = "") -> Iterator[str]:
    """Every address pattern of the console, as the address table has it."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern)


def addresses(route: str, seeded: Seeded) -> list[str]:
    """``route`` with every seeded key, area code and day in place of its argument."""
    names = ARGUMENT.findall(route)
    if not names:
        return ["/" + route]
    # The own district, whose pages must open, and one other, whose pages must not.
    everything = [key for district in DISTRICTS[:2] for key in (*seeded.keys[district], district)]
    found = []
    for kind, name in names[:1]:
        values = [DAYS[-1].isoformat()] if kind == "date" or name in ("day", "as_of", "on") else everything
        found = ["/" + ARGUMENT.sub(value, route) for value in values]
    return found


def text_of(response) -> str:
    """Everything of an answer that a reader could find: status line, headers, body, text inside papers."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    parts = [str(response.headers), body.decode("utf-8", "replace")]
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    if body[:4] == b"%PDF":
        parts += [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]
    return "\n".join(parts)


@pytest.fixture(scope="module")
def seeded(django_db_setup, django_db_blocker) -> Iterator[Seeded]:
    with django_db_blocker.unblock():
        from django.db import transaction

        with transaction.atomic():
            yield seed(sorted(roles()))
            transaction.set_rollback(True)


def signed_in(seeded: Seeded, role: str, area: str) -> Client:
    client = Client()
    client.force_login(seeded.users[role, area])
    client.cookies["django_language"] = "en"
    return client


#: Together they open every page that there is: what none of them can open, nobody can.
OPENERS = ("duty_officer", "investigation_group", "health_authority", "oversight")


@pytest.fixture(scope="module")
def walk(seeded, django_db_blocker) -> dict[str, list[str]]:
    """Route -> the addresses worth visiting: those that somebody of the city can open, and one that nobody can."""
    found = {}
    with django_db_blocker.unblock():
        clients = [signed_in(seeded, role, "9901") for role in OPENERS]
        for route in routes():
            every = addresses(route, seeded)
            thing = ARGUMENT.split(route)[0] + "<str:key>/"
            if len(every) == 1:
                found[route] = every
            elif route != thing and thing in found:
                # What may be done to a thing is tried on the things that there are.
                start = "/" + route.partition("<")[0]
                keys = {address.removeprefix(start).rstrip("/") for address in found[thing]}
                found[route] = [a for a in every if a.removeprefix(start).partition("/")[0] in keys]
            else:
                opened = [
                    a for a in every if any(client.get(a).status_code not in (403, 404) for client in clients)
                ]
                found[route] = opened + [a for a in every if a not in opened][:1]
    assert sum(map(len, found.values())) > 50
    assert all(found.values())
    return found


@pytest.mark.parametrize("role", sorted(roles()))
def test_no_route_shows_another_district(seeded, walk, role, django_db_blocker):
    with django_db_blocker.unblock():
        foreign = [token(district) for district in DISTRICTS if district != HOME]
        seen_own, visited = False, 0
        queries = ["", f"?q={foreign[0]}", f"?district={DISTRICTS[1]}&show=in_force"]
        for route, visits in walk.items():
            client = signed_in(seeded, role, HOME)
            plain = not ARGUMENT.search(route)
            for address in visits:
                for query in queries if plain else [""]:
                    answer = client.get(address + query)
                    visited += 1
                    text = text_of(answer)
                    # What the reader typed may be said back; nothing else of it may be known.
                    shown = text.replace(query[3:], "") if query.startswith("?q=") else text
                    leaked = [secret for secret in foreign if secret in shown]
                    assert not leaked, f"{role} of {HOME} reads another district at {address}{query}"
                    assert answer.status_code < 500, f"{address}{query} fails for {role}"
                    seen_own |= token(HOME) in text
                if answer.status_code == 405 or plain:
                    posted = client.post(address, FORM)
                    assert not [secret for secret in foreign if secret in text_of(posted)], address
                    assert posted.status_code < 500, f"POST {address} fails for {role}"
                    client = signed_in(seeded, role, HOME)
        assert visited > 20
        if {"case.read", "order.read"} & set(roles()[role]["may"]):
            assert seen_own, f"{role} does not even see the own district: the walk proves nothing"


def test_the_walk_itself_would_find_a_leak(seeded, django_db_blocker):
    """Whoever may see the whole city does find every token on the same walk."""
    with django_db_blocker.unblock():
        found = set()
        for route in routes():
            client = signed_in(seeded, "duty_officer", "9901")
            for address in addresses(route, seeded):
                text = text_of(client.get(address))
                found |= {district for district in DISTRICTS if token(district) in text}
        assert found == set(DISTRICTS), "the walk would not have found a leak"


def test_counts_of_the_own_district_do_not_betray_the_others(seeded, django_db_blocker):
    """City totals would let a district subtract; a district's board shows its own figures only."""
    with django_db_blocker.unblock():
        client = signed_in(seeded, "district_officer", HOME)
        city_total = sum(2 * (10 * n + DAYS[-1].day % 3) * 2 for n in (1, 2, 3))
        text = text_of(client.get("/")) + text_of(client.get("/assess/"))
        assert f">{city_total}<" not in text


def test_anonymous_visitors_get_the_sign_in_page_and_nothing_else(seeded, django_db_blocker):
    with django_db_blocker.unblock():
        client = Client()
        for route in routes():
            for address in addresses(route, seeded)[:3]:
                answer = client.get(address)
                assert answer.status_code in (200, 302, 404, 405), address
                assert not any(token(district) in text_of(answer) for district in DISTRICTS)
                if answer.status_code == 302 and not address.startswith(("/sign-in", "/look-back")):
                    assert "/sign-in/" in answer.headers["Location"]
