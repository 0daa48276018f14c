"""Cross-tabs, bed reports, stock reports and daily counts by another hand, with their keys."""

from __future__ import annotations

from datetime import date

from .making import Formula, Sheet, as_csv, as_xlsx

VILLAGES = ("东桥村", "西桥村", "南塘村", "北塘村", "上河村", "下河村", "大湾村", "小湾村")


def screening() -> Sheet:
    rows: list[list[object]] = [
        ["全员核酸筛查进度统计表"],
        ["统计截止时间：2022年4月10日18时", None, None, None, None, None, None, None],
        ["乡镇", "行政村", "应采人数", "实采人数", "完成率", "结果情况", None, "备注"],
        [None, None, None, None, None, "阴性", "待出", None],
    ]
    for town in range(2):
        begin = len(rows) + 1
        for place, village in enumerate(VILLAGES):
            due = 800 + 35 * place + 10 * town
            done = due - 4 * place - 3
            rows.append(
                [
                    ("青山镇", "白水镇")[town],
                    village,
                    due,
                    done,
                    round(100 * done / due, 1),
                    done - 20,
                    20,
                    None,
                ]
            )
        end = len(rows)
        sums = [sum(int(str(row[column])) for row in rows[begin - 1 : end]) for column in (2, 3, 5, 6)]
        rows.append(
            [("青山镇", "白水镇")[town], "小计"]
            + [Formula(f"=SUM({c}{begin}:{c}{end})", total) for c, total in zip("CD", sums[:2], strict=True)]
            + [None]
            + [Formula(f"=SUM({c}{begin}:{c}{end})", total) for c, total in zip("FG", sums[2:], strict=True)]
            + [None]
        )
    # Rows 5-12 and 14-21 are data, 13 and 22 the subtotals.
    total = [
        sum(int(str(rows[at][column])) for at in (*range(4, 12), *range(13, 21))) for column in (2, 3, 5, 6)
    ]
    rows.append(["合计", None, total[0] + 100, total[1], None, total[2], total[3], None])  # row 23
    rows[5][3] = int(str(rows[5][2])) + 30  # row 6: more done than due
    rows[7][6] = 5000  # row 8: a part above its whole
    rows[9][2] = -870  # row 10
    rows[11][4] = 0.963  # row 12: 96.3 elsewhere
    rows[14][2] = "约835"  # row 15
    rows[16][2] = 0.09  # row 17
    rows[18][3] = None  # row 19
    return Sheet(
        "核酸筛查进度.xlsx",
        "screening_crosstab",
        as_xlsx(rows, merges=("A1:H1", "A2:H2", "F3:G3")),
        [*range(5, 13), *range(14, 22)],
        {
            3: "HEADER_TWO_ROWS",
            6: "DONE_EXCEEDS_TARGET",
            8: "PART_EXCEEDS_WHOLE",
            10: "NEGATIVE_COUNT",
            12: "PERCENT_SCALE_MIXED",
            13: "SUBTOTAL_SKIPPED FORMULA_CACHE_STALE",
            15: "APPROXIMATE_NUMBER",
            17: "UNIT_SUSPECT",
            19: "VALUE_MISSING",
            22: "SUBTOTAL_SKIPPED FORMULA_CACHE_STALE",
            23: "TOTAL_ROW_SKIPPED TOTAL_DISAGREES",
        },
        also={13: "TOTAL_DISAGREES", 22: "TOTAL_DISAGREES"},
    )


def clean_screening() -> Sheet:
    rows: list[list[object]] = [
        ["Township", "Village", "Target", "Screened", "of which positive", "Coverage (%)"]
    ]
    for place, village in enumerate(
        ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Ivy")
    ):
        due, done = 420 + 31 * place, 400 + 29 * place
        rows.append(["Northfield", village, due, done, place % 2, round(100 * done / due, 1)])
    sums = [sum(int(str(row[column])) for row in rows[1:]) for column in (2, 3, 4)]
    rows.append(["Total", "", *sums, round(100 * sums[1] / sums[0], 1)])
    return Sheet("screening.csv", "screening_crosstab", as_csv(rows), range(2, 11), {11: "TOTAL_ROW_SKIPPED"})


def beds() -> Sheet:
    rows: list[list[object]] = [
        ["定点医院床位日报（2022年4月10日）"],
        ["医院名称", "编制床位", "开放床位", "昨日在院人数", "今日入院", "今日出院", "占用床位", "备注"],
    ]
    for place in range(8):
        before = 60 + 5 * place
        rows.append([f"虚构第{place + 1}医院", 200, 150, before, 12, 7, before + 5, None])
    rows[3][2] = 260  # row 4: more open than established
    rows[5][6] = 158  # row 6: more occupied than open, and the movements do not give it
    rows[7][6] = int(str(rows[7][6])) + 9  # row 8
    rows.append(list(rows[2]))  # row 11 as row 3
    return Sheet(
        "床位日报.xlsx",
        "beds",
        as_xlsx(rows, merges=("A1:H1",)),
        range(3, 12),
        {
            4: "OPEN_EXCEEDS_ESTABLISHED",
            6: "OCCUPIED_EXCEEDS_OPEN BALANCE_ERROR",
            8: "BALANCE_ERROR",
            11: "DUPLICATE_UNIT_ROW",
        },
    )


ITEMS = (
    ("医用防护服", "套", 5000),
    ("医用外科口罩", "只", 120000),
    ("N95口罩", "只", 20000),
    ("隔离面屏", "个", 3000),
    ("乳胶手套", "双", 8000),
    ("84消毒液", "瓶", 900),
    ("抗原检测试剂", "人份", 60000),
    ("采样拭子", "支", 40000),
    ("护目镜", "副", 1500),
    ("酒精", "升", 700),
)
STOCK_HEAD = ["物资名称", "计量单位", "期初结存", "本日收入", "本日发出", "期末结存", "有效期至"]


