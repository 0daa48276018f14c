"""What a signal is about, in words: a test result with its case, the day of a bulletin, a signer, a cluster's place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from fangkong.desks.monitor.queries import SignalRow
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import people_names, said
from fangkong.faces.words import formats
from fangkong.record.access import Actor, visible
from fangkong.record.models import Case, LabResult, Organisation, Place

About = dict[str, str]


def subjects_of(signals: Sequence[SignalRow], *, actor: Actor, at: datetime) -> dict[str, About]:
    """Signal key -> {text, href}: what it is about, and where that is shown; six queries at most.

    A number is only given to a reader who may open it; a person is named nowhere.
    """
    results = _resulted([s.subject_key for s in signals if s.subject_kind == "result"], actor, at)
    cases = _cases([s for s in signals if s.params.get("person_key")], actor, at)
    signers = people_names(s.params.get("signed_by", "") for s in signals)
    named = _named(signals, actor, at)
    found = {}
    for signal in signals:
        case = cases.get((signal.params.get("person_key", ""), signal.disease))
        parts = [
            _result(results.get(signal.subject_key)),
            said("case.number", number=case.case_no) if case else "",
            _bulletin(signal),
            signers.get(signal.params.get("signed_by", ""), ""),
            named.get(_unit_key(signal), ""),
            _cluster(signal),
        ]
        text = said("frame.and").join(part for part in parts if part)
        if text:
            found[signal.key] = {"text": text, "href": reverse("case", args=[case.key]) if case else ""}
    return found


def _result(resulted_at: datetime | None) -> str:
    if resulted_at is None:
        return ""
    at = formats.moment(timezone.localtime(resulted_at), get_language())
    return said("task.subject.result", at=at)


def _bulletin(signal: SignalRow) -> str:
    day = signal.params.get("day")
    return said("task.subject.day", day=_day(day)) if day else ""


def _cluster(signal: SignalRow) -> str:
    """How many cases on which days, of a signal that says so."""
    held = signal.params
    if not {"cases", "emerged_on", "last_on"} <= set(held):
        return ""
    return said(
        "signals.cluster", n=held["cases"], first=_day(held["emerged_on"]), last=_day(held["last_on"])
    )


def _day(iso: str) -> str:
    return formats.day(date.fromisoformat(iso), get_language())


def _resulted(keys: list[str], actor: Actor, at: datetime) -> dict[str, datetime]:
    if not keys or not actor.may("case.read"):
        return {}
    rows = visible(LabResult.objects.known_at(at).filter(key__in=keys), actor, at=at)
    return dict(rows.values_list("key", "resulted_at"))


def _cases(signals: list[SignalRow], actor: Actor, at: datetime) -> dict[tuple[str, str], Case]:
    """(person, disease) -> the latest case that the reader may open."""
    people = {signal.params["person_key"] for signal in signals}
    if not people or not actor.may("case.read"):
        return {}
    rows = visible(Case.objects.known_at(at).filter(person_key__in=people), actor, at=at)
    return {(case.person_key, case.disease): case for case in rows.order_by("reported_on", "key")}


def _unit_key(signal: SignalRow) -> str:
    """The key of the place, organisation or area of a signal; the occasion's number is left off."""
    return signal.subject_key.partition("|")[0]


def _named(signals: Sequence[SignalRow], actor: Actor, at: datetime) -> dict[str, str]:
    """Key -> name of the places, organisations and areas that signals are about, as far as the reader sees them."""
    found: dict[str, str] = {}
    english = (get_language() or "").startswith("en")
    for kind, model in (("place", Place), ("organisation", Organisation)):
        keys = {_unit_key(signal) for signal in signals if signal.subject_kind == kind}
        if keys:
            rows = visible(model.objects.known_at(at).filter(key__in=keys), actor, at=at)
            found |= {row.key: (row.name_en if english else "") or row.name_zh for row in rows}
    areas = [_unit_key(signal) for signal in signals if signal.subject_kind == "area"]
    return found | (area_names(areas) if areas else {})
