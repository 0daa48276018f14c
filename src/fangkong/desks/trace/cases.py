"""Cases: the list, one case, its history, and the contacts of a case, in the actor's scope."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError, NotFound
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.models import Case, Contact, Task

from .values import CaseRow, CaseVersion, CaseView, ContactRow, Page
from .verifications import under_control

PAGE_ROWS = 50
#: States in which a task still waits for somebody.
UNFINISHED = ("awaiting", "in_progress", "to_verify", "overdue", "returned")


def visible_cases(actor: Actor, at: datetime) -> QuerySet[Case]:
    """The cases known at ``at`` that the actor sees."""
    return visible(Case.objects.known_at(at), actor, at=at)


def case_list(
    *,
    actor: Actor,
    at: datetime,
    disease: str,
    area_code: str | None = None,
    classification: str | None = None,
    channel: str | None = None,
    overdue: bool = False,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Page[CaseRow]:
    """Cases of a disease, latest report first; one query for a page, two with ``overdue``.

    ``area_code`` narrows to an area, ``overdue`` to cases with a task past its time. ``after`` is the
    ``after`` of the page before. Raises Forbidden without ``case.read``, InputError for an ``after`` not of
    this list.
    """
    actor.require("case.read")
    cases = visible_cases(actor, at).filter(disease=disease)
    if area_code:
        cases = cases.filter(inside_area(area_code))
    if classification:
        cases = cases.filter(classification=classification)
    if channel is not None:
        cases = cases.filter(channel=channel)
    if overdue:
        late = Task.objects.known_at(at).filter(state__in=UNFINISHED, due_at__lt=at, subject_kind="case")
        # Read first: the few late tasks then lead to their cases by key, instead of every case to its tasks.
        cases = cases.filter(key__in=sorted(set(late.values_list("subject_key", flat=True))))
    if after:
        day, key = _place(after)
        cases = cases.filter(Q(reported_on__lt=day) | Q(reported_on=day, key__gt=key))
    rows = list(cases.order_by("-reported_on", "key")[: limit + 1])
    more = f"{rows[limit - 1].reported_on}|{rows[limit - 1].key}" if len(rows) > limit else ""
    return Page([case_row(case) for case in rows[:limit]], more)


def case_get(case_key: str, *, actor: Actor, at: datetime) -> CaseView:
    """One case as known at ``at``; three queries. Raises Forbidden without ``case.read``, NotFound."""
    case = find_case(case_key, actor=actor, at=at)
    contacts = visible(Contact.objects.known_at(at).filter(case_key=case_key), actor, at=at)
    return CaseView(
        row=case_row(case),
        classified_on=case.classified_on,
        sampled_on=case.sampled_on,
        diagnosed_on=case.diagnosed_on,
        exposed_from_on=case.exposed_from_on,
        exposed_to_on=case.exposed_to_on,
        outcome_on=case.outcome_on,
        place_key=case.place_key,
        known_from=case.known_from,
        source_key=case.source_key,
        contact_count=contacts.count(),
        version_count=_versions(case_key, at).count(),
    )


def case_history(case_key: str, *, actor: Actor, at: datetime) -> list[CaseVersion]:
    """The versions of a case known by ``at``, oldest first, each with what it changed (field -> old, new).

    Two queries. Raises Forbidden without ``case.read``, NotFound.
    """
    find_case(case_key, actor=actor, at=at)
    names = [field.name for field in Case.fact_fields()]
    history: list[CaseVersion] = []
    before: dict[str, Any] | None = None
    for version in _versions(case_key, at).order_by("known_from"):
        fact = {name: getattr(version, name) for name in names}
        changed = {n: (before[n], fact[n]) for n in names if before[n] != fact[n]} if before else {}
        history.append(
            CaseVersion(
                version.known_from,
                version.known_to,
                version.classification,
                version.severity,
                version.source_key,
                changed,
            )
        )
        before = fact
    return history


def contacts_of_case(
    case_key: str,
    *,
    actor: Actor,
    at: datetime,
    tier: str | None = None,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> Page[ContactRow]:
    """The contacts of a case that the actor sees, by key; three queries for a page.

    Raises Forbidden without ``contact.read``, NotFound for a case outside the scope.
    """
    actor.require("contact.read")
    if not visible_cases(actor, at).filter(key=case_key).exists():
        raise NotFound("trace.case_not_found", case_key=case_key)
    contacts = visible(Contact.objects.known_at(at).filter(case_key=case_key), actor, at=at)
    if tier is not None:
        contacts = contacts.filter(tier=tier)
    if after:
        contacts = contacts.filter(key__gt=after)
    day = civil_day(at, installation().zone)
    rows = list(contacts.annotate(controlled=under_control(at, day)).order_by("key")[: limit + 1])
    return Page([_contact_row(row) for row in rows[:limit]], rows[limit - 1].key if len(rows) > limit else "")


def cases_of_person(person_key: str, *, actor: Actor, at: datetime) -> list[CaseRow]:
    """The cases of one person that the actor sees, oldest first; one query. Raises Forbidden."""
    actor.require("case.read")
    cases = visible_cases(actor, at).filter(person_key=person_key).order_by("reported_on", "key")
    return [case_row(case) for case in cases]


def cases_of_contact(contact_key: str, *, actor: Actor, at: datetime) -> list[CaseRow]:
    """The cases to which the person of a contact was exposed, that the actor sees; two queries.

    Raises Forbidden without ``contact.read``, NotFound for a contact outside the scope.
    """
    actor.require("contact.read")
    contact = visible(Contact.objects.known_at(at).filter(key=contact_key), actor, at=at).first()
    if contact is None:
        raise NotFound("trace.contact_not_found", contact_key=contact_key)
    exposures = Contact.objects.known_at(at).filter(person_key=contact.person_key, disease=contact.disease)
    cases = visible_cases(actor, at).filter(key__in=exposures.values("case_key"))
    return [case_row(case) for case in cases.order_by("reported_on", "key")]


def find_case(case_key: str, *, actor: Actor, at: datetime) -> Case:
    """The version of a case known at ``at``. Raises Forbidden without ``case.read``, NotFound."""
    actor.require("case.read")
    case = visible_cases(actor, at).filter(key=case_key).first()
    if case is None:
        raise NotFound("trace.case_not_found", case_key=case_key)
    return case


def case_row(case: Case) -> CaseRow:
    """The case as a list shows it."""
    return CaseRow(
        key=case.key,
        case_no=case.case_no,
        person_key=case.person_key,
        disease=case.disease,
        area_code=case.area_code,
        classification=case.classification,
        severity=case.severity,
        channel=case.channel,
        setting=case.setting,
        reported_on=case.reported_on,
        onset_on=case.onset_on,
        age_years=case.age_years,
        outcome=case.outcome,
    )


def _contact_row(contact: Any) -> ContactRow:
    return ContactRow(
        key=contact.key,
        case_key=contact.case_key,
        person_key=contact.person_key,
        disease=contact.disease,
        area_code=contact.area_code,
        tier=contact.tier,
        setting=contact.setting,
        last_exposure_on=contact.last_exposure_on,
        via_contact_key=contact.via_contact_key,
        identified=contact.identified,
        located=contact.located,
        controlled=contact.controlled,
    )


def _versions(case_key: str, at: datetime) -> QuerySet[Case]:
    return Case.objects.filter(key=case_key, known_from__lte=at)


def _place(after: str) -> tuple[date, str]:
    day, _, key = after.partition("|")
    try:
        return date.fromisoformat(day), key
    except ValueError:
        raise InputError("trace.bad_page", after=after) from None
