"""Sample contexts of every component, of an invented city; texts are the page's own in either language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import translation

from fangkong.faces.words import formats

DAYS = [date(2022, 3, 22) + timedelta(days=n) for n in range(27)]
FOUND = [2, 3, 3, 5, 6, 8, 9, 12, 15, 18, 22, 27, 31, 33, 38, 42, 44, 47, 52, 50, 49, 46, 44, 42, 40, 38, 36]


def of(zh: str, en: str) -> str:
    return en if (translation.get_language() or "").startswith("en") else zh


def curve() -> dict[str, Any]:
    return {
        "days": [d.isoformat() for d in DAYS],
        "series": {
            "controlled": [None if n == 9 else v * 7 // 10 for n, v in enumerate(FOUND)],
            "screening": [None if n == 9 else v * 2 // 10 for n, v in enumerate(FOUND)],
            "sought_care": [None if n == 9 else v // 10 for n, v in enumerate(FOUND)],
            "imported": [None if n == 9 else int(n % 6 == 0) for n in range(27)],
        },
        "incomplete_from": "2022-04-15",
        "nowcast": {
            "days": ["2022-04-15", "2022-04-16", "2022-04-17"],
            "mid": [42.0, 45.5, 51.0],
            "low": [40.0, 42.0, 47.0],
            "high": [45.0, 50.0, 58.0],
        },
    }


def reproduction() -> dict[str, Any]:
    mid: list[float | None] = [2.9 - 0.085 * n for n in range(24)]
    return {
        "days": [d.isoformat() for d in DAYS],
        "mid": [*mid, None, None, None],
        **{
            name: [*(v + shift for v in mid if v is not None), None, None, None]
            for name, shift in (("low50", -0.06), ("high50", 0.06), ("low90", -0.14), ("high90", 0.14))
        },
    }


def multiples() -> dict[str, Any]:
    series = curve()["series"]
    panels: list[dict[str, Any]] = [
        {
            "title": name,
            "note": of("昨日 ", "yesterday ") + str(last),
            "series": {
                channel: [None if v is None else v // part for v in values]
                for channel, values in series.items()
            },
            "refusal": None,
        }
        for name, last, part in (
            (of("柳堤区", "Liudi"), 29, 1),
            (of("望潮区", "Wangchao"), 7, 3),
            (of("青石区", "Qingshi"), 3, 5),
            (of("白鹭区", "Bailu"), 3, 8),
            (of("南渡县", "Nandu"), 1, 12),
        )
    ]
    gap = of("卡口两日未报，缺口过大", "Checkpoints silent for two days; the gap is too wide")
    panels.append({"title": of("云溪县", "Yunxi"), "note": "", "series": {}, "refusal": gap})
    return {"days": [d.isoformat() for d in DAYS], "incomplete_from": "2022-04-15", "panels": panels}


def areas() -> dict[str, Any]:
    rows = [
        (of("青石区", "Qingshi"), 0, 1, 5.9, {"precaution": 1}, False),
        (of("望潮区", "Wangchao"), 1, 1, 13.4, {"lockdown": 1, "control": 1}, False),
        (of("白鹭区", "Bailu"), 2, 1, 4.6, {}, False),
        (of("云溪县", "Yunxi"), 0, 0, None, {}, True),
        (of("柳堤区", "Liudi"), 1, 0, 56.8, {"lockdown": 3, "control": 2}, False),
        (of("南渡县", "Nandu"), 2, 0, 1.7, {}, False),
    ]
    return {
        "areas": {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": {
                        "type": "Polygon",
                        "coordinates": [
                            [[x, y], [x + 1, y], [x + 1, y + 0.8], [x + 0.5, y + 0.9], [x, y + 0.8], [x, y]]
                        ],
                    },
                    "properties": {
                        "code": f"9901{n:02d}",
                        "name": name,
                        "value": value,
                        "label": "" if value is None else str(value),
                        "note": of("卡口未报", "checkpoints silent") if late else "",
                        "incomplete": late,
                        "orders": orders,
                        "href": None,
                        "at": None,
                    },
                }
                for n, (name, x, y, value, orders, late) in enumerate(rows)
            ],
        },
        "breaks": [2, 5, 10, 20],
        "water": None,
    }


def as_of(*, look_back: bool = False) -> dict[str, Any]:
    return {
        "business_day": date(2022, 4, 18),
        "counted_to": datetime(2022, 4, 17, 16, 0, tzinfo=UTC),
        "known_at": datetime(2022, 4, 17, 23, 12, tzinfo=UTC),
        "feeds_in": 21,
        "feeds_due": 23,
        "missing": [of("云溪县卡口", "Yunxi checkpoints"), of("市三院床位", "Hospital 3 beds")],
        "rules": [of("防控方案第八版", "Control 8"), of("诊疗方案第九版", "Clinical 9")],
        "look_back": look_back,
        "today_href": "/look-back/end/",
    }


def frame() -> dict[str, Any]:
    return {
        "office": of("临江市疫情防控工作领导小组办公室", "Linjiang City · Office of the Leading Group"),
        "user_name": of("值班长 甲", "Officer A"),
        "rail": [
            [{"key": "board", "href": "#board", "count": None, "letter": "t"}],
            [
                {"key": "intake", "href": "#intake", "count": 3, "letter": "r"},
                {"key": "trace", "href": "#trace", "count": 12, "letter": "c"},
                {"key": "control", "href": "#control", "count": 1204, "letter": "o"},
            ],
            [{"key": "oversight", "href": "#oversight", "count": 0, "letter": "v"}],
        ],
        "here": "board",
        "language_url": "/language/",
        "sign_out_url": "/sign-out/",
        "search_url": "/find/",
        "query": "",
        "as_of": as_of(),
    }


def tile(**parts: Any) -> dict[str, Any]:
    return {
        "label": of("新增感染", "New infections"),
        "value": "46",
        "unit": of("例", ""),
        "interval": of("补迟报后 51（47–58）", "nowcast 51 (47–58)"),
        "source": of("直报网", "Case network"),
        "as_of": "00:00",
        "spark": [*FOUND[8:15], None, *FOUND[16:22]],
        **parts,
    }


def tiles() -> list[dict[str, Any]]:
    lang = translation.get_language()
    return [
        tile(),
        tile(
            label=of("检测周转 P90", "Lab turnaround P90"),
            value="9.4",
            unit=of("小时", "h"),
            interval=of("目标 ≤ 6，区间 8.8–10.1", "target ≤ 6, interval 8.8–10.1"),
            state="alert",
            href="#method",
        ),
        tile(
            label=of("未找到上游", "No known source"),
            value="5",
            interval=of("3 条链，最长 4 代", "3 chains, longest 4 links"),
            state="watch",
            href="#method",
        ),
        tile(
            label=of("受限人数", "People restricted"),
            value=formats.number(18600, lang, compact=True),
            unit=of("人", ""),
            interval=of("中位 6 天，最长 13 天", "median 6 d, longest 13 d"),
            stale=True,
            as_of="04-16",
        ),
        tile(
            label=of("污水病毒量", "Wastewater"),
            refusal=of("两厂批量补报，日序列已断。", "A batch upload broke the daily series."),
            alternative="",
        ),
        tile(label=of("核酸阳性率", "PCR positivity"), interval="", source=None),
    ]


def order(**parts: Any) -> dict[str, Any]:
    return {
        "number": "GL-0416-022",
        "type": "quarantine",
        "state": "active",
        "scope": of("云溪县 云河镇 芦花里小区", "Luhuali estate, Yunhe, Yunxi County"),
        "scope_note": of("封控 3、4、7 幢，1,140 人", "buildings 3, 4 and 7; 1,140 people"),
        "reason": of(
            "3 例同楼组，密接 41 人已转运 39 人", "3 cases in one stairwell; 39 of 41 contacts moved"
        ),
        "effective": "2022-04-18 12:00",
        "expiry": "2022-04-25 12:00",
        "expiry_share": 28.5,
        "expiry_note": of("余 5 天 2 小时，到期自动失效", "5 d 2 h left; ends by itself"),
        "basis": of("诊疗方案第九版 · 收治行", "Clinical plan 9, admission row"),
        "basis_href": "#rule",
        "basis_mark": "unverified",
        "basis_note": of("传染病防治法", "Infectious Diseases Act"),
        "approver": of("市疾控授权岗，非提出人", "City CDC duty post, not the proposer"),
        "remedy": of("复核 24 小时内答复；市民热线", "review answered in 24 h; citizens' line"),
        "remedy_href": "#appeal",
        **parts,
    }


def receipt(**parts: Any) -> dict[str, Any]:
    return {
        "total": 1284,
        "accepted": 1241,
        "held": 31,
        "rejected": 12,
        "accepted_note": of(
            "新增 214，更新 1,009，与已有相同 18", "214 new, 1,009 revised, 18 already known"
        ),
        "held_note": of(
            "疑似同一人 14，日期 9，区划 5，隔离点 3", "14 same person, 9 dates, 5 areas, 3 sites"
        ),
        "rejected_note": of("缺末次暴露日期 7，整行重复 5", "7 without last exposure, 5 repeated rows"),
        **parts,
    }


def case_timeline() -> dict[str, Any]:
    def at(day: int, hour: int) -> datetime:
        return datetime(2022, 4, day, hour, tzinfo=UTC)

    return {
        "from_on": date(2022, 4, 9),
        "to_on": date(2022, 4, 18),
        "now": at(18, 7),
        "window": {
            "from_at": at(12, 0),
            "to_at": at(16, 9),
            "text": of(
                "可能传染期：发病前 2 日至隔离", "likely infectious: 2 days before onset to isolation"
            ),
        },
        "lanes": {
            "symptoms": [
                {
                    "kind": "symptom",
                    "from_at": at(14, 5),
                    "to_at": at(18, 7),
                    "text": of("发热、咽痛", "fever, throat"),
                }
            ],
            "tests": [
                {"kind": "negative", "at": at(12, 9), "text": of("阴性", "negative")},
                {"kind": "pending", "at": at(15, 10), "text": of("采样", "sampled")},
                {"kind": "positive", "at": at(16, 6), "text": of("阳性 Ct 24.1", "positive, Ct 24.1")},
            ],
            "exposures": [
                {"kind": "source", "from_at": at(11, 17), "to_at": at(11, 20), "text": of("集市", "market")},
                {"kind": "exposure", "from_at": at(12, 9), "to_at": at(12, 18), "text": of("单位", "work")},
                {"kind": "exposure", "from_at": at(13, 9), "to_at": at(13, 18), "text": of("单位", "work")},
                {
                    "kind": "exposure",
                    "from_at": at(14, 12),
                    "to_at": at(14, 14),
                    "text": of("餐馆", "restaurant"),
                },
            ],
            "measures": [
                {"kind": "report", "at": at(16, 7), "text": of("网报 45 分钟", "reported in 45 min")},
                {
                    "kind": "measure",
                    "from_at": at(16, 9),
                    "to_at": at(18, 7),
                    "text": of("定点医院", "hospital"),
                },
            ],
        },
    }


def components() -> dict[str, dict[str, Any]]:
    """Template name under components/ to a context that shows everything it can show."""
    return {
        "as_of.html": {"as_of": as_of()},
        "brand.html": {},
        "chart.html": {
            "chart": {
                "id": "curve",
                "kind": "epicurve",
                "data": curve(),
                "label": of("全市流行曲线", "Epidemic curve of the city"),
                "source": of("直报网，04-18 00:00", "Case network, 18 Apr 00:00"),
                "unit": of("例，按报告日", "cases by day of report"),
            }
        },
        "confirm.html": {
            "confirm": {
                "id": "approve",
                "title": of("批准 GL-0416-022", "Approve GL-0416-022"),
                "what": of("3 幢楼封控，居民足不出户", "3 buildings closed; residents stay in"),
                "how_many": of("1,140 人", "1,140 people"),
                "until": "2022-04-25 12:00",
                "action": "/orders/1/",
                "verb": of("批准 GL-0416-022", "Approve GL-0416-022"),
                "reason_required": True,
                "cancel_href": "/orders/",
                "hidden": [{"name": "version", "value": "3"}],
            }
        },
        "empty.html": {
            "title": of("还没有报来", "Nothing has arrived"),
            "text": of(
                "已提醒两次；看板按昨日数并标明。", "Reminded twice; the board carries yesterday's figure."
            ),
            "actions": [{"label": of("手工填报", "Enter by hand"), "href": "#form"}],
        },
        "way_back.html": {"frame": {"rail": [[{"key": "oversight", "href": "/oversight/"}]]}},
        "field_errors.html": {"errors": [{"id": "day", "text": of("请填写日期", "Fill in: day")}]},
        "keys.html": {},
        "language.html": {"frame": {"language_url": "/language/"}},
        "list_panel.html": {
            "panel": {
                "title": of("已逾期", "Overdue"),
                "count": 7,
                "rows": [
                    {
                        "title": of("实验室周转：市二院", "Turnaround: No. 2 Hospital"),
                        "href": "#1",
                        "note": of("责任：检验科主任", "owner: head of laboratory"),
                        "when": of("超 26 小时", "26 h over"),
                        "when_kind": "high",
                    },
                    {
                        "title": of("协查函回复", "Assistance letter"),
                        "href": "#2",
                        "chip": "task.state.overdue",
                    },
                ],
                "more": 5,
                "more_href": "#all",
            }
        },
        "map.html": {
            "map": {
                "id": "areas",
                "data": areas(),
                "label": of("近 7 日每 10 万人新增", "New infections per 100,000, last 7 days"),
                "unit": of("每 10 万人", "per 100,000"),
                "source": of("直报网", "Case network"),
                "footer": of("示意图，虚构城市", "sketch of an invented city"),
            }
        },
        "meter.html": {"width": 91.7, "late": True},
        "order_card.html": {"order": order()},
        "pager.html": {
            "pager": {"first": 1, "last": 8, "total": 31, "earlier_href": None, "later_href": "?after=8"}
        },
        "quad.html": {"quad": {"total": 12, "count": 12, "identity": 12, "location": 11, "control": 10}},
        "receipt_bar.html": {"receipt": receipt()},
        "rhythm.html": {
            "rhythm": [
                {"at": "00:00", "key": "close", "note": of("快照已存", "snapshot kept"), "state": "done"},
                {"at": "06:00", "key": "feeds", "note": "21 / 23", "state": "done"},
                {"at": "07:00", "key": "report", "note": of("待签发", "to be signed"), "state": "now"},
                *(
                    {"at": at, "key": key, "note": "", "state": ""}
                    for at, key in (
                        ("08:30", "assess"),
                        ("09:30", "meeting"),
                        ("12:00", "midday"),
                        ("16:00", "publish"),
                        ("18:00", "evening"),
                        ("20:00", "review"),
                    )
                ),
            ]
        },
        "sparkline.html": {
            "path": "M3 3L10 20",
            "last": {"x": 10.0, "y": 20.0},
            "width": 64.0,
            "height": 26.0,
        },
        "split.html": {
            "label": of("收下 3", "3 accepted"),
            "parts": [{"css": "fok", "x": 0.0, "width": 100.0}],
        },
        "tile.html": {"tile": tile(href="#method", state="alert")},
        "toast.html": {
            "toast": {"text": of("第 377 行已改为望潮区", "Row 377 is now Wangchao"), "undo_url": "/undo/"}
        },
        "veil.html": {
            "veil": {
                "fields": [
                    {"label": of("姓名", "Name"), "text": None},
                    {"label": of("年龄、性别", "Age and sex"), "text": of("40–49 岁，女", "40–49, female")},
                ],
                "action": "/cases/1/unmask/",
                "purposes": ["contact_transfer", "verify_identity", "medical_help"],
                "minutes": 15,
                "recent": of("近 7 日被查看 4 次。", "Seen 4 times in 7 days."),
                "log_href": "#log",
            }
        },
    }
