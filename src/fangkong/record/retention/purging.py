"""The purge that follows the end of a rule: who is due, destroying their keys and copies, the certificate.

What a rule that was read ends is purged by the office's own hand. Everything else (an event that is over, a
response declared over, data without a purpose or a basis) waits for a named person who may decide on measures.
A run goes in transactions of a chunk, each of which writes its part of the certificates; killed at any point
it is finished by the next call, and the certificates say the same as those of an uninterrupted run.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from fangkong.core.errors import Forbidden, InputError
from fangkong.core.keys import stable_key
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor, visible_people
from fangkong.record.access.actor import roles_that_may
from fangkong.record.identity_purging import identity_keys_destroy, keys_rotate, storage_scrub
from fangkong.record.installation import installation
from fangkong.record.keyring import keyring
from fangkong.record.locking import locked_one
from fangkong.record.models import Person, PurgeCertificate, PurgeRun

from .categories import retention, table_named
from .clocks import DECLARED_OVER, Clocks, PurgeClock, identities_held
from .kept_files import Brought, copies_remove

#: The permission of those who may release data for purge: whoever decides on measures also says they are over.
RELEASE = "order.decide"

_CHUNK_DESTROYED = kill_point("purge.chunk_destroyed")
_KEYS_ROTATED = kill_point("purge.keys_rotated")
_COPIES_REMOVED = kill_point("purge.copies_removed")
_CERTIFIED = kill_point("purge.certified")

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, order=True)
class PurgeLine:
    """What a certificate is about: identities of one category, disease and area, and why they go."""

    category: str
    disease: str
    area_code: str
    trigger: str
    rule_row: str
    lapsed_on: date | None


@dataclass(frozen=True)
class DueLine:
    """A line with its counts: people to purge, and people whom something still holds back, by code."""

    line: PurgeLine
    purpose: str
    needs_release: bool
    people: int
    held_back: tuple[tuple[str, int], ...]


def purge_due(
    at: datetime, *, actor: Actor, categories: Collection[str] = (), over: str = ""
) -> list[DueLine]:
    """What is due for purge as known at ``at``, in the actor's scope; counts only.

    ``categories`` keeps to some. ``over`` asks what would be due were the response to that disease declared
    over. Raises InputError ``retention.unknown_category``.
    """
    _check(categories)
    people: Counter[tuple[PurgeLine, bool]] = Counter()
    held: dict[tuple[PurgeLine, bool], Counter[str]] = defaultdict(Counter)
    purposes: dict[str, str] = {}
    for clock in _lapsed(Clocks.of_the_office(at, over=over), actor, categories):
        line = (_line_of(clock), clock.needs_release)
        purposes[clock.deciding.link.category] = clock.deciding.purpose
        if clock.state == "due":
            people[line] += 1
        else:
            held[line].update(clock.holds)
    return [
        DueLine(line, purposes[line.category], release, people[line, release], _counts(held[line, release]))
        for line, release in sorted(set(people) | set(held))
    ]


def purge_run(
    *,
    actor: Actor,
    at: datetime,
    categories: Collection[str] = (),
    release: bool = False,
    over: str = "",
    reason: str = "",
    progress: Progress | None = None,
) -> list[PurgeCertificate]:
    """The certificates of what was purged: empty when nothing was due.

    Destroys the keys of everybody in the actor's scope whose last basis has lapsed and whom nothing holds
    back, in this record and in every backup, and the copies of the files that brought them. Without
    ``release`` only what a rule ends. ``release`` purges also what waits for a person's word; ``over``
    declares the response to one disease over and releases what was held for it alone. Both take a person
    with ``order.decide`` and a ``reason``.
    An earlier run that was killed is finished first.

    Raises Forbidden ``retention.release_by_person`` for the platform itself and ``access.not_your_role`` for
    others who may not, InputError ``retention.reason_missing`` or ``retention.unknown_category``.
    """
    _check(categories)
    if release or over:
        if actor.everywhere:
            raise Forbidden("retention.release_by_person", permission=RELEASE, roles=roles_that_may(RELEASE))
        actor.require(RELEASE)
        if not reason.strip():
            raise InputError("retention.reason_missing")
    run = PurgeRun.objects.filter(state="running").first()
    clocks, brought, done = Clocks.of_the_office(at, over=over), Brought(), 0
    due = (
        clock
        for clock in _lapsed(clocks, actor, categories)
        if clock.state == "due"
        and (release or not clock.needs_release or clock.deciding.trigger == DECLARED_OVER)
    )
    for chunk in _chunks(due):
        if run is None:
            run = _begin(actor, at, reason)
        _destroy(run, chunk, brought, actor)
        _CHUNK_DESTROYED.passed()
        done += len(chunk)
        if progress is not None:
            progress(done, None)
    if run is None:
        return []
    keys_rotate(actor=actor.key)
    _KEYS_ROTATED.passed()
    run.refresh_from_db()
    file_count = copies_remove(run.receipts)
    _COPIES_REMOVED.passed()
    if not connection.in_atomic_block:
        storage_scrub()
    found = _certify(run, file_count, actor, at)
    _CERTIFIED.passed()
    return found


def _check(categories: Collection[str]) -> None:
    for code in categories:
        retention().category(code)


def _lapsed(clocks: Clocks, actor: Actor, categories: Collection[str]) -> Iterator[PurgeClock]:
    """The clocks that have run out, of people in the actor's scope whose deciding category is asked for."""
    whole = actor.everywhere or actor.sees(installation().area_code)
    for keys in identities_held():
        if not whole:
            seen = visible_people(
                Person.objects.known_at(clocks.at).filter(key__in=keys), actor, at=clocks.at
            )
            keys = sorted(seen.values_list("key", flat=True))
        for clock in clocks.read(keys).values():
            if clock.state != "open" and (not categories or clock.deciding.link.category in categories):
                yield clock


