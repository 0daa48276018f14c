"""Test results as a stream: a city's screening goes to Parquet by day, and only what is positive to the record.

``FANGKONG_HOME/lake/test_results/day=YYYY-MM-DD/<receipt>.parquet`` holds a row for each result, with the person
as a keyed token: equal for the same number, meaningless without the installation's search key, and not the digest
under which the record finds people. Names, numbers, phones and addresses never enter.

Positive rows are received as a file of their own (``lab_results``), so they are matched, audited and tell their event
as every positive result does.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from fangkong.core.clock import civil_day
from fangkong.core.errors import Forbidden, InputError
from fangkong.core.keys import stable_key
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import Installation, installation
from fangkong.record.models import Receipt, ReceiptRow
from fangkong.record.retention.collecting import Basis, require_basis

from .actions import receive_file
from .csv_rows import columns_of
from .file_checks import Progress, check_file
from .limits import limits
from .recognition import choose_mapping
from .result_lake import lake
from .screening_stream import ScreeningStream
from .staging import known_at_limit

#: The category of personal data (record/retention/categories.toml).
CATEGORY = "screening"

_PARTS_WRITTEN = kill_point("test_results.parts_written")
_POSITIVES_RECEIVED = kill_point("test_results.positives_received")
_PARTS_MOVED = kill_point("test_results.parts_moved")


def receive_test_results(
    path: Path | str,
    *,
    actor: Actor,
    mapping: str | None = None,
    mapping_file: Path | None = None,
    known_at: datetime | None = None,
    progress: Progress | None = None,
    file_name: str | None = None,
) -> Receipt:
    """The receipt of the test results in ``path``: rows in = accepted + held + rejected.

    The arguments are those of ``receive_file``; the mapping's target must be ``lab_results``. Accepted rows stand
    in the lake under the day of their result, positive ones also in the record. Receiving the file again changes
    nothing; one that a kill left unfinished is written anew in place of its own parts.

    Raises Forbidden when the actor may not receive or no rule in force names source, purpose and end of the
    collection, and InputError when the whole file is refused: then nothing of it is in the lake or the record.
    """
    actor.require("file.receive")
    path, place = Path(path), installation()
    name = file_name or path.name
    if known_at is not None and known_at > known_at_limit(place):
        raise InputError("intake.known_in_future", file=name, option="--known-at")
    file = check_file(path, name, progress, most_bytes=limits().stream_bytes)
    chosen = choose_mapping(columns_of(file), name, code=mapping, file=mapping_file)
    if chosen.target != "lab_results":
        raise InputError("intake.not_test_results", file=name, mapping=chosen.code)
    scope = "" if actor.everywhere else actor.area_code
    key = stable_key("receipt", "test_results", file.sha256, chosen.code, chosen.digest, known_at, scope)
    receipt = Receipt.objects.filter(key=key).first()
    if receipt is not None and receipt.state == "applied":
        return receipt
    now = receipt.known_at if receipt is not None and known_at is None else known_at or place.now()
    disease = chosen.disease or place.disease
    if not disease:
        raise InputError("intake.no_disease", file=name, mapping=chosen.code, command="fangkong init")
    basis = collection_basis_needed(now, disease, place)
    lake().mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = Path(tempfile.mkdtemp(prefix=".staging-", dir=lake()))
    try:
        stream = ScreeningStream(file, chosen, actor, place, now, key, temporary)
        stream.read()
        _PARTS_WRITTEN.passed()
        receipt = _staged(stream, basis, actor, known_at)
        if stream.positives:
            receive_file(
                stream.positives_file(),
                actor=actor,
                mapping=mapping,
                mapping_file=mapping_file,
                known_at=known_at,
                file_name=name,
            )
        _POSITIVES_RECEIVED.passed()
        stream.parts.move(key)
        _PARTS_MOVED.passed()
        return _applied(receipt, stream, actor)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def collection_basis_needed(at: datetime, disease: str, place: Installation) -> Basis:
    """The basis on which test results may be collected at ``at``.

    Raises Forbidden ``retention.no_basis`` or ``retention.limited`` when no rule in force allows it, and
    ``intake.collection_without_end`` when the rule that does names no end.
    """
    on = civil_day(at, place.zone)
    basis = require_basis(
        CATEGORY, on=on, disease=disease, area_code=place.area_code, office_area=place.area_code
    )
    if basis.ends_on is None:
        raise Forbidden(
            "intake.collection_without_end",
            row=basis.rule_row,
            purpose=basis.purpose,
            disease=disease,
            on=on.isoformat(),
        )
    return basis


def _staged(stream: ScreeningStream, basis: Basis, actor: Actor, known_at: datetime | None) -> Receipt:
    """The receipt row with the reasons of the rows that are not taken."""
    file = stream.file
    with audit.writing():
        ReceiptRow.objects.filter(receipt_key=stream.key).delete()
        receipt, _ = Receipt.objects.update_or_create(
            key=stream.key,
            defaults={
                "sha256": file.sha256,
                "file_name": file.name[:200],
                "byte_count": file.byte_count,
                "mapping": stream.mapping.code,
                "area_code": basis.area_code if actor.everywhere else actor.area_code,
                "state": "staged",
                "row_count": stream.rows,
                "accepted": stream.accepted,
                "held": stream.held,
                "rejected": stream.rejected,
                "known_at": stream.known,
                "known_basis": "receipt" if known_at is None else "option",
                "first_day": stream.parts.days[0],
                "last_day": stream.parts.days[-1],
                "received_by": actor.key,
            },
        )
        audit.note(
            actor=actor.key,
            verb="receipt.stage",
            object_kind="receipt",
            object_key=stream.key,
            purpose=basis.purpose,
            values=[file.sha256, stream.rows, stream.accepted, basis.rule_row],
        )
    defects = list(stream.defects())
    for start in range(0, len(defects), limits().batch_rows):
        with audit.writing():
            ReceiptRow.objects.bulk_create(
                ReceiptRow(
                    receipt_key=stream.key,
                    row_number=row,
                    column=defect.column[:80],
                    outcome=defect.outcome,
                    reason=defect.reason,
                    params=defect.params,
                )
                for row, defect in defects[start : start + limits().batch_rows]
            )
    return receipt


def _applied(receipt: Receipt, stream: ScreeningStream, actor: Actor) -> Receipt:
    with audit.writing():
        Receipt.objects.filter(key=receipt.key).update(state="applied", inserted=stream.accepted)
        audit.note(actor=actor.key, verb="receipt.apply", object_kind="receipt", object_key=receipt.key)
    receipt.refresh_from_db()
    return receipt
