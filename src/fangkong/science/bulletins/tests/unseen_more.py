"""A second and a third set of bulletins of invented places, each key written before the reader saw the page."""

from __future__ import annotations

from datetime import date

from .unseen import I, L, Unseen, of

CAPITAL = Unseen(
    "numbers before what they count, and a list of districts",
    "5月10日0时至24时，新增37例本土确诊病例（含3例无症状感染者转确诊病例）和24例无症状感染者，治愈出院113例；"
    "无新增境外输入确诊病例、疑似病例和无症状感染者。\n\n今日通报的61例感染者中，北关区15例，南河区14例，西岭区32例；"
    "56例在隔离观察人员中发现，5例为社会面筛查人员。",
    date(2031, 5, 10),
    {
        of(origin=L): 37,
        of(channel="converted", origin=L): 3,
        of("", "asymptomatic", origin=L): 24,
        of("", "discharged", origin=L): 113,
        of(origin=I): 0,
        of("", "suspected", origin=I): 0,
        of("", "asymptomatic", origin=I): 0,
        of("", "infections"): 61,
        of("北关区", "infections"): 15,
        of("南河区", "infections"): 14,
        of("西岭区", "infections"): 32,
        of("", "infections", "controlled"): 56,
        of("", "infections", "community"): 5,
    },
)

SUFFIXED = Unseen(
    "several kinds of part after one total",
    "2031年3月27日0-24时，全市新增本土确诊病例12例，其中东山区5例、西山区4例、南湖县3例；新增本土无症状感染者9例，"
    "其中6例在集中隔离点发现，2例在居家隔离期间发现，1例为社会面核酸筛查发现。新增治愈出院病例20例、"
    "解除隔离医学观察无症状感染者11例。累计报告本土确诊病例1002例，已治愈出院640例，在院治疗361例，死亡1例。",
    date(2031, 3, 27),
    {
        of(origin=L): 12,
        of("东山区", origin=L): 5,
        of("西山区", origin=L): 4,
        of("南湖县", origin=L): 3,
        of("", "asymptomatic", origin=L): 9,
        of("", "asymptomatic", "central_quarantine", L): 6,
        of("", "asymptomatic", "home_quarantine", L): 2,
        of("", "asymptomatic", "community", L): 1,
        of("", "discharged", origin=L): 20,
        of("", "released_from_observation", origin=L): 11,
        of("", "confirmed_cumulative", origin=L): 1002,
        of("", "discharged_cumulative", origin=L): 640,
        of("", "in_treatment", origin=L): 361,
        of("", "deaths_cumulative", origin=L): 1,
    },
)

EARLY = Unseen(
    "an early bulletin with cumulative numbers by city",
    "2031年1月25日0时—24时，青原省报告新增病例323例，其中：云川市80例、临河市62例、白石州181例。新增死亡病例13例，"
    "均为云川市。新增出院2例。\n截至2031年1月25日24时，全省累计报告病例1052例，其中：云川市618例、临河市122例、"
    "白石州312例。已治愈出院42例，死亡52例，目前仍在院治疗958例，其中重症129例、危重症31例。现有疑似病例55例。"
    "累计追踪密切接触者7989人，尚在接受医学观察6904人。",
    date(2031, 1, 25),
    {
        of(): 323,
        of("云川市"): 80,
        of("临河市"): 62,
        of("白石州"): 181,
        of("", "deaths"): 13,
        of("云川市", "deaths"): 13,
        of("", "discharged"): 2,
        of("", "confirmed_cumulative"): 1052,
        of("云川市", "confirmed_cumulative"): 618,
        of("临河市", "confirmed_cumulative"): 122,
        of("白石州", "confirmed_cumulative"): 312,
        of("", "discharged_cumulative"): 42,
        of("", "deaths_cumulative"): 52,
        of("", "in_treatment"): 958,
        of("", "severe_and_critical"): 129,
        of("", "critical"): 31,
        of("", "suspected_current"): 55,
        of("", "close_contact_cumulative"): 7989,
        of("", "close_contact_under_observation"): 6904,
    },
    "青原省",
)

