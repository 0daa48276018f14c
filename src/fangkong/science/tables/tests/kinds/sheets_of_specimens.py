"""Results of laboratories and registers of doses by another hand, with their keys."""

from __future__ import annotations

from datetime import date

from .making import Sheet, as_csv, as_xlsx
from .sheets_of_persons import person


def results_of_tubes() -> Sheet:
    head = [
        "序号",
        "采样管编号",
        "受检人姓名",
        "身份证件号码",
        "采样日期时间",
        "采样方式",
        "检测结果",
        "ORF1ab基因CT值",
        "N基因CT值",
    ]
    head += ["检测机构", "报告时间"]
    rows: list[list[object]] = [head]
    for place in range(60):
        name, number, *_ = person(place + 20)
        tube = f"A22041000{place // 5:02d}"
        rows.append(
            [
                place + 1,
                tube,
                name,
                number,
                f"2022-04-10 {8 + place // 10:02d}:{place % 10 * 5:02d}",
                "5合1",
                "阴性",
                "",
                "",
                "虚构检验所",
                "2022-04-10 22:10",
            ]
        )
    # Tube 00 is rows 2-6, tube 01 rows 7-11, and so on.
    rows[12][1] = rows[6][1]  # row 13 goes into tube 01: six persons of five; tube 02 has four left
    rows[18][6] = "阳性"  # row 19, in tube 03 (rows 17-21)
    rows[23][10] = "2022-04-10 06:00"  # row 24
    rows[27][1] = ""  # row 28
    rows[33][6] = "结果异常"  # row 34
    rows[38][5] = "10合1"  # row 39, in tube 07 (rows 37-41)
    for line in (42, 43, 44, 45, 46):  # tube 08, rows 42-46 of the sheet are list places 41-45
        rows[line - 1][5] = "单采"
    rows[48][7], rows[48][8] = 24.5, 25.1  # row 49: negative with such Ct
    rows[53][3], rows[53][2] = rows[3][3], rows[3][2]  # row 54: the person of row 4 again
    rows.append(list(rows[60]))  # row 62 as row 61
    rows[61][0] = 61
    return Sheet(
        "检测结果_20220410.csv",
        "lab_results",
        as_csv(rows, encoding="gb18030"),
        range(2, 63),
        {
            13: "TUBE_OVERFULL",
            19: "TUBE_RESULT_CONFLICT",
            24: "REPORT_BEFORE_SAMPLE",
            28: "BARCODE_MISSING",
            34: "RESULT_VOCABULARY_UNKNOWN",
            39: "TUBE_MIXED_POOL_SIZE",
            46: "SINGLE_SAMPLING_SHARED_BARCODE",
            49: "CT_RESULT_CONFLICT",
            54: "SAME_PERSON_TWO_TUBES",
            62: "EXACT_DUPLICATE_ROW",
        },
        shared={
            (13, "TUBE_OVERFULL"): range(7, 12),
            (19, "TUBE_RESULT_CONFLICT"): range(17, 22),
            (39, "TUBE_MIXED_POOL_SIZE"): range(37, 42),
            (46, "SINGLE_SAMPLING_SHARED_BARCODE"): range(42, 46),
            (54, "SAME_PERSON_TWO_TUBES"): (4,),
        },
    )


def results_in_english() -> Sheet:
    head = [
        "Specimen ID",
        "Tube barcode",
        "Name",
        "National ID",
        "Sample collected",
        "Pooling",
        "Result",
        "Ct ORF1ab",
        "Ct N",
    ]
    head += ["Reported", "Comment"]
    rows: list[list[object]] = [head]
    for place in range(24):
        name, number, *_ = person(place + 100)
        rows.append(
            [
                f"S{place:05d}",
                f"T{place:08d}",
                name,
                number,
                f"2022-04-09T{8 + place % 9:02d}:15",
                "single",
                "Negative",
                "",
                "",
                "2022-04-09T23:40",
                "",
            ]
        )
    rows[2][6:9] = ["Positive", "21.3", "22.8"]
    rows[6][6:11] = [
        "Positive",
        "33.1",
        "34.0",
        "2022-04-09T23:40",
        "preliminary positive, to be confirmed",
    ]  # row 7
    rows[9][7:9] = ["19.8", "20.4"]  # row 10
    rows[12][9] = "2022-04-08T23:00"  # row 13
    rows[15][4] = "2022-04-09T24:00"  # row 16
    rows[15][9] = "2022-04-10T06:00"
    rows[18][1] = "2.2E+13"  # row 19
    rows[21][4] = ""  # row 22
    return Sheet(
        "lab_export.csv",
        "lab_results",
        as_csv(rows, encoding="utf-8"),
        range(2, 26),
        {
            7: "POSITIVE_NOT_CONFIRMED",
            10: "CT_RESULT_CONFLICT",
            13: "REPORT_BEFORE_SAMPLE",
            16: "TIME_24_00",
            19: "BARCODE_SCIENTIFIC_NOTATION",
            22: "DATE_MISSING",
        },
    )