def _stock(day: date, opening: int) -> list[list[object]]:
    rows: list[list[object]] = [[f"应急物资收发存日报表  {day.year}年{day.month}月{day.day}日"], STOCK_HEAD]
    for item, unit, amount in ITEMS:
        amount -= 100 * opening
        rows.append([item, unit, amount, 50, 150, amount - 100, "2023-12-31"])
    return rows


def stock_before() -> Sheet:
    rows = _stock(date(2022, 4, 9), 0)
    return Sheet("收发存0409.xlsx", "supplies", as_xlsx(rows, merges=("A1:G1",)), range(3, 13))


def stock_after() -> Sheet:
    rows = _stock(date(2022, 4, 10), 1)
    rows[2][1] = "件"  # row 3
    rows[3][1], rows[3][2], rows[3][3], rows[3][4], rows[3][5] = "万只", 11.99, 0, 1, 10.99  # row 4
    rows[4][2], rows[4][5] = 18900, 18800  # row 5: 19,900 were there
    rows[5][5] = 2500  # row 6
    rows[6][1] = "箱"  # row 7
    rows[7][3], rows[7][4], rows[7][5] = 0, 900, -100  # row 8
    rows[8][6] = "2022-03-31"  # row 9
    rows[9][1] = "百支"  # row 10: 39,900 and not 3,990,000
    rows[11][1], rows[11][2], rows[11][3], rows[11][4], rows[11][5] = "毫升", 600000, 0, 0, 600000  # row 12
    return Sheet(
        "收发存0410.xlsx",
        "supplies",
        as_xlsx(rows, merges=("A1:G1",)),
        range(3, 13),
        {
            3: "UNIT_SYNONYM",
            4: "UNIT_CHANGED_BETWEEN_DAYS",
            5: "OPENING_NOT_CLOSING",
            6: "BALANCE_ERROR",
            7: "UNIT_NOT_CONVERTIBLE",
            8: "NEGATIVE_STOCK",
            9: "EXPIRED_STOCK",
            10: "UNIT_CHANGE_INCONSISTENT",
            12: "UNIT_CHANGED_BETWEEN_DAYS",
        },
        previous="收发存0409.xlsx",
    )


def stock_split() -> Sheet:
    """The next day: 口罩 of two sorts under one name, the disinfectant in two sizes."""
    rows: list[list[object]] = [["应急物资收发存日报表  2022年4月10日"], STOCK_HEAD]
    for item, unit, amount in ITEMS:
        rows.append([item, unit, amount - 100, 50, 150, amount - 200, "2023-12-31"])
    rows[3][0], rows[3][2], rows[3][5] = "医用外科口罩/N95口罩", 139800, 139700  # row 4
    del rows[4]
    rows[6][0], rows[6][2], rows[6][5] = "84消毒液（小瓶）", 300, 200  # row 7
    rows.insert(7, ["84消毒液（大瓶）", "瓶", 500, 50, 150, 400, "2023-12-31"])  # row 8
    return Sheet(
        "应急物资_2022-04-10.xlsx",
        "supplies",
        as_xlsx(rows, merges=("A1:G1",)),
        range(3, 13),
        {4: "ITEMS_MERGED_BETWEEN_DAYS", 7: "ITEMS_SPLIT_BETWEEN_DAYS"},
        shared={(7, "ITEMS_SPLIT_BETWEEN_DAYS"): (8,)},
        previous="收发存0409.xlsx",
    )


def daily() -> Sheet:
    rows: list[list[object]] = [["日期", "区", "新增确诊", "新增无症状", "新增治愈"]]
    for day in range(10):
        for place, area in enumerate(("东湖区", "南山区", "浦江区")):
            rows.append([f"2022-04-{day + 1:02d}", area, 5 + day + place, 30 + 3 * day, day])
    rows[10][2] = -4  # row 11
    rows[16][0], rows[16][1] = rows[13][0], rows[13][1]  # row 17 stands for the day and district of row 14
    rows[22][3] = "待核"  # row 23
    rows.append(
        [
            "合计",
            "",
            sum(int(str(row[2])) for row in rows[1:]) + 8 + 0,
            "",
            sum(int(str(row[4])) for row in rows[1:]) + 3,
        ]
    )
    return Sheet(
        "分区每日新增.csv",
        "daily_counts",
        as_csv(rows, encoding="gbk"),
        range(2, 32),
        {
            11: "NEGATIVE_COUNT",
            17: "DUPLICATE_UNIT_ROW",
            23: "VALUE_PENDING",
            32: "TOTAL_ROW_SKIPPED TOTAL_DISAGREES",
        },
    )


def wrong_title() -> Sheet:
    rows: list[list[object]] = [
        ["方舱医院床位使用情况（2022年4月8日）"],
        ["医疗机构", "设置床位数", "开放床位数", "在院人数"],
    ]
    rows += [[f"虚构方舱{place}", 1000, 800, 300 + place] for place in range(6)]
    return Sheet(
        "方舱床位_20220410.xlsx",
        "beds",
        as_xlsx(rows, merges=("A1:D1",)),
        range(3, 9),
        {1: "REPORT_DATE_MISMATCH"},
    )


def sheets() -> list[Sheet]:
    """All of them."""
    makers = (screening, clean_screening, beds, stock_before, stock_after, stock_split, daily, wrong_title)
    return [make() for make in makers]