NATION_ASYMPTOMATIC = Unseen(
    "asymptomatic infections of a country",
    "2031年3月15日0—24时，31个省（自治区、直辖市）和新疆生产建设兵团报告新增无症状感染者1206例，其中境外输入76例，"
    "本土1130例（吉林1000例，其中长春市990例、通化市10例；山东130例，其中青岛市130例）。\n"
    "当日解除医学观察的无症状感染者80例，其中境外输入65例，本土15例（广东8例，其中东莞市8例；四川7例，其中成都市7例）；"
    "当日转为确诊病例9例（境外输入3例）；尚在医学观察的无症状感染者4000例（境外输入800例）。",
    date(2031, 3, 15),
    {
        of("", "asymptomatic"): 1206,
        of("", "asymptomatic", origin=I): 76,
        of("", "asymptomatic", origin=L): 1130,
        of("吉林", "asymptomatic", origin=L): 1000,
        of("长春市", "asymptomatic", origin=L): 990,
        of("通化市", "asymptomatic", origin=L): 10,
        of("山东", "asymptomatic", origin=L): 130,
        of("青岛市", "asymptomatic", origin=L): 130,
        of("", "released_from_observation"): 80,
        of("", "released_from_observation", origin=I): 65,
        of("", "released_from_observation", origin=L): 15,
        of("广东", "released_from_observation", origin=L): 8,
        of("东莞市", "released_from_observation", origin=L): 8,
        of("四川", "released_from_observation", origin=L): 7,
        of("成都市", "released_from_observation", origin=L): 7,
        of(channel="converted"): 9,
        of(channel="converted", origin=I): 3,
        of("", "under_observation"): 4000,
        of("", "under_observation", origin=I): 800,
    },
)

COLUMNS = Unseen(
    "a table with columns",
    "云川市2031年4月9日0—24时本土疫情\n\n区域\t新增确诊\t新增无症状\n东山区\t3\t5\n西山区\t2\t0\n合计\t5\t5\n",
    date(2031, 4, 9),
    {
        of("东山区", origin=L): 3,
        of("西山区", origin=L): 2,
        of(origin=L): 5,
        of("东山区", "asymptomatic", origin=L): 5,
        of("西山区", "asymptomatic", origin=L): 0,
        of("", "asymptomatic", origin=L): 5,
    },
    "云川市",
)

HEADED = Unseen(
    "sections with headings",
    "一、本土疫情\n6月1日0—24时，新增确诊病例2例，均在东山区；新增无症状感染者1例。\n二、境外输入疫情\n"
    "6月1日0—24时，新增确诊病例4例（法国3例、泰国1例），无新增无症状感染者。\n三、其他\n"
    "6月1日，全市接种新冠疫苗3567剂次，开放发热门诊21家。",
    date(2031, 6, 1),
    {
        of(origin=L): 2,
        of("东山区", origin=L): 2,
        of("", "asymptomatic", origin=L): 1,
        of(origin=I): 4,
        of(origin=I, source="法国"): 3,
        of(origin=I, source="泰国"): 1,
        of("", "asymptomatic", origin=I): 0,
    },
    held=("3567", "21"),
)

INFECTIONS_PARTED_THREE_WAYS = Unseen(
    "infections parted three ways",
    "5月20日疫情通报：2031年5月19日0-24时，柳城市新增本土新冠病毒感染者86例（确诊病例11例，无症状感染者75"
    "例）。其中，隔离管控80例，社会面6例。分布情况：东山区41例（确诊5例、无症状36例），西山区30例（确诊4例、无症状"
    "26例），南湖县15例（确诊2例、无症状13例）。",
    date(2031, 5, 19),
    {
        of("", "infections", "", L): 86,
        of("", "confirmed", "", L): 11,
        of("", "asymptomatic", "", L): 75,
        of("", "infections", "controlled", L): 80,
        of("", "infections", "community", L): 6,
        of("东山区", "infections", "", L): 41,
        of("东山区", "confirmed", "", L): 5,
        of("东山区", "asymptomatic", "", L): 36,
        of("西山区", "infections", "", L): 30,
        of("西山区", "confirmed", "", L): 4,
        of("西山区", "asymptomatic", "", L): 26,
        of("南湖县", "infections", "", L): 15,
        of("南湖县", "confirmed", "", L): 2,
        of("南湖县", "asymptomatic", "", L): 13,
    },
    "柳城市",
)

