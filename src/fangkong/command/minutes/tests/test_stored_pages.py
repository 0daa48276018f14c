"""The five stored pages of real meetings, received and decided to the end: nothing is left out."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from fangkong.command.minutes.actions import clauses_confirm
from fangkong.command.minutes.coverage import coverage
from fangkong.command.minutes.deciding import STANDING_DUTY, Decision
from fangkong.command.minutes.proposals import offered
from fangkong.command.minutes.queries import (
    breaks_of,
    document_get,
    document_meetings,
    document_voices,
    folded,
)
from fangkong.command.models import Clause, Directive, StandingDuty
from fangkong.science.minutes import read

from ...directives.tests.offices import CITY, after, drafter
from .texts import clauses, received

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]


@pytest.fixture(scope="module")
def pages(real_data: Path) -> list[tuple[dict[str, Any], str]]:
    folder = real_data.parent / "seeds"
    if not folder.is_dir():
        pytest.skip("no stored pages beside the real data")
    gold = json.loads((real_data / "minutes" / "seeds.json").read_text(encoding="utf-8"))["seeds"]
    return [(seed, (folder / seed["file"]).read_text(encoding="utf-8")) for seed in gold]


def test_what_is_kept_is_what_was_read(pages):
    for seed, text in pages:
        reading = read(text)
        key = received(text, source="superior", file_name=seed["file"])
        kept = clauses(key)
        assert Counter(c.clause_class for c in kept) == Counter(c.kind for c in reading.clauses)
        assert [c.quote for c in kept] == [text[slice(*c.span)] for c in reading.clauses]
        document = document_get(key, actor=drafter(), at=after(1))
        assert document.content["report_span"] == seed["report_span"]
        assert len(breaks_of(document)) == len(reading.report.breaks)
        # The comments of readers that the annotation names, all of them and nothing else of the page.
        voices = document_voices(document)
        assert [voice.words for voice in voices] == [each["quote"] for each in seed["feedback"]]
        assert [voice.votes for voice in voices] == [each["support"] for each in seed["feedback"]]


def test_two_meetings_on_one_page_stay_two(pages):
    seed, text = pages[4]
    meetings = document_meetings(received(text), actor=drafter(), at=after(1))
    assert [bool(each.follows_key) for each in meetings] == [False, True]
    assert meetings[1].follows_key == meetings[0].key
    assert meetings[1].kind == "follow_on"
    assert [each.held_on for each in meetings] == [
        date.fromisoformat(gold["date"]) for gold in seed["meetings"]
    ]


def test_decided_to_the_end_each_requirement_has_owner_state_and_page_or_is_named(pages):
    actor = drafter()
    now = after(1)
    for _, text in pages:
        key = received(text, source="superior", at=now)
        shown = folded(clauses(key))
        asked = [each.clause for each in shown if each.clause.clause_class in ("decision", "standing_duty")]
        for clause in asked:
            found = offered(clause)
            duty = clause.clause_class == STANDING_DUTY
            decision = Decision(
                as_=STANDING_DUTY if duty else "directive",
                owner_role=found.owner_role or "general_group",
                area_code=CITY,
                due_at=now + timedelta(days=2),
                trigger=found.trigger,
                recurs="" if found.trigger else found.recurs or "day",
                proportionality_note="仅按规则包所定对象和期限",
            )
            if decision.owner_role in ("district_officer", "street_officer"):
                decision = Decision(**{**decision.__dict__, "owner_role": "general_group"})
            clauses_confirm([clause.key], decision, actor=actor, at=now)
        table = coverage(key, actor=actor, at=now + timedelta(hours=1))
        assert table.not_covered == []
        assert {row.clause_key for row in table.rows} >= {clause.key for clause in asked}
        assert all(row.owners and row.state for row in table.rows)
        assert all(row.desk or row in table.without_desk for row in table.rows)
        assert not Clause.objects.open().filter(
            clause_class__in=("principle", "fact", "unreadable"), state="confirmed"
        )
    assert Directive.objects.open().count() + StandingDuty.objects.open().count() >= 80
