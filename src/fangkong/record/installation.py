"""What this installation is: its jurisdiction, disease, time zone and, for exercises, its shifted clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fangkong.core.clock import civil_day, end_of_day

from . import audit
from .models import Setting, machine_now

DEFAULT_ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Installation:
    """The choices in force. ``area_code`` and ``disease`` are "" until somebody chose them."""

    area_code: str = ""
    disease: str = ""
    zone: ZoneInfo = ZoneInfo(DEFAULT_ZONE)  # noqa: RUF009 (ZoneInfo is immutable)
    #: Seconds by which an exercise's clock runs ahead of (or behind) the machine's.
    clock_offset: int = 0
    #: The installation shows invented people only.
    demonstration: bool = False
    organisation_zh: str = ""
    organisation_en: str = ""

    def now(self) -> datetime:
        """The office's now: the machine's clock, shifted when an exercise or a demonstration says so."""
        return machine_now() + timedelta(seconds=self.clock_offset)

    def today(self) -> date:
        """The office's civil day."""
        return civil_day(self.now(), self.zone)

    def close_of(self, day: date) -> datetime:
        """The instant that "as of ``day``" means."""
        return end_of_day(day, self.zone)


#: Where the installation of one request is kept, in a list of at most one; None outside of ``read_once``.
_kept: ContextVar[list[Installation] | None] = ContextVar("installation_of_a_request", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Inside, ``installation()`` reads the settings once; for the length of one request and no longer.

    Whoever writes the settings inside reads them anew from then on. Worker and console never enter: they
    live for days, and a setting changed meanwhile has to reach them.
    """
    token = _kept.set([])
    try:
        yield
    finally:
        _kept.reset(token)


def installation() -> Installation:
    """The installation as the settings rows describe it; one query, or none within ``read_once``."""
    kept = _kept.get()
    if kept:
        return kept[0]
    found = _stored()
    if kept is not None:
        kept.append(found)
    return found


def _stored() -> Installation:
    stored: dict[str, Any] = dict(Setting.objects.values_list("name", "value"))
    return Installation(
        area_code=stored.get("area_code", ""),
        disease=stored.get("disease", ""),
        zone=ZoneInfo(stored.get("zone", DEFAULT_ZONE)),
        clock_offset=int(stored.get("clock_offset", 0)),
        demonstration=bool(stored.get("demonstration", False)),
        organisation_zh=stored.get("organisation_zh", ""),
        organisation_en=stored.get("organisation_en", ""),
    )


def installation_set(*, actor: str, **choices: Any) -> Installation:
    """The installation after writing ``choices``. Raises ValueError for an unknown name."""
    known = {
        "area_code",
        "disease",
        "zone",
        "clock_offset",
        "demonstration",
        "organisation_zh",
        "organisation_en",
    }
    if unknown := set(choices) - known:
        raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
    # Not only emptied: what is read before this transaction ends might be rolled back.
    _kept.set(None)
    with audit.writing():
        for name, value in choices.items():
            Setting.objects.update_or_create(name=name, defaults={"value": value})
            audit.note(actor=actor, verb="setting.set", object_kind="setting", object_key=name, values=value)
    return installation()
