"""Files with the habits of hurried senders: hidden rows, strokes, dittos, notes, lost zeros, half a quote."""

from __future__ import annotations

from datetime import date

from .making import Formula, Sheet, as_csv, as_xlsx
from .sheets_of_persons import person


def hurried_ledger() -> Sheet:
    rows: list[list[object]] = [
        ["北山街道密接人员管控台账（续报）"],
        ["报送时间：2022年4月10日16:00        联系人：某某"],
        ["序号", "人员信息", None, None, None, "流调信息", None, None, "管控信息", None, "备注"],
        [
            None,
            "姓名",
            "性别",
            "证件号码",
            "手机",
            "感染者编号",
            "末次暴露日期",
            "接触类型",
            "隔离类型",
            "隔离酒店",
            None,
        ],
    ]
    for place in range(32):
        name, number, sex, _, phone = person(place + 10)
        day = f"2022-04-{2 + place % 7:02d}"
        rows.append(
            [
                place + 1,
                name,
                sex,
                number,
                phone,
                f"阳{place % 5 + 1}",
                day,
                "同住",
                "集中隔离",
                "虚构酒店",
                None,
            ]
        )
    # Row 5 is the first of data.
    rows[5][6] = 44656  # row 6: 2022-04-05
    rows[7][6] = "前天"  # row 8
    rows[9][6] = "2022-04-05至2022-04-07"  # row 10
    rows[11][3] = "99020370031210" + "1"  # row 12: 15 digits, 1970-03-12
    rows[11][2] = "男"
    rows[13][3] = 990203197704301234.0  # row 14
    rows[15][3] = "M12345678"  # row 16: a permit of Hong Kong
    rows[17][4] = "010-66000001"  # row 18
    rows[19][4] = 10051234567  # row 20
    rows[21][1] = "试\ufffd七"  # row 22
    rows[23][8] = "在观察室"  # row 24
    rows[25][6] = "2022.4.6"  # row 26: another writing of a day, nothing wrong
    rows[27][6] = "同上"  # row 28
    rows[29][6] = "#REF!"  # row 30
    rows[31][3] = "９９０２０３" + str(rows[31][3])[6:]  # row 32
    rows.append(["以下人员已转外地管理", *[None] * 10])  # row 37
    name, number, sex, _, phone = person(60)
    rows.append([33, name, sex, number, phone, "阳2", "2022-04-06", "同住", "居家隔离", None, None])  # row 38
    rows.append(["合计：35人", *[None] * 10])  # row 39: there are 33
    return Sheet(
        "北山街道密接0410.xlsx",
        "contact_ledger",
        as_xlsx(
            rows,
            merges=("A1:K1", "A2:K2", "B3:E3", "F3:H3", "I3:J3", "A3:A4", "K3:K4"),
            hidden=(34,),
            struck=(36,),
        ),
        [*range(5, 37), 38],
        {
            3: "HEADER_TWO_ROWS",
            6: "DATE_SERIAL_AS_NUMBER",
            8: "DATE_RELATIVE",
            10: "DATE_RANGE_IN_DATE_FIELD",
            12: "ID_15_DIGIT",
            14: "ID_NUMERIC_PRECISION_LOST",
            16: "ID_TYPE_HKMO_PERMIT",
            18: "PHONE_LANDLINE",
            20: "PHONE_NUMERIC",
            22: "NAME_REPLACEMENT_CHARACTER",
            24: "VOCABULARY_UNKNOWN",
            28: "DITTO_MARK_RESOLVED",
            30: "CELL_ERROR_VALUE",
            32: "FULLWIDTH_NORMALISED",
            34: "HIDDEN_ROW",
            36: "STRIKETHROUGH_ROW",
            37: "SECTION_ROW_SKIPPED",
            39: "TOTAL_ROW_SKIPPED TOTAL_DISAGREES",
        },
        also={2: "HEADER_TWO_ROWS", 4: "HEADER_TWO_ROWS"},
    )


