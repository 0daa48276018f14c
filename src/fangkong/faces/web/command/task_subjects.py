"""What a task is about, in words: its order, its case or contact, its test result, the day of a bulletin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import get_language

from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.words import formats
from fangkong.public.third_party import KIND as REPORT
from fangkong.record.access import Actor, visible
from fangkong.record.models import Case, Contact, LabResult, Order, Place, Task


def subjects_of(tasks: Iterable[Task], *, actor: Actor, at: datetime) -> dict[str, str]:
    """Task key -> what it is about, for a reader at a knowledge instant; tasks without a subject are left out.

    Seven queries at most for any number of tasks. A number is only given to a reader who may open it.
    """
    rows = list(tasks)
    orders = _numbers(Order, "order_no", _keys(rows, "order"), "order.read", actor, at)
    cases_of = _contact_cases(_keys(rows, "contact"), actor, at)
    wanted = {*_keys(rows, "case"), *cases_of.values()}
    cases = _numbers(Case, "case_no", wanted, "case.read", actor, at)
    results = _resulted(_keys(rows, "result"), actor, at)
    found = reports_of([task for task in rows if task.kind == REPORT])
    for task in rows:
        if task.key in found:
            continue
        if text := _said(task, orders, cases, cases_of, results):
            found[task.key] = text
    return found


def reports_of(tasks: list[Task]) -> dict[str, str]:
    """Task key -> what a third party's report is about: the area, the place or "a person", and the matter.

    Whoever may read the task may read the name of its place; a person is named nowhere. Two queries.
    """
    if not tasks:
        return {}
    places = {task.params["about_key"] for task in tasks if task.params["about"] == "place"}
    named = dict(Place.objects.open().filter(key__in=places).values_list("key", "name_zh")) if places else {}
    if places and (get_language() or "").startswith("en"):
        english = Place.objects.open().filter(key__in=places).exclude(name_en="")
        named |= dict(english.values_list("key", "name_en"))
    codes = [task.params["about_key"] for task in tasks if task.params["about"] == "area"]
    named |= area_names(codes) if codes else {}
    return {
        task.key: said(
            "third_party.task.about",
            about=named.get(task.params["about_key"]) or said(f"third_party.about.{task.params['about']}"),
            topic=said(f"third_party.topic.{task.params['topic']}"),
        )
        for task in tasks
    }


def _said(
    task: Task,
    orders: Mapping[str, str],
    cases: Mapping[str, str],
    cases_of: Mapping[str, str],
    results: Mapping[str, datetime],
) -> str:
    key = task.subject_key
    if task.subject_kind == "order":
        return orders.get(key, "")
    if task.subject_kind == "case" and key in cases:
        return said("task.subject.case", number=cases[key])
    if task.subject_kind == "contact" and cases_of.get(key, "") in cases:
        return said("task.subject.contact", number=cases[cases_of[key]])
    if task.subject_kind == "result" and key in results:
        local = timezone.localtime(results[key])
        return said("task.subject.result", at=formats.moment(local, get_language()))
    # A duty's task names its day too, and is about no bulletin.
    if not task.carries_out_kind and (day := task.params.get("day")):
        return said("task.subject.day", day=formats.day(date.fromisoformat(day), get_language()))
    return ""


def _keys(tasks: Iterable[Task], kind: str) -> set[str]:
    return {task.subject_key for task in tasks if task.subject_kind == kind and task.subject_key}


def _numbers(
    model: type[Order] | type[Case], field: str, keys: set[str], permission: str, actor: Actor, at: datetime
) -> dict[str, str]:
    if not keys or not actor.may(permission):
        return {}
    rows = visible(model.objects.known_at(at).filter(key__in=keys), actor, at=at)
    return dict(rows.values_list("key", field))


def _resulted(keys: set[str], actor: Actor, at: datetime) -> dict[str, datetime]:
    if not keys or not actor.may("case.read"):
        return {}
    rows = visible(LabResult.objects.known_at(at).filter(key__in=keys), actor, at=at)
    return dict(rows.values_list("key", "resulted_at"))


def _contact_cases(keys: set[str], actor: Actor, at: datetime) -> dict[str, str]:
    if not keys or not actor.may("contact.read"):
        return {}
    rows = visible(Contact.objects.known_at(at).filter(key__in=keys), actor, at=at)
    return dict(rows.values_list("key", "case_key"))
