"""A household is ordered as its members are: each for a fact of their own, each for their own days, all in one act."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, timedelta

import pytest

from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.control.actions import (
    appeal_decide,
    appeal_file,
    consent_record,
    household_order_decide,
    household_order_propose,
    order_approve,
    order_lapse_due,
    order_propose,
    order_propose_for_contact,
    order_propose_for_positive,
    order_reject,
    orders_rejudge,
    orders_supersede_earlier,
)
from fangkong.desks.control.household_acts import HouseholdAct
from fangkong.desks.control.queries import (
    household_act_of,
    members_found,
    order_get,
    orders_to_decide,
    restricted_days_of_order,
)
from fangkong.desks.control.rulebook import rulebook
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
from fangkong.record.load import load
from fangkong.record.models import Household, HouseholdMember, Order, Person
from fangkong.science.rules import Plan

from .people import DISTRICT, NEIGHBOUR, SHANGHAI, case, clock, colleague, contact, person

pytestmark = pytest.mark.django_db

HAND = system_actor("reaction")
MOTHER, CHILD, UNCLE, LODGER, ILL = "mother", "child", "uncle", "lodger", "ill"
#: The ten measures of 7 December 2022: close contacts stay at home.
AT_HOME = clock("2022-12-10")
DAY = date(2022, 12, 10)
LATER = timedelta(hours=1)


def home(*people: str, known=AT_HOME, area: str = DISTRICT, key: str = "home-1") -> str:
    """A household of ``people``, the child cared for by the mother."""
    early = known - timedelta(days=60)
    load(Household, [{"key": key, "area_code": area}], actor="test", source_key="t", known_from=early)
    for who in people:
        person(who, area, known=early)
        row = {"key": f"{key}-{who}", "household_key": key, "person_key": who}
        load(HouseholdMember, [row], actor="test", source_key="t", known_from=early)
    if CHILD in people:
        child = {"key": CHILD, "carer_key": MOTHER, "birth_year": 2014}
        load(Person, [child], actor="test", source_key="t", known_from=early + LATER)
    return key


def met(who: str, last: date, *, known=AT_HOME, **facts) -> str:
    return contact(f"contact-{who}", known=known, last=last, person_key=who, **facts)


def propose(key: str, reason: str, at=AT_HOME, actor=None):
    officer = actor or colleague("duty_officer", name="officer")
    return household_order_propose(key, disease="covid-19", reason_key=reason, actor=officer, at=at)


def doctor(name: str = "doctor"):
    return colleague("health_authority", name=name)


def act(order_key: str, at=AT_HOME) -> HouseholdAct:
    return household_act_of(order_get(order_key, actor=HAND, at=at), actor=HAND, at=at)


def family() -> tuple[str, str]:
    """Mother and child exposed on different days, an uncle without a fact; the household and its act's order."""
    key = home(MOTHER, CHILD, UNCLE)
    met(MOTHER, DAY - timedelta(days=2))
    met(CHILD, DAY)
    return key, propose(key, "case-1").order_key


