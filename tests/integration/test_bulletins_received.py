"""Official bulletins as they are sent: read, received, shown; a compilation never stands in their place."""

from __future__ import annotations

import csv
import json
import tarfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from docx import Document

from fangkong.desks.assess.queries import area_series, district_series, epidemic_curve
from fangkong.desks.intake.actions import receive_file
from fangkong.desks.intake.bulletin_recognition import bulletin_of
from fangkong.desks.intake.queries import receipt_rows
from fangkong.desks.intake.receipt_issues import receipt_issues
from fangkong.faces.cli.main import cli
from fangkong.faces.words.catalogue import has_word
from fangkong.record.access import actor_of, system_actor
from fangkong.record.actions import areas_load, user_create
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation, installation_set
from fangkong.record.models import DailyCount
from fangkong.science.bulletins.lexicon import channels

pytestmark = pytest.mark.django_db

OFFICE = system_actor("cli")
DISEASE, AREA, NOT_STATED = "covid-19", "31", "3100"
BULLETINS = "shanghai_2022_official_bulletins_20220213_20220331_redacted.tar.xz"
CITY = "shanghai_2022_city_daily_to_0410.csv"
DISTRICTS = "shanghai_2022_district_daily_by_source_to_0410.csv"
LAST = date(2022, 3, 31)

CHANNELS = {
    "无症状转确诊": "converted",
    "野生确诊": "sought_care",
    "管控内确诊": "controlled",
    "管控内无症状": "controlled",
    "例行筛查确诊": "screening",
    "例行筛查无症状": "screening",
}
WAYS = {
    "闭环隔离管控": "controlled",
    "风险人群筛查": "screening",
    "野生": "sought_care",
    "此前报告的本土无症状感染": "converted",
}
KINDS = {"确诊病例": "confirmed", "无症状感染者": "asymptomatic"}
#: Days on which the compiled table is not what the text says: 3 March has three asymptomatic cases screened, 15 March
#: 135 in control and 62 screened, 16 March one found by another province's inquiry.
CITY_CHANNELS_DIFFER = {date(2022, 3, 3), date(2022, 3, 15), date(2022, 3, 16)}
#: 11 March: a case of 普陀 stands under 静安; 14 March: ten of 松江 stand under 徐汇.
DISTRICTS_DIFFER = {
    date(2022, 3, 11): {"310106", "310107"},
    date(2022, 3, 14): {"310104", "310117"},
}
#: 16 March: a case found by another province's inquiry stands under screening; 19 March: all stand under screening.
WAYS_DIFFER = {date(2022, 3, 16), date(2022, 3, 19)}


@pytest.fixture
def office():
    installation_set(actor="test", area_code=AREA, disease=DISEASE)
    return OFFICE


CITY_OF_TWO = "9901"
TEXT = """临江市3月5日新增疫情通报

2022年3月5日0—24时，新增本土确诊病例7例（柳堤区5例，望海新区2例），其中1例由无症状感染者转归，6例在隔离管控中发现。
新增本土无症状感染者12例（柳堤区8例，望海新区4例）。无新增死亡病例。新增境外输入确诊病例2例。
3例甲乙丙丁情形另行说明。
"""


@pytest.fixture
def two_districts():
    """The office of a city of two districts."""
    areas = [
        {"key": "9901", "name_zh": "临江市"},
        {"key": "990101", "name_zh": "柳堤区"},
        {"key": "990102", "name_zh": "望海新区"},
    ]
    areas_load(areas, actor="test", known_from=datetime(2020, 1, 1, tzinfo=UTC), source_key="test")
    installation_set(actor="test", area_code=CITY_OF_TWO, disease=DISEASE)
    return OFFICE


