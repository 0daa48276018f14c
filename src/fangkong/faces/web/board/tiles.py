"""The tiles of the board in three groups; what the record does not carry says so."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.command.reports.entries import Entry, refusal
from fangkong.command.reports.spread import last_reported, new_infections
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.figures import tile
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats

from .reading import Reading

SPARK_DAYS = 14


def groups(reading: Reading, viewing: Viewing) -> list[dict[str, Any]]:
    """Three groups of six tiles: spread, timeliness and care, capacity and people."""
    maker = _Tiles(reading, viewing)
    return [
        {"key": "spread", "note": said("page.group.note.trend", n=SPARK_DAYS), "tiles": maker.spread()},
        {"key": "timeliness", "note": said("page.group.note.known"), "tiles": maker.timeliness()},
        {"key": "people", "note": said("board.group.note.now"), "tiles": maker.people()},
    ]


class _Tiles:
    """Makes the tiles of one reading."""

    def __init__(self, reading: Reading, viewing: Viewing) -> None:
        self.reading, self.viewing = reading, viewing
        self.day = formats.day(reading.through, get_language())
        days = reading.city.days[-SPARK_DAYS:]
        self.trend = [new_infections(day) for day in days]
        self.controlled = [
            None
            if not (n := new_infections(day)) or day.channels.get("controlled") is None
            else (day.channels["controlled"] or 0) / n
            for day in days
        ]

    def entry(self, code: str, permission: str = "") -> Entry:
        """The entry of a code; a refusal where the role or the record does not carry it."""
        if permission and not self.viewing.actor.may(permission):
            return refusal(code, "not_for_role")
        return self.reading.entries.get(code) or refusal(code, "no_source_connected")

    def tile(self, code: str, label: str, permission: str = "", **more: Any) -> dict[str, Any]:
        return tile(self.entry(code, permission), label, day=self.day, **more)

    def assess_href(self) -> str:
        may = self.viewing.actor.may("daily.read")
        return reverse("assess_area", args=[self.reading.area_code]) if may else ""

    def spread(self) -> list[dict[str, Any]]:
        last = last_reported(self.reading.city)
        split = (
            said("page.tile.by_type", confirmed=last.confirmed, asymptomatic=last.asymptomatic)
            if last and last.confirmed is not None and last.asymptomatic is not None
            else said("page.tile.counted")
        )
        href = self.assess_href()
        cases = reverse("cases") if self.viewing.actor.may("case.read") else ""
        return [
            self.tile("new_infections", "board.tile.new_infections", note=split, spark=self.trend, href=href),
            self.tile("reproduction", "board.tile.reproduction", href=href),
            self.tile("found_in_control", "board.tile.controlled_share", spark=self.controlled, href=href),
            self.unlinked(cases),
            self.tile("positivity", "board.tile.positivity", "case.read"),
            self.tile("wastewater", "board.tile.wastewater"),
        ]

    def unlinked(self, href: str) -> dict[str, Any]:
        """Cases without a known source: the complement of the linked ones."""
        entry = self.entry("linked_cases", "case.read")
        if "value" in entry:
            note = said("page.tile.linked", k=entry["value"], n=entry["of"])
            entry = {**entry, "code": "new_unlinked", "value": entry["of"] - entry["value"], "of": None}
            return tile(entry, "board.tile.unlinked", day=self.day, note=note, href=href)
        return tile(entry, "board.tile.unlinked", day=self.day, href=href)

    def timeliness(self) -> list[dict[str, Any]]:
        turnaround = self.entry("laboratory_turnaround", "case.read")
        note = ""
        if "value" in turnaround:
            note = said("report.note.quantile", **turnaround["params"])
        return [
            self.tile("laboratory_turnaround", "board.tile.turnaround", "case.read", note=note),
            self.tile("contacts_identified", "page.tile.contacts_identified", "contact.read"),
            self.tile("contacts_located", "page.tile.contacts_located", "contact.read"),
            self.tile("contacts_controlled", "page.tile.contacts_controlled", "contact.read"),
            self.tile("new_deaths", "page.tile.new_deaths", note=said("page.tile.counted")),
            self.tile("beds", "board.tile.icu"),
        ]

    def people(self) -> list[dict[str, Any]]:
        orders = reverse("orders") if self.viewing.actor.may("order.read") else ""
        return [
            self.tile(
                "people_restricted",
                "board.tile.restricted",
                "order.read",
                note=self._orders_note(),
                href=orders,
            ),
            self.tile(
                "person_days",
                "page.tile.person_days",
                "order.read",
                note=said("page.tile.so_far"),
                href=orders,
            ),
            self._count(
                "orders_to_decide",
                "board.tile.orders_waiting",
                "order.read",
                self.reading.orders_total,
                said("page.tile.two_people"),
                orders,
                "watch",
            ),
            self._count(
                "tasks_overdue",
                "board.tile.overdue",
                "task.read",
                self.reading.overdue_total,
                said("page.tile.past_due"),
                reverse("tasks") + "?show=overdue",
                "alert",
            ),
            self._count(
                "signals_open",
                "board.tile.signals_open",
                "signal.read",
                self.reading.signals_total,
                said("page.tile.to_verify"),
                "",
                "watch",
            ),
            self.tile("complaints", "board.tile.complaints"),
        ]

    def _orders_note(self) -> str:
        entry = self.reading.entries.get("measures_in_force", {})
        return said("page.tile.in_force", n=entry["value"]) if "value" in entry else ""

    def _count(
        self, code: str, label: str, permission: str, n: int, note: str, href: str, state: str
    ) -> dict[str, Any]:
        """A tile of what waits on this platform; ``state`` marks it when anything does."""
        if not self.viewing.actor.may(permission):
            return tile(refusal(code, "not_for_role"), label, day=self.day)
        known = self.viewing.at.astimezone(self.viewing.installation.zone)
        made = tile(
            {"code": code, "value": n, "sources": ["record.platform"], "as_of": f"{known:%Y-%m-%d}"},
            label,
            day=self.day,
            note=note,
            href=href,
            state=state if n else "",
        )
        return made | {"unit": said("page.unit.item", n=n), "as_of": formats.moment(known, get_language())}
