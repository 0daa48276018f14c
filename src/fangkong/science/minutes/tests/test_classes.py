"""要 is no test: an act on a thing that can be checked makes a task, an exhortation never does."""

from __future__ import annotations

import pytest

from fangkong.science.minutes.classes import judge
from fangkong.science.minutes.lexicon import lexicon
from fangkong.science.minutes.tests.test_clauses import read


def kind(sentence: str) -> list[str]:
    return [clause.kind for clause in read(f"会议强调，{sentence}。")]


@pytest.mark.parametrize(
    "sentence",
    [
        "要制定学校复课工作方案",
        "成立涉疫货物处置专班",
        "关闭城区活禽交易点",
        "要对冷库开展全覆盖排查",
        "组织一次桌面推演和演练",
        "建成移动检测实验室",
        "拿出房租减免措施",
        "确保3月底前老年人全部接种",
        "悬挂横幅标语",
        "于9月3日前把补助发放到位",
    ],
)
def test_what_can_be_finished_is_a_decision(sentence: str) -> None:
    assert kind(sentence) == ["decision"]


@pytest.mark.parametrize(
    "sentence",
    [
        "要加强发热门诊预检分诊",
        "及时发布疫情信息",
        "保障居民蔬菜粮油供应",
        "对每一名密接都要当日转运",
        "落实冷链食品消毒措施",
        "一旦发现异常，立即上报",
        "不得隐瞒行程",
        "把卡口值守做到位",
        "要把封控小区服务保障做到位",
        "落实测温、扫码、戴口罩等措施",
        "要用大喇叭天天喊、时时播",
        "给隔离户送菜上门",
        "第一时间对返乡人员进行摸排",
        "要及时转移危险区域群众",
        "加强水库堤防巡护",
        "一天两次量体温",
    ],
)
def test_what_continues_or_returns_with_each_event_is_a_duty(sentence: str) -> None:
    assert set(kind(sentence)) == {"standing_duty"}


@pytest.mark.parametrize(
    "sentence",
    [
        "要提高政治站位，压实四方责任",
        "必须统一思想认识",
        "各级干部要冲锋在前、勇于担当",
        "要树牢底线思维，坚持问题导向",
        "坚决打赢疫情防控阻击战",
        "确保各项部署落地见效",
        "要关心关爱基层干部",
        "引导市民做好个人防护",
        "进一步形成齐抓共管的强大合力",
        "要毫不松懈抓好常态化疫情防控",
        "要把各项防控措施落实到位",
        "严格落实防控措施",
        "切实抓好工作落实",
        "要以更大力度抓好防控工作",
        "要加强统筹协调",
        "严防境外疫情传入",
        "要做好自身防护",
    ],
)
def test_an_exhortation_opens_no_task_whatever_its_mood(sentence: str) -> None:
    assert set(kind(sentence)) == {"principle"}


@pytest.mark.parametrize(
    "sentence",
    [
        "当前全球疫情仍在高位运行",
        "我县疫情形势总体平稳",
        "市委常委、宣传部部长出席会议",
        "会议听取了物资储备情况汇报",
        "疫情发生以来，全市医务人员连续奋战，基层干部坚守一线",
        "3月9日，全市召开视频会议，梳理督办近期重点工作",
        "近期全县腾出人手抓复产，全力保障用工，为春耕打下了基础",
        "派出所、司法所、市场监督管理所逐一汇报了排查情况",
        "预计9日我市北部有大到暴雨，累计雨量100毫米",
        "启动二级响应，标志着防控进入新的阶段",
    ],
)
def test_what_happened_or_stands_so_is_a_fact(sentence: str) -> None:
    report = read(f"{sentence}。")
    assert {clause.kind for clause in report} == {"fact"}


def test_the_words_that_decided_are_named() -> None:
    assert "idiom:统一思想" in judge("要统一思想").why
    assert "topic:口罩" in judge("要保障口罩供应").why


LISTS = ("acts", "alarms", "details", "facts", "frames", "owners", "principles", "scope", "topics")


def entries(value: object) -> list[str]:
    """Every word of a list file; regular expressions are no words."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [word for each in value for word in entries(each)]
    if isinstance(value, dict):
        return [
            word
            for key, each in value.items()
            if key not in ("patterns", "citizen_channel", "past", "owner")
            for word in entries(each)
        ]
    return []


def test_lists_hold_general_vocabulary_and_no_sentences() -> None:
    """A long entry would be a piece of one report: the lists are for any city's minutes."""
    for name in LISTS:
        chinese = [word for word in entries(lexicon(f"words/{name}")) if not word.isascii()]
        assert max(map(len, chinese), default=0) <= 10, (name, max(chinese, key=len))