def _line_of(clock: PurgeClock) -> PurgeLine:
    deciding, link = clock.deciding, clock.deciding.link
    # The day belongs to the rule; where a person releases, each person's own day would name them.
    lapsed_on = deciding.due_on if deciding.by_rule else None
    return PurgeLine(
        link.category, link.disease, link.area_code, deciding.trigger, deciding.rule_row, lapsed_on
    )


def _counts(held: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(held.items()))


def _chunks(due: Iterator[PurgeClock], size: int = 500) -> Iterator[list[PurgeClock]]:
    """The clocks in chunks; the reading stays ahead of the destroying by one chunk of people."""
    chunk: list[PurgeClock] = []
    for clock in due:
        chunk.append(clock)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _begin(actor: Actor, at: datetime, reason: str) -> PurgeRun:
    key = stable_key("purge", at, actor.key, PurgeRun.objects.count())
    with audit.writing():
        run = PurgeRun.objects.create(
            key=key, state="running", at=at, by=actor.key, reason=reason.strip()[:400]
        )
        audit.note(
            actor=actor.key, verb="purge.begin", object_kind="purge", object_key=key, values=[at, reason]
        )
    return run


def _destroy(run: PurgeRun, chunk: list[PurgeClock], brought: Brought, actor: Actor) -> None:
    """Destroy the keys of one chunk, note where their copies lie and count them, in one transaction."""
    lines = {clock.person_key: _line_of(clock) for clock in chunk}
    with audit.writing():
        run = locked_one(PurgeRun.objects.filter(key=run.key))
        # What a chunk brought is read before its traces go.
        run.receipts = sorted({*run.receipts, *brought.receipts_of(lines)})
        run.save(update_fields=["receipts"])
        gone = identity_keys_destroy(sorted(lines))
        by_line: dict[PurgeLine, list[str]] = defaultdict(list)
        for person_key in gone:
            by_line[lines[person_key]].append(person_key)
        for line, people in sorted(by_line.items(), key=lambda pair: (pair[0].category, pair[1])):
            _count(run, line, people, _erase(people), actor)
        audit.note(
            actor=actor.key,
            verb="purge.destroy",
            object_kind="purge",
            object_key=run.key,
            values=[sorted(gone)],
        )


def _erase(people: list[str]) -> int:
    """How many rows were deleted of the tables that go with an identity."""
    names = {name for category in retention().categories.values() for name in category.erase}
    return sum(
        table_named(name)._default_manager.filter(person_key__in=people).delete()[0] for name in sorted(names)
    )


def _count(run: PurgeRun, line: PurgeLine, people: list[str], rows: int, actor: Actor) -> None:
    key = stable_key(
        "certificate",
        run.key,
        line.category,
        line.disease,
        line.area_code,
        line.trigger,
        line.rule_row,
        line.lapsed_on,
        actor.key,
    )
    certificate, _ = PurgeCertificate.objects.get_or_create(
        key=key,
        defaults={
            "run_key": run.key,
            "category": line.category,
            "purpose": retention().category(line.category).purpose,
            "disease": line.disease,
            "area_code": line.area_code,
            "trigger": line.trigger,
            "rule_row": line.rule_row,
            "lapsed_on": line.lapsed_on,
            "by": actor.key,
            "at": run.at,
        },
    )
    certificate.people += len(people)
    certificate.rows += rows
    certificate.digest = added(certificate.digest, people)
    certificate.save(update_fields=["people", "rows", "digest"])


def added(digest: str, person_keys: Collection[str]) -> str:
    """The certificate's ``digest`` after ``person_keys`` were added: 64 hex digits, the same in any order."""
    total = int(digest, 16)
    for key in person_keys:
        total += int.from_bytes(hmac.new(keyring().audit, f"purged:{key}".encode(), hashlib.sha256).digest())
    return f"{total % (1 << 256):064x}"


def _certify(run: PurgeRun, file_count: int, actor: Actor, at: datetime) -> list[PurgeCertificate]:
    with audit.writing():
        certificates = PurgeCertificate.objects.filter(run_key=run.key)
        certificates.update(issued_at=at)
        PurgeRun.objects.filter(key=run.key).update(state="done", file_count=file_count, done_at=at)
        found = list(certificates.order_by("category", "disease", "area_code", "trigger", "rule_row", "key"))
        for each in found:
            audit.note(
                actor=actor.key,
                verb="purge.certify",
                object_kind="purge_certificate",
                object_key=each.key,
                area_code=each.area_code,
                values=[each.category, each.disease, each.rule_row, each.lapsed_on, each.people, each.digest],
            )
    return found
