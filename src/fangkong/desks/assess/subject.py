"""What the office looks at when nobody chose: a disease in an area."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from django.db.models import Count, Max

from fangkong.core.areas import HOME_COUNTRY, LEVEL_BY_LENGTH
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.models import Case, DailyCount

from .counted import INFECTED, counted_scope
from .published import MEASURES
from .values import Subject

#: Cases alone suggest no area narrower than a city.
_NARROWEST = 4


def subject_default(*, actor: Actor, at: datetime) -> Subject | None:
    """The installation's disease and area where set; else the area with the latest figures; else None.

    Among areas whose published figures end on the same day, the one with most figures inside it is taken: the
    city before its districts. A disease without published figures is taken from its cases, in the narrowest
    area that holds them all. Where the actor does not see the area, it is the actor's own. At most three
    queries.
    """
    chosen = installation()
    if chosen.disease and chosen.area_code:
        area = counted_scope(chosen.area_code, actor) or actor.area_code
        return Subject(chosen.disease, area) if area else None
    latest = _published(chosen.disease, chosen.area_code, actor=actor, at=at)
    published = {subject.disease for _, _, subject in latest}
    counted = _counted(chosen.disease, chosen.area_code, actor=actor, at=at)
    latest += [row for row in counted if row[2].disease not in published]
    if not latest:
        return None
    # Later first, then more figures inside; the codes make the choice the same on every machine.
    return min(latest, key=lambda row: (-row[0].toordinal(), -row[1], row[2].disease, row[2].area_code))[2]


Candidate = tuple[date, int, Subject]


def _published(disease: str, area_code: str, *, actor: Actor, at: datetime) -> list[Candidate]:
    """(last day, figures inside, subject) of every area with published figures that the actor sees."""
    rows = visible(DailyCount.objects.known_at(at).filter(measure__in=MEASURES), actor)
    if disease:
        rows = rows.filter(disease=disease)
    if area_code:
        rows = rows.filter(inside_area(area_code))
    groups = list(
        rows.order_by().values_list("disease", "area_code").annotate(last=Max("day"), n=Count("pk"))
    )
    sizes: Counter[tuple[str, str]] = Counter()
    for group_disease, code, _, n in groups:
        for outer in _prefixes(code):
            sizes[group_disease, outer] += n
    return [(last, sizes[d, code] - n, Subject(d, code)) for d, code, last, n in groups]


def _prefixes(code: str) -> list[str]:
    """The codes of the areas that hold ``code``, itself included."""
    if not code.isdigit():
        return [code]
    return [HOME_COUNTRY, *(code[:length] for length in LEVEL_BY_LENGTH if length <= len(code))]


def _counted(disease: str, area_code: str, *, actor: Actor, at: datetime) -> list[Candidate]:
    """(last report day, 0, subject) of every disease with cases in the actor's area."""
    scope = counted_scope(area_code, actor) if area_code else actor.area_code
    if not scope and (area_code or not actor.everywhere):
        return []
    rows = Case.objects.known_at(at).filter(classification__in=INFECTED)
    if disease:
        rows = rows.filter(disease=disease)
    if scope:
        rows = rows.filter(inside_area(scope))
    groups = (
        rows.order_by().values_list("disease", "area_code").annotate(last=Max("reported_on"), n=Count("pk"))
    )
    areas: dict[str, Counter[str]] = {}
    last_on: dict[str, date] = {}
    for d, code, last, n in groups:
        areas.setdefault(d, Counter())[code] += n
        last_on[d] = max(last, last_on.get(d, last))
    return [(last_on[d], 0, Subject(d, scope or _holding(counts))) for d, counts in areas.items()]


def _holding(counts: Counter[str]) -> str:
    """The narrowest area, a city or wider, that holds every case; else the country with most cases."""
    shared = set.intersection(*({outer for outer in _prefixes(code) if _wide(outer)} for code in counts))
    if shared:
        return max(shared, key=lambda code: (code.isdigit(), len(code)))
    by_country: Counter[str] = Counter()
    for code, n in counts.items():
        by_country[_prefixes(code)[0]] += n
    return min(by_country, key=lambda code: (-by_country[code], code))


def _wide(code: str) -> bool:
    return not code.isdigit() or len(code) <= _NARROWEST
