"""What a bulletin says: figures, what had to be held back, checks of its sums, and numbers that count nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

#: Where in the text: the half-open range of characters.
Span = tuple[int, int]

#: stated: the number stands in the text (or "none" does). derived: the sentence itself orders the arithmetic ("all of
#: them", "the rest"). counted: the paragraphs on single cases were counted.
Basis = Literal["stated", "derived", "counted"]

#: The area of counted cases whose paragraph names no area.
UNSTATED = "unstated"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a bulletin, tied to what it counts.

    ``area`` is the name as the text has it, "" for the bulletin's own area. ``measure`` is a code of
    ``words/measures.toml``, plain for the events of the day, with ``_cumulative`` or ``_current`` otherwise; stocks
    (in_treatment, under_observation, severe ...) are plain, their daily additions end in ``_new``. ``channel`` is a
    code of ``words/channels.toml``, "" for all together. ``origin`` is local, imported, other_province or "" (not
    said); ``source`` the country or region that imported infections came from. ``span`` is the number's place,
    ``sentence`` the sentence around it, both exact pieces of the text.
    """

    area: str
    measure: str
    channel: str
    value: int
    span: Span
    sentence: str
    origin: str = ""
    day: date | None = None
    basis: Basis = "stated"
    source: str = ""
    area_code: str = ""
    #: The area that this one is told as a part of (its code where known), "" for the bulletin's own.
    within: str = ""

    @property
    def key(self) -> tuple[date | None, str, str, str, str, str]:
        """What is counted: day, area (by its code where known), measure, channel, origin, source."""
        return self.day, self.area_code or self.area, self.measure, self.channel, self.origin, self.source


@dataclass(frozen=True, slots=True)
class Held:
    """A piece that was not read: the sentence, the place of the number in doubt, and why (a code).

    no_measure, no_flow, ambiguous_parent, unknown_words, several_areas, other_unit, not_whole, stray_number: what the
    number counts is not said, or not in words that are known. change_of_text: a correction of earlier figures.
    negative_rest: the parts exceed their total. contradiction: the text gives one thing two values. table: a column
    whose head is not understood. case_series: numbered cases with gaps, or not as many as their total.
    """

    sentence: str
    span: Span
    why: str


@dataclass(frozen=True, slots=True)
class Check:
    """A sum of the text against the text's own total.

    ``what``: areas, channels, origins, sources, balance (cumulative = discharged + in treatment + deaths), cases
    (paragraphs on single cases against the total) or repeated (one figure given twice).
    """

    what: str
    stated: int
    summed: int
    agrees: bool
    measure: str = ""
    origin: str = ""
    area: str = ""
    day: date | None = None
    #: The place of the stated number.
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Context:
    """A number that counts no infections: date, time, age, case_number, address, share, change, restated ..."""

    kind: str
    span: Span


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A bulletin as read. ``area`` is the publisher's, "" where the text does not name it."""

    area: str
    published_on: date | None
    day: date | None
    figures: list[Figure] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    contexts: list[Context] = field(default_factory=list)
