"""Ledgers, line lists, requests and passages by another hand, with their keys."""

from __future__ import annotations

from datetime import date, datetime, time

from .making import Sheet, as_csv, as_xlsx, id_number

BORN = ("19700312", "19881104", "19950607", "20010219", "19630825", "19770430", "19910109", "20040718")


def person(place: int) -> tuple[str, str, str, int, str]:
    """Name, number, sex, age in April 2022 and phone of the made-up person of that place."""
    born = BORN[place % 8]
    sex = "男" if place % 2 else "女"
    day = date(int(born[:4]), int(born[4:6]), int(born[6:]))
    age = 2022 - day.year - ((day.month, day.day) > (4, 10))
    sequence = 100 + 2 * place + place % 2 - (place % 2 == 0) * 0
    sequence += (sequence % 2) != (place % 2)
    name = "试" + "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"[place % 20] + "一二三四五六七八九"[place // 20]
    return name, id_number(born, sequence), sex, age, f"1005{place:03d}{7 * place % 10000:04d}"


def ledger_in_chinese() -> Sheet:
    head = [
        "编号",
        "密接者姓名",
        "身份证号",
        "手机号码",
        "性别",
        "年龄",
        "居住地址",
        "涉及病例编号",
        "最后接触日期",
        "管理方式",
    ]
    head += ["解除日期", "备注"]
    rows: list[list[object]] = [["西山镇密切接触者排查登记表"], ["填表日期：2022-04-10"], head]
    for place in range(30):
        name, number, sex, age, phone = person(place)
        contact, release = date(2022, 4, 1 + place % 8), date(2022, 4, 15 + place % 8)
        how = "集中隔离" if place % 3 else "居家隔离"
        rows.append(
            [
                place + 1,
                name,
                number,
                phone,
                sex,
                age,
                f"虚构村{place + 1}组",
                f"QZ-{place % 4 + 1}",
                contact,
                how,
                release,
                None,
            ]
        )
    # Row 4 is the first of data.
    rows[5][2] = str(rows[5][2])[:-1]  # row 6: 17 digits
    rows[7][3] = "100512"  # row 8
    rows[9][8] = "2022/4/31"  # row 10
    rows[11][10] = date(2022, 3, 30)  # row 12: release before contact
    rows[13][4] = "女" if rows[13][4] == "男" else "男"  # row 14
    rows[15][5] = int(str(rows[15][5])) + 12  # row 16
    rows[17][2], rows[17][4], rows[17][5] = rows[3][2], rows[3][4], rows[3][5]  # row 18: the number of row 4
    rows[17][7] = rows[3][7]
    rows[19][8] = None  # row 20
    rows[21][1], rows[21][3] = rows[4][1], rows[4][3]  # row 22: name and phone of row 5
    rows[23][7] = "待核实"  # row 24
    rows[25][3] = "1005****333"  # row 26
    rows[27][2] = None  # row 28
    rows[29][8] = "4月1日"  # row 30
    rows.append(list(rows[8]))  # row 34 as row 9
    rows.append(["说明：以上共30人，其中集中隔离20人，居家隔离10人。"])  # row 35
    return Sheet(
        "西山镇密接排查表.xlsx",
        "contact_ledger",
        as_xlsx(rows, merges=("A1:L1", "A2:L2"), date_format="yyyy/m/d"),
        range(4, 35),
        {
            6: "ID_LENGTH",
            8: "PHONE_LENGTH",
            10: "DATE_INVALID",
            12: "RELEASE_BEFORE_CONTACT",
            14: "SEX_ID_MISMATCH",
            16: "AGE_ID_MISMATCH",
            18: "SAME_ID_DIFFERENT_NAME",
            20: "DATE_MISSING",
            22: "POSSIBLE_DUPLICATE_NAME_PHONE",
            24: "CASE_UNRESOLVED",
            26: "PHONE_MASKED",
            28: "ID_MISSING",
            30: "DATE_NO_YEAR",
            34: "EXACT_DUPLICATE_ROW",
            35: "NOTE_ROW_SKIPPED",
        },
    )


def ledger_in_english() -> Sheet:
    head = [
        "Contact name",
        "Gender",
        "Date of birth",
        "Passport / ID no.",
        "Mobile",
        "Index case",
        "Date of last contact",
    ]
    head += ["Type of contact", "Quarantine start", "Quarantine end"]
    rows: list[list[object]] = [head]
    for place in range(20):
        _name, number, sex, _, phone = person(place + 40)
        born = number[6:14]
        rows.append(
            [
                f"Test Person {chr(65 + place)}",
                "M" if sex == "男" else "F",
                f"{born[:4]}-{born[4:6]}-{born[6:]}",
                number,
                phone,
                f"C{place % 3 + 1:03d}",
                f"2022-04-{3 + place % 5:02d}",
                "household",
                f"2022-04-{9 + place % 2:02d}",
                f"2022-04-{19 + place % 5:02d}",
            ]
        )
    rows[3][2] = "1999-01-02"  # row 4: another birth than in the number
    rows[5][3] = str(rows[5][3])[:17] + ("0" if str(rows[5][3])[17] != "0" else "1")  # row 6
    rows[7][6] = "2022-13-04"  # row 8
    rows[9][9] = "2022-04-01"  # row 10
    rows[11][4] = ""  # row 12
    rows[13][6] = "2025-04-05"  # row 14
    rows[15][3] = "AB1234567"  # row 16
    rows[15][2] = "1980-05-06"
    rows[17][4] = "10050401234 / 10050405678"  # row 18
    return Sheet(
        "contacts_export.csv",
        "contact_ledger",
        as_csv(rows, encoding="utf-8", separator=";"),
        range(2, 22),
        {
            4: "BIRTH_ID_MISMATCH",
            6: "ID_CHECKSUM",
            8: "DATE_INVALID",
            10: "RELEASE_BEFORE_CONTACT",
            12: "PHONE_MISSING",
            14: "DATE_IN_FUTURE",
            16: "ID_TYPE_PASSPORT",
            18: "PHONE_MULTIPLE",
        },
    )


def clean_ledger() -> Sheet:
    head = [
        "姓名",
        "性别",
        "年龄",
        "证件号码",
        "联系方式",
        "密接类型",
        "关联病例",
        "末次接触时间",
        "隔离地点",
        "隔离开始日期",
        "备注",
    ]
    rows: list[list[object]] = [["2022年4月10日密接名单"], head]
    for place in range(40):
        name, number, sex, age, phone = person(place + 80)
        moment = datetime.combine(date(2022, 4, 2 + place % 7), time(9 + place % 10, 30))
        rows.append(
            [name, sex, age, number, phone, "密接", "阳性3", moment, f"虚构宾馆{place}", date(2022, 4, 9), ""]
        )
    return Sheet(
        "密接名单0410.xlsx", "contact_ledger", as_xlsx(rows, date_format="yyyy-mm-dd hh:mm"), range(3, 43)
    )


def line_list() -> Sheet:
    head = [
        "病例编号",
        "姓名",
        "性别",
        "年龄",
        "出生日期",
        "身份证号",
        "现住址",
        "发病日期",
        "诊断日期",
        "报告日期",
        "临床分型",
        "死亡日期",
    ]
    rows: list[list[object]] = [head]
    for place in range(24):
        name, number, sex, age, _ = person(place + 120)
        born = number[6:14]
        onset = 1 + place % 7
        rows.append(
            [
                f"99-{place + 1:04d}",
                name,
                sex,
                age,
                f"{born[:4]}/{born[4:6]}/{born[6:]}",
                number,
                "虚构路",
                f"2022/4/{onset}",
                f"2022/4/{onset + 1}",
                f"2022/4/{onset + 2}",
                "轻型",
                "",
            ]
        )
    rows[4][11] = "2022/3/20"  # row 5: death before onset
    rows[8][4] = "2022/4/9"  # row 9: born after the onset
    rows[8][5] = ""
    rows[8][3] = ""
    rows[12][3] = int(str(rows[12][3])) + 20  # row 13: against number and birth
    rows[16][9] = "2022/3/2"  # row 17: reported before onset
    rows[20][7] = "2022/4/44"  # row 21
    return Sheet(
        "病例一览表.csv",
        "line_list",
        as_csv(rows, encoding="utf-16"),
        range(2, 26),
        {
            5: "INTERVAL_REVERSED",
            9: "BIRTH_AFTER_EVENT",
            13: "AGE_ID_MISMATCH AGE_DOB_MISMATCH",
            17: "INTERVAL_REVERSED",
            21: "DATE_INVALID",
        },
        also={9: "ID_MISSING VALUE_MISSING"},
    )


def arrivals() -> Sheet:
    head = ["旅客姓名", "身份证号码", "联系电话", "车次", "车厢座位", "发站", "到站", "抵达时间", "目的地址"]
    rows: list[list[object]] = [["来返人员信息表"], head]
    for place in range(30):
        name, number, _, _, phone = person(place + 60)
        train = ("G9901", "G9902", "D9903")[place % 3]
        seat = f"{place % 8 + 1:02d}车{place // 8 + 1:02d}{'ABCF'[place % 4]}号"
        rows.append(
            [
                name,
                number,
                phone,
                train,
                seat,
                "虚构北",
                "浦江南",
                f"2022-04-10 {10 + place % 3:02d}:05",
                "虚构小区",
            ]
        )
    rows[7][3], rows[7][4], rows[7][7] = rows[2][3], rows[2][4], rows[2][7]  # row 8: the seat of row 3
    rows[13][0], rows[13][1], rows[13][2] = rows[3][0], rows[3][1], rows[3][2]  # row 14: the person of row 4,
    rows[13][3], rows[13][7] = "D9903", rows[3][7]  # on another train at the same minute
    rows[19][7] = "2022-04-10 25:70"  # row 20
    rows[25][2] = "1005"  # row 26
    return Sheet(
        "来返人员0410.xlsx",
        "arrivals",
        as_xlsx(rows, merges=("A1:I1",)),
        range(3, 33),
        {8: "SEAT_CONFLICT", 14: "SAME_PERSON_TWO_PLACES", 20: "DATE_INVALID", 26: "PHONE_LENGTH"},
        shared={(8, "SEAT_CONFLICT"): (3,), (14, "SAME_PERSON_TWO_PLACES"): (4,)},
    )


def checkpoint() -> Sheet:
    head = ["卡口名称", "通行时间", "姓名", "证件号", "手机号", "车牌号", "体温", "健康码", "来自"]
    rows: list[list[object]] = [head]
    for place in range(30):
        name, number, _, _, phone = person(place + 90)
        gate = ("东风卡口", "西桥卡口", "北门卡口")[place % 3]
        rows.append(
            [
                gate,
                f"2022-04-10 {6 + place // 4:02d}:{place % 4 * 14:02d}",
                name,
                number,
                phone,
                f"虚A{place:05d}",
                36.5,
                "绿码",
                "外区",
            ]
        )
    rows[10][0], rows[10][1] = "西桥卡口", "2022-04-10 06:03"  # row 11: the person of row 2 (东风卡口 06:00)
    rows[10][2:5] = rows[1][2:5]
    rows[20][3] = str(rows[20][3])[:6] + "19991332" + str(rows[20][3])[14:]  # row 21
    rows.append(list(rows[5]))  # row 32 as row 6
    return Sheet(
        "卡口登记.csv",
        "checkpoint",
        as_csv(rows),
        range(2, 33),
        {11: "SAME_PERSON_TWO_PLACES", 21: "ID_BIRTHDATE_INVALID", 32: "EXACT_DUPLICATE_ROW"},
        also={21: "ID_CHECKSUM"},
        shared={(11, "SAME_PERSON_TWO_PLACES"): (2,)},
    )


def requests() -> Sheet:
    head = [
        "函号",
        "发函地",
        "姓名",
        "性别",
        "证件号码",
        "联系电话",
        "人员类别",
        "接触时间",
        "接触地点",
        "需协查事项",
    ]
    rows: list[list[object]] = [["外省市协查人员清单（2022年4月10日）"], head]
    for place in range(14):
        name, number, sex, _, phone = person(place + 30)
        rows.append(
            [
                f"虚函〔2022〕{place + 1}号",
                "虚构市",
                name,
                sex,
                number,
                phone,
                "密接",
                f"2022-04-0{1 + place % 8} 1{place % 8}:00",
                "虚构商场",
                "集中隔离",
            ]
        )
    rows[4][0] = rows[2][0]  # row 5 has the number of row 3
    rows[6][9] = "14天集中隔离后7天居家健康监测"  # row 7
    rows[8][5] = "100*****008"  # row 9
    rows[10][7] = "2022-04-05 15:00-13:30"  # row 11
    rows[12][9] = "请协助落位管控，第1、4、7天核酸并反馈"  # row 13
    return Sheet(
        "协查清单.xlsx",
        "assistance_list",
        as_xlsx(rows, merges=("A1:J1",)),
        range(3, 17),
        {
            5: "DUPLICATE_REQUEST_NUMBER",
            7: "REQUIREMENT_FREE_TEXT_PARSED",
            9: "PHONE_MASKED",
            11: "INTERVAL_REVERSED",
            13: "REQUIREMENT_FREE_TEXT_PARSED",
        },
        shared={(5, "DUPLICATE_REQUEST_NUMBER"): (3,)},
    )


def sheets() -> list[Sheet]:
    """All of them."""
    makers = (ledger_in_chinese, ledger_in_english, clean_ledger, line_list, arrivals, checkpoint, requests)
    return [make() for make in makers]