class TestWhoIsBound:
    def test_each_member_with_a_fact_has_their_own_days_and_the_act_ends_with_the_last(self):
        _, first = family()
        found = act(first)
        days = {order.person_key: (order.starts_on, order.expires_on) for order in found.orders}
        assert days == {
            MOTHER: (DAY, DAY + timedelta(days=3)),
            CHILD: (DAY + timedelta(days=1), DAY + timedelta(days=5)),
        }
        assert (found.starts_on, found.expires_on) == (DAY, DAY + timedelta(days=5))
        assert {order.subject_kind for order in found.orders} == {"person"}
        assert {order.reason_key for order in found.orders} == {"contact-mother", "contact-child"}

    def test_a_member_without_a_fact_is_named_with_the_reason_and_bound_to_nothing(self):
        key, _ = family()
        found = {
            member.person_key: member
            for member in members_found(key, disease="covid-19", actor=HAND, at=AT_HOME)
        }
        assert (found[UNCLE].outcome, found[UNCLE].code) == ("free", "no_fact")
        assert not Order.objects.filter(person_key=UNCLE).exists()

    @pytest.mark.parametrize(
        ("facts", "code"),
        [
            ({"last": None}, "exposure_date_unknown"),
            ({"last": DAY - timedelta(days=20)}, "already_over"),
            ({"last": DAY, "tier": "general"}, "nothing_to_do"),
        ],
    )
    def test_a_fact_for_which_the_rules_ask_nothing_binds_nobody(self, facts, code):
        key = home(MOTHER, UNCLE)
        met(MOTHER, DAY)
        met(UNCLE, **facts)
        made = propose(key, "contact-mother")
        free = next(member for member in made.members if member.person_key == UNCLE)
        assert (free.outcome, free.code) == ("free", code)
        assert [order.person_key for order in act(made.order_key).orders] == [MOTHER]

    def test_the_ill_member_is_isolated_by_an_order_of_their_own_where_the_rules_treat_elsewhere(self):
        key = home(MOTHER, ILL)
        met(MOTHER, DAY)
        case("case-1", known=AT_HOME, person_key=ILL, severity="mild")
        made = propose(key, "case-1")
        found = {member.person_key: member.code for member in made.members}
        assert found == {MOTHER: "", ILL: "isolation_elsewhere"}

    def test_nobody_is_isolated_twice_for_one_illness(self):
        key = home(MOTHER, ILL)
        met(MOTHER, DAY)
        case("case-1", known=AT_HOME, person_key=ILL, severity="mild")
        own = order_propose_for_positive(ILL, "covid-19", DISTRICT, "case-1", actor=HAND, at=AT_HOME)
        order_approve(own.order_key, actor=doctor(), at=AT_HOME, reason="ill")
        late = clock("2022-12-20")
        order_lapse_due(late, actor=HAND)
        contact("contact-new", known=late, last=date(2022, 12, 20), person_key=MOTHER)
        made = propose(key, "contact-new", at=late + LATER)
        found = {member.person_key: member.code for member in made.members}
        assert found == {MOTHER: "", ILL: "order_ended"}

    def test_an_exposure_outside_the_scope_is_no_fact_to_whoever_may_not_see_it(self):
        key = home(MOTHER, UNCLE)
        met(MOTHER, DAY)
        met(UNCLE, DAY, area_code=NEIGHBOUR)
        made = propose(key, "case-1", actor=colleague("district_officer", DISTRICT))
        found = {member.person_key: member.code for member in made.members}
        assert found == {MOTHER: "", UNCLE: "outside_jurisdiction"}

    def test_somebody_who_moved_out_is_no_member(self):
        key = home(MOTHER, LODGER)
        row = {
            "key": f"{key}-{LODGER}",
            "household_key": key,
            "person_key": LODGER,
            "to_on": DAY - timedelta(days=1),
        }
        load(HouseholdMember, [row], actor="test", source_key="t", known_from=AT_HOME - LATER)
        met(MOTHER, DAY)
        met(LODGER, DAY)
        assert [member.person_key for member in propose(key, "case-1").members] == [MOTHER]


