"""The demonstration: what a visitor finds, and that it is the record's own work."""

from __future__ import annotations

import stat
from collections import Counter
from datetime import timedelta

import pytest
from django.test.utils import override_settings

from fangkong.command.demonstration.actions import DEFAULT_POPULATION, DEFAULT_SEED, load_demonstration
from fangkong.command.demonstration.story import story
from fangkong.command.demonstration.users import actors_by_role, password_file
from fangkong.command.reactions.running import run_reactions
from fangkong.core.clock import end_of_day
from fangkong.core.errors import Conflict
from fangkong.desks.assess.queries import area_series
from fangkong.desks.control.queries import orders_in_force
from fangkong.record import audit
from fangkong.record.access import system_actor
from fangkong.record.access.actor import roles
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation, installation_set
from fangkong.record.models import (
    AreaBoundary,
    Case,
    Contact,
    DailyCount,
    Identity,
    LabResult,
    Order,
    Person,
    PersonArea,
    Receipt,
    Task,
    TransmissionLink,
    User,
)
from fangkong.science.city import city, outbreak

from .conftest import POPULATION, SEED


def test_the_office_opens_on_the_morning_of_the_story_and_its_clock_runs(loaded):
    here = installation()
    assert (here.area_code, here.disease, here.demonstration) == ("9901", "covid-19", True)
    assert timedelta(0) <= here.now() - story().opens_at < timedelta(minutes=2)


def test_loading_again_changes_nothing(loaded):
    before = record_digest()["record"], audit.head()
    again = load_demonstration(actor=system_actor("cli"), seed=SEED, population=POPULATION)
    assert (record_digest()["record"], audit.head()) == before
    assert again.password == loaded.password
    assert not again.new


def test_another_city_is_refused_while_this_one_is_there(loaded):
    with pytest.raises(Conflict) as refused:
        load_demonstration(actor=system_actor("cli"), seed=SEED + 1, population=POPULATION)
    assert refused.value.code == "demonstration.other_city"
    assert refused.value.params["seed"] == str(SEED)
    assert refused.value.params["population"] == str(POPULATION)


def test_everybody_of_the_outbreak_has_a_sealed_identity_and_ties(loaded):
    named = set(Identity.objects.values_list("person_key", flat=True))
    people = set(Case.objects.open().values_list("person_key", flat=True))
    people |= set(Contact.objects.open().values_list("person_key", flat=True))
    homes = set(PersonArea.objects.open().filter(kind="home").values_list("person_key", flat=True))
    assert people <= named
    assert people <= homes
    # Whoever passed a gate comes from elsewhere and is known by a number alone.
    told = story().settings["checkpoints"]
    travellers = {each["number"] for each in (*told["permits"], *told["trucks"])}
    assert len(homes) == POPULATION
    assert loaded.people == POPULATION + len(travellers)


def test_some_people_live_in_one_city_and_work_in_the_other(loaded):
    home = dict(PersonArea.objects.open().filter(kind="home").values_list("person_key", "area_code"))
    work = dict(PersonArea.objects.open().filter(kind="work").values_list("person_key", "area_code"))
    assert any(home[person][:4] != area_code[:4] for person, area_code in work.items())


def test_a_case_keeps_its_classification_history(loaded):
    made = outbreak(city(SEED, POPULATION), SEED, first_on=story().first_on, days=story().days)
    for case in made.cases:
        said = [entry.classification for entry in case.history if entry.known_at <= story().opens_at]
        versions = (
            Case.objects.filter(key=case.key).order_by("known_from").values_list("classification", flat=True)
        )
        assert list(dict.fromkeys(versions)) == list(dict.fromkeys(said))


def test_nothing_is_known_that_the_office_has_not_heard_yet(loaded):
    for model in (Case, Contact, LabResult, DailyCount, TransmissionLink, Order, Task):
        assert not model.objects.filter(known_from__gt=story().opens_at).exists(), model.__name__


def test_links_name_only_sources_that_the_investigation_found(loaded):
    made = outbreak(city(SEED, POPULATION), SEED, first_on=story().first_on, days=story().days)
    found = {case.key: case.infector for case in made.cases if case.source_found}
    links = list(TransmissionLink.objects.open().values_list("from_case_key", "to_case_key"))
    assert links
    assert all(found.get(to) == source for source, to in links)


def test_a_contact_is_listed_before_it_is_identified_and_located(loaded):
    versions = Counter(Contact.objects.values_list("key", flat=True))
    key = max(versions, key=lambda k: (versions[k], k))
    states = Contact.objects.filter(key=key).order_by("known_from").values_list("identified", "located")
    assert list(states) == [(False, False), (True, False), (True, True)]


