"""Where each thing that a day has to show stands, and the proof that it does; or the name under which it is missing.

The keys are the clauses of the annotation. An entry moves from ``LISTED`` to ``SHOWN`` when a desk shows the thing;
both together are exactly what the annotation asks for, so nothing can fall out unseen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from fangkong.command.duty.queries import roster_days
from fangkong.command.meetings.queries import meeting_get
from fangkong.command.minutes.coverage import coverage
from fangkong.command.minutes.personal_orders import personal_orders
from fangkong.command.minutes.proposals import BELOW, offered
from fangkong.command.minutes.queries import breaks_of, document_get
from fangkong.command.models import Clause, Concern, Directive, Review
from fangkong.command.reports import situation_report
from fangkong.command.reports.entries import is_figure
from fangkong.command.response.queries import levels_in_force
from fangkong.desks.control.alternatives import smallest_alternative
from fangkong.desks.trace.queries import four_verifications
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import word
from fangkong.record.models import Case, Order, Task

from .gold import of_gold, overlap
from .lived_day import Day
from .office_acts import ONE_MATTER, READY
from .small_city import CITY, DISEASE


@dataclass(frozen=True)
class Shown:
    """What is shown (in our words), the page it stands on, and the proof."""

    what: str
    page: str
    proof: Callable[[Day], None]


@dataclass(frozen=True)
class Listed:
    """What is not shown (in our words), and the codes under which the coverage table says so."""

    what: str
    lacks: tuple[str, ...]


def zh(code: str, **params: object) -> str:
    return word(code, "zh-hans", **params)


def six_reports(day: Day) -> None:
    key = day.keys["meeting"]
    agenda = meeting_get(key, actor=day.drafter, at=day.evening).agenda
    codes = ["situation", "community", "checkpoints", "supplies", "guidance", "resumption"]
    assert [item["code"] for item in agenda] == codes
    assert all(item["paper"]["entries"] or item["paper"]["tables"] for item in agenda)
    page = day.page(reverse("meeting", args=[key]))
    assert all(zh(f"meeting.report.{code}") in page for code in codes)


def counted_by_street(day: Day) -> None:
    page = day.page(reverse("directive", args=[day.keys["counted"]]))
    streets = day.city.areas("street")
    assert 'id="reckoned"' in page
    assert "842 / 860" in page
    # One street reported everybody; all others are unreached or silent, and each stands there by name.
    assert page.count("data-unreached") == len(streets) - 1
    assert page.count(zh("reckoning.not_reported")) >= len(streets) - 2
    assert Task.objects.open().filter(carries_out_key=day.keys["counted"]).count() == len(streets)


def relief_with_its_end(day: Day) -> None:
    (clause,) = [each for each in of_gold(day.clauses(), day.seed.clauses["S0-22"]) if each.key in day.led]
    directive = Directive.objects.open().get(key=day.led[clause.key])
    page = day.page(reverse("directive", args=[directive.key]))
    assert directive.sunset_on > day.seed.day
    assert zh("directive.paper.sunset", day=formats.day_full(directive.sunset_on, "zh")) in page
    assert zh(f"role.{directive.addressed_to[0]['role']}") in page


def four_side_by_side(day: Day) -> None:
    content = report(day)
    for block in ("origin", "found_in_control", "measures", "care", "beds"):
        assert content[block], block
    page = day.page("/report/")
    assert all(zh(f"report.entry.{code}") in page for code in ("person_days", "severe_share", "beds"))


def report(day: Day) -> dict:
    return situation_report(actor=day.drafter, as_of=day.seed.day - timedelta(days=1))


def new_situations_logged(day: Day) -> None:
    assert "返岗人员集中到达" in day.page("/listening/?list=problems")


def staff_rotate(day: Day) -> None:
    week = roster_days(CITY, day.seed.day, 10, actor=day.drafter, at=day.evening)
    assert len(week.shifts) >= 10
    assert week.violation_count == 0, "rest between shifts is kept"
    assert len({shift.chief_key for shift in week.shifts}) == 5
    assert "duty_officer-9901" in day.page("/duty/")


def peak_or_refusal(day: Day) -> None:
    content = report(day)
    direction = {entry["code"]: entry for entry in content["spread"]}
    for code in ("reproduction", "growth"):
        assert "refusal" in direction[code] or "interval" in direction[code], code
    signals = {entry["code"] for entry in content["surveillance"] if not is_figure(entry)}
    assert {"wastewater", "sentinel"} <= signals
    page = day.page("/report/")
    assert all(zh(f"report.entry.{code}") in page for code in signals)
    assert day.page(f"/assess/{CITY}/")


def holiday_without_holes(day: Day) -> None:
    staff_rotate(day)
    week = roster_days(CITY, day.seed.day, 10, actor=day.drafter, at=day.evening)
    assert not week.violations
    assert {shift.holiday for shift in week.shifts} - {""}, "the holiday's shifts are marked"


def care_shares(day: Day) -> None:
    codes = [entry["code"] for entry in report(day)["care"]]
    assert {"severe_share", "cure_share"} <= set(codes)
    page = day.page("/report/")
    assert all(zh(f"report.entry.{code}") in page for code in ("severe_share", "cure_share"))


def no_isolation(day: Day) -> None:
    assert personal_orders(disease=DISEASE, area_code=CITY, on=day.seed.day) == "none"
    assert not Order.objects.exists(), "the day brought a positive result and contacts, and no order"
    text = zh("minutes.orders.none", day="|").split("|")[1]
    assert text in day.page(reverse("minutes_document", args=[day.document_key]))


def breaks_with_their_place(day: Day) -> None:
    document = document_get(day.document_key, actor=day.drafter, at=day.evening)
    cut = [each for each in day.seed.clauses.values() if "truncated" in each["repairs"]]
    breaks = breaks_of(document)
    page = day.page(reverse("minutes_document", args=[day.document_key]))
    for clause in cut:
        start, end = clause["span"]
        (found, *_) = [each for each in breaks if each["span"][0] < end and each["span"][1] > start]
        before = document.content["text"][: found["span"][0]]
        line, place = before.count("\n") + 1, found["span"][0] - before.rfind("\n")
        assert zh("minutes.break_at", line=line, place=place) in page
    assert len(cut) == 4


def readiness_in_writing(day: Day) -> None:
    (clause, *_) = [each for each in of_gold(day.clauses(), day.seed.clauses["S2-29"]) if each.key in day.led]
    page = day.page(reverse("directive", args=[day.led[clause.key]]))
    assert READY in page
    assert "16:00" in page


def plans_of_two_kinds(day: Day) -> None:
    page = day.page("/plans/")
    assert "三紧急" in page
    assert "极端情况应急预案" in page


def post_and_person(day: Day) -> None:
    (clause, *_) = [each for each in of_gold(day.clauses(), day.seed.clauses["S2-36"]) if each.key in day.led]
    tasks = list(Task.objects.open().filter(carries_out_key=day.led[clause.key]))
    assert len(tasks) == 3
    assert all(task.post and task.owner_key for task in tasks)
    page = day.page(reverse("task", args=[tasks[0].key]))
    assert tasks[0].post in page


def flood_beside(day: Day) -> None:
    held = levels_in_force(actor=day.drafter, at=day.evening, day=day.seed.day)
    assert {level.hazard for level in held} == {"flood"}
    page = day.page("/response/")
    assert zh("response.hazard.flood") in page
    assert day.keys["site_refused"] == "plan.site_in_danger"
    run = day.page(reverse("plan_run", args=[day.keys["run"]]))
    assert "高处学校宿舍" in run
    assert "低洼处旅馆" not in run


def level_as_a_fact(day: Day) -> None:
    (level,) = levels_in_force(actor=day.drafter, at=day.evening, day=day.seed.day)
    assert (level.level, level.rank, level.starts_on.isoformat()) == (1, "province", "2020-01-24")
    assert level.declared_by == "", "nobody here declared it"
    page = day.page(reverse("level", args=[level.key]))
    assert "省人民政府" in page
    told = of_gold(day.clauses(), day.seed.clauses["S3-12"])
    assert all(not clause.leads_to_key for clause in told if clause.clause_class == "fact")


def report_channel(day: Day) -> None:
    page = day.page("/listening/")
    assert "隔壁楼有外地返回人员未登记" in page
    held = Concern.objects.open().get(key=day.keys["call"])
    assert (held.channel, held.state) == ("hotline", "open")


def two_meetings(day: Day) -> None:
    first, second = day.meetings()
    assert (second.kind, second.follows_key) == ("follow_on", first.key)
    page = day.page(reverse("minutes_document", args=[day.document_key]))
    assert first.body in page
    assert second.body in page
    for gold in day.seed.asked().values():
        for clause in of_gold(day.clauses(), gold):
            if clause.key in day.led and overlap(clause, gold["span"]) > 4:
                assert clause.meeting_key == {"M1": first.key, "M2": second.key}[gold["meeting"]], gold["id"]
    page = day.page(reverse("meeting", args=[second.key]))
    assert first.body in page
    _owners_by_level(day)


def _owners_by_level(day: Day) -> None:
    """What asks every place of the area goes to each district's office, what asks a group stays with the city's."""
    districts = set(day.city.areas("district"))
    clauses = {clause.key: clause for clause in day.clauses()}
    levels = set()
    for row in coverage(day.document_key, actor=day.drafter, at=day.evening).rows:
        below = offered(clauses[row.clause_key]).owner_where == BELOW
        owners = {owner["area_code"] for owner in row.owners}
        assert owners == (districts if below else {CITY}), row.text
        levels.add(below)
    assert levels == {True, False}


def verified_with_a_clock(day: Day) -> None:
    found = four_verifications(actor=day.drafter, at=day.evening, area_code=CITY)
    assert found.total >= found.counted >= found.identified >= found.controlled
    assert found.total
    entries = {entry["code"] for entry in report(day)["verifications"]}
    assert entries
    page = day.page("/report/")
    assert all(zh(f"report.entry.{code}") in page for code in entries)
    transfers = Task.objects.open().filter(kind="transfer_contact")
    assert transfers
    assert all(task.due_at and task.rule_row for task in transfers)


def nothing_past_midnight(day: Day) -> None:
    page = day.page(reverse("close_out_day", args=[day.seed.day]))
    assert "当日未办结，由当班人员继续办理" in page


def review_of_each_case(day: Day) -> None:
    cases = Case.objects.open().filter(
        reported_on=day.seed.day, classification__in=("confirmed", "asymptomatic")
    )
    new = [case.key for case in cases if case.area_code.startswith(CITY)]
    reviews = dict(Review.objects.open().filter(subject_key__in=new).values_list("subject_key", "state"))
    assert new
    assert reviews == dict.fromkeys(new, "open")
    assert "0999" in day.page("/reviews/")


def smaller_extent(day: Day) -> None:
    page = day.page(reverse("order", args=[day.keys["order"]]))
    assert 'id="alternative"' in page
    order = Order.objects.open().get(key=day.keys["order"])
    found = smallest_alternative(order, actor=day.city.actor("health_authority"), at=day.evening, spread=None)
    assert found is not None
    assert found.comparison is not None, found.why
    cost = found.comparison
    assert cost.smallest_person_days < cost.wider_person_days
    assert all(formats.number(n, "zh") in page for n in (cost.smallest_person_days, cost.wider_person_days))
    assert zh("order.detail.restricted_person_days") in page


def comments_heard(day: Day) -> None:
    words = {each["id"]: each["quote"] for each in day.seed.feedback}
    held = {each.words: each for each in Concern.objects.open().filter(channel="comments")}
    assert set(held) == set(words.values())
    merged, into = ONE_MATTER["S4"]
    assert (held[words[merged]].state, held[words[merged]].same_as_key) == ("merged", held[words[into]].key)
    assert {name: held[words[name]].votes for name in words} == {
        each["id"]: each["support"] for each in day.seed.feedback
    }
    page = day.page("/listening/")
    assert all(words[name] in page for name in words if name != merged)
    assert not Clause.objects.open().filter(document_key=day.document_key, text__in=words.values()).exists()


SHOWN: dict[str, Shown] = {
    "S3-12": Shown("Level I in force, and who declared it", "Response › the level", level_as_a_fact),
    "S3-19": Shown("The sweep street by street", "Directive › found against expected", counted_by_street),
    "S3-21": Shown(
        "A channel for what citizens report (by telephone; entered by the office)",
        "Listening",
        report_channel,
    ),
    "S0-05": Shown("The six standing reports as the agenda", "Meeting", six_reports),
    "S0-10": Shown(
        "The sweep opened per street, found/expected, who has not reported",
        "Directive › found against expected",
        counted_by_street,
    ),
    "S0-22": Shown("Relief measures with owner and last day", "Directive", relief_with_its_end),
    "S0-08": Shown(
        "Importation and spread, control and treatment in one paper", "Situation report", four_side_by_side
    ),
    "S0-26": Shown("A log of new situations", "Listening", new_situations_logged),
    "S0-13": Shown(
        "Rotation of staff with the rest rule (protective gear stands as stocks on the coverage table)",
        "Duty",
        staff_rotate,
    ),
    "S2-08": Shown(
        "The four cut-off sentences, each with line and character", "Minutes", breaks_with_their_place
    ),
    "S2-29": Shown("Readiness for testing as a dated statement", "Directive › reply", readiness_in_writing),
    "S2-13": Shown("Plans for extreme events and of the office's own kind", "Plans", plans_of_two_kinds),
    "S2-36": Shown("Each task with a post and a person", "Task", post_and_person),
    "S2-48": Shown(
        "Flood response beside the disease; sites outside the flood zone", "Response, plan run", flood_beside
    ),
    "S4-55": Shown("Two meetings, the second carrying on the first", "Minutes, meeting", two_meetings),
    "S4-24": Shown(
        "Four verifications, transfers with a clock", "Situation report, tasks", verified_with_a_clock
    ),
    "S4-32": Shown("Nothing open past midnight without a reason", "Close-out", nothing_past_midnight),
    "S4-21": Shown("A review for each new case", "Reviews", review_of_each_case),
    "S4-39": Shown(
        "The grid reckoned place by place (found/expected; not split into building, shop, household)",
        "Directive › found against expected",
        counted_by_street,
    ),
    "S4-04": Shown(
        "A smaller extent beside an order, with the person-days of both (cases averted once a round of tests is in)",
        "Order › alternative",
        smaller_extent,
    ),
    "S4-47": Shown("Five comments as concerns, two of them one matter", "Listening", comments_heard),
    "S1-10": Shown(
        "Spread with intervals or a refusal; the signals that a peak needs named as not reported",
        "Assessment, situation report",
        peak_or_refusal,
    ),
    "S1-35": Shown("The holiday roster without holes", "Duty", holiday_without_holes),
    "S1-18": Shown("Severe and cure share without a target", "Situation report", care_shares),
    "S1-07": Shown("No isolation order can be drawn from the meeting", "Minutes", no_isolation),
}

LISTED: dict[str, Listed] = {
    "S3-17": Listed("Measured / arrived by type of checkpoint", ("arrivals_measured",)),
    "S3-25": Listed("Readiness of sites and stock", ("stocks", "sites")),
    "S3-26": Listed("Patient flow under the four concentrations", ("patient_flow",)),
    "S3-30": Listed("Aid to other places as outgoing requests", ("outgoing_aid",)),
    "S0-17": Listed("Guidance by sector as versioned documents", ("sector_guidance",)),
    "S2-11": Listed("Persons by the four entrances, and how many were missed", ("entrances",)),
    "S2-31": Listed("Vaccinated / eligible", ("vaccination",)),
    "S4-27": Listed("Sentinels reporting / registered", ("sentinels",)),
    "S4-34": Listed("Assistance letters in and out, with deadlines", ("assistance_letters",)),
    "S4-18": Listed("Four guarantees for freight crews", ("crew_guarantees",)),
    "S1-22": Listed("A plan for each nursing home, homes with plan / homes", ("nursing_home_plans",)),
    "S1-27": Listed("Watch on importation and variants", ("variants",)),
    "S1-31": Listed("Key drugs, staples and energy in days of cover", ("stocks",)),
}