class TestPropose:
    def test_the_same_twice_changes_nothing(self):
        key, _ = family()
        other = doctor()
        before = record_digest()
        again = propose(key, "case-1", actor=other)
        assert (again.new, record_digest()) == (False, before)

    def test_orders_that_the_platform_proposed_become_part_of_the_act(self):
        key = home(MOTHER, CHILD)
        waiting = order_propose_for_contact(met(MOTHER, DAY), actor=HAND, at=AT_HOME).order_key
        met(CHILD, DAY)
        made = propose(key, "case-1", at=AT_HOME + LATER)
        found = act(waiting, AT_HOME + LATER)
        assert {order.person_key for order in found.orders} == {MOTHER, CHILD}
        assert found.act_key == made.act_key
        assert order_get(waiting, actor=HAND, at=AT_HOME + LATER).proposed_by == HAND.key

    def test_an_order_in_force_stays_as_it_is(self):
        key = home(MOTHER, CHILD)
        held = order_propose_for_contact(met(MOTHER, DAY), actor=HAND, at=AT_HOME).order_key
        order_approve(held, actor=doctor(), at=AT_HOME, reason="seen")
        met(CHILD, DAY)
        made = propose(key, "case-1", at=AT_HOME + LATER)
        assert {member.person_key: member.outcome for member in made.members} == {
            MOTHER: "held",
            CHILD: "new",
        }
        assert [order.person_key for order in act(made.order_key, AT_HOME + LATER).orders] == [CHILD]

    def test_a_proposal_by_hand_with_longer_days_is_not_taken_in(self):
        key = home(MOTHER, CHILD)
        for who in (MOTHER, CHILD):
            met(who, DAY)
        order_propose(
            "quarantine",
            person_key=MOTHER,
            disease="covid-19",
            area_code=DISTRICT,
            reason_key="contact-mother",
            place="home_isolation",
            starts_on=DAY,
            expires_on=DAY + timedelta(days=9),
            legal_basis="notice of the county",
            actor=colleague("duty_officer", name="by hand"),
            at=AT_HOME,
        )
        made = propose(key, "case-1", at=AT_HOME + LATER)
        found = {member.person_key: member.code for member in made.members}
        assert found == {MOTHER: "by_hand", CHILD: ""}

    def test_a_household_nobody_of_which_has_a_fact_is_refused(self):
        with pytest.raises(Conflict) as refused:
            propose(home(MOTHER, UNCLE), "case-1")
        assert refused.value.code == "household.nobody_bound"
        assert not Order.objects.exists()

    def test_the_reason_is_a_fact_of_a_member(self):
        key = home(MOTHER)
        met(MOTHER, DAY)
        with pytest.raises(InputError) as refused:
            propose(key, "hearsay")
        assert refused.value.code == "household.reason_needed"
        assert not Order.objects.exists()

    def test_not_by_the_platform_and_not_outside_the_scope(self):
        key = home(MOTHER)
        met(MOTHER, DAY)
        with pytest.raises(Forbidden):
            propose(key, "case-1", actor=HAND)
        with pytest.raises(NotFound):
            propose(key, "case-1", actor=colleague("district_officer", NEIGHBOUR))


