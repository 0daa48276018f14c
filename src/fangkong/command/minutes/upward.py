"""The report upward on an instruction: first, interim, final, each with the coverage table as of its day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.core.keys import canonical, stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import load, revise
from fangkong.record.locking import lock_name, locked_one
from fangkong.record.models import Document

from .coverage import CoverageRow, coverage
from .rows import CONFIRM, READ

KIND = "report_upward"
EDITIONS = ("first", "interim", "final")

#: Whoever signs minutes sends the report; in a district, whoever issues its directives.
_SIGN, _ISSUE = "meeting.sign", "directive.issue"

_REMARK_LENGTH = 4000


def report_upward_draft(
    document_key: str, *, edition: str, remark: str = "", actor: Actor, at: datetime
) -> str:
    """The key of the draft on the text ``document_key`` with today's coverage table; one for each edition and day.

    Drafted again the same day it takes the table and the remark anew. Raises Forbidden without ``minutes.confirm``;
    NotFound ``minutes.unknown``; InputError ``minutes.unknown_edition``; Conflict ``minutes.report_sent`` when
    this one, or the final one, has gone out already.
    """
    if edition not in EDITIONS:
        raise InputError("minutes.unknown_edition", given=edition[:12], editions=list(EDITIONS))
    table = coverage(document_key, actor=actor, at=at)
    actor.require(CONFIRM, table.area_code)
    day = civil_day(at, installation().zone)
    key = stable_key("document", KIND, document_key, edition, day)
    content = {
        "document_key": document_key,
        "title": table.title,
        "edition": edition,
        "remark": remark.strip()[:_REMARK_LENGTH],
        "counts": table.counts,
        "rows": [_plain(row) for row in table.rows],
        "drafted_by": actor.key,
        "table_at": at.isoformat(),
        "state": "draft",
    }
    with audit.writing():
        lock_name("upward", document_key)
        _refuse_sent(key, document_key, edition)
        row = {
            "key": key,
            "kind": KIND,
            "title": table.title,
            "area_code": table.area_code,
            "as_of": day,
            "content": content,
        }
        load(Document, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="minutes.upward_draft",
            object_kind="document",
            object_key=key,
            area_code=table.area_code,
            values=content,
        )
    return key


def report_upward_send(key: str, *, actor: Actor, at: datetime) -> None:
    """The draft is sent: its table stands as it was drafted, with its digest and the head of the audit chain.

    Raises NotFound ``minutes.unknown_report``; Forbidden ``minutes.may_not_send``, and ``minutes.two_people`` for
    whoever drafted it or for the platform itself; Conflict ``minutes.report_sent``.
    """
    with audit.writing():
        found = locked_one(visible(Document.objects.open().filter(key=key, kind=KIND), actor))
        if found is None:
            raise NotFound("minutes.unknown_report", key=key[:96])
        actor.require(READ, found.area_code)
        if not may_send(actor):
            raise Forbidden("minutes.may_not_send", permission=_SIGN, roles=roles_that_may(_SIGN))
        if actor.everywhere or found.content["drafted_by"] == actor.key:
            raise Forbidden("minutes.two_people", permission=_SIGN, roles=roles_that_may(_SIGN))
        if found.content["state"] == "sent":
            raise Conflict("minutes.report_sent", edition=found.content["edition"])
        content = {**found.content, "state": "sent"}
        revise(
            found,
            at=at,
            actor=actor.key,
            verb="minutes.upward_send",
            content=content,
            content_hash=hashlib.sha256(canonical(content).encode()).hexdigest(),
            issued_at=at,
            signed_by=actor.key,
            audit_head=audit.head()[1],
        )
        params = {"document_key": found.content["document_key"], "edition": found.content["edition"]}
        events.emit("minutes.reported", key, found.area_code, at=at, params=params)


def may_send(actor: Actor) -> bool:
    """True for roles that send reports upward."""
    return actor.may(_SIGN) or (actor.may(CONFIRM) and actor.may(_ISSUE))


def reports_upward(document_key: str, *, actor: Actor, at: datetime) -> list[Document]:
    """The reports on the text known at ``at``, the first one first."""
    rows = _reports(actor, at).filter(content__document_key=document_key)
    return list(rows.order_by("as_of", "key"))


def report_upward_get(key: str, *, actor: Actor, at: datetime) -> Document:
    """The report as it was known at ``at``. Raises NotFound ``minutes.unknown_report``."""
    found = _reports(actor, at).filter(key=key).first()
    if found is None:
        raise NotFound("minutes.unknown_report", key=key[:96])
    return found


def rows_of(content: Mapping[str, Any]) -> list[CoverageRow]:
    """The rows of a report's table as they were kept."""
    found = []
    for row in content["rows"]:
        due = row["due_at"]
        parts = {
            "owners": tuple(row["owners"]),
            "merged": tuple(row["merged"]),
            "lacks": tuple(row["lacks"]),
            "due_at": datetime.fromisoformat(due) if due else None,
        }
        found.append(CoverageRow(**(row | parts)))
    return found


def _reports(actor: Actor, at: datetime) -> QuerySet[Document]:
    actor.require(READ)
    return visible(Document.objects.known_at(at), actor).filter(kind=KIND)


def _refuse_sent(key: str, document_key: str, edition: str) -> None:
    held = Document.objects.open().filter(kind=KIND, content__document_key=document_key)
    for report in held:
        content = report.content
        if content["state"] == "sent" and (report.key == key or content["edition"] == "final"):
            raise Conflict("minutes.report_sent", edition=content["edition"])


def _plain(row: CoverageRow) -> dict[str, Any]:
    """The row as JSON keeps it."""
    names = CoverageRow.__dataclass_fields__
    plain = {name: getattr(row, name) for name in names}
    return plain | {
        "owners": [dict(owner) for owner in row.owners],
        "merged": list(row.merged),
        "lacks": list(row.lacks),
        "due_at": row.due_at.isoformat() if row.due_at else None,
    }
