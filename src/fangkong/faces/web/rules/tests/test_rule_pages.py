"""The rule explorer and the page of one key, as somebody opens them."""

from __future__ import annotations

import re

import pytest
from django.utils.html import strip_tags

from fangkong.desks.control.rulebook import rulebook
from fangkong.faces.web.board.tests.made_city import CITY, browser, made_city
from fangkong.science.rules.roles import role_table

pytestmark = pytest.mark.django_db

CONTACT = "/rules/?disease=covid-19&role=close_contact&day=2022-11-09&area=CN"
CJK = re.compile(r"[\u4e00-\u9fff]")
#: Content that is a document's own text may be Chinese on an English page, when it is marked as such.
MARKED = re.compile(r'<(\w+)[^>]* lang="zh-CN"[^>]*>.*?</\1>', re.S)
CODE = re.compile(r"<code[^>]*>.*?</code>|<option[^>]*>.*?</option>", re.S)


@pytest.fixture
def zh():
    made_city(3)
    return browser("duty_officer", CITY)


@pytest.fixture
def en():
    made_city(3)
    return browser("duty_officer", CITY, language="en")


def main_of(response) -> str:
    text = response.content.decode()
    return text[text.index("<main") : text.index("</main>")]


def words_of(response) -> str:
    """What a reader sees of the page's own content."""
    return strip_tags(CODE.sub("", MARKED.sub("", main_of(response))))


def test_every_edition_stands_side_by_side_with_its_days(en) -> None:
    page = en.get(CONTACT)
    assert page.status_code == 200
    columns = main_of(page).split("data-edition")[1:]
    total = [re.search(r"Managed days</dt><dd>(\d+)", column) for column in columns]
    found = [int(match.group(1)) if match else 0 for match in total]
    assert found == [14, 14, 14, 21, 10, 8, 5, 0]
    assert "10 Nov 2022 to 14 Nov 2022" in columns[5]
    assert "The rules in force ask for nothing" in columns[-1]


def test_a_column_shows_documents_marks_and_a_way_to_each_row(en) -> None:
    column = main_of(en.get(CONTACT)).split("data-edition")[5]
    assert "COVID-19 control plan, 9th edition" in column
    assert "within 8 hours" in column
    assert "source not verified" in column
    assert "/rules/key/?key=contact.close.stages" in column


def test_the_rail_leads_to_the_rules(zh) -> None:
    assert 'href="/rules/"' in zh.get("/rules/").content.decode()


@pytest.mark.parametrize("role", sorted(role_table().roles))
def test_every_role_and_disease_opens_without_a_raw_code_or_the_other_language(zh, en, role) -> None:
    for disease in rulebook().diseases():
        address = f"/rules/?disease={disease}&role={role}&day=2022-11-09&area=CN"
        chinese = zh.get(address)
        assert chinese.status_code == 200, address
        words = re.findall(r"[A-Za-z]+_[a-z_]+", words_of(chinese))
        assert words == [], address
        english = en.get(address)
        assert not CJK.search(words_of(english)), address


def test_a_traveller_chooses_the_kind_of_area(en) -> None:
    page = en.get("/rules/?disease=covid-19&role=traveller&day=2022-11-09&area=CN&fact_area=medium")
    assert page.status_code == 200
    assert '<option value="medium" selected>' in main_of(page)
    assert "isolation at home" in main_of(page)


def test_silence_is_told_apart_from_freedom(en) -> None:
    text = main_of(en.get("/rules/?disease=covid-19&role=traveller&day=2022-11-09&area=CN&fact_area=high"))
    assert "Not in the packs: a named person decides" in text
    assert "No rule is in force: the coverage is complete" in text


def test_what_cannot_be_asked_is_said_in_place(zh) -> None:
    page = zh.get("/rules/?day=yesterday")
    assert page.status_code == 400
    assert "不是日期" in main_of(page)
    assert zh.get("/rules/?area=nowhere").status_code == 400
    assert zh.get("/rules/key/?key=no.such").status_code == 400


def test_a_disease_without_rules_says_what_to_do(zh) -> None:
    assert "请换一个病种或人员" in main_of(zh.get("/rules/?disease=made-up-fever"))


class TestKey:
    def test_without_a_key_the_three_answers_are_explained(self, en) -> None:
        text = main_of(en.get("/rules/key/"))
        for words in ("A rule is in force", "No rule is in force", "Not in the packs"):
            assert words in text

    def test_a_key_shows_its_answer_for_each_kind_of_person_and_every_row(self, en) -> None:
        page = en.get("/rules/key/?key=contact.close.stages&disease=covid-19&on=2022-11-15&area=CN")
        text = main_of(page)
        assert 'data-answer="in_force"' in text
        assert "at a site 5 days → isolation at home 3 days" in text
        rows = [row for row in rulebook().packs for row in row.rows if row.key == "contact.close.stages"]
        assert text.count("<tr data-row>") == len(rows)
        assert text.count("in force on the day") == 1

    def test_a_day_before_all_rows_is_not_in_the_packs_and_names_the_next(self, zh) -> None:
        text = main_of(zh.get("/rules/key/?key=contact.close.stages&disease=covid-19&on=2019-01-01&area=CN"))
        assert 'data-answer="not_in_pack"' in text
        assert "2020-01-22" in text

    def test_every_key_opens_without_the_other_language(self, en) -> None:
        for name in sorted(rulebook().keys):
            address = f"/rules/key/?key={name}&disease=covid-19&on=2022-07-01&area=CN"
            english = en.get(address)
            assert english.status_code == 200, address
            assert not CJK.search(words_of(english)), address


@pytest.mark.parametrize("address", [CONTACT, "/rules/key/?key=contact.close.stages&disease=covid-19"])
def test_a_page_of_rules_hardly_asks_the_database(zh, django_assert_max_num_queries, address: str) -> None:
    zh.get(address)
    with django_assert_max_num_queries(20):
        assert zh.get(address).status_code == 200


def test_who_may_not_read_orders_may_not_read_here(zh) -> None:
    made = browser("laboratory", CITY)
    assert made.get("/rules/").status_code == 403


def test_the_transition_is_said_in_the_reader_s_language_and_quoted_in_english_alone() -> None:
    made_city(3)
    address = "/rules/key/?key=contact.close.stages&disease=covid-19&on=2022-04-18&area=CN"
    quoted = "no transition clause read"
    chinese = words_of(browser("duty_officer", CITY).get(address))
    assert "正在执行的，按原定和新规中较早的一天结束。" in chinese
    assert quoted not in chinese
    english = words_of(browser("health_authority", CITY, language="en").get(address))
    assert "Running orders end at the earlier of their own end and the new one." in english
    assert quoted in english