def clean_results() -> Sheet:
    rows: list[list[object]] = [
        ["条码", "采样点", "采样时间", "姓名", "证件号", "混采类型", "结果", "报告时间"]
    ]
    for place in range(100):
        name, number, *_ = person(place)
        moment = f"2022/4/8 {7 + place // 20}:{place % 20 * 3:02d}"
        rows.append(
            [
                f"99022040{place // 10:04d}",
                "虚构公园",
                moment,
                name,
                number,
                "10混1",
                "阴性",
                "2022/4/8 21:30",
            ]
        )
    return Sheet("0408核酸.csv", "lab_results", as_csv(rows), range(2, 102))


def register_of_doses() -> Sheet:
    head = [
        "受种者姓名",
        "证件号码",
        "性别",
        "联系电话",
        "疫苗名称",
        "生产企业",
        "批号",
        "剂次",
        "接种日期",
        "接种单位",
    ]
    rows: list[list[object]] = [head]
    vaccine, maker = "新型冠状病毒灭活疫苗（Vero细胞）", "北京生物"
    for place in range(16):
        name, number, sex, _, phone = person(place + 140)
        for dose, day in ((1, date(2021, 6, 1)), (2, date(2021, 6, 29)), (3, date(2022, 1, 12))):
            rows.append(
                [name, number, sex, phone, vaccine, maker, f"2021{dose}{place:03d}", dose, day, "虚构卫生院"]
            )
    # Three rows a person: person p has rows 3p+2, 3p+3, 3p+4.
    rows[4][8] = date(
        2021, 6, 9
    )  # row 5: the first dose of the second person; its second (row 6) 20 days later
    rows[7][8] = date(2021, 7, 8)  # row 8: first after second (row 9, 06-29)
    rows[12 - 1][4], rows[12 - 1][5] = "重组新型冠状病毒疫苗（CHO细胞）", "智飞"  # row 12, a second dose
    del rows[14]  # the second dose of person 4 (rows 14-16): row 15 is now the third
    rows[17][7] = 1  # row 18, was a second dose: the first again, on another day
    rows.append(list(rows[20]))  # the last row as row 21
    return Sheet(
        "接种登记.xlsx",
        "vaccination_register",
        as_xlsx(rows, date_format="yyyy-mm-dd"),
        range(2, len(rows) + 1),
        {
            6: "DOSE_INTERVAL_SHORT",
            9: "DOSE_ORDER_IMPOSSIBLE",
            12: "PRODUCT_MIXED",
            15: "DOSE_MISSING_PREVIOUS",
            18: "DOSE_NUMBER_REPEATED",
            len(rows): "DUPLICATE_DOSE_RECORD EXACT_DUPLICATE_ROW",
        },
        also={19: "DOSE_MISSING_PREVIOUS", 13: "PRODUCT_MIXED"},
        shared={
            (6, "DOSE_INTERVAL_SHORT"): (5,),
            (9, "DOSE_ORDER_IMPOSSIBLE"): (8,),
            (18, "DOSE_NUMBER_REPEATED"): (17,),
        },
    )


def clean_register() -> Sheet:
    rows: list[list[object]] = [["Name", "ID number", "Vaccine", "Dose number", "Date of vaccination", "Lot"]]
    for place in range(30):
        name, number, *_ = person(place)
        rows.append(
            [
                name,
                number,
                "CoronaVac (inactivated)",
                1 + place % 3,
                f"2021-{3 + place % 3 * 3:02d}-15",
                f"L{place:04d}",
            ]
        )
    return Sheet("vaccinations_today.csv", "vaccination_register", as_csv(rows, separator="\t"), range(2, 32))


def sheets() -> list[Sheet]:
    """All of them."""
    makers = (results_of_tubes, results_in_english, clean_results, register_of_doses, clean_register)
    return [make() for make in makers]
