"""Files with nothing wrong in them, of every kind and in many ways of writing: silence is the right answer."""

from __future__ import annotations

from datetime import date, datetime, time

from .making import Formula, Sheet, as_csv, as_xlsx
from .sheets_of_persons import person


def stock_with_sizes() -> Sheet:
    rows: list[list[object]] = [
        ["2022年4月10日 防疫物资库存统计表"],
        [
            "物资类别",
            "物资名称",
            "规格型号",
            "单位",
            "上日结存",
            "入库数量",
            "出库数量",
            "库存数量",
            "生产批号",
            "备注",
        ],
    ]
    goods = (
        ("口罩类", "口罩", "N95", "只"),
        ("口罩类", "口罩", "外科", "只"),
        ("消杀类", "消毒液", "5L", "桶"),
    )
    goods += (
        ("消杀类", "消毒片", "100片/瓶", "瓶"),
        ("检测类", "抗原试剂", "20人份/盒", "盒"),
        ("其他", "帐篷", "3×4米", "顶"),
    )
    for place, (sort, item, size, unit) in enumerate(goods):
        opening = 300 + 17 * place
        rows.append([sort, item, size, unit, opening, 0, 12, opening - 12, f"2203{place:02d}", ""])
    return Sheet("库存0410.xlsx", "supplies", as_xlsx(rows, merges=("A1:J1",)), range(3, 9))


def household_ledger() -> Sheet:
    """A family shares a phone and an address; two contacts bear one name; ages are of the calendar year."""
    head = [
        "序号",
        "姓名",
        "性别",
        "年龄",
        "身份证号码",
        "联系电话",
        "家庭住址",
        "与病例关系",
        "关联病例",
        "最后接触时间",
        "隔离方式",
    ]
    rows: list[list[object]] = [head]
    for place in range(24):
        name, number, sex, age, _ = person(place)
        rows.append(
            [
                place + 1,
                name if place != 9 else "试重名",
                sex,
                age + place % 2,
                number,
                f"1007{place // 3:07d}",
                f"虚构路{place // 3}号",
                "家人",
                "病例6",
                f"2022年4月{3 + place % 5}日",
                "集中隔离",
            ]
        )
    rows[17][1] = "试重名"
    return Sheet("家庭密接.csv", "contact_ledger", as_csv(rows, encoding="gb18030"), range(2, 26))


def two_rounds_of_swabs() -> Sheet:
    """Everybody swabbed on two days, in tubes of ten and twenty, the last tube not full."""
    rows: list[list[object]] = [
        ["采样日期", "采样点位", "管码", "混采方式", "姓名", "身份证号", "检测结果", "检测时间"]
    ]
    for day in (8, 10):
        for place in range(35):
            name, number, *_ = person(place)
            size = 20 if place < 20 else 10
            tube = f"{day:02d}990{place // 20 if place < 20 else 1 + (place - 20) // 10:05d}"
            rows.append(
                [
                    f"2022-04-{day:02d}",
                    "东门",
                    tube,
                    f"{size}:1",
                    name,
                    number,
                    "阴性(-)",
                    f"2022-04-{day:02d} 23:10",
                ]
            )
    return Sheet("两轮核酸.csv", "lab_results", as_csv(rows), range(2, 72))


def singles_with_positives() -> Sheet:
    rows: list[list[object]] = [
        ["姓名", "证件号码", "条码", "采样类型", "采样时间", "结果", "O值", "N值", "报告时间"]
    ]
    for place in range(20):
        name, number, *_ = person(place + 50)
        positive = place in (3, 11)
        ct = (f"{22 + place}.4", f"{23 + place}.1") if positive else ("", "")
        rows.append(
            [
                name,
                number,
                f"SD{place:06d}",
                "单采",
                datetime.combine(date(2022, 4, 9), time(9, place)),
                "阳性" if positive else "阴性",
                *ct,
                datetime.combine(date(2022, 4, 9), time(21, 0)),
            ]
        )
    return Sheet("单采复核结果.xlsx", "lab_results", as_xlsx(rows, date_format="yyyy/m/d h:mm"), range(2, 22))


def tally_with_formulas() -> Sheet:
    rows: list[list[object]] = [["社区", "应检人数", "已检人数", "未检人数", "其中：外出", "完成率"]]
    for place in range(10):
        due = 900 + 11 * place
        done = due - 3 * place
        at = place + 2
        rows.append(
            [
                f"第{place + 1}社区",
                due,
                done,
                Formula(f"=B{at}-C{at}", due - done),
                place,
                Formula(f"=C{at}/B{at}", done / due),
            ]
        )
    sums = [sum(900 + 11 * p for p in range(10)), sum(900 + 8 * p for p in range(10))]
    rows.append(
        [
            "合计",
            Formula("=SUM(B2:B11)", sums[0]),
            Formula("=SUM(C2:C11)", sums[1]),
            Formula("=SUM(D2:D11)", sums[0] - sums[1]),
            Formula("=SUM(E2:E11)", 45),
            None,
        ]
    )
    return Sheet(
        "应检已检.xlsx", "screening_crosstab", as_xlsx(rows), range(2, 12), {12: "TOTAL_ROW_SKIPPED"}
    )


