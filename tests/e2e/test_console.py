"""One morning in a real browser: sign in, read the board in both languages, import, approve, read the report."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .signing_in import sign_in

pytestmark = pytest.mark.e2e

CJK = re.compile(r"[\u4e00-\u9fff]")


def test_a_wrong_password_says_so_and_lets_nobody_in(page):
    page.goto("/")
    expect(page).to_have_url(re.compile("/sign-in/"))
    page.fill("#username", "duty")
    page.fill("#password", "wrong")
    page.click("form.form button.btn--main")
    expect(page.locator("#problem")).to_be_visible()
    page.goto("/cases/")
    expect(page).to_have_url(re.compile("/sign-in/"))


def test_a_morning(page, home, tmp_path):
    sign_in(page, home, "duty")
    expect(page.locator("h1")).to_have_text("今日")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator(".asof")).to_contain_text("2022")
    assert page.locator(".tile").count() >= 8

    page.click("button[value=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Today")
    tiles = " ".join(page.locator(".tile").all_inner_texts())
    assert not CJK.search(tiles), "a Chinese word on the English board"

    table = tmp_path / "results.csv"
    table.write_text(
        "样本编号,证件号码,区划代码,采样时间,结果时间,结果\n"
        "E2E-1,990101199001010011,990105,2022-04-18 09:00,2022-04-18 20:00,阴性\n"
        "E2E-2,990101199001010038,990105,2022-02-30 09:00,2022-04-18 20:00,阴性\n",
        encoding="utf-8",
    )
    page.goto("/receive/")
    page.set_input_files("input[type=file]", table)
    page.click("button[data-receive]")
    page.click("[data-result] a")
    expect(page.locator(".receipt")).to_contain_text("2 rows")
    expect(page.locator("main")).to_contain_text("Row 3")

    page.goto("/report/")
    expect(page.locator("article h1")).to_be_visible()
    with page.expect_download() as download:
        page.click("a[href$='.pdf']")
    assert Path(download.value.path()).read_bytes()[:4] == b"%PDF"


def test_an_order_is_approved_by_the_second_person(page, home):
    sign_in(page, home, "cdc")
    page.goto("/orders/")
    waiting = page.locator("tr[data-row] a")
    assert waiting.count() > 0, "the demonstration has orders to decide"
    number = waiting.first.inner_text()
    waiting.first.click()
    expect(page.locator("h1")).to_contain_text(number)
    # An order that would part a child from the carer waits for the recorded consent.
    consent = page.locator("#consents button[value=record]")
    while waiting_for := consent.count():
        consent.first.click()
        expect(consent).to_have_count(waiting_for - 1)
    page.fill("#decision textarea", "演练：已核对末次暴露日期")
    page.click("#decision button.btn--main")
    expect(page.locator(".card")).to_contain_text("已批准")
    page.goto("/orders/")
    assert number not in page.locator("main").inner_text()


def test_the_duty_officer_sees_who_may_decide_instead(page, home):
    sign_in(page, home, "duty")
    page.goto("/orders/")
    page.locator("tr[data-row] a").first.click()
    button = page.locator("#decision button.btn--main")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.locator("#decision-why")).to_be_visible()


def test_a_name_is_shown_only_behind_the_veil(page, home):
    sign_in(page, home, "tracer")
    page.goto("/cases/")
    page.locator("tr[data-row] a").first.click()
    expect(page.locator(".mask").first).to_be_visible()
    page.select_option("select[name=purpose]", "investigation")
    page.fill("input[name=reason]", "核对密接名单")
    page.click("form[action$='unmask/'] button.btn--main")
    expect(page.locator("[data-veil-until]")).to_be_visible()


def test_looking_back_turns_the_line_amber_and_changes_nothing(page, home):
    sign_in(page, home, "duty")
    page.fill("input[name=day]", "2022-04-05")
    page.click("form[action='/look-back/'] button")
    expect(page.locator(".asof--back")).to_be_visible()
    page.goto("/orders/")
    page.goto("/look-back/end/")
    assert page.locator(".asof--back").count() == 0


@pytest.mark.parametrize("path", ["/", "/cases/", "/orders/", "/tasks/", "/receive/", "/assess/", "/report/"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_fits_a_phone(browser, address, home, path, language):
    context = browser.new_context(base_url=address, viewport={"width": 390, "height": 844})
    context.add_cookies([{"name": "django_language", "value": language, "url": address}])
    page = context.new_page()
    sign_in(page, home, "duty")
    page.goto(path)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 391, f"{path} is {width} px wide on a phone of 390"
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    context.close()


def test_the_keyboard_reaches_the_content(page, home):
    sign_in(page, home, "duty")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
