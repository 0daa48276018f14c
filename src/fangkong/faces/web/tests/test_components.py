"""Every component renders in both languages, keeps the page's rules, and refuses to leave parts out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone, translation

from fangkong.faces.web.templatetags.fk import MissingPart
from fangkong.faces.web.tests import samples

WEB = Path(__file__).resolve().parents[1]
TEMPLATES = WEB / "templates"
CJK = re.compile(r"[\u4e00-\u9fff]")
VOID = {"meta", "link", "input", "hr", "br", "rect", "path", "circle"}


class Page(HTMLParser):
    """Tags, ids, labels and text of a page; fails on tags that do not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.foreign = ""
        self._lang: list[str] = []
        self.feed(html)
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
            self._lang.append(dict(attrs).get("lang") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> does not close the innermost tag"
        self._lang.pop()

    def handle_data(self, data: str) -> None:
        if "script" in self.open:
            return
        # The switch names the other language in that language, and says so.
        if any(self._lang[1:] if self.open[:1] == ["html"] else self._lang):
            self.foreign += data
        else:
            self.text += data


@pytest.fixture(params=["zh-hans", "en"])
def lang(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param), timezone.override("Asia/Shanghai"):
        yield request.param


def component(name: str, context: dict[str, Any]) -> str:
    return render_to_string(f"components/{name}", {"csrf_token": "token", **context})


def held_to_the_rules(html: str, lang: str) -> Page:
    page = Page(html)
    for tag, attributes in page.tags:
        assert "style" not in attributes, f"<{tag}> has a style attribute, which the security policy blocks"
        assert not any(name.startswith("on") for name in attributes), f"<{tag}> has an inline handler"
        if tag == "script":
            assert attributes.get("type") == "application/json" or attributes.get("src"), "inline script"
        for name in ("src", "href", "action"):
            assert not (attributes.get(name) or "").startswith(("http:", "https:", "//")), (
                "an address elsewhere"
            )
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids)), "an id stands twice"
    assert "‹" not in page.text
    if lang == "en":
        assert not CJK.search(page.text), "Chinese on an English page"
    return page


def test_the_gallery_shows_every_component() -> None:
    assert {p.name for p in (TEMPLATES / "components").glob("*.html")} == {
        *samples.components(),
        "timeline.html",
    }


def test_components_render_in_both_languages(lang: str) -> None:
    for name, context in samples.components().items():
        page = held_to_the_rules(component(name, context), lang)
        assert page.tags, name


@pytest.mark.parametrize(
    "name", ["sign_in.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"]
)
def test_pages_outside_the_frame_need_no_context(name: str, lang: str) -> None:
    page = held_to_the_rules(render_to_string(name, {}), lang)
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    assert ("html", {"lang": "en" if lang == "en" else "zh-CN"}) in page.tags


def test_an_error_page_says_what_it_was_given(lang: str) -> None:
    text = samples.of("请先回到今日。", "Return to today's board first.")
    page = held_to_the_rules(render_to_string("error.html", {"status": 409, "text": text}), lang)
    assert text in page.text


def test_the_frame_marks_where_the_reader_is(lang: str) -> None:
    page = held_to_the_rules(
        render_to_string("base.html", {"frame": samples.frame(), "page_title": "x", "csrf_token": "token"}),
        lang,
    )
    here = [attributes for tag, attributes in page.tags if attributes.get("aria-current") == "page"]
    assert [entry["href"] for entry in here] == ["#board"]
    assert "1,204" in page.text
    status = [attributes for _, attributes in page.tags if attributes.get("id") == "asof"]
    assert status[0]["role"] == "status"
    assert status[0]["aria-live"] == "polite"


def test_the_as_of_line_says_which_feeds_are_missing_and_turns_amber_on_a_past_day(lang: str) -> None:
    live = component("as_of.html", {"as_of": samples.as_of()})
    assert samples.of("缺：云溪县卡口、市三院床位", "missing: Yunxi checkpoints, Hospital 3 beds") in live
    assert samples.of("2022-04-18 周一", "18 Apr 2022") in live
    assert "asof--back" not in live
    past = component("as_of.html", {"as_of": samples.as_of(look_back=True)})
    assert "asof--back" in past
    assert samples.of("回看：只用 2022-04-18 周一 已知的数", "as known on 18 Apr 2022") in past
    assert "07:12" in past, "the moment of knowledge is shown in the jurisdiction's time"