@pytest.fixture
def sent(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes a file as somebody sends it."""

    def write(text: str, name: str = "bulletin.txt", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        if path.suffix == ".docx":
            document = Document()
            for line in text.splitlines():
                document.add_paragraph(line)
            document.save(str(path))
        else:
            path.write_bytes(text.encode(encoding))
        return path

    return write


def figures() -> dict[tuple[str, str, str], int]:
    rows = DailyCount.objects.open().order_by().values_list("area_code", "measure", "channel", "value")
    return {tuple(place): value for *place, value in rows}


SAID = {
    ("9901", "confirmed", ""): 7,
    ("9901", "asymptomatic", ""): 12,
    ("990101", "confirmed", ""): 5,
    ("990101", "asymptomatic", ""): 8,
    ("990102", "confirmed", ""): 2,
    ("990102", "asymptomatic", ""): 4,
    ("9901", "confirmed", "converted"): 1,
    ("9901", "converted", ""): 1,
    ("9901", "confirmed", "controlled"): 6,
    ("9901", "deaths", ""): 0,
    ("9901", "imported_confirmed", ""): 2,
}


def page(text: str) -> str:
    body = "".join(f"<p>{line}</p>" for line in text.splitlines() if line)
    script = "<script>var n = '新增本土确诊病例999例。';</script>"
    return f"<!DOCTYPE html><html><head><title>通报</title>{script}</head><body><nav>首页</nav>{body}</body></html>"


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("a.txt", "utf-8"),
        ("a.txt", "utf-8-sig"),
        ("a.txt", "gb18030"),
        ("a.html", "utf-8"),
        ("a.docx", ""),
        ("a", "utf-8"),
    ],
)
def test_text_page_and_word_say_the_same(two_districts, sent, name, encoding):
    text = page(TEXT) if name.endswith("html") else TEXT
    receipt = receive_file(sent(text, name, encoding), actor=two_districts)
    assert figures() == SAID
    assert (receipt.mapping, receipt.row_count, receipt.accepted, receipt.held, receipt.rejected) == (
        "bulletin", 5, 4, 1, 0,
    )  # fmt: skip
    assert set(DailyCount.objects.values_list("series", flat=True)) == {"official"}
    assert set(DailyCount.objects.values_list("known_from", flat=True)) == {
        installation().close_of(date(2022, 3, 5))
    }


def test_what_is_not_read_is_quoted_with_its_line(two_districts, sent):
    path = sent(TEXT)
    receive_file(path, actor=two_districts)
    said = CliRunner().invoke(cli, ["--lang", "zh", "receive", str(path), "--json"], standalone_mode=False)
    receipt = json.loads(said.output)
    assert receipt["rows_in"] == receipt["accepted"] + receipt["held"] + receipt["rejected"] == 5
    (issue,) = receipt["issues"]
    assert (issue["row"], issue["code"]) == (5, "VOCABULARY_UNKNOWN")
    assert "3例甲乙丙丁情形另行说明。" in issue["message"]
    printed = CliRunner().invoke(cli, ["--lang", "en", "receive", str(path)], standalone_mode=False).output
    assert "official bulletin" in printed
    assert "3例甲乙丙丁情形另行说明。" in printed


def test_two_unread_sentences_of_one_line_are_two_rows(two_districts, sent):
    text = TEXT.replace("另行说明。", "另行说明。4例戊己庚辛情形另行说明。")
    receipt = receive_file(sent(text), actor=two_districts)
    rows = receipt_rows(receipt.key, actor=two_districts)
    assert (receipt.held, rows.count()) == (2, 2)
    assert {row.params["sentence"] for row in rows} == {
        "3例甲乙丙丁情形另行说明。",
        "4例戊己庚辛情形另行说明。",
    }
    assert {row.row_number for row in rows} == {5}


def test_parts_that_are_not_the_total_are_told_with_the_sentence(two_districts, sent):
    receipt = receive_file(sent(TEXT.replace("望海新区2例", "望海新区3例")), actor=two_districts)
    (found,) = [
        each for each in receipt_issues(receipt, actor=two_districts) if each.code == "TOTAL_DISAGREES"
    ]
    assert (found.row, found.params["stated"], found.params["summed"]) == (3, 7, 8)
    assert "望海新区3例" in found.params["sentence"]
    assert figures()["990102", "confirmed", ""] == 3


def test_the_same_again_changes_nothing_and_a_correction_revises_from_now_on(two_districts, sent):
    receive_file(sent(TEXT), actor=two_districts)
    then = installation().close_of(date(2022, 3, 6))
    before, shown_then = record_digest(), city_on(then)
    receive_file(sent(TEXT, "again.txt"), actor=two_districts)
    assert record_digest() == before
    # The same words in another file say nothing new.
    receipt = receive_file(sent(page(TEXT), "page.html"), actor=two_districts)
    assert (receipt.inserted, receipt.revised) == (0, 0)

    corrected = sent(TEXT.replace("病例7例", "病例8例").replace("柳堤区5例", "柳堤区6例"), "b.txt")
    receipt = receive_file(corrected, actor=two_districts)
    assert (receipt.inserted, receipt.revised, receipt.held) == (0, 2, 1)
    assert (figures()["9901", "confirmed", ""], figures()["990101", "confirmed", ""]) == (8, 6)
    assert city_on(then) == shown_then
    before = record_digest()
    for path in (corrected, sent(TEXT), sent(page(TEXT), "page.html")):
        receive_file(path, actor=two_districts)
    assert record_digest() == before
    assert figures()["9901", "confirmed", ""] == 8


def city_on(at: datetime) -> list[tuple[int | None, int | None]]:
    days = area_series(DISEASE, CITY_OF_TWO, actor=OFFICE, at=at, through=date(2022, 3, 5)).days
    return [(day.confirmed, day.asymptomatic) for day in days]


def test_a_correction_may_carry_the_time_of_its_publication(two_districts, sent):
    receive_file(sent(TEXT), actor=two_districts)
    published = datetime(2022, 3, 7, 2, tzinfo=UTC)
    receive_file(sent(TEXT.replace("病例7例", "病例8例"), "b.txt"), actor=two_districts, known_at=published)
    assert [city_on(published - timedelta(hours=1)), city_on(published)] == [[(7, 12)], [(8, 12)]]


def test_a_district_s_officer_brings_its_own_figures_only(two_districts, sent):
    user = user_create(
        "d", "x" * 12, role="district_officer", area_code="990101", display_name="d", actor="test"
    )
    receipt = receive_file(sent(TEXT), actor=actor_of(user))
    assert {area for area, *_ in figures()} == {"990101"}
    assert receipt.row_count == receipt.accepted + receipt.held + receipt.rejected
    # Each of the four sentences tells of the city, two of them of the district as well.
    assert (receipt.accepted, receipt.rejected, receipt.held) == (2, 4, 1)


def test_another_city_s_bulletin_is_held_whole(two_districts, sent):
    text = "远山市卫生健康委通报：2022年3月5日0—24时，远山市新增本土确诊病例7例。"
    receipt = receive_file(sent(text), actor=two_districts)
    assert (receipt.accepted, receipt.held, figures()) == (0, 1, {})
    (row,) = receipt_rows(receipt.key, actor=two_districts)
    assert (row.reason, "远山市新增本土确诊病例7例" in row.params["sentence"]) == ("unknown_area", True)


def test_a_district_s_office_does_not_take_the_city_s_figures_for_its_own(two_districts, sent):
    installation_set(actor="test", area_code="990101", disease=DISEASE)
    receive_file(sent(TEXT.replace("临江市", "")), actor=two_districts)
    assert figures() == SAID
    unnamed = "2022年3月6日0—24时，临江全市无新增本土确诊病例，新增无症状感染者3例，均居住在柳堤区。"
    receipt = receive_file(sent(unnamed, "b.txt"), actor=two_districts)
    assert not DailyCount.objects.filter(area_code="990101", day="2022-03-06", measure="confirmed").exists()
    assert receipt.row_count == receipt.accepted + receipt.held


def test_an_office_without_an_area_guesses_none(two_districts, sent):
    installation_set(actor="test", area_code="", disease=DISEASE)
    receipt = receive_file(sent("2022年3月5日0—24时，新增本土确诊病例7例。"), actor=two_districts)
    assert (receipt.accepted, receipt.held, figures()) == (0, 1, {})


def test_a_held_name_enters_once_the_gazetteer_knows_it(two_districts, sent):
    path = sent(TEXT.replace("望海新区", "观潮区"))
    receipt = receive_file(path, actor=two_districts)
    assert ("990103", "confirmed", "") not in figures()
    assert receipt.held == 3
    areas_load(
        [{"key": "990103", "name_zh": "观潮区"}],
        actor="test",
        known_from=datetime(2020, 1, 1, tzinfo=UTC),
        source_key="test",
    )
    receipt = receive_file(path, actor=two_districts)
    assert (receipt.held, figures()["990103", "confirmed", ""]) == (1, 2)


def test_a_page_without_its_year_is_of_the_latest_such_day_or_waits(two_districts, sent):
    yesterday = installation().today() - timedelta(days=1)
    told = f"临江市{yesterday.month}月{yesterday.day}日0—24时，新增本土确诊病例7例。"
    receipt = receive_file(sent(told), actor=two_districts)
    assert [each.code for each in receipt_issues(receipt, actor=two_districts)] == ["DATE_NO_YEAR"]
    assert set(DailyCount.objects.values_list("day", flat=True)) == {yesterday}
    long_ago = installation().today() - timedelta(days=90)
    told = f"临江市{long_ago.month}月{long_ago.day}日0—24时，新增本土确诊病例9例。"
    receipt = receive_file(sent(told, "b.txt"), actor=two_districts)
    assert (receipt.accepted, receipt.held) == (0, 1)


def test_a_ledger_that_speaks_of_cases_is_no_bulletin(two_districts, sent, tmp_path):
    people = [f"甲{number},99010119900101{number:04d},3月5日新增本土确诊病例1例的密接" for number in range(4)]
    table = "\n".join(["姓名,证件号码,备注", *people])
    minutes = "会议研究了第3项至第9项议题，决定抽调120名干部，4月1日前到岗，设卡口14处，新增确诊病例5例。"
    for name, text in (("a.csv", table), ("b.txt", minutes)):
        assert bulletin_of(sent(text, name), name, office_area=CITY_OF_TWO, today=date(2022, 4, 1)) is None


@pytest.mark.real_data
def test_no_other_real_file_is_taken_for_a_bulletin(two_districts, real_data):
    others = [
        path
        for folder in (real_data, real_data / "messy", real_data / "minutes")
        for path in sorted(folder.iterdir())
        if path.is_file() and path.stat().st_size < 10**6 and path.suffix != ".md"
    ]
    assert len(others) > 15
    today = date(2026, 1, 1)
    assert [p.name for p in others if bulletin_of(p, p.name, office_area="31", today=today)] == []


def test_the_words_of_every_channel_are_there():
    assert [code for each in channels() if not has_word(code := f"channel.{each['code']}")] == []


def unpacked(real_data: Path, folder: Path) -> list[Path]:
    with tarfile.open(real_data / BULLETINS) as archive:
        archive.extractall(folder, filter="data")
    return sorted(folder.rglob("*.txt"))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def on(day: str) -> date:
    return date(int(day[:4]), int(day[4:6]), int(day[6:]))


def as_of(day: date) -> dict:
    return {"actor": OFFICE, "at": installation().close_of(day), "through": day}


def shown() -> list:
    return area_series(DISEASE, AREA, **as_of(LAST)).days


@pytest.mark.real_data
def test_44_bulletins_give_the_figures_of_the_published_tables(office, real_data, tmp_path):
    files = unpacked(real_data, tmp_path)
    began = time.process_time()
    receipts = [receive_file(path, actor=office) for path in files]
    seconds = time.process_time() - began
    assert (len(files), seconds < 30) == (44, True), seconds
    assert {receipt.mapping for receipt in receipts} == {"bulletin"}
    for receipt in receipts:
        assert receipt.row_count == receipt.accepted + receipt.held + receipt.rejected
        assert receipt.rejected == 0
        assert receipt_rows(receipt.key, actor=office).count() == receipt.held
    held = {receipt.file_name[:8]: receipt.held for receipt in receipts if receipt.held}
    assert held == {"20220314": 1, "20220323": 1}

    every_city_figure_is_shown(real_data)
    every_district_figure_is_shown(real_data, {on(path.stem) for path in files})

    before = record_digest()
    again = [receive_file(path, actor=office) for path in files[::11]]
    assert [receipt.key for receipt in again] == [receipt.key for receipt in receipts[::11]]
    assert record_digest() == before

    figures = shown(), district_series(DISEASE, AREA, **as_of(LAST))
    for name in (CITY, DISTRICTS):
        receive_file(real_data / name, actor=office)
    assert (shown(), district_series(DISEASE, AREA, **as_of(LAST))) == figures
    assert {*DailyCount.objects.values_list("series", flat=True)} == {"official", "shanghai-compilation"}


def every_city_figure_is_shown(real_data: Path) -> None:
    days = {day.day: day for day in shown()}
    compared = 0
    for row in table(real_data / CITY):
        day = on(row["时间"])
        if day > LAST or day not in days or days[day].status != "reported":
            continue
        found = days[day]
        assert (found.confirmed, found.asymptomatic or 0) == (
            int(row["确诊病例"]),
            int(row["无症状感染者"]),
        ), day
        assert found.converted == int(row["无症状转确诊"] or 0), day
        if day not in CITY_CHANNELS_DIFFER:
            wanted: Counter[str] = Counter()
            for column, channel in CHANNELS.items():
                wanted[channel] += int(row[column] or 0)
            assert {c: n for c, n in found.channels.items() if n} == +wanted, day
        compared += 1
    assert compared == 30


def every_district_figure_is_shown(real_data: Path, days: set[date]) -> None:
    names = {}
    series = {each.area_code: each for each in district_series(DISEASE, AREA, **as_of(LAST))}
    for each in series.values():
        names[each.name_zh] = names[each.name_zh.removesuffix("新区").removesuffix("区")] = each.area_code
    assert len(series) == 17
    wanted: dict[tuple[str, date], Counter] = {}
    ways: dict[tuple[str, date], Counter] = {}
    for row in table(real_data / DISTRICTS):
        code, day, count = names[row["district"]], on(row["date"]), int(row["count"])
        if day in days and code not in DISTRICTS_DIFFER.get(day, ()):
            wanted.setdefault((code, day), Counter())[KINDS[row["is_patient"]]] += count
            ways.setdefault((code, day), Counter())[WAYS[row["source"]]] += count
    found = {(code, day.day): day for code, each in series.items() for day in each.days}
    for (code, day), counts in wanted.items():
        shown_day = found[code, day]
        assert (shown_day.confirmed or 0, shown_day.asymptomatic or 0) == (
            counts["confirmed"],
            counts["asymptomatic"],
        ), (code, day)
        if day not in WAYS_DIFFER:
            assert +Counter(shown_day.channels) == +ways[code, day], (code, day)
    assert len(wanted) > 300
    curves = epidemic_curve(DISEASE, AREA, **as_of(LAST))
    assert curves.area is not None
    assert {"controlled", "screening", "converted", "sought_care"} <= set(curves.area.counts)
