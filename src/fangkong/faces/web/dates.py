"""Civil days in addresses: ``report/2022-04-18/``."""

from __future__ import annotations

from datetime import date

from django.urls import register_converter


class DateConverter:
    """ISO days; an impossible day is no such page."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """The day. Raises ValueError, which Django takes as "no match"."""
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        """The ISO form."""
        return value if isinstance(value, str) else value.isoformat()


register_converter(DateConverter, "date")
