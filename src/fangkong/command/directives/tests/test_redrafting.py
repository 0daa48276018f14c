"""A draft is rewritten by whoever drafted it, under the same rules; what is issued stays as it was issued."""

from __future__ import annotations

from typing import Any

import pytest

from fangkong.command.directives.actions import directive_issue, directive_redraft, directive_withdraw
from fangkong.command.models import Directive
from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.record.digest import record_digest

from .offices import DISTRICT, OTHER, SUNSET, after, directive, draft, drafter, issuer, known, recipient, to

pytestmark = pytest.mark.django_db


def rewrite(key: str, **more: Any) -> None:
    given: dict[str, Any] = {
        "title": "复核独居老人和残疾人名册",
        "purpose": "保障独居老人和残疾人的生活和就医",
        "measures": [{"text": "逐户复核名册", "evidence_kind": "number"}],
        "recipients": to(DISTRICT),
        "due_at": after(40),
        "sunset_on": SUNSET,
        "actor": drafter(),
        "at": after(1),
    }
    directive_redraft(key, **(given | more))


def test_it_says_the_new_words_under_the_old_number():
    key = draft(drafter())
    number = directive(key).directive_no
    rewrite(key)
    now = directive(key)
    assert (now.title, now.directive_no, now.state) == ("复核独居老人和残疾人名册", number, "draft")
    assert [m["evidence_kind"] for m in now.measures] == ["number"]
    assert Directive.objects.filter(key=key).count() == 2, "the earlier words stay on record"
    directive_issue(key, actor=issuer(), at=after(2))
    assert recipient(key, DISTRICT).state == "awaiting"
    assert not type(recipient(key, DISTRICT)).objects.filter(directive_key=key, area_code=OTHER).exists()


def test_the_same_words_again_change_nothing():
    key = draft(drafter())
    rewrite(key)
    before = record_digest()
    rewrite(key, at=after(2))
    assert record_digest() == before


def test_nobody_rewrites_another_persons_draft():
    key = draft(drafter())
    with pytest.raises(Forbidden, match="not_your_draft"):
        rewrite(key, actor=known("duty_officer", name="somebody-else"))


@pytest.mark.parametrize("ended", ["issued", "withdrawn"])
def test_what_is_issued_or_gone_is_not_rewritten(ended):
    key = draft(drafter())
    if ended == "issued":
        directive_issue(key, actor=issuer(), at=after(0.5))
    else:
        directive_withdraw(key, "另有安排", actor=drafter(), at=after(0.5))
    with pytest.raises(Conflict):
        rewrite(key)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"title": " "}, "directive.title_needed"),
        ({"recipients": []}, "directive.recipient_needed"),
        ({"measures": []}, "directive.measure_needed"),
        ({"due_at": after(0.5)}, "directive.due_past"),
        ({"measures": [{"text": "停业整顿", "evidence_kind": ""}]}, "directive.proportionality_needed"),
    ],
)
def test_it_is_held_to_the_same_rules(more, code):
    key = draft(drafter())
    before = record_digest()
    with pytest.raises(InputError) as refused:
        rewrite(key, **more)
    assert refused.value.code == code
    assert record_digest() == before


def test_two_windows_do_not_overwrite_each_other():
    key = draft(drafter())
    seen = directive(key).known_from.isoformat()
    rewrite(key, seen=seen)
    with pytest.raises(Conflict, match="changed"):
        rewrite(key, title="第三稿", seen=seen, at=after(2))