class TestDecide:
    def test_one_decision_on_all(self):
        _, first = family()
        keys = household_order_decide(first, approve=True, actor=doctor(), at=AT_HOME + LATER, reason="seen")
        assert sorted(keys) == sorted(order.key for order in act(first, AT_HOME + LATER).orders)
        assert {order.state for order in act(first, AT_HOME + LATER).orders} == {"approved"}
        with pytest.raises(Conflict) as refused:
            household_order_decide(first, approve=True, actor=doctor("two"), at=AT_HOME + 2 * LATER)
        assert refused.value.code == "household.decided"

    def test_no_member_is_signed_for_alone_while_others_wait(self):
        _, first = family()
        with pytest.raises(Conflict) as refused:
            order_approve(first, actor=doctor(), at=AT_HOME, reason="seen")
        assert refused.value.code == "order.decided_with_household"

    def test_a_wrong_fact_is_refused_alone_and_the_rest_decided(self):
        _, first = family()
        by_person = {order.person_key: order.key for order in act(first).orders}
        order_reject(by_person[CHILD], actor=doctor(), at=AT_HOME, reason="was not there")
        order_approve(by_person[MOTHER], actor=doctor("two"), at=AT_HOME, reason="seen")
        states = {order.person_key: order.state for order in act(first, AT_HOME + LATER).orders}
        assert states == {MOTHER: "approved", CHILD: "rejected"}

    def test_two_people_also_for_whoever_put_it_together(self):
        key = home(MOTHER)
        waiting = order_propose_for_contact(met(MOTHER, DAY), actor=HAND, at=AT_HOME).order_key
        both = doctor()
        propose(key, "case-1", at=AT_HOME + LATER, actor=both)
        with pytest.raises(Forbidden) as refused:
            household_order_decide(waiting, approve=True, actor=both, at=AT_HOME + 2 * LATER, reason="seen")
        assert refused.value.code == "order.two_people"

    def test_what_one_lacks_stops_all(self):
        """Under the ninth edition contacts go to a site: the child alone there needs the carer's consent."""
        at, day = clock("2022-07-11"), date(2022, 7, 10)
        key = home(CHILD, UNCLE, known=at)
        met(CHILD, day, known=at)
        met(UNCLE, day, known=at)
        first = propose(key, "case-1", at=at).order_key
        with pytest.raises(Conflict) as refused:
            household_order_decide(first, approve=True, actor=doctor(), at=at, reason="seen")
        assert refused.value.code == "order.consent_needed"
        assert {order.state for order in act(first, at + LATER).orders} == {"proposed"}
        of_child = next(order.key for order in act(first, at).orders if order.person_key == CHILD)
        consent_record(of_child, CHILD, actor=colleague("community_group"), at=at)
        household_order_decide(first, approve=True, actor=doctor("two"), at=at + LATER, reason="seen")
        assert {order.state for order in act(first, at + 2 * LATER).orders} == {"approved"}

    def test_children_who_stay_with_their_carers_are_parted_from_nobody(self):
        _, first = family()
        household_order_decide(first, approve=True, actor=doctor(), at=AT_HOME, reason="seen")
        at, day = clock("2022-07-11"), date(2022, 7, 10)
        key = home(MOTHER, CHILD, known=at, key="home-2")
        facts = {"known": at, "case_key": "case-2"}
        contact("site-mother", last=day, person_key=MOTHER, **facts)
        contact("site-child", last=day, person_key=CHILD, **facts)
        together = propose(key, "case-2", at=at).order_key
        household_order_decide(together, approve=True, actor=doctor("two"), at=at, reason="seen")

    def test_an_order_by_itself_belongs_to_no_act(self):
        alone = order_propose_for_contact(met(MOTHER, DAY), actor=HAND, at=AT_HOME).order_key
        with pytest.raises(Conflict) as refused:
            household_order_decide(alone, approve=True, actor=doctor(), at=AT_HOME)
        assert refused.value.code == "household.no_act"


