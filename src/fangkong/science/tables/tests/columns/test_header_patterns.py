"""Headers that stand in no list are understood by the words they are made of; others' columns are left alone."""

from __future__ import annotations

import pytest

from fangkong.science.tables.columns.headers import claims
from fangkong.science.tables.columns.reading import fields

#: Field -> headers as other hands may write them, apart from the lists and patterns.
SAID = {
    "name": (
        "密接者姓名(必填)|应隔离人员|管控对象姓名|采样人|学生/教职工姓名|来沪人员姓名|"
        "Patient's name|病人名字|接种对象"
    ),
    "id_number": (
        "身份证件号|身份证/护照号码|证件号(身份证/护照)|个人身份证号|证件号码*|"
        "ID Number (18 digits)|Identity card number"
    ),
    "phone": "联系电话(手机)|手机号(11位)|本人联系方式|联系电话/手机|Phone no.|Tel. number",
    "address": "目前住址|现居住详细地址|家庭住址（门牌号）|居住小区门牌|Residential address",
    "exposure_at": "最后接触时间点|末次与病例接触日期|最近接触日期|最后一次暴露时间|最后共同居住日|Date last seen",
    "case_ref": "关联阳性病例|与哪个病例有关|密接的病例编号|涉及阳性|对应感染者编号",
    "control_mode": "隔离管控方式|隔离管理形式|当前管控措施|管控等级",
    "quarantine_place": "隔离宾馆及房号|集中隔离点名称|隔离点位及房间|隔离医学观察地点",
    "release_on": "隔离解除日|解除医学观察时间|预计解隔时间|应于何日解除|观察期满日期",
    "starts_on": "隔离起算日|入隔离点日期|开始医学观察日期|管控起始日",
    "tube_code": "采样管条码号|样管号|混检管编号|检测管条码",
    "result": "核酸检测结果判定|检测结果(阴/阳)|PCR结果|报告结论",
    "sampled_at": "采样登记时间|样本采集日期时间|采咽拭子时间|Sample taken on",
    "reported_at": "检测报告时间|结果回报时间|报告出具日期|Time of report",
    "pool_type": "混采人数|采样管类型(10混1)|单管/混管|混合比例",
    "due_count": "应检测人数|需采样人数|任务总数|应参加人数|底册人数|应核酸人数|应排查户数",
    "done_count": "实际检测人数|已核酸人数|已参加人数|完成人数|已排查户数|累计已采",
    "percent": "完成率(%)|采样完成率|完成比(%)|达成率",
    "request_no": "协查函编码|函件编号|协查任务号",
    "requirement": "需协助事项|协查处置要求|请核查内容|落实要求",
    "track_at": "涉疫活动时间|轨迹起止时间|在店时间|乘车日期",
    "place": "涉疫地点|活动轨迹|到过的场所|所在车次车厢",
    "item": "防疫物资名称|物品名|物资名|品名规格",
    "opening": "前一日库存|上日库存数|昨日剩余|昨天库存|原有库存",
    "received": "当天入库|新到货|本日购入数|今日增加|今日领入|当日接收捐赠",
    "issued": "当天出库|本日消耗|今日减少|今日发出|今日领用数",
    "closing": "目前库存|剩余数量|今日结余|现存量|截至今日库存",
    "dose_no": "接种针数|剂次(第几剂)|第几次接种",
    "vaccinated_on": "接种年月日|疫苗接种日期|第1针接种日期|最近一次接种日期",
    "product": "疫苗类别|接种疫苗|疫苗品牌",
    "maker": "疫苗生产企业|生产商|厂商名称",
    "batch": "疫苗批次号|批次编号|LOT NO.",
    "arrived_at": "入川时间|来本地日期|到达本地时间|抵达日期及时间|下高速时间|过卡口时间",
    "vehicle": "乘坐车次|航班/列车号|车牌号码|乘坐交通工具及班次|Train/flight no",
    "seat": "车厢及座位号|座位(车厢)|Seat no.",
    "origin": "从何处来|来源地区|出发省市|Departure city|何处返回",
    "destination": "到何处去|目的地街道|到达地点",
    "beds_established": "核定床位数|设计床位|编制床数|床位总量",
    "beds_open": "开放床数|实际开放床位|可收治床位|开放数",
    "beds_occupied": "已占用床位|现有住院人数|在院患者数|已收治|床位占用数|现有在舱人数",
    "admitted": "24小时入院|新入院|今日入院人数|当日新收患者",
    "discharged": "24小时出院|当日出院数|今日出舱",
    "onset_on": "首发症状时间|发病年月日|症状起始日期|Illness onset",
    "confirmed_on": "确诊年月日|核酸阳性时间|Dx date",
    "reported_on": "Date reported",
    "classification": "病例诊断分类|感染者类型|确诊/无症状",
    "case_no": "感染者序号|阳性人员编号|Case #",
}


@pytest.mark.parametrize("field", SAID)
def test_a_header_is_understood_by_its_words(field: str) -> None:
    assert field in fields()
    first = {header: [claim.field for claim in claims((header,))][:1] for header in SAID[field].split("|")}
    assert first == {header: [field] for header in first}


@pytest.mark.parametrize(
    "header",
    [
        "监护人电话",
        "填报人",
        "签名",
        "体温",
        "职务",
        "身高",
        "紧急联系人",
        "民族",
        "是否接种",
        "是否返沪",
        "负责人电话",
        "审核人",
        "采样员",
        "班级",
        "工号",
        "楼栋",
        "部门",
        "价格",
        "天气",
        "数据来源",
        "页码",
        "是否密接",
        "既往史",
        "症状",
        "国籍",
        "邮箱",
        "开户行",
    ],
)
def test_a_column_of_something_else_is_left_alone(header: str) -> None:
    assert claims((header,)) == ()


@pytest.mark.parametrize(
    ("header", "field"),
    [("昨日结存", "opening"), ("今日结存", "closing"), ("应检人数", "due_count"), ("检测人数", "done_count")],
)
def test_the_more_particular_word_decides(header: str, field: str) -> None:
    assert claims((header,))[0].field == field
