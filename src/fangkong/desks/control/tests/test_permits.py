"""A permit is asked for by one, judged by the rules of both ends, decided by another, and ends by itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.control.actions import (
    Holder,
    Shown,
    permit_issue,
    permit_lapse_due,
    permit_propose,
    permit_refuse,
    permit_revoke,
)
from fangkong.desks.control.permit_figures import figures
from fangkong.desks.control.queries import permit_get, permits_list, permits_to_decide_count
from fangkong.record.access import system_actor
from fangkong.record.models import Event, Permit
from fangkong.record.retention.clocks import purge_clock

from .gates import gates
from .people import clock, colleague

pytestmark = pytest.mark.django_db
AT = clock("2022-07-06", "09:00")
DAY = timedelta(days=1)
COVID = {"disease": "covid-19"}
WHO = Holder(number="C-1002-3344")
ENDS = Shown(from_area="130681", to_area="320509")


@pytest.fixture
def office():
    gates(AT - 90 * DAY)
    return colleague("district_officer", "130681"), colleague("health_authority", "130681")


def propose(actor, kind: str = "commuter", *, shown: Shown = ENDS, at=AT, **more) -> str:
    given = {"holder": WHO, "starts_on": at.date(), **more}
    return permit_propose(kind, shown=shown, actor=actor, at=at, **COVID, **given)


def state(key: str) -> str:
    return Permit.objects.open().get(key=key).state


def test_the_rules_of_both_ends_are_asked_and_the_cost_of_waiting_stands_beside_it(office):
    asks, _ = office
    permit = permit_get(propose(asks), actor=asks, at=AT)
    assert (permit.state, permit.answer) == ("proposed", "register_first")
    assert {"commute.need.register_ahead", "commute.need.review"} <= set(permit.reasons)
    assert permit.cost == {"work_days": 1, "person_days": 1, "possible_on": "2022-07-07"}
    assert (permit.expires_on - permit.starts_on).days + 1 == figures()["span"]["default_days"]
    assert any("CN-320509" in row or "commute.pass" in row for row in permit.rule_rows)
    assert "3344" not in str(Permit.objects.values())


def test_asked_again_it_is_the_same_permit_and_the_other_end_sees_what_is_its_own(office):
    asks, _ = office
    assert propose(asks) == propose(asks)
    with pytest.raises(NotFound, match=r"permit\.unknown"):
        permit_get(propose(asks), actor=colleague("district_officer", "990101"), at=AT)


def test_another_issues_it_and_nobody_both_proposes_and_decides(office):
    asks, decides = office
    key = propose(asks)
    assert permits_to_decide_count(actor=decides, at=AT) == 1
    with pytest.raises(Forbidden, match=r"access\.not_your_role"):
        permit_issue(key, reason="x", actor=asks, at=AT)
    with pytest.raises(Forbidden, match=r"order\.system_never_decides"):
        permit_issue(key, reason="x", actor=system_actor("worker"), at=AT)
    permit_issue(key, reason="已核对", actor=decides, at=AT + DAY / 24)
    assert state(key) == "issued"
    with pytest.raises(Conflict, match=r"permit\.wrong_state"):
        permit_refuse(key, reason="x", actor=decides, at=AT + DAY / 12)
    assert permits_list(actor=decides, at=AT + DAY, state="issued").total == 1


def test_the_database_itself_refuses_one_hand_for_both(office):
    asks, _ = office
    permit = Permit.objects.open().get(key=propose(asks))
    permit.decided_by = permit.proposed_by
    with pytest.raises(IntegrityError), transaction.atomic():
        permit.save()


def test_a_journey_that_the_rules_refuse_is_not_issued_and_a_refusal_has_a_reason(office):
    asks, decides = office
    street = Shown(from_area="130681", to_area="320509", risk_street_days=3)
    key = propose(asks, shown=street)
    permit = permit_get(key, actor=asks, at=AT)
    assert (permit.answer, permit.cost["possible_on"]) == ("refused", "2022-07-18")
    assert permit.cost["work_days"] == 8
    with pytest.raises(Conflict, match=r"permit\.rules_refuse"):
        permit_issue(key, reason="x", actor=decides, at=AT)
    with pytest.raises(InputError, match=r"permit\.reason_needed"):
        permit_refuse(key, reason="", actor=decides, at=AT)
    permit_refuse(key, reason="十四天内到过风险街道", actor=decides, at=AT + DAY / 24)
    assert state(key) == "refused"


def test_it_is_taken_back_with_a_reason_or_lapses_on_its_day(office):
    asks, decides = office
    first, second = propose(asks), propose(asks, holder=Holder(number="C-2002-9999"))
    for key in (first, second):
        permit_issue(key, reason="已核对", actor=decides, at=AT + DAY / 24)
    with pytest.raises(InputError, match=r"permit\.reason_needed"):
        permit_revoke(first, reason=" ", actor=decides, at=AT + DAY)
    permit_revoke(first, reason="单位停工", actor=decides, at=AT + DAY)
    hand, over = system_actor("worker"), AT + 30 * DAY
    assert permit_lapse_due(AT + 2 * DAY, actor=hand) == 0
    assert permit_lapse_due(over, actor=hand) == 1
    assert permit_lapse_due(over, actor=hand) == 0
    assert (state(first), state(second)) == ("revoked", "lapsed")
    kinds = set(Event.objects.filter(kind__startswith="permit.").values_list("kind", flat=True))
    assert kinds == {"permit.proposed", "permit.issued", "permit.revoked", "permit.lapsed"}


def test_a_change_of_rules_ends_no_permit_and_a_new_one_is_not_asked_for_after_checks_have_ended(office):
    asks, decides = office
    before = clock("2022-12-05", "09:00")
    key = propose(asks, at=before)
    permit_issue(key, reason="已核对", actor=decides, at=before + DAY / 24)
    after = clock("2022-12-08", "09:00")
    permit_lapse_due(after, actor=system_actor("worker"))
    assert state(key) == "issued"
    with pytest.raises(Forbidden, match=r"retention\.limited"):
        propose(asks, at=after, holder=Holder(number="C-5555-1212"))


def test_the_platform_s_span_is_never_passed_and_both_ends_are_named(office):
    asks, _ = office
    most = figures()["span"]["max_days"]
    with pytest.raises(InputError, match=r"permit\.span"):
        propose(asks, expires_on=AT.date() + most * DAY)
    assert propose(asks, expires_on=AT.date() + (most - 1) * DAY)
    with pytest.raises(InputError, match=r"permit\.ends_needed"):
        propose(asks, shown=Shown(from_area="130681"))
    with pytest.raises(InputError, match=r"permit\.unknown_kind"):
        propose(asks, kind="holiday")
    with pytest.raises(InputError, match=r"permit\.who_needed"):
        propose(asks, holder=Holder(plate="示A·12345"))


def test_goods_rest_on_the_national_permit_while_its_row_is_in_force(office):
    asks, decides = office
    key = propose(asks, "freight")
    assert permit_get(key, actor=asks, at=AT).answer == "pass"
    early = propose(asks, "freight", at=clock("2022-04-01", "09:00"))
    assert Permit.objects.open().get(key=early).answer == "not_decided"
    with pytest.raises(InputError, match=r"permit\.reason_needed"):
        permit_issue(early, actor=decides, at=clock("2022-04-01", "10:00"))


def test_a_running_permit_holds_its_holder_s_identity_and_a_clock_runs(office):
    asks, _ = office
    permit = Permit.objects.open().get(key=propose(asks))
    clock_of = purge_clock(permit.person_key, at=AT + DAY)
    assert clock_of is not None
    assert (clock_of.deciding.link.category, clock_of.holds) == ("permits", ("running_permit",))
    assert clock_of.purge_by == date(2023, 1, 8)
