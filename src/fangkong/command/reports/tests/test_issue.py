"""A report is issued once, signed by a person, and becomes a new version only when its content changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from fangkong.command.reports import report_get, report_issue, report_sign, situation_report
from fangkong.command.reports.issue import content_hash
from fangkong.core.errors import Conflict, Forbidden, NotFound
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation

from .conftest import CLI

AS_OF = date(2022, 4, 5)
SUBJECT = {"disease": "covid-19", "area_code": "31"}


def issue() -> str:
    return report_issue(AS_OF, actor=CLI, at=installation().close_of(AS_OF), **SUBJECT)


def stands_at_now() -> dict:
    return report_get(AS_OF, actor=CLI, at=installation().now(), **SUBJECT)


def test_an_issued_report_is_its_content_with_version_and_hash(shanghai: Path) -> None:
    key = issue()
    found = stands_at_now()
    content = situation_report(actor=CLI, as_of=AS_OF, **SUBJECT)
    assert {name: found[name] for name in content} == content
    assert found["issue"]["key"] == key == content["document"]["id"]
    assert found["issue"]["version"] == 1
    assert found["issue"]["supersedes"] == ""
    assert found["issue"]["content_hash"] == content_hash(content)
    assert audit.verify().problem == ""


def test_issuing_again_changes_nothing_and_keeps_the_signature(
    shanghai: Path, officer: Callable[[str, str], Actor]
) -> None:
    key = issue()
    report_sign(key, actor=officer("duty_officer", "31"), at=installation().now())
    before = record_digest()
    assert issue() == key
    assert record_digest() == before
    assert stands_at_now()["issue"]["signed_by"]


def test_a_signature_carries_the_head_of_the_audit_chain(
    shanghai: Path, officer: Callable[[str, str], Actor]
) -> None:
    actor, key = officer("duty_officer", "31"), issue()
    _, head = audit.head()
    report_sign(key, actor=actor, at=installation().now())
    found = stands_at_now()["issue"]
    assert (found["signed_by"], found["audit_head"]) == (actor.key, head)
    assert (found["signer"], found["signer_role"]) == ("duty_officer-31", "duty_officer")
    assert found["version"] == 1


def test_the_system_and_other_roles_sign_nothing(
    shanghai: Path, officer: Callable[[str, str], Actor]
) -> None:
    key, now = issue(), installation().now()
    with pytest.raises(Forbidden, match=r"report\.system_may_not_sign"):
        report_sign(key, actor=CLI, at=now)
    with pytest.raises(Forbidden, match=r"access\.not_your_role"):
        report_sign(key, actor=officer("general_group", "31"), at=now)
    with pytest.raises(NotFound):
        report_sign(key, actor=officer("duty_officer", "32"), at=now)
    report_sign(key, actor=officer("co_chair", "31"), at=now)
    with pytest.raises(Conflict, match=r"report\.already_signed"):
        report_sign(key, actor=officer("duty_officer", "31"), at=now + timedelta(seconds=1))


def test_a_report_that_was_never_issued_is_not_found(shanghai: Path) -> None:
    with pytest.raises(NotFound, match=r"report\.not_issued"):
        stands_at_now()
