"""Beside minutes: whether the rules of their day order anybody to be isolated at all. Minutes alone never do."""

from __future__ import annotations

from datetime import date, timedelta

from fangkong.desks.control.measures import case_measure, contact_measure
from fangkong.desks.control.proposals import Measure
from fangkong.desks.control.rulebook import rulebook

#: The rules ask for no such order; they ask for some; they do not decide, so a person does.
NONE, SOME, UNKNOWN = "none", "some", "unknown"

#: Outcomes of the rules by which nobody is to be ordered anything.
_NOTHING = ("nothing_to_do", "no_rule_in_force", "already_over")


def personal_orders(*, disease: str, area_code: str, on: date) -> str:
    """``none`` when the rules of ``on`` isolate neither somebody infected nor a close contact of yesterday.

    ``some`` when they ask for it, from their own rows and person by person; ``unknown`` where the packs do not decide:
    then a person with the power does, and no rule of another date is applied.
    """
    book = rulebook()
    found = [
        case_measure(book, disease=disease, on=on, area_code=area_code, person="case", onset_on=None),
        contact_measure(
            book,
            disease=disease,
            tier="close",
            last_exposure_on=on - timedelta(days=1),
            on=on,
            area_code=area_code,
        ),
    ]
    if any(isinstance(each, Measure) for each in found):
        return SOME
    asked = {each.code for each in found if not isinstance(each, Measure)}
    return NONE if asked <= set(_NOTHING) else UNKNOWN
