"""An instant on the command line: with a time of day, or a day for its close."""

from __future__ import annotations

from datetime import datetime

import click

from fangkong.core.clock import end_of_day
from fangkong.faces.words.catalogue import word
from fangkong.record.installation import installation


def instant_of(text: str, lang: str, option: str) -> datetime:
    """The aware instant that ``text`` writes in ISO form, in the office's zone where it names none.

    Raises UsageError naming ``option`` and how to write it.
    """
    zone = installation().zone
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        example = "2022-04-12T09:30"
        raise click.UsageError(word("cli.receive.bad_time", lang, option=option, example=example)) from None
    if len(text) <= len("2022-04-12"):
        return end_of_day(moment.date(), zone)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