def test_a_district_bulletin_says_what_the_district_reported(loaded):
    made = outbreak(city(SEED, POPULATION), SEED, first_on=story().first_on, days=story().days)
    last = {(r.district, r.reported_on): r for r in made.reports if r.known_at <= story().opens_at}
    silent = (story().silent_district, max(day for _, day in last))
    del last[silent]
    totals = DailyCount.objects.open().filter(channel="", measure__in=("confirmed", "asymptomatic"))
    found = {(c.area_code, c.day, c.measure): c.value for c in totals if len(c.area_code) == 6}
    assert found == {
        (district, day, measure): getattr(report, measure)
        for (district, day), report in last.items()
        for measure in ("confirmed", "asymptomatic")
    }


def test_channels_add_up_to_the_total(loaded):
    sums: Counter[tuple[str, object, str]] = Counter()
    totals = {}
    for count in DailyCount.objects.open().filter(measure__in=("confirmed", "asymptomatic")):
        about = (count.area_code, count.day, count.measure)
        if count.channel:
            sums[about] += count.value
        else:
            totals[about] = count.value
    assert dict(sums) == totals


def test_the_silent_district_has_no_row_for_its_last_day_and_the_city_has(loaded):
    day = loaded.last_closed_day
    rows = DailyCount.objects.open().filter(day=day, measure="confirmed")
    assert not rows.filter(area_code=story().silent_district).exists()
    assert rows.filter(area_code="9901").exists()


def test_every_day_of_the_city_is_known_at_its_close(loaded):
    day = loaded.last_closed_day
    close = end_of_day(day, installation().zone)
    series = area_series("covid-19", "9901", actor=system_actor("test"), at=close, through=day)
    assert series.days[-1].day == day
    assert all(each.status == "reported" for each in series.days)


def test_orders_are_in_force_lapsed_and_decided_by_a_person(loaded):
    states = Counter(Order.objects.open().values_list("state", flat=True))
    assert states["approved"] > 0
    assert states["lapsed"] > 0
    decider = actors_by_role()["health_authority"].key
    decided = Order.objects.open().exclude(decided_by="")
    assert set(decided.values_list("decided_by", flat=True)) == {decider}
    assert set(Order.objects.values_list("proposed_by", flat=True)) == {"system:reaction"}
    assert orders_in_force(actor=system_actor("test"), at=story().opens_at).person_days > states["approved"]


def test_every_order_is_proposed_after_its_contact_was_known(loaded):
    since = {}
    for contact in Contact.objects.order_by("-known_from"):
        since[contact.key] = contact.known_from
    orders = [order for order in Order.objects.open() if order.reason_key in since]
    assert orders
    assert all(order.proposed_at >= since[order.reason_key] for order in orders)


def test_a_laboratory_file_came_in_with_one_row_held(loaded):
    receipt = Receipt.objects.get()
    given = story().settings["files"]
    assert (receipt.accepted, receipt.held, receipt.rejected) == (given["results"], 1, 0)
    positives = LabResult.objects.open().filter(known_from=receipt.known_at, result="positive")
    assert positives.count() == given["positives"]
    assert Order.objects.open().filter(reason_key=positives.get().key, state="proposed").exists()


def test_nothing_is_overdue_but_what_the_story_leaves(loaded):
    left = set(story().settings["tasks"]["left_overdue"])
    overdue = Task.objects.open().filter(state="overdue")
    assert set(overdue.values_list("kind", flat=True)) <= left
    late = Task.objects.open().filter(due_at__lt=story().opens_at, state__in=("awaiting", "in_progress"))
    assert not late.exists()


def test_all_reactions_have_been_carried_out(loaded):
    assert run_reactions(actor=system_actor("test")) == 0


def test_every_role_of_the_story_is_a_role_and_every_user_can_sign_in(loaded):
    assert {user.role for user in loaded.users} <= set(roles())
    for user in loaded.users[:2]:
        assert User.objects.get(username=user.username).check_password(loaded.password)


def test_only_the_owner_may_read_the_password(loaded):
    assert stat.S_IMODE(password_file().stat().st_mode) == 0o600


def test_outlines_are_marked_as_invented(loaded):
    assert set(AreaBoundary.objects.open().values_list("crs", flat=True)) == {"local/invented"}


def test_the_default_city_shows_what_the_story_promises():
    made = outbreak(
        city(DEFAULT_SEED, DEFAULT_POPULATION), DEFAULT_SEED, first_on=story().first_on, days=story().days
    )
    known = [case for case in made.cases if case.known_at <= story().opens_at]
    last_day = max(report.reported_on for report in made.reports)
    of_last_day = [case for case in known if case.reported_on == last_day and case.infected_on]
    assert len(known) > 100
    # The silent district's figure is unknown, not zero: the city's own figure holds a case of it.
    assert any(case.district == story().silent_district for case in of_last_day)
    assert any(case.district != story().silent_district for case in of_last_day)


@pytest.mark.django_db
def test_a_record_of_real_people_is_left_alone(tmp_path):
    with override_settings(HOME=tmp_path):
        installation_set(actor="test", area_code="31")
        with pytest.raises(Conflict, match=r"demonstration\.real_record"):
            load_demonstration(actor=system_actor("cli"), seed=SEED, population=POPULATION)
    assert not Person.objects.exists()
    assert not User.objects.exists()
