"""The parts of the campaign page: the round's figures, its pools, the rounds ahead, the key posts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from fangkong.desks.control.campaigns import planned_lab
from fangkong.desks.control.rulebook import rulebook
from fangkong.faces.papers import order_phrases
from fangkong.faces.papers.order_phrases import RuleLine
from fangkong.faces.web.rules import presenting as rule_presenting
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats, rule_words
from fangkong.science.rules import InForce, Row, RuleBook
from fangkong.science.rules.answers import NotInPack
from fangkong.science.rules.basis import Silence
from fangkong.science.rules.explain import document_data, explain, row_data
from fangkong.science.rules.testing.campaign import CampaignPlan, campaign_plan
from fangkong.science.rules.testing.pools import pool_sizes
from fangkong.science.rules.testing.posts import Frequency, days_tested, posts
from fangkong.science.rules.testing.rounds import CampaignStep, campaign_next, rounds_if_clear

from .presenting import coded, said

if TYPE_CHECKING:
    from .campaign import Asked

#: Next test days shown for a post.
_NEXT_SHOWN = 4

#: One swab in a tube: what the figures of a round are asked with where they do not hang on the pool.
_ALONE = 1


def plan_part(asked: Asked, viewing: Viewing) -> dict[str, Any]:
    """The figures of one round with their sources, and the pools; a silence of the rules instead of figures."""
    part: dict[str, Any] = {
        "figures": [_people(asked, viewing)] if asked.people else [],
        "pools": [],
        "verdict": None,
        "silence": None,
        "alone": "",
        "alone_rule": None,
        "later": "",
        "min_rounds": None,
    }
    if not asked.people:
        return part
    book = rulebook()
    plan = _plan(book, asked, _ALONE)
    if not isinstance(plan, CampaignPlan):
        return part | _silent(plan, book, asked)
    part["verdict"] = _verdict(plan)
    part["min_rounds"] = plan.min_rounds
    part["figures"] += _figures(plan, asked)
    if plan.tubes is not None:
        part["pools"] = [
            pool
            for size in pool_sizes(book, on=asked.on, disease=asked.disease, area=asked.area)
            if (pool := _pool(_plan(book, asked, size.people), size.people, size.in_force, size.row))
        ]
        part["alone"], part["alone_rule"] = _alone(book, asked)
    return part


def rounds_part(asked: Asked) -> dict[str, Any]:
    """Where the campaign stands after the rounds held, and the days of the rounds ahead if all are clear."""
    book, lang = rulebook(), get_language()
    given: dict[str, Any] = {"disease": asked.disease, "area": asked.area, "place": asked.place}
    part: dict[str, Any] = {"step": "", "step_rule": None, "round_days": [], "rounds_silence": None}
    if asked.held:
        step = campaign_next(book, asked.held, on=asked.on, **given)
        if isinstance(step, CampaignStep):
            phase = said(f"campaign.phase.{step.phase}")
            part["step"] = said(
                "campaign_page.step", phase=phase, clear=step.clear_rounds, needed=step.clear_rounds_needed
            )
    ahead = rounds_if_clear(book, asked.held, first_on=asked.on, **given)
    if not isinstance(ahead, tuple):
        return part | {"rounds_silence": rule_presenting.answer(explain(ahead, book), asked.area)}
    first = min((each.on for each in asked.held), default=asked.on)
    answer = book.resolve(
        "campaign.stop_rule",
        on=first,
        disease=asked.disease,
        area=asked.area,
        scope={"place": asked.place},
    )
    if isinstance(answer, InForce):
        part["step_rule"] = _line(answer.row)
    part["round_days"] = list(ahead)
    part["rounds"] = [
        said("campaign_page.round", n=number, day=formats.day_full(day, lang))
        for number, day in enumerate(ahead, len(asked.held) + 1)
    ]
    return part


def posts_part(asked: Asked) -> dict[str, Any]:
    """Every key post that a row in force of the area speaks of: how often, and the next days for one tested on
    the day; the silence where no row does.
    """
    book, lang = rulebook(), get_language()
    found = posts(book, on=asked.on, disease=asked.disease, area=asked.area)
    rows = [
        {
            "person": rule_words.fact_text("person", each.person, lang)
            if coded("post.person", each.person) == each.person
            else coded("post.person", each.person),
            "often": said("campaign_page.daily")
            if each.times == each.per_days == 1
            else said("post.frequency", times=each.times, per_days=each.per_days),
            "jurisdiction": _jurisdiction(each.row),
            "next": [formats.day(day, lang) for day in _next_days(each, asked.on)],
            "rule": _line(each.row),
        }
        for each in found
    ]
    if rows:
        return {"posts": rows, "posts_silence": None}
    answer = book.resolve("testing.post_frequency", on=asked.on, disease=asked.disease, area=asked.area)
    silence = None if isinstance(answer, InForce) else answer
    shown = rule_presenting.answer(explain(silence, book), asked.area) if silence else None
    return {"posts": [], "posts_silence": shown}


def _plan(book: RuleBook, asked: Asked, pool_size: int) -> CampaignPlan | Silence:
    assert asked.people
    return campaign_plan(
        book,
        population=asked.people,
        on=asked.on,
        disease=asked.disease,
        area=asked.area,
        pool_size=pool_size,
        lab_tubes_per_day=asked.lab,
        by_administrative_area=asked.whole_area,
        source_known=asked.source_known,
    )


def _silent(answer: Silence, book: RuleBook, asked: Asked) -> dict[str, Any]:
    """What the rules do not say of the hours, and the later guide by its name: named, and not applied."""
    later = ""
    if isinstance(answer, NotInPack) and answer.next_row is not None:
        row = answer.next_row
        later = said(
            "campaign_page.later",
            title=rule_presenting.title(document_data(row.document)),
            day=formats.day_full(row.effective_from, get_language()),
        )
    return {"silence": rule_presenting.answer(explain(answer, book), asked.area), "later": later}


def _people(asked: Asked, viewing: Viewing) -> dict[str, Any]:
    if asked.known is None:
        source = said("campaign_page.source.typed", day=formats.day_full(viewing.day, get_language()))
    else:
        since = formats.day_full(asked.known.known_from.astimezone(viewing.installation.zone), get_language())
        now = formats.day_full(viewing.day, get_language())
        source = said("campaign_page.source.record", since=since, day=now)
    return _figure("people", asked.people, source=source)


def _figures(plan: CampaignPlan, asked: Asked) -> list[dict[str, Any]]:
    hours, figures = _row(plan, "campaign.finish_hours"), []
    if plan.hours is not None and hours is not None:
        figures.append(_figure("finish_hours", plan.hours, hours))
        if plan.people_per_hour is not None:
            figures.append(
                _figure("people_per_hour", plan.people_per_hour, hours, said("campaign_page.source.divided"))
            )
        source = said("campaign_page.source.lab_typed") if asked.lab_typed else _planning()
        figures.append(_figure("lab", asked.lab, source=source))
    if plan.min_rounds is not None:
        figures.append(_figure("min_rounds", plan.min_rounds, _row(plan, "campaign.min_rounds")))
    return figures


def _planning() -> str:
    source = said(f"campaign_page.lab_source.{planned_lab()[1]}")
    return said("campaign_page.source.planning", source=source)


def _verdict(plan: CampaignPlan) -> dict[str, Any]:
    row = _row(plan, "campaign.by_administrative_area")
    text = said(f"campaign.verdict.{plan.verdict}")
    return {"text": text, "code": plan.verdict, "rule": _line(row) if row else None}


def _pool(plan: Any, people: int, in_force: bool, row: Row) -> dict[str, Any] | None:
    if not isinstance(plan, CampaignPlan) or plan.tubes is None or plan.laboratories is None:
        return None
    lang = get_language()
    return {
        "people": people,
        "name": said("campaign_page.pool", n=people),
        "in_force": in_force,
        "tubes": plan.tubes,
        "laboratories": formats.number(plan.laboratories, lang),
        "whole": plan.whole_laboratories,
        "rule": _line(row),
        "note": "" if in_force else said("campaign_page.pool_not_in_force", span=_span(row)),
        "href": "",
    }


def _alone(book: RuleBook, asked: Asked) -> tuple[str, RuleLine | None]:
    """Who is never pooled, with the row that says so; ("", None) where no row does."""
    answer = book.resolve(
        "testing.single_sample_persons", on=asked.on, disease=asked.disease, area=asked.area
    )
    if not isinstance(answer, InForce):
        return "", None
    persons = [rule_words.fact_text("person", str(each), get_language()) for each in answer.value]
    return said("campaign_page.alone", persons=said("frame.and").join(persons)), _line(answer.row)


def _figure(name: str, value: Any, row: Row | None = None, source: str = "") -> dict[str, Any]:
    shown = formats.number(value, get_language())
    return {
        "name": name,
        "label": said(f"campaign_page.{name}"),
        "value": shown,
        "source": source,
        "rule": _line(row) if row else None,
    }


def _row(plan: CampaignPlan, key: str) -> Row | None:
    return next((answer.row for answer in plan.basis.in_force if answer.row.key == key), None)


def _line(row: Row) -> RuleLine:
    return order_phrases.rule_lines([row.row_id], get_language())[0]


def _span(row: Row) -> str:
    return rule_presenting.span(row.effective_from, row.effective_to)


def _jurisdiction(row: Row) -> str:
    return str(rule_presenting.row(row_data(row))["authority"])


def _next_days(frequency: Frequency, on: date) -> tuple[date, ...]:
    """The next test days of somebody of the post who was tested on ``on``."""
    horizon = frequency.per_days * (_NEXT_SHOWN + 1)
    return days_tested(frequency, on, horizon)[1 : _NEXT_SHOWN + 1]
