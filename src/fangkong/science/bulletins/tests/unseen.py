"""Bulletins of invented places in the usual styles, each with its key, written before the reader was run on them.

A key maps (area, measure, channel, origin, source) to the value. ``day`` is the day of all figures unless a figure's
key begins with a day. ``held`` are numbers that must be held.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

L, I = "local", "imported"  # noqa: E741


@dataclass(frozen=True)
class Unseen:
    """One page with its key."""

    name: str
    text: str
    day: date
    key: dict[tuple, int]
    area: str = ""
    held: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)


def of(area="", measure="confirmed", channel="", origin="", source=""):
    """A key's left side."""
    return area, measure, channel, origin, source


PROVINCE = Unseen(
    "a province with cities in brackets",
    "2031年4月6日0时至24时，青原省新增本土确诊病例112例（云川市95例，临河市17例），其中12例由无症状感染者转为确诊病例"
    "（临河市12例）；新增本土无症状感染者1,204例（云川市1180例、临河市20例、白石州4例）。新增境外输入确诊病例3例。"
    "新增治愈出院45例。无新增死亡病例。截至4月6日24时，全省现有本土确诊病例1530例，其中重型3例、危重型1例；"
    "累计报告本土确诊病例4302例，累计死亡2例。",
    date(2031, 4, 6),
    {
        of(origin=L): 112,
        of("云川市", origin=L): 95,
        of("临河市", origin=L): 17,
        of(channel="converted", origin=L): 12,
        of("临河市", channel="converted", origin=L): 12,
        of("", "asymptomatic", origin=L): 1204,
        of("云川市", "asymptomatic", origin=L): 1180,
        of("临河市", "asymptomatic", origin=L): 20,
        of("白石州", "asymptomatic", origin=L): 4,
        of(origin=I): 3,
        of("", "discharged"): 45,
        of("", "deaths"): 0,
        of("", "confirmed_current", origin=L): 1530,
        of("", "severe", origin=L): 3,
        of("", "critical", origin=L): 1,
        of("", "confirmed_cumulative", origin=L): 4302,
        of("", "deaths_cumulative"): 2,
    },
    "青原省",
)

NATION = Unseen(
    "a country with provinces in brackets inside brackets",
    "3月15日0—24时，31个省（自治区、直辖市）和新疆生产建设兵团报告新增确诊病例1952例。其中境外输入病例92例"
    "（广东33例，福建19例，上海14例，广西8例，浙江6例，北京4例，山东3例，云南3例，四川2例），含3例由无症状感染者转为确诊病例"
    "（广东2例，福建1例）；本土病例1860例（吉林1456例，其中吉林市785例、长春市664例、延边州7例；山东166例，"
    "其中威海市148例、济南市18例；甘肃238例，其中兰州市238例），含4例由无症状感染者转为确诊病例（吉林4例）。\n\n"
    "当日新增治愈出院病例111例，解除医学观察的密切接触者10823人，重症病例较前一日增加1例。\n\n"
    "境外输入现有确诊病例2218例（无重症病例），现有疑似病例16例。累计确诊病例16632例，累计治愈出院病例14414例，无死亡病例。",
    date(2031, 3, 15),
    {
        of(): 1952,
        of(origin=I): 92,
        **{
            of(a, origin=I): n
            for a, n in zip(
                ["广东", "福建", "上海", "广西", "浙江", "北京", "山东", "云南", "四川"],
                (33, 19, 14, 8, 6, 4, 3, 3, 2),
                strict=True,
            )
        },
        of(channel="converted", origin=I): 3,
        of("广东", channel="converted", origin=I): 2,
        of("福建", channel="converted", origin=I): 1,
        of(origin=L): 1860,
        of("吉林", origin=L): 1456,
        of("吉林市", origin=L): 785,
        of("长春市", origin=L): 664,
        of("延边州", origin=L): 7,
        of("山东", origin=L): 166,
        of("威海市", origin=L): 148,
        of("济南市", origin=L): 18,
        of("甘肃", origin=L): 238,
        of("兰州市", origin=L): 238,
        of(channel="converted", origin=L): 4,
        of("吉林", channel="converted", origin=L): 4,
        of("", "discharged"): 111,
        of("", "close_contact_released"): 10823,
        of("", "confirmed_current", origin=I): 2218,
        of("", "severe_and_critical", origin=I): 0,
        of("", "suspected_current", origin=I): 16,
        of("", "confirmed_cumulative", origin=I): 16632,
        of("", "discharged_cumulative", origin=I): 14414,
        of("", "deaths_cumulative", origin=I): 0,
    },
)