def exported_results() -> Sheet:
    rows: list[list[object]] = [
        ["样本条码", "试管编号", "受检者", "身份证号码", "采集时间", "混检人数", "核酸结果", "结果时间"]
    ]
    for place in range(40):
        name, number, *_ = person(place + 40)
        rows.append(
            [
                f"0022{place:08d}",
                f"00990{place // 10:07d}",
                name,
                number,
                f"2022/04/09 0{8 + place // 20}:{place % 20 * 2:02d}",
                "10人混采",
                "阴性",
                "2022/04/09 22:00",
            ]
        )
    rows[3][0] = "223"  # row 4: zeros lost
    rows[3][0] = str(rows[4][0]).lstrip("0")
    rows[8][6] = "阳"  # row 9, in the first tube (rows 2-11)
    rows[14][4] = "9/4/22 8:30"  # row 15
    rows[20][6] = "待出结果"  # row 21
    rows[25][7] = "2022/04/09 06:10"  # row 26
    rows[30] = rows[30][:5]  # row 31: cut off
    rows[35][3] = str(rows[35][3])[:10] + "****" + str(rows[35][3])[14:]  # row 36
    return Sheet(
        "LIS导出20220409.csv",
        "lab_results",
        as_csv(rows, encoding="gbk"),
        range(2, 42),
        {
            4: "BARCODE_LEADING_ZERO_LOST",
            9: "TUBE_RESULT_CONFLICT",
            15: "DATE_DMY_2DIGIT",
            21: "VALUE_PENDING",
            26: "REPORT_BEFORE_SAMPLE",
            31: "COLUMN_COUNT",
            36: "ID_MASKED",
        },
        also={31: "VALUE_MISSING DATE_MISSING"},
        shared={(9, "TUBE_RESULT_CONFLICT"): [*range(2, 12)]},
    )


def town_report() -> Sheet:
    rows: list[list[object]] = [
        ["重点人员排查情况日报表", None, None, None, None, None, None],
        ["填报单位：某某区    2022年4月10日17时    单位：人", None, None, None, None, None, None],
        ["区", "街道", "应排查人数", "已排查人数", "其中：红码人员", "其中：黄码人员", "排查率"],
    ]
    streets = ("东湖街道", "西湖街道", "南湖街道", "北湖街道", "中山街道", "解放街道")
    for place, street in enumerate(streets):
        rows.append(
            ["浦江区" if not place else None, street, 500 + place, 480 + place, place, 2 * place, "96.0%"]
        )
    rows.append(
        ["小计", None, Formula("=SUM(C4:C9)", None), sum(480 + p for p in range(6)), 15, 30, None]
    )  # row 10
    for place, street in enumerate(streets[:4]):
        rows.append(["静安区" if not place else None, street + "北", 300 + place, 290, 1, 1, "96.7%"])
    rows.append(["小计", None, 1206, 1160, 4, 9, None])  # row 15: 4 and not 9
    rows[5][2] = "520人"  # row 6
    rows[6][3] = "/"  # row 7
    rows[7][2] = 5_040_000  # row 8
    rows[11][1] = "临汾路街道（原闸北区）"  # row 12
    rows[12][3] = 309  # row 13: of 302
    return Sheet(
        "重点人员排查.xlsx",
        "screening_crosstab",
        as_xlsx(rows, merges=("A1:G1", "A2:G2")),
        [*range(4, 10), *range(11, 15)],
        {
            6: "NUMBER_WITH_UNIT",
            7: "PLACEHOLDER_SLASH",
            8: "UNIT_SUSPECT",
            10: "SUBTOTAL_SKIPPED FORMULA_NOT_CALCULATED",
            12: "ABOLISHED_DISTRICT_NAME",
            13: "DONE_EXCEEDS_TARGET",
            15: "SUBTOTAL_SKIPPED TOTAL_DISAGREES",
        },
        also={
            **dict.fromkeys((5, 9, 14), "MERGED_CATEGORY_BLANK"),
            6: "MERGED_CATEGORY_BLANK NUMBER_AS_TEXT",
            7: "MERGED_CATEGORY_BLANK VALUE_MISSING",
            8: "MERGED_CATEGORY_BLANK",
            10: "TOTAL_DISAGREES",
            12: "MERGED_CATEGORY_BLANK",
            13: "MERGED_CATEGORY_BLANK",
        },
    )


def foreign_line_list() -> Sheet:
    rows: list[list[object]] = [
        [
            "Case ID",
            "Sex",
            "Age",
            "Date of symptom onset",
            "Date of hospital admission",
            "Date of death",
            "Case status",
            "District",
        ]
    ]
    for place in range(30):
        day = place % 7 + 1
        rows.append(
            [
                f"NX-{place:03d}",
                "FM"[place % 2],
                20 + place,
                f"{day:02d}/04/2022",
                f"{day + 2:02d}/04/2022",
                "",
                "confirmed",
                "Harbour",
            ]
        )
    rows[4][5] = "01/04/2022"  # row 5: dead before the onset on 4 April
    rows[9][3] = "31/04/2022"  # row 10
    rows[14][3] = "17/04/2023"  # row 15
    rows[19][2] = 340  # row 20
    rows[24][6] = "cnfrmd"  # row 25
    rows.append(list(rows[2]))  # row 32 as row 3
    return Sheet(
        "linelist_harbour.csv",
        "line_list",
        as_csv(rows, encoding="utf-8"),
        range(2, 33),
        {
            5: "INTERVAL_REVERSED",
            10: "DATE_INVALID",
            15: "DATE_IN_FUTURE",
            20: "VALUE_OUT_OF_RANGE",
            25: "VOCABULARY_UNKNOWN",
            32: "EXACT_DUPLICATE_ROW",
        },
    )


