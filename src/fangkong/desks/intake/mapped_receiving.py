"""Receiving a file that a mapping knows."""

from __future__ import annotations

from datetime import datetime

from fangkong.core.errors import InputError
from fangkong.core.keys import stable_key

from .csv_rows import read_table
from .facts import Receiving
from .file_checks import CheckedFile
from .mapping import FileMapping
from .people import PeopleFinder
from .receipt_making import Arrival, Way
from .staged_files import StagedReceipt
from .staging import stage_file


def mapped_way(file: CheckedFile, mapping: FileMapping, arrival: Arrival) -> Way:
    """How ``file`` is read under ``mapping``; another mapping, or another text of it, makes another receipt."""
    place = arrival.place
    key = stable_key("receipt", file.sha256, mapping.code, mapping.digest, arrival.known_at, arrival.scope)

    def stage(received_at: datetime) -> tuple[StagedReceipt, str]:
        disease = mapping.disease or place.disease
        if not disease:
            raise InputError(
                "intake.no_disease", file=file.name, mapping=mapping.code, command="fangkong init"
            )
        work = Receiving(
            mapping=mapping,
            disease=disease,
            actor=arrival.actor,
            zone=place.zone,
            known_at=arrival.known_at,
            now=received_at,
            receipt_key=key,
            office_area=place.area_code,
            people=PeopleFinder(key),
        )
        with file.path.open(encoding=file.encoding, newline="") as handle:
            return stage_file(
                file, read_table(file, handle), handle, work, place, arrival.progress
            ), mapping.code

    return Way(key, "mapping" if mapping.known else "receipt", place.area_code or mapping.area_root, stage)
