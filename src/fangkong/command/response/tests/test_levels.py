"""A response level: proposed by one, declared by another of sufficient rank, one in force for an area and hazard."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.command.directives.tests.offices import OTHER, PROVINCE, WORKER
from fangkong.command.models import ResponseLevel, StandingDuty
from fangkong.command.reactions.running import react
from fangkong.command.response.actions import (
    level_declare,
    level_end,
    level_keep,
    level_offer_take,
    level_propose,
    level_record,
    level_reject,
)
from fangkong.command.response.level_rules import (
    UNKNOWN,
    hazards,
    level_authority,
    offers_of,
    outranks,
)
from fangkong.command.response.queries import level_offers, level_versions, levels_history, levels_in_force
from fangkong.command.response.watch import response_watch
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.control.starting import RANKS, rank_of_area
from fangkong.desks.control.tests.people import clock
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
from fangkong.record.models import Event, Order, Task

from .flooded import ALERT, CITY, DISTRICT, after, chair, declared, known, level, propose, proposer


class TestWhoMayDeclare:
    @pytest.mark.parametrize(
        ("area", "number", "on", "rank"),
        [
            (DISTRICT, 4, date(2022, 7, 18), "county"),
            (CITY, 3, date(2022, 7, 18), "prefecture"),
            (CITY, 2, date(2022, 7, 18), "province"),
            (CITY, 1, date(2022, 7, 18), "national"),
            # A province starts its own plan at whatever level: Shanghai on 24 January 2020.
            ("31", 1, date(2020, 1, 24), "province"),
            # A district of Shanghai has no prefecture above it.
            ("310115", 3, date(2020, 3, 1), "province"),
            # Before the national plan nothing says who.
            (CITY, 3, date(2005, 1, 1), UNKNOWN),
        ],
    )
    def test_by_the_rows_in_force(self, area, number, on, rank):
        found = level_authority(hazard="epidemic", level=number, area_code=area, disease="covid-19", on=on)
        assert found.rank == rank
        assert bool(found.rule_rows) == (rank != UNKNOWN)

    def test_another_headquarters_declares_a_flood_response(self):
        assert hazards()["flood"].document == "unknown"
        found = level_authority(hazard="flood", level=3, area_code=CITY, disease="", on=date(2022, 7, 18))
        assert found.rank == UNKNOWN

    @given(st.sampled_from(RANKS), st.sampled_from([*RANKS, UNKNOWN, ""]))
    def test_a_lower_rank_never_may(self, rank, asked):
        assert outranks(rank, asked) == (asked in RANKS and RANKS.index(rank) >= RANKS.index(asked))


@pytest.mark.django_db
class TestDeclaring:
    def test_the_same_proposal_twice_is_one(self):
        key = propose()
        before = record_digest()
        assert propose() == key
        assert record_digest() == before

    def test_the_proposer_the_platform_and_who_may_not_do_not_declare(self):
        two_hats = chair()
        key = propose()
        ResponseLevel.objects.filter(key=key).update(proposed_by=two_hats.key)
        with pytest.raises(Forbidden, match=r"level\.two_people"):
            level_declare(key, actor=two_hats, at=after(1))
        for actor, code in [
            (system_actor("worker"), r"level\.system_never_acts"),
            (proposer(), r"access\.not_your_role"),
            (known("health_authority"), r"access\.not_your_role"),
        ]:
            with pytest.raises(Forbidden, match=code):
                level_declare(key, actor=actor, at=after(1))
        with pytest.raises(NotFound):
            level_declare(key, actor=chair(DISTRICT), at=after(1))
        assert level(key).state == "proposed"

    @pytest.mark.parametrize("area", [CITY, DISTRICT])
    @pytest.mark.parametrize("number", [1, 2, 3, 4])
    def test_none_is_declared_below_the_rank_that_the_rules_ask_for(self, area, number):
        key = propose(area_code=area, level=number)
        required = level(key).rank
        actor = chair(area)
        if outranks(rank_of_area(area), required):
            level_declare(key, actor=actor, at=after(1))
            assert level(key).state == "in_force"
        else:
            with pytest.raises(Forbidden, match=r"level\.rank_too_low") as refused:
                level_declare(key, actor=actor, at=after(1))
            assert refused.value.params["required_rank"] == required
            assert level(key).state == "proposed"

    def test_a_higher_office_may_declare_for_a_county(self):
        key = propose(area_code=DISTRICT, level=4)
        level_declare(key, actor=chair(CITY), at=after(1))
        assert level(key).declared_by == chair(CITY).key

    def test_a_flood_response_is_entered_not_proposed(self):
        with pytest.raises(InputError, match=r"level\.other_body"):
            propose(hazard="flood", disease="")

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"matters": " "}, "matters_needed"),
            ({"disease": ""}, "disease_needed"),
            ({"level": 5}, "unknown_level"),
            ({"hazard": "meteor"}, "unknown_hazard"),
            ({"area_code": "990101001"}, "area_too_small"),
            ({"review_on": date(2022, 7, 18)}, "review_early"),
            ({"review_on": date(2022, 12, 1)}, "review_late"),
            ({"expected_until": date(2022, 7, 1)}, "expected_early"),
        ],
    )
    def test_what_a_proposal_may_not_lack(self, more, code):
        with pytest.raises(InputError, match=code):
            propose(**more)

    def test_since_the_law_of_2024_it_states_period_and_measures(self):
        now = clock("2026-01-10", "09:00")
        day = {"starts_on": date(2026, 1, 10), "review_on": date(2026, 1, 17), "at": now}
        with pytest.raises(InputError, match="must_state") as refused:
            propose(**day)
        assert refused.value.params["must"] == ["expected_until", "measures"]
        assert "2024-11-01" in refused.value.params["rule_row"]
        propose(**day, expected_until=date(2026, 2, 1), measures=["每日会商", "应急值守"])

    def test_it_orders_nobody_anything(self):
        key = declared()
        react(actor=WORKER)
        assert not Order.objects.exists()
        assert not StandingDuty.objects.exists()
        assert {offer.code for offer, taken in level_offers(level(key)) if taken is None} == {
            offer.code for offer in offers_of(3)
        }

    def test_the_chair_is_asked_and_the_task_ends_with_the_decision(self):
        key = propose()
        react(actor=WORKER)
        task = Task.objects.open().get(kind="decide_level")
        assert (task.owner_role, task.subject_key, task.state) == ("co_chair", key, "awaiting")
        level_reject(key, "尚未达到标准", actor=chair(), at=after(2))
        react(actor=WORKER)
        assert Task.objects.open().get(kind="decide_level").state == "done"
        with pytest.raises(Conflict, match=r"level\.wrong_state"):
            level_declare(key, actor=chair(), at=after(3))

    def test_the_next_level_adjusts_the_one_in_force_and_one_remains(self):
        first = declared()
        later = {"starts_on": date(2022, 7, 22), "review_on": date(2022, 7, 30), "at": after(80)}
        second = declared(level=4, **later)
        assert (level(first).state, level(first).ended_on) == ("adjusted", date(2022, 7, 22))
        assert level(second).follows_key == first
        assert [
            [each.level for each in levels_in_force(actor=chair(), at=after(90), day=date(2022, 7, day))]
            for day in (17, 18, 21, 22)
        ] == [[], [3], [3], [4]]
        with pytest.raises(Conflict, match="same_in_force"):
            propose(level=4, matters="再次提请", **(later | {"at": after(100)}))

    def test_two_areas_and_two_diseases_have_a_level_each(self):
        for more in ({}, {"disease": "cholera"}, {"area_code": DISTRICT, "level": 4}):
            declared(**more)
        assert ResponseLevel.objects.open().filter(state="in_force").count() == 3

    def test_of_two_proposals_the_second_is_told_that_one_is_in_force(self):
        first, second = propose(), propose(matters="另一份提请")
        level_declare(first, actor=chair(), at=after(1))
        with pytest.raises(Conflict, match="same_in_force"):
            level_declare(second, actor=known("co_chair", CITY, "second"), at=after(2))


@pytest.mark.django_db
class TestReviewAndEnd:
    def test_its_day_of_review_puts_it_before_the_chair_once(self):
        key = declared()
        assert response_watch(clock("2022-07-24"), WORKER) == 0
        assert response_watch(clock("2022-07-25"), WORKER) == 1
        assert response_watch(clock("2022-07-25", "15:00"), WORKER) == 0
        assert Task.objects.open().get(kind="review_level").owner_role == "co_chair"
        level_keep(
            key,
            review_on=date(2022, 8, 2),
            reason="疫情仍在波动",
            actor=chair(),
            at=clock("2022-07-25", "16:00"),
        )
        assert response_watch(clock("2022-07-26"), WORKER) == 0
        assert response_watch(clock("2022-08-02"), WORKER) == 1

    def test_it_ends_by_the_rank_that_declared_it_and_history_keeps_it(self):
        key = declared()
        with pytest.raises(Forbidden):
            level_end(key, ended_on=date(2022, 7, 30), reason="结束", actor=proposer(), at=after(24))
        level_end(key, ended_on=date(2022, 7, 30), reason="连续两周无新增", actor=chair(), at=after(260))
        assert levels_in_force(actor=chair(), at=after(300), day=date(2022, 7, 30)) == []
        assert [each.level for each in levels_history(actor=chair(), at=after(300)).rows] == [3]
        assert Event.objects.filter(kind="level.ended", subject_key=key).count() == 1
        versions = level_versions(key, actor=chair(), at=after(300))
        assert [version.state for version in versions] == ["proposed", "in_force", "ended"]


@pytest.mark.django_db
class TestDeclaredAbove:
    def record(self, **more):
        given = {
            "area_code": CITY,
            "hazard": "epidemic",
            "disease": "covid-19",
            "level": 1,
            "rank": "province",
            "document": "省政府公告（示例）",
            "starts_on": date(2022, 7, 10),
            "actor": proposer(),
            "at": ALERT,
        }
        return level_record(**(given | more))

    def test_it_is_a_fact_with_its_document_and_nobody_here_declared_it(self):
        key = self.record()
        assert (level(key).state, level(key).declared_by, level(key).rank) == ("in_force", "", "province")
        assert self.record() == key
        with pytest.raises(InputError, match="document_needed"):
            level_end(key, ended_on=date(2022, 7, 20), reason="省里终止", actor=proposer(), at=after(48))
        level_end(
            key,
            ended_on=date(2022, 7, 20),
            reason="省里终止",
            document="省政府公告二",
            actor=proposer(),
            at=after(48),
        )
        assert level(key).state == "ended"

    def test_nobody_enters_an_own_level_as_a_fact(self):
        with pytest.raises(InputError, match="not_above"):
            self.record(rank="prefecture")
        with pytest.raises(InputError, match="not_above"):
            self.record(rank="province", area_code=PROVINCE, actor=proposer(PROVINCE))
        with pytest.raises(InputError, match="document_needed"):
            self.record(document=" ")
        with pytest.raises(Forbidden):
            self.record(actor=known("treatment_group"))

    def test_the_flood_headquarters_of_the_same_rank_declares_floods(self):
        key = self.record(hazard="flood", disease="", rank="prefecture", level=3, document="防汛指挥部通知")
        assert level(key).hazard == "flood"

    def test_history_is_back_filled_with_when_it_was_known(self):
        """Shanghai: level I from 24 January, II from 24 March, III from 9 May 2020."""
        city = {"area_code": "3101", "actor": proposer("3101"), "at": clock("2020-06-01")}
        told = [(1, date(2020, 1, 24)), (2, date(2020, 3, 24)), (3, date(2020, 5, 9))]
        for number, day in told:
            self.record(level=number, starts_on=day, known_at=clock(day.isoformat(), "08:00"), **city)
        reader = chair("3101")

        def holds(known: str, day: str) -> list[int]:
            rows = levels_in_force(actor=reader, at=clock(known), day=date.fromisoformat(day))
            return [each.level for each in rows]

        assert holds("2020-01-23", "2020-01-24") == []
        assert holds("2020-01-25", "2020-01-25") == [1]
        assert holds("2020-03-25", "2020-03-25") == [2]
        assert holds("2020-06-01", "2020-06-01") == [3]
        assert [row.level for row in levels_history(actor=reader, at=clock("2020-06-01")).rows] == [3, 2, 1]

    def test_an_earlier_fact_needs_its_end_and_may_not_overlap(self):
        self.record(starts_on=date(2022, 7, 10))
        with pytest.raises(Conflict, match="overlaps"):
            self.record(level=2, starts_on=date(2022, 6, 1))
        with pytest.raises(Conflict, match="overlaps"):
            self.record(level=2, starts_on=date(2022, 6, 1), ended_on=date(2022, 7, 11))
        key = self.record(
            level=2,
            starts_on=date(2022, 6, 1),
            ended_on=date(2022, 7, 10),
            known_at=clock("2022-06-01"),
        )
        assert level(key).state == "ended"
        states = [row.state for row in level_versions(key, actor=chair(), at=after(1))]
        assert states == ["in_force", "ended"]
        with pytest.raises(InputError, match="known_later"):
            self.record(level=3, known_at=after(9))


@pytest.mark.django_db
class TestOffers:
    def test_a_person_takes_an_offer_up_once(self):
        key = declared()
        taker = proposer()
        by = {"title": "应急响应期间二十四小时值守", "actor": taker}
        duty = level_offer_take(key, "duty_round_the_clock", **by, at=after(2))
        assert StandingDuty.objects.open().get(key=duty).review_on == date(2022, 7, 25)
        with pytest.raises(Conflict, match="offer_taken"):
            level_offer_take(key, "duty_round_the_clock", **by, at=after(3))
        task = level_offer_take(
            key, "report_upward", title="向省级报告", owner_role="general_group", actor=taker, at=after(3)
        )
        assert Task.objects.open().get(key=task).subject_key == key
        assert [entry["kind"] for entry in level(key).taken] == ["standing_duty", "task"]
        with pytest.raises(InputError, match="unknown_offer"):
            level_offer_take(key, "lockdown", **by, at=after(4))

    def test_a_higher_level_offers_all_that_a_lower_one_does(self):
        codes = [{offer.code for offer in offers_of(number)} for number in (4, 3, 2, 1)]
        assert all(lower <= higher for lower, higher in itertools.pairwise(codes))

    def test_the_other_city_sees_nothing_of_it(self):
        key = declared()
        with pytest.raises(NotFound):
            level_offer_take(key, "daily_meeting", title="t", actor=proposer(OTHER), at=after(2))
        with pytest.raises(Forbidden):
            level_propose(
                area_code=CITY,
                hazard="epidemic",
                disease="covid-19",
                level=4,
                matters="m",
                starts_on=date(2022, 7, 19),
                review_on=date(2022, 7, 25),
                actor=proposer(OTHER),
                at=ALERT + timedelta(hours=1),
            )
