"""Issuing and signing: a report becomes a document with a hash; changed content becomes its next version."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

from fangkong.core.errors import Conflict, Forbidden, NotFound
from fangkong.core.keys import canonical, stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.load import load, revise
from fangkong.record.models import Document, User

from .document_fields import report_key
from .figures import figures_json
from .situation import situation_report
from .subject import report_subject


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical content: what a signature stands for."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def report_issue(
    as_of: date, *, actor: Actor, at: datetime, disease: str | None = None, area_code: str | None = None
) -> str:
    """The key of the situation report of ``as_of``, issued at ``at``.

    The key is the same however often it is issued. Equal content changes nothing, so a signature stays;
    changed content becomes a new version that has to be signed again. Raises Forbidden without
    ``report.write``, and what ``situation_report`` raises.
    """
    content = situation_report(actor=actor, as_of=as_of, disease=disease, area_code=area_code)
    area = content["area"]["code"]
    actor.require("report.write", area)
    return _issue(content["document"]["id"], "situation_report", content, area, as_of, actor, at)


def open_figures_issue(
    as_of: date, *, actor: Actor, at: datetime, disease: str | None = None, area_code: str | None = None
) -> str:
    """The key of the open-figures document of ``as_of``, issued at ``at``; equal figures change nothing."""
    content = figures_json(as_of, actor=actor, disease=disease, area_code=area_code)
    area = content["area"]
    actor.require("report.write", area)
    key = stable_key("figures", "open_figures", content["disease"], area, as_of)
    return _issue(key, "open_figures", content, area, as_of, actor, at)


def _issue(
    key: str, kind: str, content: dict[str, Any], area: str, as_of: date, actor: Actor, at: datetime
) -> str:
    digest = content_hash(content)
    held = Document.objects.open().filter(key=key).first()
    if held is not None and held.content_hash == digest:
        return key
    fresh: dict[str, Any] = {
        "kind": kind,
        "title": f"{kind} {area} {as_of.isoformat()}",
        "area_code": area,
        "as_of": as_of,
        "issued_at": at,
        "content": content,
        "content_hash": digest,
        "signed_by": "",
        "audit_head": "",
    }
    with audit.writing():
        if held is None:
            load(Document, [{"key": key, **fresh}], actor=actor.key, source_key=actor.key, known_from=at)
        else:
            revise(held, at=at, actor=actor.key, verb=f"{kind}.reissue", **fresh)
        audit.note(
            actor=actor.key,
            verb=f"{kind}.issue",
            object_kind="document",
            object_key=key,
            area_code=area,
            values=digest,
        )
        events.emit(f"{kind}.issued", key, area, at=at, params={"content_hash": digest})
    return key


def report_sign(document_key: str, *, actor: Actor, at: datetime) -> None:
    """Nothing: the report carries the signer and the head of the audit chain from ``at`` on.

    Raises Forbidden without ``report.sign`` in the report's area and for the system, which signs nothing;
    NotFound for a key outside the actor's scope; Conflict when somebody else has signed this version.
    """
    with audit.writing():
        held = (
            visible(Document.objects.open(), actor).filter(key=document_key, kind="situation_report").first()
        )
        if held is None:
            raise NotFound("report.not_found", key=document_key)
        actor.require("report.sign", held.area_code)
        if actor.everywhere:
            raise Forbidden("report.system_may_not_sign", roles=roles_that_may("report.sign"))
        if held.signed_by == actor.key:
            return
        if held.signed_by:
            raise Conflict("report.already_signed", key=document_key)
        _, head = audit.head()
        revise(held, at=at, actor=actor.key, verb="report.sign", signed_by=actor.key, audit_head=head)
        events.emit("report.signed", document_key, held.area_code, at=at)


def report_get(
    as_of: date,
    *,
    actor: Actor,
    at: datetime,
    disease: str | None = None,
    area_code: str | None = None,
) -> dict[str, Any]:
    """The issued report of ``as_of`` as it stood at ``at``: content and ``issue``.

    ``issue`` holds key, version (1, 2, ...), issued_at, content_hash, supersedes (the hash of the version
    before, "" for the first), signed_by, signer (the name), signer_role and audit_head.
    Raises NotFound when none was issued by then.
    """
    subject = report_subject(actor=actor, at=at, disease=disease, area_code=area_code)
    actor.require("report.read", subject.area_code)
    key = report_key(subject.disease, subject.area_code, as_of)
    versions = visible(Document.objects.filter(key=key, known_from__lte=at), actor).order_by("known_from")
    hashes: list[str] = []
    held: Document | None = None
    for held in versions:
        if not hashes or hashes[-1] != held.content_hash:
            hashes.append(held.content_hash)
    if held is None:
        raise NotFound("report.not_issued", as_of=as_of.isoformat())
    return {
        **held.content,
        "issue": {
            "key": key,
            "version": len(hashes),
            "issued_at": held.issued_at.isoformat() if held.issued_at else "",
            "content_hash": held.content_hash,
            "supersedes": hashes[-2] if len(hashes) > 1 else "",
            "signed_by": held.signed_by,
            **_signer(held.signed_by),
            "audit_head": held.audit_head,
        },
    }


def _signer(user_key: str) -> dict[str, str]:
    """The name and role under which an official signed; officials sign by name."""
    user = User.objects.filter(key=user_key).first() if user_key else None
    return {"signer": user.display_name if user else "", "signer_role": user.role if user else ""}


def report_current(
    as_of: date,
    *,
    actor: Actor,
    at: datetime,
    disease: str | None = None,
    area_code: str | None = None,
) -> dict[str, Any]:
    """What the record says of ``as_of``, with ``issue`` when the version issued by ``at`` says exactly that.

    Without ``issue`` it is a draft: none was issued, or the record has learnt more since.
    """
    content = situation_report(actor=actor, as_of=as_of, disease=disease, area_code=area_code)
    asked: dict[str, Any] = {"disease": content["disease"], "area_code": content["area"]["code"]}
    try:
        issued = report_get(as_of, actor=actor, at=at, **asked)
    except NotFound:
        return content
    return issued if issued["issue"]["content_hash"] == content_hash(content) else content
