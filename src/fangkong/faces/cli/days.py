"""A civil day on the command line."""

from __future__ import annotations

from datetime import date

import click


class Day(click.ParamType):
    """A day in ISO form; anything else is a usage error that says how to write it."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day. Fails with the way to write it."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r}: write the day like 2022-04-18 / 日期要写成 2022-04-18 这样", param, ctx)
