"""Columns by their headers, their content and what a person confirmed; kinds of file by their columns."""

import pytest

from fangkong.science.tables.columns import fields, fingerprint, match_saved
from fangkong.science.tables.columns.kind_of import kinds
from fangkong.science.tables.columns.layouts import layouts

from .asking import held, table, understood

MAN, WOMAN = "990101198402260030", "99010119561214080X"


@pytest.mark.parametrize(
    ("headers", "kind", "expected"),
    [
        (
            [
                "序号",
                "密接姓名",
                "性别",
                "年龄",
                "身份证号",
                "手机号",
                "居住地址",
                "密接于",
                "最后接触日期",
                "与病例关系",
                "隔离方式",
                "解除隔离日期",
            ],
            "contact_ledger",
            [
                "serial",
                "name",
                "sex",
                "age",
                "id_number",
                "phone",
                "address",
                "case_ref",
                "exposure_at",
                "relation",
                "control_mode",
                "release_on",
            ],
        ),
        (
            [
                "Contact ID",
                "First name",
                "Last name",
                "Phone number",
                "Date of last contact",
                "Type of contact",
                "Quarantine end",
            ],
            "contact_ledger",
            [
                "contact_ref",
                "given_name",
                "family_name",
                "phone",
                "exposure_at",
                "contact_mode",
                "release_on",
            ],
        ),
        (
            ["病例编号", "姓名", "性别", "出生日期", "发病日期", "确诊日期", "临床分型", "转归", "死亡日期"],
            "line_list",
            [
                "case_no",
                "name",
                "sex",
                "birth_on",
                "onset_on",
                "confirmed_on",
                "classification",
                "outcome",
                "died_on",
            ],
        ),
        (
            [
                "试管编号",
                "采样点名称",
                "采集时间",
                "受检者",
                "证件号码",
                "混检方式",
                "检测结果",
                "ORF1ab基因Ct值",
                "N基因Ct值",
                "出报告时间",
                "检测机构",
            ],
            "lab_results",
            [
                "tube_code",
                "sampling_point",
                "sampled_at",
                "name",
                "id_number",
                "pool_type",
                "result",
                "ct_orf",
                "ct_n",
                "reported_at",
                "laboratory",
            ],
        ),
        (
            ["Tube barcode", "Sampling date", "Name", "Result", "Ct (ORF1ab)", "Ct (N)", "Lab name"],
            "lab_results",
            ["tube_code", "sampled_at", "name", "result", "ct_orf", "ct_n", "laboratory"],
        ),
        (
            ["街镇", "居村", "应检人数", "实检人数", "完成率", ("其中", "未检"), ("其中", "拒检"), "备注"],
            "screening_crosstab",
            [
                "street",
                "community",
                "due_count",
                "done_count",
                "percent",
                "part_count",
                "part_count",
                "remark",
            ],
        ),
        (
            ["协查函号", "姓名", "联系方式", "证件号码", "人员类别", "到访时间", "涉疫场所", "协查要求"],
            "assistance_list",
            ["request_no", "name", "phone", "id_number", "category", "track_at", "place", "requirement"],
        ),
        (
            ["旅客姓名", "身份证", "电话", "航班号", "座位号", "出发地", "抵达时间", "目的地"],
            "arrivals",
            ["name", "id_number", "phone", "vehicle", "seat", "origin", "arrived_at", "destination"],
        ),
        (
            ["卡口名称", "车牌号", "姓名", "手机", "通过时间", "来源地"],
            "checkpoint",
            ["facility", "vehicle", "name", "phone", "arrived_at", "origin"],
        ),
        (
            ["医疗机构", "核定床位数", "开放床位数", "在院人数", "今日入院", "今日出院", "床位使用率"],
            "beds",
            [
                "facility",
                "beds_established",
                "beds_open",
                "beds_occupied",
                "admitted",
                "discharged",
                "percent",
            ],
        ),
        (
            ["受种者姓名", "证件号", "疫苗名称", "生产企业", "批号", "剂次", "接种日期"],
            "vaccination_register",
            ["name", "id_number", "product", "maker", "batch", "dose_no", "vaccinated_on"],
        ),
        (
            ["物资名称", "规格", "计量单位", "期初库存", "入库数量", "出库数量", "结存", "有效期至"],
            "supplies",
            ["item", "", "unit", "opening", "received", "issued", "closing", "expires_on"],
        ),
        (["日期", "区", "新增确诊", "新增无症状"], "daily_counts", ["day", "area_name", "value", "value"]),
        (["date", "district", "new_cases", "deaths"], "daily_counts", ["day", "area_name", "value", "value"]),
    ],
)
def test_each_kind_by_its_headers(headers, kind, expected):
    found = understood(headers)
    assert held(found) == expected
    assert found.kind == kind
    assert all(reading.basis for reading in found.readings)