CHANNELS = Unseen(
    "ways of discovery one by one",
    "云川市卫生健康委员会通报：5月2日0-24时，全市新增本土确诊病例9例、无症状感染者31例。40例感染者中，隔离管控人员中检出28例，"
    "社会面筛查发现7例，主动就诊发现3例，来返人员中发现2例。",
    date(2031, 5, 2),
    {
        of(origin=L): 9,
        of("", "asymptomatic", origin=L): 31,
        of("", "infections", origin=L): 40,
        of("", "infections", "controlled", L): 28,
        of("", "infections", "community", L): 7,
        of("", "infections", "sought_care", L): 3,
        of("", "infections", "arrivals", L): 2,
    },
    "云川市",
)

BY_DISTRICT = Unseen(
    "each district in turn",
    "疫情通报（2031年5月4日）\n\n昨日0时至24时：东山区新增确诊病例3例、无症状感染者5例；西山区新增确诊病例2例，无新增无症状感染者；"
    "南湖县无新增确诊病例，新增无症状感染者１２例。",
    date(2031, 5, 3),
    {
        of("东山区"): 3,
        of("东山区", "asymptomatic"): 5,
        of("西山区"): 2,
        of("西山区", "asymptomatic"): 0,
        of("南湖县"): 0,
        of("南湖县", "asymptomatic"): 12,
    },
)

NUMERALS = Unseen(
    "Chinese numerals",
    "二〇三一年六月三日，我市新增本土确诊病例十五例，均在集中隔离点发现；新增无症状感染者一百零二例；治愈出院两例。无新增死亡病例和疑似病例。",
    date(2031, 6, 3),
    {
        of(origin=L): 15,
        of(channel="central_quarantine", origin=L): 15,
        of("", "asymptomatic"): 102,
        of("", "discharged"): 2,
        of("", "deaths"): 0,
        of("", "suspected"): 0,
    },
)

TRADITIONAL = Unseen(
    "traditional script",
    "2031年2月7日0時至24時，全縣新增本土確診病例6例，其中2例在隔離管控中發現，4例在風險人群篩查中發現；新增本土無症狀感染者8例，"
    "均在隔離管控中發現。解除醫學觀察無症狀感染者3例。",
    date(2031, 2, 7),
    {
        of(origin=L): 6,
        of(channel="controlled", origin=L): 2,
        of(channel="screening", origin=L): 4,
        of("", "asymptomatic", origin=L): 8,
        of("", "asymptomatic", "controlled", L): 8,
        of("", "released_from_observation", origin=L): 3,
    },
)

DAYS = Unseen(
    "two days on one page",
    "2031年8月1日0—24时，新增本土确诊病例4例。新增境外输入确诊病例1例。\n\n2031年8月2日0—24时，新增本土确诊病例7例，无新增境外输入确诊病例。\n\n"
    "截至8月3日0时，累计本土确诊病例211例。",
    date(2031, 8, 2),
    {
        (date(2031, 8, 1), *of(origin=L)): 4,
        (date(2031, 8, 1), *of(origin=I)): 1,
        of(origin=L): 7,
        of(origin=I): 0,
        of("", "confirmed_cumulative", origin=L): 211,
    },
)

LIST = Unseen(
    "a list of lines",
    "2031年9月9日疫情情况\n新增本土确诊病例6例，分布如下：\n东山区：3例\n西山区：2例\n南湖县：1例\n\n新增本土无症状感染者2例，居住于东山区。\n",
    date(2031, 9, 9),
    {
        of(origin=L): 6,
        of("东山区", origin=L): 3,
        of("西山区", origin=L): 2,
        of("南湖县", origin=L): 1,
        of("", "asymptomatic", origin=L): 2,
        of("东山区", "asymptomatic", origin=L): 2,
    },
)

PAIRED = Unseen(
    "several areas and numbers joined",
    "10月3日0—24时，我市新增本土确诊病例8例，其中东山区、西山区分别报告5例、3例。确诊病例和无症状感染者累计分别为120例和340例。",
    date(2031, 10, 3),
    {
        of(origin=L): 8,
        of("东山区", origin=L): 5,
        of("西山区", origin=L): 3,
        of("", "confirmed_cumulative"): 120,
        of("", "asymptomatic_cumulative"): 340,
    },
)

