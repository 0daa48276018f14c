"""Five days of five meetings, each lived by the demonstration city under the rules that were in force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from fangkong.command.duty.open_items import office_eye, open_items
from fangkong.command.minutes.coverage import coverage
from fangkong.command.minutes.lacking import lacks
from fangkong.command.models import Clause, Directive, DirectiveRecipient, StandingDuty
from fangkong.record.access.actor import roles
from fangkong.record.models import Order, Task
from fangkong.record.rulebook import rulebook

from .gold import TASK_CLASSES, of_gold
from .lived_day import Day
from .shown import LISTED, SHOWN, zh
from .small_city import CITY

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]

#: Acts of the annotation in which the reader of minutes finds nothing to do: a person would have to say so by hand.
NOT_FOUND = {"S1": {"S1-17"}}


def table(day: Day):
    return coverage(day.document_key, actor=day.drafter, at=day.evening)


def test_what_the_day_has_to_show_stands_on_a_page_or_by_name_on_the_coverage_table(day: Day):
    rows = {row.clause_key: row for row in table(day).rows}
    page = day.page(reverse("minutes_coverage", args=[day.document_key]))
    for each in day.seed.must_show:
        if each["clause"] in SHOWN:
            SHOWN[each["clause"]].proof(day)
            continue
        listed = LISTED[each["clause"]]
        held = [
            rows[c.key] for c in of_gold(day.clauses(), day.seed.clauses[each["clause"]]) if c.key in rows
        ]
        named = {code for row in held for code in row.lacks}
        assert set(listed.lacks) <= named, each["clause"]
        assert all(row.capability for row in held if row.lacks)
        assert all(zh(f"minutes.lacks.{code}") in page for code in listed.lacks)


def test_nothing_that_is_asked_for_is_left_out_and_nothing_is_listed_that_is_shown(day: Day):
    asked = {each["clause"] for each in day.seed.must_show}
    mine = {key for key in (*SHOWN, *LISTED) if key.startswith(day.seed.name)}
    assert mine == asked
    assert not set(SHOWN) & set(LISTED)


def test_each_decision_and_duty_ends_as_a_directive_or_a_duty_with_owner_state_and_page(day: Day):
    found = {
        key: [clause for clause in of_gold(day.clauses(), gold) if clause.key in day.led]
        for key, gold in day.seed.asked().items()
    }
    assert {key for key, clauses in found.items() if not clauses} == NOT_FOUND.get(day.seed.name, set())
    rows = {row.clause_key: row for row in table(day).rows}
    for clause in {clause.key: clause for clauses in found.values() for clause in clauses}.values():
        row = rows[clause.key]
        assert (row.standing, row.key) == ("carried", day.led[clause.key])
        assert row.owners
        assert all(owner["role"] in roles() and owner["area_code"].startswith(CITY) for owner in row.owners)
        assert row.state in ("issued", "in_force")
        name = {"directive": "directive", "standing_duty": "standing_duty"}[row.kind]
        assert reverse(name, args=[row.key]) in day.page(reverse("minutes_coverage", args=[day.document_key]))


def test_two_of_the_pages_of_what_they_led_to_open_for_whoever_reads(day: Day):
    for model, name in ((Directive, "directive"), (StandingDuty, "standing_duty")):
        key = model.objects.open().order_by("key").values_list("key", flat=True)[0]
        assert day.page(reverse(name, args=[key]), role="investigation_group", lang="en")


def test_directives_are_issued_by_a_second_person_and_watched_until_each_is_acknowledged(day: Day):
    for directive in Directive.objects.open():
        assert directive.issued_by
        assert directive.issued_by != directive.drafted_by
    for recipient in DirectiveRecipient.objects.open():
        assert recipient.acknowledged_at or recipient.acknowledge_by


def test_no_task_is_without_an_owner_and_none_comes_of_an_exhortation_or_a_fact(day: Day):
    for task in Task.objects.open():
        assert task.owner_role in roles()
    led = {clause.leads_to_key: clause for clause in day.clauses() if clause.leads_to_key}
    for clause in led.values():
        assert clause.clause_class in TASK_CLASSES
    for task in Task.objects.open().filter(carries_out_kind__in=("directive", "standing_duty")):
        assert task.carries_out_key in led
    silent = (
        Clause.objects.open().filter(document_key=day.document_key).exclude(clause_class__in=TASK_CLASSES)
    )
    assert not silent.exclude(leads_to_key="").exists()


def test_nothing_is_open_past_midnight_without_a_reason_and_an_hour(day: Day):
    midnight = day.city.at("00:01") + timedelta(days=1)
    left = open_items(CITY, day.seed.day, actor=office_eye(CITY), at=midnight)
    assert [
        (item.code, item.due_at, item.area_code) for item in left if not (item.why and item.until_at)
    ] == []


def test_the_counts_of_the_coverage_table_add_up(day: Day):
    found = table(day)
    assert sum(found.counts.values()) == len(found.rows) == len(day.led)
    assert found.counts["carried"] == len(day.led)
    assert found.not_covered == []


def test_every_order_rests_on_rules_of_the_day_and_what_the_packs_do_not_hold_is_left_to_a_person(day: Day):
    book = rulebook()
    for order in Order.objects.open():
        for row_id in order.rule_rows:
            row = book.row(row_id)
            assert row.effective_from <= day.seed.day, (order.kind, row_id)
            assert row.effective_to is None or day.seed.day <= row.effective_to, (order.kind, row_id)
    undecided = Task.objects.open().filter(kind="rule_decision")
    assert {task.params["why"] for task in undecided} <= {"not_in_pack"}


def test_what_no_desk_carries_is_named_from_the_list_alone(day: Day):
    for row in table(day).rows:
        assert set(row.lacks) <= set(lacks())
