"""The form of every kind: only its own fields, an order that carries them, a narrower extent, a named mistake."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from fangkong.faces.web.board.tests.made_city import LAST, NEAR, put
from fangkong.record.models import Case, Order, Organisation, Place

from .made_orders import colleague, made_orders
from .test_order_pages import CJK, words_of

pytestmark = pytest.mark.django_db

MARKET, HALL = "place-market", "place-hall"

REASONS = {
    "disease": "covid-19",
    "area": NEAR,
    "starts_on": "2022-07-11",
    "days": "5",
    "evidence": "Two traders fell ill",
    "note": "They sold in every hall",
    "legal_basis": "Notice of the county",
}
PLACE = REASONS | {"place": MARKET, "unit": "market", "residents": "900"}
ROUTE = REASONS | {"route_from": "320581", "route_to": NEAR, "residents": "40000"}
FORMS = {
    "stay_in": REASONS | {"unit": "compound", "households": "900", "residents": "2600"},
    "closure": PLACE | {"kind": "closure", "venue_risk": "medium", "venue_has_case": "yes"},
    "disinfection": PLACE | {"works": "Stalls and drains, chlorine", "done_by": "District team 2"},
    "checkpoint": ROUTE | {"checkpoint_at": "Toll gate 3", "limit_medium": "yes", "limit_high": "yes"},
    "commuting": ROUTE,
    "freight": ROUTE | {"turned_back_hours": "72"},
    "testing": REASONS
    | {
        "residents": "3000000",
        "pool_size": "10",
        "rounds": "4",
        "tests_per_day": "1",
        "lab_tubes_per_day": "10000",
    },
}
#: Fields that only some kinds have.
OWN = {
    "place": {"closure", "disinfection"},
    "venue_risk": {"closure"},
    "works": {"disinfection"},
    "route_from": {"checkpoint", "commuting", "freight"},
    "checkpoint_at": {"checkpoint"},
    "turned_back_hours": {"checkpoint", "freight"},
    "check_travellers": {"commuting"},
    "pool_size": {"testing"},
    "households": {"risk_area", "stay_in"},
    "level": {"risk_area"},
    "smaller_residents": {
        "risk_area",
        "stay_in",
        "closure",
        "disinfection",
        "checkpoint",
        "commuting",
        "freight",
    },
    "round_tested": {"risk_area", "stay_in", "closure", "disinfection", "checkpoint", "commuting", "freight"},
}


@pytest.fixture(autouse=True)
def city() -> None:
    made_orders()
    put(
        Organisation,
        {
            "key": "org-market",
            "kind": "market",
            "name_zh": "柳堤市场",
            "name_en": "Liudi Market",
            "area_code": NEAR,
        },
    )
    put(
        Place,
        *(
            {
                "key": key,
                "kind": "market",
                "name_zh": zh,
                "name_en": en,
                "area_code": f"{NEAR}001001",
                "organisation_key": "org-market",
            }
            for key, zh, en in (
                (MARKET, "柳堤农贸市场", "Liudi Farm Market"),
                (HALL, "水产厅", "Seafood Hall"),
                ("place-hall-2", "蔬菜厅", "Vegetable Hall"),
            )
        ),
    )


def send(kind: str, follow: bool = True, language: str = "en", **changes: str):
    client, _ = colleague("health_authority", f"{kind}-{len(changes)}", language=language)
    return client.post("/orders/propose/", FORMS[kind] | {"kind": kind} | changes, follow=follow)


def page_of(order: Order):
    client, _ = colleague("health_authority", "reader", language="en")
    return client.get(f"/orders/{order.key}/")


def made(kind: str) -> Order:
    return Order.objects.open().get(kind=kind, starts_on="2022-07-11")


@pytest.mark.parametrize("kind", ["risk_area", *FORMS])
def test_a_kind_has_its_own_fields_and_no_other(kind):
    client, _ = colleague("duty_officer", language="en")
    page = client.get(f"/orders/propose/?kind={kind}").content.decode()
    shown = {name for name in OWN if f'name="{name}"' in page}
    assert shown == {name for name, kinds in OWN.items() if kind in kinds}
    assert "<script>" not in page


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_is_proposed_by_hand_and_its_page_is_in_one_language(kind, language):
    answer = send(kind, language=language)
    assert answer.status_code == 200
    assert "?done=propose" in answer.redirect_chain[-1][0]
    text = words_of(answer)
    order = made(kind)
    people = int(FORMS[kind]["residents"])
    assert order.details["restricted_person_days"] == (0 if kind == "testing" else 5 * people)
    for typed in REASONS["evidence"], REASONS["note"], f"{people:,}":
        assert typed in text
    assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", text) == []
    if language == "en":
        assert CJK.findall(text) == []


def test_a_place_on_record_gives_the_order_its_area_and_its_name():
    text = words_of(send("closure"))
    assert (made("closure").subject_key, made("closure").area_code) == (MARKET, f"{NEAR}001001")
    assert "Liudi Farm Market" in text
    assert "does not know the parts" in text


def test_a_place_not_on_record_goes_by_its_name():
    text = words_of(send("disinfection", place="", place_name="Container 7"))
    assert made("disinfection").area_code == NEAR
    assert "Container 7" in text
    assert "Stalls and drains, chlorine" in text
    assert "proof" in text.lower()


def test_one_hall_stands_beside_the_market_with_its_person_days():
    text = words_of(send("closure", smaller_unit="hall", smaller_residents="120"))
    for figure in ("4,500", "600", "780", "3,900"):
        assert figure in text
    assert "No round of tests in the extra area" in text


def test_the_hall_with_the_case_is_named_and_without_a_count_no_figure_is_made_up():
    put(
        Case,
        {
            "key": "case-hall",
            "case_no": "H1",
            "person_key": "P1",
            "disease": "covid-19",
            "area_code": NEAR,
            "classification": "confirmed",
            "reported_on": LAST,
            "place_key": HALL,
        },
    )
    text = words_of(send("closure"))
    assert "Parts with a case on record: Seafood Hall" in text
    assert "nobody counted the people in them" in text
    assert "Vegetable Hall" not in text


def test_stay_in_is_held_against_the_building():
    text = words_of(send("stay_in", smaller_unit="building", smaller_residents="240"))
    for figure in ("13,000", "1,200", "11,800"):
        assert figure in text


def test_a_checkpoint_is_held_against_the_travellers_whom_the_rules_let_be_limited():
    text = words_of(send("checkpoint", smaller_residents="300"))
    assert "from Changshu" in text or "320581 to" in text
    assert "People whom the rules let be limited" in text
    for figure in ("200,000", "1,500", "198,500"):
        assert figure in text
    assert made("checkpoint").details["limited_risks"] == ["high", "medium"]


def test_once_the_rules_hold_nobody_the_smallest_set_is_nobody():
    text = words_of(send("checkpoint", starts_on="2022-12-20"))
    assert "the rules ask that nobody be limited" in text


def test_trucks_sent_back_before_the_rule_allows_are_a_finding_that_blocks():
    send("freight", turned_back_hours="24")
    assert any(each["blocks"] for each in made("freight").findings)
    assert [each for each in made("freight").findings if "vehicle" in each["code"]]


def test_limiting_people_from_low_risk_areas_is_a_finding():
    send("checkpoint", limit_low="yes")
    assert "overreach.extend_travel_limits_beyond_medium_high" in [
        each["code"] for each in made("checkpoint").findings
    ]


def test_a_campaign_carries_its_figures_and_a_whole_area_is_refused_when_the_rules_say_so():
    text = words_of(send("testing", whole_area="yes"))
    assert made("testing").details["finish_hours"] == 24
    assert "300,000" in text
    later = words_of(send("testing", whole_area="yes", starts_on="2022-12-20"))
    assert "not allowed by administrative area" in later
    assert "blocks approval" in later


ROUND = {
    "smaller_unit": "hall",
    "smaller_residents": "120",
    "round_on": "2022-04-17",
    "round_tested": "800",
    "round_positive": "4",
}


def test_with_a_round_but_too_few_cases_for_a_reproduction_number_nothing_is_estimated():
    text = words_of(send("closure", **ROUND))
    assert "17 Apr 2022: 4 of 800 positive" in text
    assert "No interval of the reproduction number" in text


def test_with_a_round_and_a_reproduction_number_averted_cases_are_estimated():
    several = 12
    put(
        Case,
        *(
            {
                "key": f"more-{day}-{n}",
                "case_no": f"M{day}-{n}",
                "person_key": "P1",
                "disease": "covid-19",
                "area_code": NEAR,
                "classification": "confirmed",
                "reported_on": LAST - timedelta(days=day),
            }
            for day in range(40)
            for n in range(several)
        ),
    )
    send("closure", **ROUND)
    answer = page_of(made("closure"))
    text = words_of(answer)
    told = re.search(r"avert an estimated ([\d.,]+) cases \(([\d.,]+) to ([\d.,]+)\)", text)
    assert told, text
    central, low, high = (float(figure.replace(",", "")) for figure in told.groups())
    assert 0 < low < central < high
    # 780 people more, 0.5 % infected, five days: about as many as they infect in one generation.
    assert 1 < central < 30
    assert "as of 17 Apr 2022" in text or "as of 16 Apr 2022" in text
    assert "in Liudi" in text


@pytest.mark.parametrize(
    ("kind", "wrong", "field"),
    [
        ("closure", {"place": "", "place_name": " "}, "Place on record"),
        ("closure", {"place": "place-elsewhere"}, "Place on record"),
        ("closure", {"unit": "street"}, "Unit closed or disinfected"),
        ("closure", {"residents": ""}, "People affected (who work or live there)"),
        ("closure", {"smaller_residents": "20"}, "A smaller unit"),
        ("closure", {"smaller_unit": "hall"}, "People in that unit"),
        ("disinfection", {"works": ""}, "What is disinfected, and how"),
        ("disinfection", {"done_by": " "}, "Who does it"),
        ("checkpoint", {"route_from": "Kunshan"}, "From (area code)"),
        ("checkpoint", {"route_to": ""}, "To (area code)"),
        ("checkpoint", {"route_to": "320581"}, "To (area code)"),
        ("checkpoint", {"checkpoint_at": ""}, "Where the checkpoint stands"),
        ("freight", {"turned_back_hours": "soon"}, "Hours of test age from which trucks are sent back"),
        ("commuting", {"residents": "0"}, "People affected a day"),
        ("testing", {"pool_size": "0"}, "People in a tube"),
        ("testing", {"rounds": ""}, "Rounds"),
        ("stay_in", {"round_tested": "100"}, "Day of the round"),
        (
            "stay_in",
            {"round_on": "2022-04-17", "round_tested": "10", "round_positive": "11"},
            "Of them positive",
        ),
    ],
)
def test_what_is_wrong_names_its_field_and_keeps_what_was_typed(kind, wrong, field):
    before = Order.objects.count()
    answer = send(kind, **wrong)
    assert answer.status_code == 400
    assert f"“{field}”" in words_of(answer)
    assert "They sold in every hall" in answer.content.decode()
    assert Order.objects.count() == before


def test_a_narrower_extent_with_more_people_is_refused():
    answer = send("closure", smaller_unit="hall", smaller_residents="901")
    assert answer.status_code == 400
    assert "more than the 900 of the order" in words_of(answer)


def test_places_are_listed_for_the_area_asked_and_none_from_elsewhere():
    client, _ = colleague("district_officer", "far", area_code="990102", language="en")
    assert MARKET not in client.get(f"/orders/propose/?kind=closure&area={NEAR}").content.decode()
    near, _ = colleague("duty_officer", language="en")
    assert MARKET in near.get(f"/orders/propose/?kind=closure&area={NEAR}").content.decode()
    assert MARKET not in near.get("/orders/propose/?kind=closure&area=990102").content.decode()
