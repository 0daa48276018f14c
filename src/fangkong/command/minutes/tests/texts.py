"""Fictional minutes of a fictional city, and the people who work with them, for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fangkong.command.directives.tests.offices import AT, CITY, after, drafter, known
from fangkong.command.minutes.actions import clauses_confirm, minutes_receive
from fangkong.command.minutes.deciding import Decision
from fangkong.command.minutes.queries import document_clauses
from fangkong.command.models import Clause
from fangkong.record.access import Actor

MINUTES = """临江市疫情防控工作领导小组第六次会议召开
2022年4月11日上午，市疫情防控工作领导小组召开第六次会议，市长主持并讲话。
会议听取了疫情态势、物资保障情况汇报。
会议强调，要提高政治站位，进一步增强责任感紧迫感。各区县要在4月13日18时前完成独居老人名册复核。市卫生健康委要印发发热门诊接诊流程。
会议要求，对每一例新增阳性都要开展流行病学调查。要严格落实24小时值班制度。要加强物资储备。
"""

#: One sentence of it corrected.
CORRECTED = MINUTES.replace("4月13日18时", "4月14日18时")


def received(text: str = MINUTES, **more: Any) -> str:
    """The key of the text as the city's general group received it."""
    given: dict[str, Any] = {"area_code": CITY, "actor": drafter(), "at": AT}
    return minutes_receive(text, **(given | more))


def clauses(key: str, actor: Actor | None = None, at: datetime | None = None) -> list[Clause]:
    """Its clauses as they stand, in their order."""
    return document_clauses(key, actor=actor or drafter(), at=at or after(24 * 365))


def saying(key: str, words: str) -> Clause:
    """The one clause in which ``words`` stand."""
    (found,) = [clause for clause in clauses(key) if words in clause.text]
    return found


def decision(**more: Any) -> Decision:
    """As a directive to the city's own community group, due tomorrow."""
    given: dict[str, Any] = {
        "as_": "directive",
        "owner_role": "community_group",
        "area_code": CITY,
        "due_at": AT + timedelta(hours=30),
    }
    return Decision(**(given | more))


def confirmed(clause: Clause, actor: Actor | None = None, hours: float = 1, **more: Any) -> str:
    """What the clause led to, ``hours`` after it came in."""
    return clauses_confirm([clause.key], decision(**more), actor=actor or drafter(), at=after(hours))[0]


def colleague() -> Actor:
    """Another person of the same office."""
    return known("duty_officer", CITY)