def wards_of_many_days() -> Sheet:
    rows: list[list[object]] = [["日期", "医疗机构", "核定床位", "开放床位", "在院患者", "新入院", "出院"]]
    for day in range(1, 8):
        for place in range(3):
            rows.append([f"2022-04-{day:02d}", f"虚构医院{place}", 300, 280, 100 + place + 2 * day, 5, 3])
    return Sheet("床位周报.csv", "beds", as_csv(rows), range(2, 23))


def counts_of_a_fortnight() -> Sheet:
    rows: list[list[object]] = [["date", "district", "confirmed", "asymptomatic", "deaths"]]
    for day in range(1, 11):
        for area in ("Harbour", "Hill", "Lake"):
            rows.append([f"2022-04-{day:02d}", area, day, 3 * day, 0])
    return Sheet("district_daily.csv", "daily_counts", as_csv(rows), range(2, 32))


def travellers() -> Sheet:
    rows: list[list[object]] = [
        [
            "姓名",
            "性别",
            "身份证号",
            "手机",
            "航班号",
            "座位号",
            "到达时间",
            "出发城市",
            "到达城市",
            "入住酒店",
        ]
    ]
    for place in range(25):
        name, number, sex, _, phone = person(place + 100)
        seat = f"{30 + place // 6}{'ABCDEF'[place % 6]}"
        rows.append(
            [name, sex, number, phone, "XY8801", seat, "2022-04-09 13:20", "远城", "浦江", "虚构酒店"]
        )
    return Sheet("航班旅客.csv", "arrivals", as_csv(rows), range(2, 27))


def gate_book() -> Sheet:
    """Commuters pass the gate in the morning and in the evening."""
    rows: list[list[object]] = [["日期时间", "卡点", "姓名", "身份证号", "电话", "车牌", "48小时核酸"]]
    for hour in (7, 18):
        for place in range(15):
            name, number, _, _, phone = person(place + 20)
            rows.append(
                [
                    f"2022-04-10 {hour:02d}:{place + 10}",
                    "南卡点",
                    name,
                    number,
                    phone,
                    f"虚B{place:05d}",
                    "阴性",
                ]
            )
    return Sheet("南卡点过卡记录.csv", "checkpoint", as_csv(rows), range(2, 32))


def cases() -> Sheet:
    rows: list[list[object]] = [
        [
            "编号",
            "病例姓名",
            "性别",
            "年龄",
            "身份证号码",
            "发病时间",
            "确诊时间",
            "病例类型",
            "转归",
            "现住区",
        ]
    ]
    for place in range(20):
        name, number, sex, age, _ = person(place + 60)
        onset = "" if place % 5 == 0 else f"2022/4/{1 + place % 6}"
        sort = "无症状感染者" if place % 5 == 0 else "确诊病例"
        rows.append(
            [
                f"PJ{place:03d}",
                name,
                sex,
                age,
                number,
                onset,
                f"2022/4/{2 + place % 6}",
                sort,
                "在院",
                "浦江区",
            ]
        )
    return Sheet("阳性感染者清单.csv", "line_list", as_csv(rows), range(2, 22))


def courses_of_doses() -> Sheet:
    rows: list[list[object]] = [
        ["姓名", "身份证号", "疫苗名称", "生产厂家", "接种剂次", "接种时间", "接种点"]
    ]
    for place in range(12):
        name, number, *_ = person(place + 30)
        for dose, day in ((1, "2021-04-02"), (2, "2021-05-01"), (3, "2021-11-20")):
            rows.append([name, number, "新冠病毒灭活疫苗", "科兴中维", f"第{dose}剂", day, "虚构接种点"])
    return Sheet("接种明细.csv", "vaccination_register", as_csv(rows), range(2, 38))


def requests_for_help() -> Sheet:
    rows: list[list[object]] = [
        ["协查函编号", "姓名", "联系方式", "身份证号", "管控类别", "到达时间", "活动地点", "处置要求"]
    ]
    asked = ("集中隔离", "居家隔离", "三天两检", "转运", "核查在位")
    for place in range(15):
        name, number, _, _, phone = person(place + 5)
        rows.append(
            [
                f"XC{place:04d}",
                name,
                phone,
                number,
                "密接",
                f"2022-04-0{1 + place % 8}",
                "虚构市场",
                asked[place % 5],
            ]
        )
    return Sheet("外省推送协查.csv", "assistance_list", as_csv(rows), range(2, 17))


def sheets() -> list[Sheet]:
    """All of them."""
    makers = (
        stock_with_sizes,
        household_ledger,
        two_rounds_of_swabs,
        singles_with_positives,
        tally_with_formulas,
    )
    makers += (wards_of_many_days, counts_of_a_fortnight, travellers, gate_book, cases, courses_of_doses)
    return [make() for make in (*makers, requests_for_help)]
