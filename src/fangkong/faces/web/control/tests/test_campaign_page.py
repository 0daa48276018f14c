"""The campaign page: every figure with its row or source, the silence named, the way to a proposal."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from fangkong.faces.web.board.tests.made_city import CITY
from fangkong.record.models import Order

from .made_orders import colleague, made_orders
from .test_order_pages import CJK, words_of

pytestmark = pytest.mark.django_db

DELTA = {"on": "2021-10-20", "people": "3000000", "disease": "covid-19", "area": CITY}


@pytest.fixture(autouse=True)
def city() -> None:
    made_orders()


def page(client, **asked: str):
    return client.get("/orders/campaign/", DELTA | asked)


def figures(answer) -> dict[str, str]:
    return {each["name"]: each["value"] for each in answer.context["figures"]}


def pools(answer) -> dict[int, tuple[int, str, bool]]:
    return {
        each["people"]: (each["tubes"], each["laboratories"], each["in_force"])
        for each in answer.context["pools"]
    }


def test_three_million_people_in_48_hours_at_each_pool_size():
    client, _ = colleague("duty_officer", language="en")
    answer = page(client)
    found = figures(answer)
    assert (found["people"], found["finish_hours"], found["people_per_hour"]) == ("3,000,000", "48", "62,500")
    assert pools(answer) == {
        1: (3_000_000, "150", True),
        5: (600_000, "30", True),
        10: (300_000, "15", True),
        20: (150_000, "7.5", False),
    }
    text = words_of(answer)
    assert "not allowed on this day" in text
    assert "Guide to mass PCR testing, 2nd edition" in text


def test_every_figure_names_its_row_or_its_source():
    client, _ = colleague("duty_officer", language="en")
    answer = page(client, source="unknown")
    assert "min_rounds" in figures(answer)
    assert all(each["rule"] or each["source"] for each in answer.context["figures"])
    assert all(each["rule"] for each in answer.context["pools"])
    text = words_of(answer)
    assert "typed on this page, not on record" in text
    assert "a planning figure, no rule" in text


def test_the_population_is_that_of_the_record_when_nobody_types_one():
    client, _ = colleague("duty_officer", language="en")
    answer = page(client, people="")
    assert figures(answer)["people"] == "100,000"
    assert "population on record, version of 1 Mar 2022, as of 18 Apr 2022" in words_of(answer)
    unknown = page(client, people="", area="990101009")
    assert "The record holds no population" in words_of(unknown)
    assert unknown.context["figures"] == []


def test_before_the_guide_a_named_person_decides_and_the_later_guide_is_named():
    client, _ = colleague("duty_officer", language="en")
    answer = page(client, on="2021-08-06")
    text = words_of(answer)
    assert list(figures(answer)) == ["people"]
    assert answer.context["pools"] == []
    assert "a named person decides" in text
    assert "Guide to mass PCR testing, 2nd edition applies from 13 Sep 2021" in text
    assert "not applied" in text


def test_an_area_that_may_not_be_tested_has_no_figures():
    client, _ = colleague("duty_officer", language="en")
    answer = page(client, on="2022-12-20")
    assert answer.context["verdict"]["code"] == "not_allowed"
    assert list(figures(answer)) == ["people"]
    groups = page(client, on="2022-12-20", who="key_groups")
    assert figures(groups)["finish_hours"] == "24"
    assert not any(allowed for _, _, allowed in pools(groups).values())


def test_rounds_held_move_the_rounds_ahead():
    client, _ = colleague("duty_officer", language="en")
    assert len(page(client, on="2022-07-04").context["rounds"]) == 4
    answer = page(client, on="2022-07-07", held="2022-07-04 0\n2022-07-05 0\n2022-07-06 0")
    assert answer.context["rounds"] == ["Round 4: 10 Jul 2022"]
    assert "3 clear, 4 needed" in words_of(answer)


def test_key_posts_are_listed_with_their_next_days_and_rows():
    client, _ = colleague("duty_officer", language="en")
    answer = page(client, on="2022-08-01")
    posts = {each["person"]: each for each in answer.context["posts"]}
    assert posts["trades with many customers"]["next"] == ["4 Aug", "8 Aug", "11 Aug", "15 Aug"]
    assert all(each["rule"].row_id for each in posts.values())
    assert page(client, on="2021-08-06").context["posts_silence"] is not None


def test_the_plan_leads_to_a_filled_form_and_the_order_carries_its_figures():
    client, _ = colleague("duty_officer", language="en")
    answer = page(client)
    ten = next(each for each in answer.context["pools"] if each["people"] == 10)
    form = client.get(ten["href"])
    assert 'name="residents" value="3000000"' in form.content.decode()
    typed = {name: values[0] for name, values in parse_qs(urlsplit(ten["href"]).query).items()}
    assert typed["pool_size"] == "10"
    reasons = {"evidence": "Cleaner at the airport", "note": "Contacts all over the city"}
    made = client.post("/orders/propose/", typed | reasons | {"days": "2"}, follow=True)
    text = words_of(made)
    order = Order.objects.get(kind="testing", disease="covid-19", details__pool_size=10)
    assert (order.details["tubes"], order.details["laboratories"]) == (300_000, 15.0)
    assert order.details["restricted_person_days"] == 0
    assert any("campaign.finish_hours" in row for row in order.rule_rows)
    assert "300,000" in text


def test_no_pool_that_is_not_in_force_is_proposed_and_no_reader_proposes():
    client, _ = colleague("duty_officer", language="en")
    assert not next(each for each in page(client).context["pools"] if each["people"] == 20)["href"]
    reader, _ = colleague("oversight", language="en")
    assert not any(each["href"] for each in page(reader).context["pools"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"area": "12345"}, "Area code"),
        ({"area": "31"}, "Area code"),
        ({"people": "many"}, "People"),
        ({"lab": "0"}, "Tubes that one laboratory reads a day"),
        ({"held": "yesterday 3"}, "Rounds held"),
        ({"held": "2021-10-19"}, "Rounds held"),
    ],
)
def test_what_is_wrong_names_its_field(wrong, field):
    client, _ = colleague("duty_officer", language="en")
    answer = page(client, **wrong)
    assert answer.status_code == 400
    assert f"“{field}”" in words_of(answer)


@pytest.mark.parametrize("wrong", [{"on": "soon"}, {"held": "2021-10-25 0"}])
def test_a_day_that_is_wrong_is_said(wrong):
    client, _ = colleague("duty_officer", language="en")
    answer = page(client, **wrong)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("on", ["2021-08-06", "2021-10-20", "2022-08-01", "2022-12-20", "2023-02-01"])
def test_the_page_speaks_one_language(language, on):
    client, _ = colleague("duty_officer", language=language)
    answer = page(client, on=on, source="unknown")
    assert answer.status_code == 200
    text = re.sub(r"\S+:\S*:\d{4}-\d\d-\d\d:\S+|\bcampaign\.\w+|\btesting\.\w+", "", words_of(answer))
    assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", text) == []
    if language == "en":
        assert CJK.findall(text) == []
