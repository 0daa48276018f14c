"""The paper pack for a day without network, as codes and figures: what somebody needs when no page opens.

It names nobody who is ill, exposed or under an order: an order stands by its number. The office's own people on
the roster are named only where the reader's role sees the roster.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.core.areas import canonical_code
from fangkong.core.clock import start_of_day
from fangkong.core.errors import InputError
from fangkong.core.keys import canonical
from fangkong.desks.control import queries as control
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.models import Area, Order, User
from fangkong.record.paging import Page

from ..duty.open_items import limit_followed, open_items
from ..models import Directive, DirectiveRecipient, DutyShift, Handover
from ..tasks.queries import seen_tasks
from ..tasks.states import UNFINISHED
from .issue import report_current
from .settings import pack_setting

#: What each list asks of the reader.
ORDERS, TASKS, DIRECTIVES, DUTY = "order.read", "task.read", "directive.read", "duty.read"


def day_pack(
    as_of: date, *, actor: Actor, disease: str | None = None, area_code: str | None = None
) -> dict[str, Any]:
    """The pack of ``as_of``: report, orders, tasks, directives, duty, handover, rules, each as known when it closed.

    A list is {rows, total}; one that the reader's role may not see is None. ``content_hash`` is the SHA-256 of all
    the rest: two copies with the same hash are the same. Raises InputError ``report.future_day`` for a day to come,
    ``print.area_unknown`` for an area that the record does not know, Forbidden without ``report.read`` there.
    """
    here = installation()
    if as_of > here.today():
        raise InputError("report.future_day", as_of=as_of.isoformat(), today=here.today().isoformat())
    _check_area(area_code, here.area_code)
    at = min(here.close_of(as_of), here.now())
    report = report_current(as_of, actor=actor, at=here.now(), disease=disease, area_code=area_code)
    pack = _Pack(as_of, at, report["disease"], report["area"]["code"], actor)
    content: dict[str, Any] = {
        "kind": "day_pack",
        "as_of": as_of.isoformat(),
        "area": report["area"],
        "disease": report["disease"],
        "report": report,
        "orders_to_decide": pack.orders(decided=False),
        "orders_in_force": pack.orders(decided=True),
        "tasks": pack.tasks(),
        "directives": pack.directives(),
        "duty": pack.duty(),
        "handover": pack.handover(),
        "rules": pack.rules(),
        "blank_rows": pack_setting("blank_rows"),
    }
    content["areas"] = _areas(content, at)
    return content | {"content_hash": hashlib.sha256(canonical(content).encode()).hexdigest()}


def _check_area(area_code: str | None, own: str) -> None:
    """Nothing when the area is one that the record knows. A code of no level is refused by the report."""
    if not area_code:
        return
    code = canonical_code(area_code)
    if code == own or Area.objects.filter(key=code).exists() or not code.isdigit():
        return
    raise InputError("print.area_unknown", area=area_code)


class _Pack:
    """Reads the lists of one pack."""

    def __init__(self, as_of: date, at: datetime, disease: str, area_code: str, actor: Actor) -> None:
        self.as_of, self.at, self.disease = as_of, at, disease
        self.area_code, self.actor = area_code, actor
        self.most = pack_setting("most_rows")

    def orders(self, *, decided: bool) -> dict[str, Any] | None:
        """The orders in force or to decide, the earliest end first: number, kind, area, days; nobody's name."""
        if not self.actor.may(ORDERS):
            return None
        asked: dict[str, Any] = {"actor": self.actor, "at": self.at, "disease": self.disease}
        read = control.orders_in_force_list if decided else control.orders_to_decide
        page: Page[Order] = read(**asked, area_code=self.area_code, limit=_EVERY)
        rows = sorted(page.rows, key=lambda order: (order.expires_on, order.area_code, order.order_no))
        return {
            "total": page.total,
            "rows": [
                {
                    "order_no": order.order_no,
                    "kind": order.kind,
                    "subject_kind": order.subject_kind,
                    "area_code": order.area_code,
                    "starts_on": order.starts_on.isoformat(),
                    "expires_on": order.expires_on.isoformat(),
                }
                for order in rows[: self.most]
            ],
        }

    def tasks(self) -> dict[str, Any] | None:
        """The tasks due by the end of the day after, by owner: late ones among them."""
        if not self.actor.may(TASKS):
            return None
        due_by = installation().close_of(self.as_of + timedelta(days=1))
        rows = seen_tasks(self.actor, self.at).filter(
            inside_area(self.area_code), state__in=UNFINISHED, due_at__lte=due_by
        )
        names = (
            "kind",
            "title",
            "area_code",
            "owner_role",
            "post",
            "state",
            "due_at",
            "evidence_kind",
            "params",
        )
        listed = list(
            rows.order_by("owner_role", "due_at", "area_code", "key").values(*names)[: self.most + 1]
        )
        for row in listed:
            row["about"] = limit_followed(row["kind"], row.pop("params"))
        return {
            "total": len(listed) if len(listed) <= self.most else rows.count(),
            "rows": [_plain(row) for row in listed[: self.most]],
        }

    def directives(self) -> dict[str, Any] | None:
        """The receipts that nobody has acknowledged yet, the earliest limit first."""
        if not self.actor.may(DIRECTIVES):
            return None
        rows = visible(DirectiveRecipient.objects.known_at(self.at), self.actor, at=self.at).filter(
            inside_area(self.area_code), state="awaiting"
        )
        names = ("directive_key", "area_code", "role", "unit", "acknowledge_by")
        listed = list(rows.order_by("acknowledge_by", "area_code", "key").values(*names))
        shown = [_plain(row) for row in listed[: self.most]]
        keys = {row["directive_key"] for row in shown}
        about = {
            key: {"directive_no": number, "title": title}
            for key, number, title in Directive.objects.known_at(self.at)
            .filter(key__in=keys)
            .values_list("key", "directive_no", "title")
        }
        return {
            "total": len(listed),
            "rows": [row | about.get(row.pop("directive_key"), _NO_DIRECTIVE) for row in shown],
        }

    def duty(self) -> dict[str, Any] | None:
        """The shifts of this day and the next, by post; names of the office's people only for who reads the roster."""
        if not self.actor.may(DUTY):
            return None
        zone = installation().zone
        begins, ends = (start_of_day(self.as_of + timedelta(days=n), zone) for n in (0, 2))
        shifts = list(
            visible(DutyShift.objects.known_at(self.at), self.actor, at=self.at)
            .filter(inside_area(self.area_code), starts_at__lt=ends, ends_at__gt=begins)
            .exclude(state="cancelled")
            .order_by("starts_at", "area_code", "key")
            .values("area_code", "starts_at", "ends_at", "chief_key", "deputy_key", "expert_keys", "holiday")
        )
        names = {} if self.actor.everywhere else _names(shifts)
        rows = [
            {
                "area_code": shift["area_code"],
                "starts_at": shift["starts_at"].isoformat(),
                "ends_at": shift["ends_at"].isoformat(),
                "holiday": shift["holiday"],
                "chief": names.get(shift["chief_key"], ""),
                "deputy": names.get(shift["deputy_key"], ""),
                "experts": [names.get(key, "") for key in shift["expert_keys"]],
            }
            for shift in shifts
        ]
        return {"total": len(rows), "rows": rows}

    def handover(self) -> dict[str, Any] | None:
        """What stays open: as the hand-over of the day was drawn up, else as it stands."""
        if not self.actor.may(DUTY):
            return None
        held = list(
            visible(Handover.objects.known_at(self.at), self.actor, at=self.at)
            .filter(inside_area(self.area_code), on=self.as_of)
            .order_by("area_code", "key")
            .values_list("open_items", flat=True)
        )
        items = [item for drawn in held for item in drawn if not item.get("closed")]
        if not held:
            found = open_items(self.area_code, self.as_of, actor=self.actor, at=self.at)
            items = [item.as_row() for item in found]
        names = ("kind", "code", "about", "title", "area_code", "owner_role", "due_at", "why", "until_at")
        rows = [{name: str(item.get(name) or "") for name in names} for item in items]
        return {"total": len(rows), "rows": rows[: self.most]}

    def rules(self) -> dict[str, Any]:
        """The control documents in force on the day, the oldest first."""
        found = control.rules_in_force(self.as_of, self.disease, self.area_code)
        rows = [
            {
                "title_zh": rule.title_zh,
                "title_en": rule.title_en,
                "issued_on": rule.issued_on.isoformat() if rule.issued_on else "",
                "confidence": rule.confidence,
                "row_count": rule.row_count,
            }
            for rule in found
        ]
        return {"total": len(rows), "rows": rows}


#: More orders than any city prints: they are sorted by their end, which no page of theirs is.
_EVERY = 1_000_000

_NO_DIRECTIVE = {"directive_no": "", "title": ""}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _names(shifts: Iterable[dict[str, Any]]) -> dict[str, str]:
    """User key -> the name under which an official signs."""
    keys = {
        key for shift in shifts for key in (shift["chief_key"], shift["deputy_key"], *shift["expert_keys"])
    }
    return dict(User.objects.filter(key__in=keys).values_list("key", "display_name"))


def _areas(content: dict[str, Any], at: datetime) -> dict[str, dict[str, str]]:
    """Area code -> its names, of every area that a list speaks of."""
    lists = [part["rows"] for part in content.values() if isinstance(part, dict) and "rows" in part]
    codes = {row["area_code"] for rows in lists for row in rows if row.get("area_code")}
    found = Area.objects.known_at(at).filter(key__in=codes).values_list("key", "name_zh", "name_en")
    return {key: {"name_zh": zh, "name_en": en} for key, zh, en in sorted(found)}
