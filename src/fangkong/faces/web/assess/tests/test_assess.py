"""The pages of the assessment: an area of one's own, every figure with its interval or its refusal."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import translation

from fangkong.desks.assess.values import Assessment, Value
from fangkong.faces.web.assess.judgement import judgement
from fangkong.faces.web.board.tests.made_city import (
    CITY,
    DISEASE,
    FAR,
    KNOWN,
    LAST,
    NEAR,
    browser,
    made_city,
)
from fangkong.faces.web.board.tests.test_board import CHINESE, text_of
from fangkong.record.load import load
from fangkong.record.models import Case
from fangkong.science.epi.estimates import Refusal
from fangkong.science.epi.intervals import serial_interval_for

pytestmark = pytest.mark.django_db

RAW = re.compile(r"\b[a-z]+_[a-z_]+\b|‹")
LANGUAGES = ("zh-hans", "en")


def fragment_of(answer) -> str:
    return re.sub(
        r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    )


def growing(days: int = 40, per_day: int = 6, late_days: int = 2) -> None:
    """Cases of both districts on each day, a third of them known some days after their report."""
    by_known: dict[datetime, list[dict]] = {}
    for n in range(days * per_day):
        day = LAST - timedelta(days=n // per_day)
        known = day + timedelta(days=late_days if n % 3 == 0 else 0)
        if known > LAST:
            continue
        row = {
            "key": f"G{n}",
            "case_no": f"LJ-G{n:04}",
            "person_key": f"P{n % 3}",
            "disease": DISEASE,
            "area_code": NEAR,
            "classification": "confirmed",
            "reported_on": day,
            "onset_on": day - timedelta(days=2),
            "channel": ("controlled", "screening")[n % 2],
            "age_years": (8, 33)[n % 4 == 0],
        }
        if n % 5 == 0 and day < LAST - timedelta(days=20):
            row |= {"outcome": ("dead", "recovered")[n % 2], "outcome_on": day + timedelta(days=12)}
        by_known.setdefault(datetime.combine(known, time(6), UTC), []).append(row)
    for known_from, rows in sorted(by_known.items()):
        load(Case, rows, actor="test", source_key="receipt-made", known_from=known_from)


def test_the_entry_is_the_overview_of_the_area_of_the_reader():
    made_city(10)
    page = text_of(browser("duty_officer").get("/assess/"))
    assert "临江市研判总览" in page
    assert "柳堤区" in page
    assert "望潮区" in page


def test_an_area_without_parts_leads_to_its_own_page():
    made_city(10)
    answer = browser("district_officer", NEAR).get("/assess/")
    assert answer.headers["Location"] == f"/assess/{NEAR}/"


def test_an_empty_record_says_so():
    assert "还没有数字" in text_of(browser("duty_officer").get("/assess/"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_area_has_its_curve_its_estimates_and_their_making(language):
    made_city(200)
    answer = browser("duty_officer", language=language).get(f"/assess/{CITY}/")
    assert answer.status_code == 200
    rt = next(
        cell
        for cell in answer.context["strip"]
        if cell["label"] in ("有效再生数 Rt", "Reproduction number Rt")
    )
    assert rt["value"]
    assert "95%" in rt["note"]
    assert answer.context["curve"]["data"]["days"][-1] == "2022-04-17"
    drawn = [value for value in answer.context["rt"]["data"]["mid"] if value is not None]
    # The last point of the chart is the median of the posterior whose mean stands in the strip.
    assert drawn[-1] == pytest.approx(float(rt["value"]), rel=0.1)
    assert not RAW.search(text_of(answer))
    if language == "en":
        assert not CHINESE.search(text_of(answer).replace("中文", ""))


def test_few_cases_are_refused_with_the_reason():
    made_city(10)
    answer = browser("duty_officer").get(f"/assess/{CITY}/")
    labels = "、".join(row["label"] for row in answer.context["refusals"])
    assert {"有效再生数 Rt", "每日增长率"} <= set(labels.split("、"))
    assert answer.context["rt"] is None
    assert "估计至少要 11 例" in text_of(answer)
    assert answer.context["lead"].startswith("临江市的升降现在不能判断")


def test_cases_that_nobody_classified_are_told_of_and_not_counted():
    made_city(0)
    row = {"disease": DISEASE, "area_code": NEAR, "classification": "suspected", "reported_on": LAST}
    rows = [row | {"key": f"S{n}", "case_no": f"S{n}", "person_key": f"P{n}"} for n in range(4)]
    load(Case, rows, actor="test", source_key="receipt-made", known_from=datetime.combine(LAST, time(6), UTC))
    officer = browser("duty_officer")
    answer = officer.get(f"/assess/{CITY}/")
    assert "这里登记了 4 例疑似病例" in text_of(answer)
    load(
        Case,
        [rows[0] | {"classification": "confirmed"}],
        actor="test",
        source_key="receipt-made",
        known_from=datetime.combine(LAST, time(7), UTC),
    )
    assert "疑似病例" not in text_of(officer.get(f"/assess/{CITY}/"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_open_days_are_shaded_and_carry_the_nowcast(language):
    made_city(3)
    growing()
    answer = browser("duty_officer", language=language).get(f"/assess/{CITY}/")
    data = answer.context["curve"]["data"]
    band = data["nowcast"]
    assert band["days"][-1] == "2022-04-17"
    assert data["incomplete_from"] <= band["days"][0]
    # A third of the last day's cases come later: the nowcast lies above the four that are known.
    assert band["high"][-1] > band["mid"][-1] > 4
    new = answer.context["strip"][0]
    assert new["note"].startswith(("补报后", f"{round(band['mid'][-1])}", f"{band['mid'][-1]:.1f}"))
    assert not RAW.search(text_of(answer))


def test_the_week_ahead_has_an_interval_and_the_fan_its_days():
    made_city(3)
    growing()
    answer = browser("duty_officer").get(f"/assess/{CITY}/")
    week = answer.context["strip"][4]
    assert week["label"] == "未来 7 日合计"
    assert "90% 区间" in week["note"]
    fan = answer.context["forecast"]["data"]["fan"]
    assert fan["days"][0] == "2022-04-18"
    assert len(fan["days"]) == 14
    assert all(
        low <= mid <= high for low, mid, high in zip(fan["low90"], fan["mid"], fan["high90"], strict=True)
    )


def test_the_three_fatality_shares_stand_together():
    made_city(3)
    growing()
    rows = browser("duty_officer").get(f"/assess/{CITY}/").context["severity"]["rows"]
    assert [row["label"] for row in rows] == ["死亡比全部确诊", "死亡比已有结局", "按发病到死亡的时间校正"]
    for row in rows:
        assert "refused" in row or "95% 区间" in row["interval"]
    # Until the open cases are resolved the naive share is below the adjusted one.
    naive, _, adjusted = (float(row["value"].rstrip("%")) for row in rows)
    assert naive < adjusted


def test_a_choice_of_age_draws_only_those_cases_and_says_so():
    made_city(3)
    growing()
    client = browser("duty_officer")
    whole = client.get(f"/assess/{CITY}/").context["curve"]["data"]["series"]
    answer = client.get(f"/assess/{CITY}/?age=6-11&channel=controlled")
    data = answer.context["curve"]["data"]
    assert set(data["series"]) == {"controlled"}
    assert data["nowcast"] is None
    assert 0 < sum(n or 0 for n in data["series"]["controlled"]) < sum(n or 0 for n in whole["controlled"])
    assert "估计、预测和其他数字仍按全部病例" in text_of(answer)
    nobody = client.get(f"/assess/{CITY}/?age=80%2B")
    assert "可以换一个年龄组" in text_of(nobody)
    assert client.get(f"/assess/{CITY}/?age=nonsense").context["chosen"].any is False


@pytest.mark.parametrize("language", LANGUAGES)
def test_past_nowcasts_stand_beside_what_became_of_them(language):
    made_city(3)
    growing(days=60)
    answer = browser("duty_officer", language=language).get(f"/assess/{CITY}/past/")
    panels = answer.context["chart"]["data"]["panels"]
    assert len(panels) == 4
    assert panels[0]["days"][-1] == "2022-03-20"
    # Of the last day of each only a part was known then; now all of it is.
    assert all(panel["reported"][-1] < panel["became"][-1] for panel in panels)
    assert answer.context["coverage"]
    text = fragment_of(answer)
    assert not RAW.search(text)
    assert ("95% 区间命中" if language == "zh-hans" else "95% interval held") in text
    assert answer.context["forecast"]["data"]["now"] == "2022-04-10"


def test_looking_back_shows_what_was_known_then():
    made_city(3)
    growing()
    client = browser("duty_officer")
    session = client.session
    session["look_back_on"] = "2022-04-10"
    session.save()
    data = client.get(f"/assess/{CITY}/").context["curve"]["data"]
    assert data["days"][-1] == "2022-04-10"
    place = data["days"].index("2022-04-10")
    then = sum(counts[place] or 0 for counts in data["series"].values())
    del session["look_back_on"]
    session.save()
    now = client.get(f"/assess/{CITY}/").context["curve"]["data"]
    later = now["days"].index("2022-04-10")
    assert then < sum(counts[later] or 0 for counts in now["series"].values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_lists_the_parts_worst_first(language):
    made_city(3)
    growing()
    client = browser("duty_officer", language=language)
    answer = client.get("/assess/")
    rows = answer.context["rows"]
    assert [row["name"] for row in rows] == (
        ["柳堤区", "望潮区"] if language == "zh-hans" else ["Liudi", "Wangchao"]
    )
    assert rows[0]["rt"]["interval"]
    assert rows[1]["rt"]["refused"]
    cell = client.get(rows[0]["outlook_href"])
    assert ("未来 7 日" if language == "zh-hans" else "next 7 days") in fragment_of(cell)
    assert not RAW.search(text_of(answer) + fragment_of(cell))


def test_an_area_outside_the_scope_is_not_found():
    made_city(10)
    client = browser("district_officer", NEAR)
    assert client.get(f"/assess/{NEAR}/").status_code == 200
    for code in (FAR, CITY):
        for part in ("", "outlook/", "past/"):
            assert client.get(f"/assess/{code}/{part}").status_code == 404, (code, part)


def test_a_role_without_daily_figures_is_refused():
    assert browser("hospital").get("/assess/").status_code == 403


def test_who_may_not_read_signals_sees_none():
    made_city(10)
    answer = browser("supply_group").get(f"/assess/{CITY}/")
    assert answer.context["signals"] is None


def estimates(mean: float, lower: float, upper: float, below: float) -> Assessment:
    window = (LAST - timedelta(days=6), LAST, LAST, ["receipt-made"])
    refused = Refusal(
        "too_few_cases", {"cases": 3, "minimum_cases": 11, "first_day": KNOWN.date(), "last_day": LAST}
    )
    return Assessment(
        disease=DISEASE,
        area_code=CITY,
        as_of=LAST,
        basis="confirmed",
        origin="counted",
        incomplete_days=0,
        interval=serial_interval_for(DISEASE, date(2022, 4, 17)),
        reproduction=Value(mean, lower, upper, 0.95, *window),
        below_one=Value(below, None, None, 0.95, *window),
        growth=refused,
        change_time=refused,
    )


@pytest.mark.parametrize(
    ("found", "zh", "en"),
    [
        (
            estimates(0.71, 0.56, 0.87, 0.999),
            "柳堤区的传播在减慢：Rt 0.71（0.56–0.87），低于 1 的把握为 99% 以上，截至 04-17。",
            "Liudi: transmission is slowing. Rt is 0.71 (0.56–0.87), with over 99% certainty below 1, as of 17 Apr.",
        ),
        (
            estimates(1.4, 1.2, 1.7, 0.001),
            "柳堤区的传播在加快：Rt 1.4（1.2–1.7），高于 1 的把握为 99% 以上，截至 04-17。",
            "Liudi: transmission is speeding up. Rt is 1.4 (1.2–1.7), with over 99% certainty above 1, as of 17 Apr.",
        ),
        (
            estimates(0.91, 0.76, 1.08, 0.9462),
            "柳堤区的传播是升是降还不能断定：Rt 0.91（0.76–1.08），低于 1 的把握为 94.6%，截至 04-17；"
            "达到 95% 才下判断。",
            "Liudi: whether transmission rises or falls cannot be told yet. Rt is 0.91 (0.76–1.08), with 94.6% "
            "certainty below 1, as of 17 Apr; a judgement needs 95%.",
        ),
    ],
)
def test_the_judgement_is_one_sentence_that_a_leader_reads_aloud(found, zh, en):
    with translation.override("zh-hans"):
        assert judgement("柳堤区", found) == zh
    with translation.override("en"):
        assert judgement("Liudi", found) == en
