"""Where the thing that a notice is about can be opened."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

#: Subject -> (address name, whether it takes the key).
PAGES: dict[str, tuple[str, bool]] = {
    "directive": ("directive", True),
    "task": ("task", True),
    "minutes": ("minutes_document", True),
    "my_day": ("my_day", False),
    "meeting": ("meeting", True),
    "level": ("response", False),
    "plan_run": ("plan_run", True),
    "duty": ("duty", False),
    "gap": ("gap", True),
    "problem": ("listening", False),
    "proposal": ("listening", False),
    "result": ("signals", False),
}


def page_of(subject_kind: str, subject_key: str) -> str:
    """The address of the page, from the root; "" when the console has none for it."""
    name, takes_key = PAGES.get(subject_kind, ("", False))
    if not name:
        return ""
    try:
        return reverse(name, args=[subject_key] if takes_key else [])
    except NoReverseMatch:
        return ""