@pytest.mark.parametrize(
    "header",
    [
        "姓名",
        "姓　名",
        "1.姓名",
        "姓名*",
        "姓名（必填）",
        "姓\n名",
        "【姓名】",
        "ＮＡＭＥ",
        "Name:",
        "full_name",
    ],
)
def test_a_header_however_it_is_dressed(header):
    assert held(understood([header]))[0] == "name"


def test_the_upper_header_tells_what_the_lower_leaves_open():
    found = understood([("采样", "时间"), ("报告", "时间"), ("采样", "地点"), "条码", "结果"])
    assert held(found) == ["sampled_at", "reported_at", "sampling_point", "tube_code", "result"]


def test_the_unit_in_a_header_and_in_the_title():
    found = understood(["品名", "库存（万只）", "今日入库(箱)", "今日出库"])
    assert [reading.unit for reading in found.readings] == ["", "万只", "箱", ""]
    titled = understood(["街道", "应检数", "已检数"], title=["筛查日报   单位：万人"])
    assert [reading.unit for reading in titled.readings] == ["", "万人", "万人"]


def test_whose_phone_it_is():
    assert held(understood(["姓名", "填报人电话", "监护人身份证", "末次接触时间"])) == [
        "name",
        "",
        "",
        "exposure_at",
    ]


def test_content_names_a_column_without_a_header():
    rows = [["测试甲", MAN, "10002966585"], ["测试乙", WOMAN, "10026125330"], ["测试丙", MAN, "10019198635"]]
    assert held(understood(["", "", ""], rows)) == ["name", "id_number", "phone"]


def test_content_outweighs_a_header_that_it_contradicts():
    rows = [["10002966585", MAN], ["10026125330", WOMAN], ["10019198635", MAN]]
    found = understood(["证件号码", "联系电话"], rows)
    assert held(found) == ["phone", "id_number"]
    assert found.readings[0].basis == ("content_contradicts_header",)
    assert found.readings[0].confidence < 0.8


def test_a_field_is_given_once():
    assert held(understood(["联系电话", "备用电话", "姓名", "末次接触时间"])).count("phone") == 1


def test_what_nobody_knows_stays_unknown():
    found = understood(["甲", "乙", "丙"], [["a", "b", "c"]] * 4)
    assert found.kind == "unknown"
    assert held(found) == ["", "", ""]


def test_a_confirmed_mapping_outweighs_all_and_survives_moving_and_renaming():
    saved = {"编码A": "tube_code", "登记": "sampled_at", "姓名": "name", "末次采样点位名称": "sampling_point"}
    found = understood(["姓名", "末次采样点位的名称", "登记", "编码A"], saved=saved)
    assert held(found) == ["name", "sampling_point", "sampled_at", "tube_code"]
    assert found.readings[3].basis == ("saved",)
    assert found.readings[1].confidence < found.readings[3].confidence
    assert found.kind == "lab_results"


def test_a_confirmed_mapping_may_leave_a_column_out():
    assert held(understood(["姓名", "电话"], saved={"姓名": "name", "电话": ""})) == ["name", ""]