CITIES_OF_IMPORTED_CASES = Unseen(
    "cities of imported cases",
    "2031年7月30日0时至24时，全省新增本土确诊病例5例，均为临河市报告。新增境外输入确诊病例2例，其中云川市1例（英"
    "国），临河市1例（美国）。当日无新增死亡病例，新增治愈出院3例。截至7月30日24时，全省累计报告确诊病例1180例（其"
    "中境外输入210例），累计治愈出院1100例，累计死亡1例，在院治疗79例。",
    date(2031, 7, 30),
    {
        of("", "confirmed", "", L): 5,
        of("临河市", "confirmed", "", L): 5,
        of("", "confirmed", "", I): 2,
        of("云川市", "confirmed", "", I): 1,
        of("临河市", "confirmed", "", I): 1,
        of("", "deaths", "", ""): 0,
        of("", "discharged", "", ""): 3,
        of("", "confirmed_cumulative", "", ""): 1180,
        of("", "confirmed_cumulative", "", I): 210,
        of("", "discharged_cumulative", "", ""): 1100,
        of("", "deaths_cumulative", "", ""): 1,
        of("", "in_treatment", "", ""): 79,
    },
)

THE_REST_OF_TWO_TOTALS_AT_ONCE = Unseen(
    "the rest of two totals at once",
    "东山区新冠肺炎疫情防控指挥部通报：2031年4月2日，我区新增确诊病例3例、无症状感染者8例，其中7例无症状感染者为隔离"
    "管控人员，其余4例在社会面筛查中发现。",
    date(2031, 4, 2),
    {
        of("", "confirmed", "", ""): 3,
        of("", "asymptomatic", "", ""): 8,
        of("", "asymptomatic", "controlled", ""): 7,
    },
    "东山区",
    held=("4例",),
)

THE_GREAT_WAVE = Unseen(
    "the great wave",
    "2031年4月11日0—24时，新增新冠肺炎本土确诊病例994例，新增本土无症状感染者22348例，其中273例确诊病例"
    "为既往无症状感染者转归，492例确诊病例和21869例无症状感染者在隔离管控中发现，其余在相关风险人群排查中发现。新增本"
    "土死亡病例3例。新增出院确诊病例1214例，解除医学观察无症状感染者6522例。",
    date(2031, 4, 11),
    {
        of("", "confirmed", "", L): 994,
        of("", "asymptomatic", "", L): 22348,
        of("", "confirmed", "converted", L): 273,
        of("", "confirmed", "controlled", L): 492,
        of("", "asymptomatic", "controlled", L): 21869,
        of("", "confirmed", "screening", L): 229,
        of("", "asymptomatic", "screening", L): 479,
        of("", "deaths", "", L): 3,
        of("", "discharged", "", L): 1214,
        of("", "released_from_observation", "", L): 6522,
    },
)

YESTERDAY_BY_DISTRICTS = Unseen(
    "yesterday by districts",
    "昨日新增本土确诊病例3例，分别为东山区1例、西山区2例，较前日减少4例；累计确诊45例，其中治愈出院12例、在院治疗33"
    "例（轻型20例，普通型13例）。",
    date(2031, 6, 5),
    {
        of("", "confirmed", "", L): 3,
        of("东山区", "confirmed", "", L): 1,
        of("西山区", "confirmed", "", L): 2,
        of("", "confirmed_cumulative", "", ""): 45,
        of("", "discharged_cumulative", "", ""): 12,
        of("", "in_treatment", "", ""): 33,
        of("", "mild", "", ""): 20,
        of("", "moderate", "", ""): 13,
    },
)

WRITTEN_NOUGHTS = Unseen(
    "written noughts",
    "2031年3月1日0-24时，新增确诊0例，新增无症状0例，新增死亡0例。",
    date(2031, 3, 1),
    {
        of("", "confirmed", "", ""): 0,
        of("", "asymptomatic", "", ""): 0,
        of("", "deaths", "", ""): 0,
    },
)

MORE = (
    CAPITAL,
    SUFFIXED,
    EARLY,
    NATION_ASYMPTOMATIC,
    COLUMNS,
    HEADED,
    INFECTIONS_PARTED_THREE_WAYS,
    CITIES_OF_IMPORTED_CASES,
    THE_REST_OF_TWO_TOTALS_AT_ONCE,
    THE_GREAT_WAVE,
    YESTERDAY_BY_DISTRICTS,
    WRITTEN_NOUGHTS,
)
