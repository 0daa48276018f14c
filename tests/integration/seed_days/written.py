"""docs/explanation/five-days.md, made of what the tests prove: ``python -m tests.integration.seed_days.written``."""

from __future__ import annotations

import os
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "explanation" / "five-days.md"

#: Page of the annotation -> its day, what kind of meeting it was, and the rules of that day.
DAYS = {
    "S3": (
        "2020-01-26",
        "a city's standing committee, enlarged",
        "level I of response; second edition of the plan",
    ),
    "S0": ("2020-02-05", "a city's leading group", "level I of response; second edition of the plan"),
    "S2": ("2021-08-06", "a city's leading group, numbered", "eighth edition of the plan"),
    "S4": ("2022-03-28", "a province's leading group, and a city's follow-on", "eighth edition of the plan"),
    "S1": ("2023-01-17", "a city's leading group", "class-B management"),
}

HEAD = """# Five days

Five public reports of meetings, from five stages of one epidemic, are what Fangkong was built against. A test lives
each of these days with the demonstration city (`tests/integration/seed_days`): the clock stands on that day, a
laboratory's file comes in at seven, the worker and the cycle run, the report of the meeting is read from its page, one
person gives each decision and duty an owner, a second person issues the directives, districts acknowledge, and at ten
in the evening whatever is open gets a reason for the night. Orders rest on the rows of the rule packs that were in
force that day; what the packs do not hold is left to a person by name, and nothing of a later date is applied.

Every decision and standing duty that is found ends as a directive or a standing duty with owner, state and page.
The tables say what else each day has to show: **where it stands**, or that **no desk carries it yet**. What is not
carried stands by the same name on the coverage table of the minutes (`command/minutes/lacking.toml`), beside whoever
carries the requirement by hand. The test asserts both exactly, so that the second can only shrink knowingly.

This page is made by `python -m tests.integration.seed_days.written` and checked by a test.
"""

FOOT = """
## What this does not prove

- The reports are read by rules; one duty of the 2023 page (S1-17, a principle of treatment) is not read as something
  to do, and a person has to say so by hand. How well other cities' minutes are read: `fangkong minutes read` and its
  tests.
- The days are lived by a script in an invented city. It shows that the record, the rules and the pages carry the
  day, not that an office would work so.
- *Found against expected* are numbers that somebody reported as proof of a task. Where a register is missing, they
  are as good as whoever counted.
"""


def written() -> str:
    """The whole page."""
    from .shown import LISTED, SHOWN

    counts = [sum(key.startswith(seed) for key in SHOWN) for seed in DAYS]
    listed = [sum(key.startswith(seed) for key in LISTED) for seed in DAYS]
    parts = [HEAD, "| day | meeting | rules in force | shown | no desk yet |", "|---|---|---|---|---|"]
    for (day, meeting, rules), shown, not_yet in zip(DAYS.values(), counts, listed, strict=True):
        parts.append(f"| {day} | {meeting} | {rules} | {shown} | {not_yet} |")
    parts.append(f"| | | | **{sum(counts)}** | **{sum(listed)}** |")
    for seed, (day, _, _) in DAYS.items():
        parts += ["", f"## {day}", "", "| to show | clause | where |", "|---|---|---|"]
        parts += [
            f"| {each.what} | {key} | {each.page} |" for key, each in SHOWN.items() if key.startswith(seed)
        ]
        parts += [_not_yet(key, each) for key, each in LISTED.items() if key.startswith(seed)]
    return "\n".join(parts) + "\n" + FOOT


def _not_yet(key: str, each) -> str:
    from fangkong.command.minutes.capabilities import capabilities
    from fangkong.command.minutes.lacking import lacks

    of = dict.fromkeys(lacks()[code].capability for code in each.lacks)
    named = ", ".join(f"{code} {capabilities()[code].en}" for code in of)
    return f"| {each.what} | {key} | **no desk yet** ({named}) |"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangkong.settings")
    import django

    django.setup()
    PAGE.write_text(written(), encoding="utf-8")
