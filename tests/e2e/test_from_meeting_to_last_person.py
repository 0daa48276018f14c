"""From what was said in the meeting to the last person and back: office, district and grid worker, each signed in."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .signing_in import sign_in

pytestmark = pytest.mark.e2e

#: The office sees each step within this time of its reload.
WITHIN_SECONDS = 1.0

SENTENCE = "柳堤区要在4月20日18时前对辖区农贸市场开展一次全面消毒，并报送消毒记录"

MINUTES = f"""临江市召开疫情防控工作领导小组会议

2022年4月18日，临江市疫情防控工作领导小组召开会议，听取疫情形势汇报，研究部署下一步工作。

会议指出，当前疫情形势依然严峻复杂，要增强紧迫感。

会议要求，{SENTENCE}。

会议强调，要坚持以人民为中心。（{{language}}）
"""

#: The words that the steps show, in both languages.
SAID = {
    "zh-hans": {"awaiting": "待签收", "acknowledged": "已签收", "done": "已办结", "completed": "已办结"},
    "en": {
        "awaiting": "to acknowledge",
        "acknowledged": "acknowledged",
        "done": "done",
        "completed": "completed",
    },
}


@pytest.fixture
def people(browser: Browser, address: str, home) -> Iterator[dict[str, Page]]:
    """One signed-in page for each: two of the office, the district, the grid worker on a phone."""
    opened, contexts = {}, []
    for name, width in (("duty", 1280), ("general", 1280), ("liudi", 1280), ("grid", 390)):
        context = browser.new_context(
            base_url=address, locale="zh-CN", viewport={"width": width, "height": 900}
        )
        contexts.append(context)
        opened[name] = context.new_page()
        sign_in(opened[name], home, name)
    yield opened
    for context in contexts:
        context.close()


def seen_by_the_office(page: Page, url: str, text: str) -> None:
    """The office reloads, and the page says so; the reload is fast."""
    page.goto(url)
    began = time.monotonic()
    page.reload()
    expect(page.locator("main")).to_contain_text(re.compile(text, re.IGNORECASE))
    assert time.monotonic() - began < WITHIN_SECONDS + 1.5, "the step shows too late"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_sentence_of_the_minutes_ends_with_proof_from_the_grid(people, language):
    office, issuer, district, grid = (people[name] for name in ("duty", "general", "liudi", "grid"))
    said = SAID[language]
    for page in people.values():
        if language == "en":
            page.click("button[value=en]")
            expect(page.locator("html")).to_have_attribute("lang", "en")

    # The office drops the minutes in and confirms the one decision by keyboard.
    office.goto("/minutes/")
    office.fill("textarea[name=text]", MINUTES.format(language=language))
    office.click("main form[action='/minutes/'] button.btn--main")
    office.locator("li[data-clause]", has_text=SENTENCE).locator(".clause__n").click()
    expect(office.locator("li[data-current]")).to_contain_text(SENTENCE)
    office.keyboard.press("c")
    form = office.locator("li[data-current] form[action$='/confirm/']")
    expect(form.locator("select[name=owner]")).to_have_value("at|990105|district_officer")
    expect(form.locator("input[name=due_at]")).to_have_value("2022-04-20T18:00")
    form.locator("select[name=evidence_kind]").select_option("text")
    form.locator("button.btn--main").click()
    office.locator("li[data-clause]", has_text=SENTENCE).locator("a[href*='/directives/']").first.click()
    expect(office.locator("h1")).to_be_visible()
    directive = office.url

    # Another person of the office issues it; the drafter cannot.
    expect(office.locator("form[action$='/issue/'] button")).to_have_count(0)
    issuer.goto(directive)
    issuer.locator("form[action$='/issue/'] button").first.click()
    seen_by_the_office(office, directive, said["awaiting"])

    # The district is told, acknowledges, and breaks it down to the street's grid worker.
    district.goto("/notices/")
    expect(district.locator("main [data-row]").first).to_be_visible()
    district.goto(directive)
    district.locator("form[action$='/acknowledge/'] button").first.click()
    seen_by_the_office(office, directive, said["acknowledged"])
    tasks = district.locator("form[action*='tasks']")
    district.locator("details:has(form[action*='tasks']) > summary").click()
    tasks.locator("textarea[name=titles]").fill(f"对农贸市场消毒（{language}）")
    tasks.locator("select[name=owner_role]").select_option("grid_worker")
    tasks.locator("input[name=area_code]").fill("990105001")
    tasks.locator("select[name=evidence_kind]").select_option("text")
    tasks.locator("button.btn--main").click()
    expect(district.locator("main")).to_contain_text(f"对农贸市场消毒（{language}）")

    # The grid worker takes it on the phone; without proof it does not close, with proof it leaves the list.
    grid.goto("/my-day/")
    mine = grid.locator("article.todo", has_text=f"对农贸市场消毒（{language}）")
    mine.locator("button[value=acknowledge]").click()
    mine = grid.locator("article.todo", has_text=f"对农贸市场消毒（{language}）")
    mine.locator("summary").click()
    mine.locator("textarea, input[type=text], input.input").last.fill("三个市场已消毒，记录存档。")
    mine.locator("button[value=done]").click()
    expect(grid.locator("article.todo", has_text=f"对农贸市场消毒（{language}）")).to_have_count(0)
    seen_by_the_office(office, directive, said["done"])

    # The district reports it done, and the directive is closed.
    district.goto(directive)
    district.locator("details:has(form[action$='/done/']) > summary").click()
    district.locator("form[action$='/done/'] button").first.click()
    deadline = time.monotonic() + 15
    while True:
        office.goto(directive)
        if said["completed"] in office.locator("section.panel").first.inner_text():
            break
        assert time.monotonic() < deadline, office.locator("section.panel").first.inner_text()
        time.sleep(0.5)
