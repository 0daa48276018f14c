"""One day of the office, from the morning's file to the close-out: what a person would do, done by a script."""

from __future__ import annotations

import csv
import html
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.test import Client

from fangkong.command.cycle import INBOX, CycleResult, run_cycle
from fangkong.command.directives.actions import directive_issue, recipient_acknowledge
from fangkong.command.duty.actions import close_out_carry
from fangkong.command.duty.open_items import office_eye, open_items
from fangkong.command.minutes.actions import clauses_confirm, minutes_receive
from fangkong.command.minutes.deciding import DIRECTIVE, STANDING_DUTY, Decision
from fangkong.command.minutes.proposals import BELOW, OWN, offered
from fangkong.command.minutes.queries import document_clauses, document_meetings
from fangkong.command.models import Clause, Directive, DirectiveRecipient, Meeting
from fangkong.command.worker import tick
from fangkong.record.access import system_actor
from fangkong.record.models import Case, Contact, User

from .gold import TASK_CLASSES, Seed, overlap
from .small_city import CITY, SmallCity, small_city

WORKER = system_actor("worker")

#: Who takes what no text names an owner for.
WHOEVER_COORDINATES = "general_group"


@dataclass
class Day:
    """One page's day: the city, the page in the record, and what its clauses led to."""

    seed: Seed
    city: SmallCity
    cycle: CycleResult
    document_key: str = ""
    #: Clause -> the directive or standing duty that it led to.
    led: dict[str, str] = field(default_factory=dict)
    #: What the office made on the day -> its key.
    keys: dict[str, str] = field(default_factory=dict)
    pages: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @property
    def evening(self):
        """The instant at which the day is looked at: behind the close-out, before midnight."""
        return self.city.at("23:00")

    @property
    def drafter(self):
        return self.city.actor("duty_officer")

    def clauses(self) -> list[Clause]:
        return document_clauses(self.document_key, actor=self.drafter, at=self.evening)

    def meetings(self) -> list[Meeting]:
        return document_meetings(self.document_key, actor=self.drafter, at=self.evening)

    def user(self, role: str) -> User:
        """The account of the office's person of this role."""
        self.city.actor(role)
        return User.objects.get(username=f"{role}-{CITY}")

    def page(self, path: str, role: str = "general_group", lang: str = "zh-hans") -> str:
        """The page's text (HTML, entities resolved) as the office's person of this role sees it in the evening."""
        if (path, role, lang) not in self.pages:
            client = Client(headers={"accept-language": lang})
            client.force_login(self.user(role))
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            self.pages[path, role, lang] = html.unescape(answer.content.decode())
        return self.pages[path, role, lang]


def live(seed: Seed, act: Callable[[Day], None]) -> Day:
    """The day of the page: file and cycle at seven, the page at nine, decisions by eleven, close-out at ten.

    ``act``: what else the office does on the day.
    """
    here = small_city(seed.day)
    _morning_file(here)
    tick(here.at("07:11"), WORKER)
    cycle = run_cycle(seed.day - timedelta(days=1), actor=here.actor("duty_officer"))
    here.set_clock("09:00")
    day = Day(seed, here, cycle)
    day.document_key = minutes_receive(
        seed.path,
        source="superior" if seed.issuing_level == "province" else "own",
        area_code=CITY,
        actor=day.drafter,
        at=here.at("09:00"),
    )
    _confirm(day)
    _issue(day)
    act(day)
    for hour in ("11:30", "14:00", "18:00", "21:30"):
        tick(here.at(hour), WORKER)
    _close_out(day)
    tick(here.at("00:01") + timedelta(days=1), WORKER)
    here.set_clock("23:00")
    return day


def _morning_file(here: SmallCity) -> None:
    """A laboratory's list in the inbox: two contacts negative, one positive."""
    folder = Path(settings.HOME) / INBOX
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    rows = Contact.objects.open().filter(tier="close", area_code__startswith=CITY)
    ill = set(Case.objects.open().values_list("person_key", flat=True))
    people = [each for each in rows.order_by("key") if each.person_key not in ill][:3]
    taken, ready = f"{here.day - timedelta(days=1)} 21:30", f"{here.day} 06:40"
    with (folder / "lab-results.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "样本编号",
                "证件号码",
                "人员编号",
                "区划代码",
                "采样时间",
                "结果时间",
                "结果",
                "Ct值",
                "检测机构",
            ]
        )
        for n, each in enumerate(people):
            found = ("阳性", "27.4") if n == 0 else ("阴性", "")
            writer.writerow(
                [f"LJ{n:04d}", "", each.person_key, each.area_code, taken, ready, *found, "望潮中心实验室"]
            )


def _confirm(day: Day) -> None:
    """One pass: each clause that asks for something gets an owner; exhortations and facts are left as they are."""
    asked = [
        clause
        for clause in document_clauses(day.document_key, actor=day.drafter, at=day.city.at("09:05"))
        if clause.clause_class in TASK_CLASSES and not clause.is_heading and not clause.duplicate_of
    ]
    for clause in asked:
        (day.led[clause.key],) = clauses_confirm(
            [clause.key], decision_on(clause, day), actor=day.drafter, at=day.city.at("10:00")
        )


def _class_of(clause: Clause, day: Day) -> str:
    """What the person takes the clause for: as the annotation has the first act in it."""
    acts = (each["class"] for each in day.seed.clauses.values() if overlap(clause, each["span"]))
    return next((act for act in acts if act in TASK_CLASSES), clause.clause_class)


def decision_on(clause: Clause, day: Day) -> Decision:
    """What the office's person decides: the owner that the text states or carries over, else the one proposed."""
    found = offered(clause)
    below = found.owner_where == BELOW
    # What every place below has to keep is asked of each of its offices: a duty has one owner.
    if _class_of(clause, day) == "decision" or below:
        return Decision(
            as_=DIRECTIVE,
            owner_role=found.owner_role or WHOEVER_COORDINATES,
            where=found.owner_where or OWN,
            area_code=CITY,
            due_at=day.city.at("21:00"),
            proportionality_note="限于会议所指的范围，期满即止",
        )
    opens = {"trigger": found.trigger} if found.trigger else {"recurs": found.recurs}
    return Decision(
        as_=STANDING_DUTY,
        owner_role=found.owner_role or WHOEVER_COORDINATES,
        area_code=CITY,
        measure="" if any(opens.values()) else "每周例会报告一次进展",
        **opens,
    )


def _issue(day: Day) -> None:
    """A second person issues what was drafted; the districts and every other group acknowledge it."""
    drafts = Directive.objects.open().filter(state="draft").order_by("key")
    for key in drafts.values_list("key", flat=True):
        directive_issue(key, actor=day.city.actor("co_chair"), at=day.city.at("11:00"))
    waiting = DirectiveRecipient.objects.open().filter(state="awaiting").order_by("key")
    for n, each in enumerate(waiting):
        if each.area_code != CITY or n % 2:
            person = day.city.actor(each.role, each.area_code)
            recipient_acknowledge(each.key, actor=person, at=day.city.at("11:20"))


def _close_out(day: Day) -> None:
    """At ten in the evening whatever is open gets its reason for the night and its next hour."""
    at = day.city.at("22:00")
    left = open_items(CITY, day.city.day, actor=office_eye(CITY), at=at)
    close_out_carry(
        [item.name for item in left],
        area_code=CITY,
        on=day.city.day,
        why="当日未办结，由当班人员继续办理",
        until_at=day.city.at("12:00") + timedelta(days=1),
        actor=day.city.actor("general_group"),
        at=at,
    )