CASES = Unseen(
    "case by case",
    "2031年7月8日0—24时，全市新增本土确诊病例7例，新增本土无症状感染者2例。\n\n确诊病例1至确诊病例3：现住东山区，系密切接触者，在集中隔离点检测发现。\n\n"
    "确诊病例4、5，现住西山区柳巷12号，在社会面筛查中发现。确诊病例6，女，41岁，现住西山区，因发热到发热门诊就诊时发现。"
    "确诊病例7，男，9岁，现住南湖县，为此前报告的无症状感染者。\n\n无症状感染者1，男，30岁，居住于东山区；无症状感染者2，女，8月龄，居住于南湖县，均为隔离管控人员。",
    date(2031, 7, 8),
    {
        of(origin=L): 7,
        of("", "asymptomatic", origin=L): 2,
        of("东山区", origin=L): 3,
        of("西山区", origin=L): 3,
        of("南湖县", origin=L): 1,
        of("", "confirmed", "central_quarantine", L): 3,
        of("", "confirmed", "community", L): 2,
        of("", "confirmed", "sought_care", L): 1,
        of("", "confirmed", "converted", L): 1,
        of("东山区", "confirmed", "central_quarantine", L): 3,
        of("西山区", "confirmed", "community", L): 2,
        of("西山区", "confirmed", "sought_care", L): 1,
        of("南湖县", "confirmed", "converted", L): 1,
        of("东山区", "asymptomatic", "", L): 1,
        of("南湖县", "asymptomatic", "", L): 1,
        of("东山区", "asymptomatic", "controlled", L): 1,
        of("南湖县", "asymptomatic", "controlled", L): 1,
        of("", "asymptomatic", "controlled", L): 2,
    },
)

CORRECTION = Unseen(
    "a correction",
    "更正：7月5日通报的新增本土确诊病例数有误，应为13例，原为15例。\n\n2031年7月6日0—24时，新增本土确诊病例4例，较前一日减少9例。",
    date(2031, 7, 6),
    {of(origin=L): 4},
    held=("13", "15"),
)

RELATIONS = Unseen(
    "other numbers among the cases",
    "2031年11月2日，全市新增本土确诊病例5例，累计追踪密切接触者1,320人、次密接2105人。全市共完成核酸采样125.6万人次，报告阳性2管。"
    "全市现有高风险区12个。在院治疗的36例病例中，轻型20例、普通型15例、重型1例。咨询电话：0991-1234567。",
    date(2031, 11, 2),
    {
        of(origin=L): 5,
        of("", "close_contact_cumulative"): 1320,
        of("", "secondary_contact_cumulative"): 2105,
        of("", "in_treatment"): 36,
        of("", "mild"): 20,
        of("", "moderate"): 15,
        of("", "severe"): 1,
    },
    held=("125.6",),
)

PARTS = Unseen(
    "origins as parts and suffixed numbers",
    "2031年1月20日0—24时，我市报告新增确诊病例10例，其中本土病例7例、境外输入病例3例（美国2例，日本1例）；7例本土病例中，"
    "4例在隔离观察期间发现，其余在重点人群筛查中发现。新增出院5例，其中本土2例、境外输入3例。"
    "截至1月20日24时，在院治疗66例，其中重症2例；尚在医学观察的无症状感染者18例（境外输入6例）。",
    date(2031, 1, 20),
    {
        of(): 10,
        of(origin=L): 7,
        of(origin=I): 3,
        of(origin=I, source="美国"): 2,
        of(origin=I, source="日本"): 1,
        of(channel="controlled", origin=L): 4,
        of(channel="screening", origin=L): 3,
        of("", "discharged"): 5,
        of("", "discharged", origin=L): 2,
        of("", "discharged", origin=I): 3,
        of("", "in_treatment"): 66,
        of("", "severe_and_critical"): 2,
        of("", "under_observation"): 18,
        of("", "under_observation", origin=I): 6,
    },
)

PAGES = (
    PROVINCE, NATION, CHANNELS, BY_DISTRICT, NUMERALS, TRADITIONAL, DAYS, LIST, PAIRED, CASES, CORRECTION, RELATIONS,
    PARTS,
)  # fmt: skip