def passengers() -> Sheet:
    rows: list[list[object]] = [
        ["Flight", "Seat", "Passenger", "Passport no.", "Phone", "Arrival", "From", "To"]
    ]
    for place in range(20):
        rows.append(
            [
                f"XX{100 + place // 10}",
                f"{20 + place % 10}{'ACDF'[place % 4]}",
                f"Person {chr(65 + place)}",
                f"E{10000000 + place}",
                f"1006{place:07d}",
                f"2022-04-10 1{place // 10}:30",
                "Faraway",
                "Harbour",
            ]
        )
    rows[5][1] = rows[3][1]  # row 6: the seat of row 4
    rows[9][5] = "2022-04-10 24:00"  # row 10
    rows[14][3] = ""  # row 15
    rows[17][0], rows[17][2], rows[17][3] = (
        "XX100",
        rows[2][2],
        rows[2][3],
    )  # row 18: the person of row 3, an hour later
    rows[17][4] = rows[2][4]
    rows[17][5] = "2022-04-10 10:30"
    return Sheet(
        "manifest.csv",
        "arrivals",
        as_csv(rows),
        range(2, 22),
        {
            6: "SEAT_CONFLICT",
            10: "TIME_24_00",
            15: "ID_MISSING",
            18: "SAME_PERSON_TWO_PLACES",
            **dict.fromkeys(
                (*range(2, 6), *range(7, 10), *range(11, 15), 16, 17, *range(19, 22)), "ID_TYPE_PASSPORT"
            ),
        },
        also=dict.fromkeys((6, 10, 18), "ID_TYPE_PASSPORT"),
        shared={(6, "SEAT_CONFLICT"): (4,), (18, "SAME_PERSON_TWO_PLACES"): (3,)},
    )


def doses_side_by_side() -> Sheet:
    rows: list[list[object]] = [
        ["姓名", "身份证号", "第一针日期", "第一针疫苗", "第二针日期", "第二针疫苗", "加强针日期", "备注"]
    ]
    for place in range(15):
        name, number, *_ = person(place + 70)
        rows.append([name, number, "2021-05-10", "科兴灭活", "2021-06-08", "科兴灭活", "2021-12-20", ""])
    rows[4][4] = "2021-05-20"  # row 5: ten days
    rows[8][4] = "2021-04-01"  # row 9
    rows[12][2] = ""  # row 13: no first dose
    return Sheet(
        "社区疫苗接种摸底.csv",
        "vaccination_register",
        as_csv(rows),
        range(2, 17),
        {5: "DOSE_INTERVAL_SHORT", 9: "DOSE_ORDER_IMPOSSIBLE", 13: "DOSE_MISSING_PREVIOUS"},
        also={13: "DATE_MISSING"},
    )


def sheltered_beds() -> Sheet:
    rows: list[list[object]] = [
        ["Facility", "Date", "Licensed beds", "Open beds", "Occupied beds", "Admissions", "Discharges"]
    ]
    occupied = {"North": 50, "South": 80, "West": 20}
    for day in range(5):
        for name in occupied:
            admitted, left = 6 + day, 4
            if day:
                occupied[name] += admitted - left
            rows.append([name, date(2022, 4, 5 + day), 120, 100, occupied[name], admitted, left])
    rows[8][4] = 130  # row 9: South on the third day
    rows[12][4] = int(str(rows[12][4])) + 3  # row 13: West on the fourth day, and so its fifth in row 16
    return Sheet(
        "beds_week.xlsx",
        "beds",
        as_xlsx(rows),
        range(2, 17),
        {9: "OCCUPIED_EXCEEDS_OPEN BALANCE_ERROR", 13: "BALANCE_ERROR"},
        also={12: "BALANCE_ERROR", 16: "BALANCE_ERROR"},
    )


def sheets() -> list[Sheet]:
    """All of them."""
    makers = (
        hurried_ledger,
        exported_results,
        town_report,
        foreign_line_list,
        passengers,
        doses_side_by_side,
    )
    return [make() for make in (*makers, sheltered_beds)]