class TestLife:
    def approved(self) -> dict[str, str]:
        _, first = family()
        household_order_decide(first, approve=True, actor=doctor(), at=AT_HOME + LATER, reason="seen")
        return {order.person_key: order.key for order in act(first, AT_HOME + LATER).orders}

    def test_members_are_released_one_by_one_on_their_own_day(self):
        keys = self.approved()
        after_mother = clock("2022-12-14", "08:00")
        assert order_lapse_due(after_mother, actor=HAND) == 1
        states = {order.person_key: order.state for order in act(keys[CHILD], after_mother + LATER).orders}
        assert states == {MOTHER: "lapsed", CHILD: "approved"}
        assert order_lapse_due(clock("2022-12-16", "08:00"), actor=HAND) == 1

    def test_each_member_appeals_for_themselves(self):
        keys = self.approved()
        by = {"actor": colleague("oversight"), "at": AT_HOME + 2 * LATER}
        filed = appeal_file(keys[CHILD], ground="wrong_date", **by)
        judge = colleague("oversight", name="second")
        appeal_decide(filed, upheld=True, answer="it was the day before", actor=judge, at=AT_HOME + 3 * LATER)
        states = {order.person_key: order.state for order in act(keys[CHILD], AT_HOME + 4 * LATER).orders}
        assert states == {MOTHER: "approved", CHILD: "suspended"}

    def test_each_members_days_are_counted_against_their_own_rule(self):
        for order_key in self.approved().values():
            at = AT_HOME + 2 * LATER
            held = restricted_days_of_order(order_get(order_key, actor=HAND, at=at), actor=HAND, at=at)
            assert held is not None
            assert not held.over
            assert held.orders == 1

    def test_every_members_order_ends_when_the_law_falls_silent(self):
        """From 8 January 2023 contacts are not determined any more: what rested on that lapses, member by member."""
        at = clock("2023-01-06")
        key = home(MOTHER, CHILD, known=at)
        for who in (MOTHER, CHILD):
            met(who, date(2023, 1, 5), known=at)
        first = propose(key, "case-1", at=at).order_key
        household_order_decide(first, approve=True, actor=doctor(), at=at + LATER, reason="seen")
        silent = clock("2023-01-09")
        assert orders_rejudge(cause="rules", actor=HAND, at=silent).ended == 2
        assert {order.state for order in act(first, silent + LATER).orders} == {"lapsed"}

    def test_the_isolation_of_a_member_takes_the_place_of_their_part_alone(self):
        keys = self.approved()
        at = AT_HOME + 2 * LATER
        case("case-own", known=at, person_key=MOTHER)
        made = order_propose_for_positive(MOTHER, "covid-19", DISTRICT, "case-own", actor=HAND, at=at)
        # She leaves home: now her child would be parted from her, and that takes a consent.
        with pytest.raises(Conflict) as refused:
            order_approve(made.order_key, actor=doctor("two"), at=at, reason="ill")
        assert refused.value.code == "order.consent_needed"
        consent_record(made.order_key, CHILD, actor=colleague("community_group"), at=at)
        at += LATER
        order_approve(made.order_key, actor=doctor("three"), at=at, reason="ill")
        assert orders_supersede_earlier(made.order_key, actor=HAND, at=at + LATER) == 1
        states = {order.person_key: order.state for order in act(keys[CHILD], at + 2 * LATER).orders}
        assert states == {MOTHER: "superseded", CHILD: "approved"}

    def test_it_waits_in_the_list_of_decisions_as_its_members_do(self):
        family()
        waiting = orders_to_decide(actor=doctor(), at=AT_HOME, subject_kind="person").rows
        assert {order.subject_key for order in waiting} == {"home-1"}


@pytest.mark.parametrize("seed", range(12))
def test_no_member_is_ever_held_longer_than_the_rules_ask_of_that_member(seed):
    """Households at random, under four editions: every order is within ``plan_for`` of the member's own fact."""
    rng = random.Random(seed)
    day = rng.choice((date(2022, 4, 18), date(2022, 7, 4), date(2022, 11, 20), date(2022, 12, 10)))
    at = clock(day.isoformat())
    people = [f"member-{n}" for n in range(rng.randint(1, 5))]
    key, facts = home(*people, known=at), {}
    for who in people:
        if rng.random() < 0.7:
            tier = rng.choice(("close", "close", "secondary", "general"))
            facts[who] = (tier, day - timedelta(days=rng.randint(0, 9)))
            met(who, facts[who][1], known=at, tier=tier)
    # Where nobody has a fact that asks for an order, the desk refuses: that binds nobody either.
    with suppress(Conflict):
        propose(key, "case-1", at=at)
    orders = Order.objects.open()
    assert {order.person_key for order in orders} <= set(facts)
    for order in orders:
        tier, last = facts[order.person_key]
        situation = {"disease": "covid-19", "role": f"{tier}_contact", "last_exposure_on": last}
        plan = rulebook().plan_for(situation, on=day, area=DISTRICT)
        assert isinstance(plan, Plan)
        assert order.expires_on <= plan.last_day
        assert order.starts_on >= max(plan.first_day, day)
        asked = [(each.place, each.first_day, each.last_day) for each in plan.stages]
        said = [
            (each["place"], date.fromisoformat(each["first_on"]), date.fromisoformat(each["last_on"]))
            for each in order.stages
        ]
        assert said == asked
        assert order.proposed_at.astimezone(SHANGHAI).date() == day
