"""The tiles of the board in groups of six; what nobody reports yet is folded into one line of its group."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.command.reports.entries import Entry, refusal
from fangkong.command.reports.settings import unreported
from fangkong.command.reports.spread import last_reported, new_infections
from fangkong.faces.papers.phrases import UNREPORTED, unreported_lines
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.figures import tile
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import language

from .reading import Reading

SPARK_DAYS = 14
#: Tiles of a group: one row of the widest screen (look.md). Those at the end of a group's list fill up its row.
IN_A_ROW = 6


#: Group -> the fields of it that only its folded line may name: nobody reports them yet.
FOLDED = {
    "spread": ("surveillance",),
    "timeliness": ("timeliness",),
    "care": ("care", "supply", "vaccination"),
    "people": ("people",),
}


def groups(reading: Reading, viewing: Viewing) -> list[dict[str, Any]]:
    """Groups of at most six tiles: spread, timeliness, care and capacity, command, people, precision of the orders.

    What nobody reports yet stands in the group's ``unreported`` lines, by name, and takes no tile.
    """
    maker = _Tiles(reading, viewing)
    return [
        maker.group("spread", said("page.group.note.trend", n=SPARK_DAYS), maker.spread()),
        maker.group("timeliness", said("board.group.note.week"), maker.timeliness()),
        maker.group("care", said("board.group.note.day"), maker.care()),
        maker.group("command", maker.levels(), maker.command()),
        maker.group("people", said("board.group.note.now"), maker.people()),
        maker.group("precision", said("precision.group_note"), maker.precision()),
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

    def group(self, key: str, note: str, tiles: list[dict[str, Any]]) -> dict[str, Any]:
        """A group with its tiles, and in ``unreported`` one line for each reason why others have no figure."""
        entries = [
            refusal(code, "no_desk_yet") for block in FOLDED.get(key, ()) for code in unreported(block)
        ]
        entries += [made["entry"] for made in tiles if made["entry"].get("refusal") in UNREPORTED]
        lines = unreported_lines(entries, language(get_language()))
        shown = [made for made in tiles if made["entry"].get("refusal") not in UNREPORTED]
        return {"key": key, "note": note, "tiles": shown[:IN_A_ROW], "unreported": lines}

    def tile(self, code: str, label: str, permission: str = "", **more: Any) -> dict[str, Any]:
        return self.made(self.entry(code, permission), label, **more)

    def made(self, entry: Entry, label: str, **more: Any) -> dict[str, Any]:
        """The tile of ``entry``, which it keeps, so that its group knows what to fold."""
        return tile(entry, label, day=self.day, **more) | {"entry": entry}

    def watched(
        self, code: str, label: str, permission: str, late: str, href: str = "", state: str = "alert"
    ) -> dict[str, Any]:
        """A register's open items; marked when any of them is past its date."""
        overdue = self.entry(late, permission).get("value", 0)
        note = said("board.tile.late", n=overdue) if overdue else said("board.tile.none_late")
        return self.tile(code, label, permission, note=note, href=href, state=state if overdue else "")

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
            self.tile("positivity", "board.tile.positivity", "report.read"),
            self.tile(
                self.change_code(),
                "report.entry.change_time",
                note=said("report.note.no_interval"),
                href=href,
            ),
        ]

    def change_code(self) -> str:
        """Doubling or halving time, whichever the estimate gave; else the code of its refusal."""
        given = [code for code in ("doubling_time", "halving_time") if code in self.reading.entries]
        return given[0] if given else "change_time"

    def unlinked(self, href: str) -> dict[str, Any]:
        """Cases without a known source: the complement of the linked ones."""
        entry = self.entry("linked_cases", "report.read")
        if "value" in entry:
            note = said("page.tile.linked", k=entry["value"], n=entry["of"])
            entry = {**entry, "code": "new_unlinked", "value": entry["of"] - entry["value"], "of": None}
            return self.made(entry, "board.tile.unlinked", note=note, href=href)
        return self.made(entry, "board.tile.unlinked", href=href)

    def timeliness(self) -> list[dict[str, Any]]:
        turnaround = self.entry("laboratory_turnaround", "report.read")
        note = ""
        if "value" in turnaround:
            note = said("report.note.quantile", **turnaround["params"])
        return [
            self.tile("reported_in_time", "report.entry.reported_in_time"),
            self.tile("laboratory_turnaround", "board.tile.turnaround", "report.read", note=note),
            self.tile("investigated_in_time", "report.entry.investigated_in_time"),
            self.tile("transferred_in_time", "report.entry.transferred_in_time"),
            self.tile("seven_one_seven", "board.tile.seven_one_seven"),
            self.tile("contacts_controlled", "page.tile.contacts_controlled", "report.read"),
        ]

    def care(self) -> list[dict[str, Any]]:
        gate = said("board.tile.at_gates")
        refused = self.entry("care_refused", "board.read").get("value", 0)
        return [
            self.tile("new_deaths", "page.tile.new_deaths", note=said("page.tile.counted")),
            self.tile(
                "care_refused",
                "report.entry.care_refused",
                "board.read",
                note=said("board.tile.target_none"),
                state="alert" if refused else "",
            ),
            self.tile("emergencies", "report.entry.emergencies", "board.read", note=gate),
            self.tile("gates_passed", "board.tile.gates_passed", "board.read", note=gate),
            self.tile("tests", "report.entry.tests", "report.read", note=said("page.tile.counted")),
            self.tile(
                "alarms_open", "report.entry.alarms_open", "signal.read", note=said("page.tile.to_verify")
            ),
        ]

    def command(self) -> list[dict[str, Any]]:
        orders = reverse("orders") if self.viewing.actor.may("order.read") else ""
        directives = reverse("directives") if self.viewing.actor.may("directive.read") else ""
        return [
            self._count(
                "tasks_overdue",
                "board.tile.overdue",
                "task.read",
                self.reading.overdue_total,
                said("page.tile.past_due"),
                reverse("tasks") + "?show=overdue",
                "alert",
            ),
            self.watched(
                "receipts_awaiting",
                "report.entry.receipts_awaiting",
                "directive.read",
                "receipts_late",
                directives,
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
                "signals_open",
                "board.tile.signals_open",
                "signal.read",
                self.reading.signals_total,
                said("page.tile.to_verify"),
                reverse("signals"),
                "watch",
            ),
            self.watched("gaps_open", "report.entry.gaps_open", "review.read", "gaps_late", state="watch"),
            self.tile("duty_reached", "report.entry.duty_reached", "duty.read"),
            self.watched("reviews_open", "report.entry.reviews_open", "review.read", "reviews_late"),
            self.tile(
                "tasks_not_taken",
                "report.entry.tasks_not_taken",
                "task.read",
                note=said("board.tile.not_taken"),
            ),
            self.tile("tasks_open", "report.entry.tasks_open", "task.read", note=said("board.tile.in_work")),
        ]

    def levels(self) -> str:
        """The response level in force, as the note of the command group; what stands now where there is none."""
        in_force = self.reading.levels
        if not in_force:
            return said("board.group.note.now")
        return said("frame.and").join(
            said(
                "board.group.note.level",
                hazard=coded("response.hazard", hazard),
                level=said(f"report.level.{level}"),
            )
            for hazard, level in in_force.items()
        )

    def people(self) -> list[dict[str, Any]]:
        orders = reverse("orders") if self.viewing.actor.may("order.read") else ""
        permits = reverse("permits") if self.viewing.actor.may("permit.read") else ""
        return [
            self.tile(
                "people_restricted",
                "board.tile.restricted",
                "order.read",
                note=self._orders_note(),
                href=orders,
            ),
            self.tile(
                "restricted_days",
                "board.tile.restricted_days",
                "order.read",
                note=said("board.tile.median"),
                href=orders,
            ),
            self.tile(
                "person_days",
                "page.tile.person_days",
                "order.read",
                note=said("page.tile.so_far"),
                href=orders,
            ),
            self.tile(
                "complaints_open" if "complaints_open" in self.reading.entries else "complaints",
                "report.entry.complaints_open",
                "listening.read",
                note=said("board.tile.to_answer"),
            ),
            self.tile("appeals_upheld", "report.entry.appeals_upheld", "order.read"),
            self.tile(
                "permits_waiting",
                "report.entry.permits_waiting",
                "permit.read",
                note=said("page.tile.two_people"),
                href=permits,
            ),
            self.tile(
                "appeals_open", "report.entry.appeals_open", "order.read", note=said("board.tile.to_answer")
            ),
            self.tile("measures_in_force", "report.entry.measures_in_force", "order.read", note=self.day),
        ]

    def precision(self) -> list[dict[str, Any]]:
        """The pair of shares, and the orders in force against the smallest lawful set of the same day."""
        href = reverse("orders") if self.viewing.actor.may("order.read") else ""
        excess = self.reading.entries.get("lawful_excess_person_days", {})
        notes = {
            "lawful_smallest_persons": said("precision.note.rules_of_day"),
            "lawful_ordered_person_days": said("precision.note.from_day_on"),
            "lawful_smallest_person_days": said("precision.note.from_day_on"),
            "lawful_excess_person_days": said("precision.note.orders", n=excess["params"]["orders"])
            if excess.get("params", {}).get("orders")
            else said("precision.note.none"),
        }
        return [
            self.tile("restricted_infected", "precision.tile.infected", "order.read", href=href),
            self.tile("infections_controlled", "precision.tile.controlled", "order.read", href=href),
            *(self._lawful(code, note, href) for code, note in notes.items()),
        ]

    def _lawful(self, code: str, note: str, href: str) -> dict[str, Any]:
        """A figure of the smallest lawful set; where no order on a person is in force, every one says so."""
        entry = self.entry(code, "order.read")
        none = self.reading.entries.get("lawful_ordered_persons", {})
        if "value" not in entry and "refusal" in none and self.viewing.actor.may("order.read"):
            entry = refusal(code, none["refusal"])
        return self.made(entry, f"precision.tile.{code}", note=note, href=href)

    def _orders_note(self) -> str:
        entry = self.reading.entries.get("measures_in_force", {})
        return said("page.tile.in_force", n=entry["value"]) if "value" in entry else ""

    def _count(
        self, code: str, label: str, permission: str, n: int, note: str, href: str, state: str
    ) -> dict[str, Any]:
        """A tile of what waits on this platform; ``state`` marks it when anything does."""
        if not self.viewing.actor.may(permission):
            return self.made(refusal(code, "not_for_role"), label)
        known = self.viewing.at.astimezone(self.viewing.installation.zone)
        made = self.made(
            {"code": code, "value": n, "sources": ["record.platform"], "as_of": f"{known:%Y-%m-%d}"},
            label,
            note=note,
            href=href,
            state=state if n else "",
        )
        return made | {"unit": said("page.unit.item", n=n), "as_of": formats.moment(known, get_language())}