def test_a_layout_is_recognised_again():
    first, _ = table(["姓名", "证件号", "末次接触时间", "管控方式", "备注"])
    moved, _ = table(["备注", "姓名", "末次接触日期", "管控方式", "证件号"])
    other, _ = table(["品名", "单位", "昨日库存", "今日库存"])
    saved = {"密接台账": fingerprint(first), "物资": fingerprint(other)}
    assert match_saved(fingerprint(first), saved) == "密接台账"
    assert match_saved(fingerprint(moved), saved) == "密接台账"
    assert match_saved(fingerprint(other), saved) == "物资"
    strange, _ = table(["病例编号", "发病日期"])
    assert match_saved(fingerprint(strange), saved) is None


def test_how_a_column_writes_its_dates():
    def traits(values):
        return (
            understood(["姓名", "末次接触时间"], [["测试甲", value] for value in values]).readings[1].traits
        )

    assert traits(["3/25/2022", "3/4/2022", "3/5/2022"]).date_order == "mdy"
    assert traits(["25/3/2022", "4/3/2022"]).date_order == "dmy"
    assert traits(["2022-03-25", "2022-03-24", "25/03/2022"]).date_order == ""
    assert traits(["25/3/2022", "3/25/2022"]).date_order == ""
    assert traits(["3.24", "3月25日", "3/26"]).no_year
    assert not traits(["2022-03-24", "3月25日", "2022-03-26"]).no_year
    assert traits(["2022-03-24T01:00:00Z", "2022-03-24T01:00:00+08:00"]).zoned
    assert traits(["1861-11-21", "1861-11-23"]).historic


def test_one_system_writes_all_its_dates_alike():
    rows = [["测试甲", "3/4/2022", "3/25/2022"], ["测试乙", "3/5/2022", "3/26/2022"]]
    found = understood(["姓名", "末次接触时间", "解除日期"], rows)
    assert found.readings[1].traits.date_order == "mdy"


def test_a_column_without_years_says_so_once():
    found = understood(["姓名", "末次接触时间"], [["测试甲", "3.24"], ["测试乙", "3.25"]])
    assert [(issue.row, issue.code) for issue in found.issues] == [(None, "DATE_NO_YEAR")]


def test_the_usual_barcode_and_percentage():
    rows = [["000123456789", "95%"], ["000123456790", "96%"], ["123456791", "0.97"]]
    found = understood(["条码号", "完成率", "采样时间"], [[*row, None] for row in rows])
    assert (found.readings[0].traits.width, found.readings[0].traits.leading_zero) == (12, True)
    shares = understood(["街道", "应检数", "完成率"], [["甲街道", 10, row[1]] for row in rows])
    assert shares.readings[2].traits.percent_form == "percent"


def test_every_field_named_anywhere_is_a_field():
    for kind in kinds().values():
        assert set(kind.fields) <= set(fields())
        assert frozenset().union(*kind.needs) <= set(fields())
    for layout in layouts().values():
        assert set(layout.fields.values()) <= set(fields())
        assert layout.kind in kinds()


def test_a_column_of_times_leaves_the_field_to_the_column_of_days():
    rows = [["0001", "08:05", "2022-03-27"], ["0002", "08:10", "2022-03-27"], ["0003", "08:15", "2022-03-27"]]
    found = understood(["条码", "采样时间", "采样日期"], rows)
    assert held(found)[1:] == ["", "sampled_at"]


def test_a_column_of_free_words_is_no_list_of_slips():
    words = ["3.20起在酒店", "已联系街道", "拟明日转出", "与家人同住隔离", "社区上门", "集中隔离"]
    found = understood(
        ["姓名", "末次接触时间", "管控情况"], [["测试甲", "2022-03-20", word] for word in words]
    )
    assert found.readings[2].traits.free


def test_a_header_may_speak_of_days_to_come():
    found = understood(["姓名", "航班号", "预计抵达时间"]), understood(["姓名", "航班号", "抵达时间"])
    assert [one.readings[2].field for one in found] == ["arrived_at", "arrived_at"]
    assert [one.readings[2].future for one in found] == [True, False]