def test_a_figure_without_its_four_parts_becomes_a_refusal(lang: str) -> None:
    whole = component("tile.html", {"tile": samples.tile()})
    assert "46" in Page(whole).text
    for part in ("value", "interval", "source", "as_of"):
        for nothing in (None, ""):
            html = component("tile.html", {"tile": samples.tile(**{part: nothing})})
            assert "tile--refuse" in html
            assert "<b>46" not in html, f"the figure is shown without its {part}"
            assert samples.of("不给数字", "No figure") in html


def test_zero_is_a_figure(lang: str) -> None:
    html = component("tile.html", {"tile": samples.tile(value=0, unit="")})
    assert "tile--refuse" not in html
    assert "<b>0<i>" in html


@pytest.mark.parametrize("part", ["basis", "expiry", "remedy"])
def test_an_order_without_basis_expiry_or_remedy_is_not_shown(part: str) -> None:
    with pytest.raises(MissingPart, match=part):
        component("order_card.html", {"order": samples.order(**{part: ""})})


def test_a_source_that_nobody_read_is_marked(lang: str) -> None:
    assert "conf--m" in component("order_card.html", {"order": samples.order(basis_mark="unverified")})
    assert "conf--m" not in component("order_card.html", {"order": samples.order(basis_mark="read")})


def test_a_receipt_says_when_its_parts_do_not_add_up(lang: str) -> None:
    good = component("receipt_bar.html", {"receipt": samples.receipt()})
    assert samples.of("三数相加无差", "the three add up") in good
    bad = component("receipt_bar.html", {"receipt": samples.receipt(held=28)})
    assert samples.of("差 3 行", "by 3;") in bad
    assert samples.of("三数相加无差", "the three add up") not in bad


def test_a_blocked_decision_stays_visible_with_the_way_forward(lang: str) -> None:
    confirm = samples.components()["confirm.html"]["confirm"]
    blocked = {"reason": "A", "rule": "B", "instead": "C", "instead_href": "/orders/2/"}
    page = Page(component("confirm.html", {"confirm": {**confirm, "blocked": blocked}}))
    button = next(attributes for tag, attributes in page.tags if tag == "button")
    assert button["aria-disabled"] == "true"
    assert button["type"] == "button", "a blocked button must not send the form"
    assert button["aria-describedby"] in {attributes.get("id") for _, attributes in page.tags}
    assert any(attributes.get("href") == "/orders/2/" for _, attributes in page.tags)


def test_the_timeline_is_read_out_as_a_list(lang: str) -> None:
    html = Template("{% load fk %}{% timeline data %}").render(Context({"data": samples.case_timeline()}))
    page = held_to_the_rules(html, lang)
    assert sum(tag == "li" for tag, _ in page.tags) == 10
    assert samples.of("检测：阳性 Ct 24.1 04-16 14:00", "Tests: positive, Ct 24.1 16 Apr 14:00") in page.text


def test_chips_say_their_state_with_a_shape(lang: str) -> None:
    html = Template('{% load fk %}{% chip "order.state.active" %}').render(Context())
    assert samples.of("生效", "in force") in html
    assert "chip--measure" in html
    assert "<svg" in html


def test_a_name_in_a_figure_cannot_break_out(lang: str) -> None:
    evil = "</script><b onclick=x>"
    html = component("tile.html", {"tile": samples.tile(label=evil)})
    assert evil not in html
    chart = dict(samples.components()["chart.html"]["chart"], data={"note": evil})
    assert evil not in component("chart.html", {"chart": chart})


def rule_of_files(pattern: str, find: Callable[[str], list[str]]) -> list[str]:
    return [
        f"{p.name}: {hit}" for p in sorted(WEB.glob(pattern)) for hit in find(p.read_text(encoding="utf-8"))
    ]


def test_templates_hold_no_style_attribute_and_no_words_of_their_own() -> None:
    assert rule_of_files("templates/**/*.html", re.compile(r"\sstyle=").findall) == []

    def own_words(text: str) -> list[str]:
        visible = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", text, flags=re.S)
        # The switch to Chinese names itself; the full stop and commas of a sentence are not words.
        return CJK.findall(visible.replace("中文", ""))

    assert rule_of_files("templates/**/*.html", own_words) == []


def test_every_colour_of_the_style_sheet_is_a_token() -> None:
    css = (WEB / "static/fangkong.css").read_text(encoding="utf-8")
    rules = css[css.index("/* ---------- 2 base") :]
    printed = css.index("@media print")
    named = set(re.findall(r"var\(--([\w-]+)", css))
    defined = set(re.findall(r"--([\w-]+):", css))
    assert named <= defined
    # White paper in print and white labels on dark map classes are the two colours that no theme changes.
    assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", rules)) <= {"#fff"}
    assert printed > 0
