"""A contingency plan on paper: what it is for, its steps with owners, hours and proof, who wrote and approved it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fangkong.command.models import Plan
from fangkong.faces.words import catalogue, formats
from fangkong.faces.words.catalogue import has_word, word
from fangkong.record.installation import installation

from .order_notice import TEMPLATE
from .pdf import typeset
from .word_file import filled, template_of

NAME = "plan"


@dataclass(frozen=True)
class PlanNames:
    """What the paper calls the area and the people."""

    area: str = ""
    written_by: str = ""
    approved_by: str = ""


def plan_pdf(plan: Plan, names: PlanNames, lang: str) -> bytes:
    """The plan as PDF in ``lang``, dated by its own day; the same facts give the same bytes.

    Raises FangkongError ``papers.no_cjk_font`` without a font for Chinese.
    """
    on = (plan.approved_at or plan.known_from).astimezone(installation().zone).date()
    return typeset(TEMPLATE, plan_view(plan, names, lang), on)


def plan_docx(plan: Plan, names: PlanNames, lang: str) -> bytes:
    """The plan as a Word file in the office's own ``plan.<lang>.docx``, else the shipped one.

    Raises InputError ``papers.template_unreadable``.
    """
    return filled(template_of(NAME, lang), plan_view(plan, names, lang))


def plan_view(plan: Plan, names: PlanNames, lang: str) -> dict[str, Any]:
    """The page model, of the same form as a notice: ``title``, ``meta``, ``to``, ``sections``, ``sign``, ``foot``.

    A draft says so in its first line: it is not offered to anybody.
    """
    lang = catalogue.language(lang)

    def said(code: str, **params: object) -> str:
        return word(code, lang, **params)

    comma = said("frame.and")
    levels = comma.join(said(f"response.level.{n}") for n in plan.levels) or said("plan.levels_all")
    when = [said("plan.paper.hazard", hazard=said(f"response.hazard.{plan.hazard}"), levels=levels)]
    if plan.evacuates:
        when.append(said("plan.evacuates_text"))
    approved = (
        formats.day_full(plan.approved_at.astimezone(installation().zone).date(), lang)
        if plan.approved_at
        else said("plan.paper.not_approved")
    )
    sections: list[dict[str, Any]] = [
        {"title": said("plan.paper.when"), "kind": "text", "paragraphs": when if plan.hazard else []},
        {
            "title": said("plan.checklist"),
            "kind": "stages",
            "head": [said(f"plan.column.{name}") for name in ("step", "owner", "within", "proof")],
            "rows": [_row(item, lang) for item in plan.checklist],
        },
    ]
    return {
        "lang": lang,
        "title": plan.title,
        "meta": [
            plan.kind,
            said("plan.edition", n=plan.edition),
            said(f"plan.state.{plan.state}"),
            approved,
        ],
        "to": [{"label": said("plan.column.area"), "value": names.area, "blank": False, "note": ""}],
        "sections": [part for part in sections if part.get("paragraphs") or part.get("rows")],
        "sign": [
            {"label": said("plan.column.area"), "value": names.area},
            {"label": said("plan.written_by"), "value": names.written_by},
            {"label": said("plan.approved_by"), "value": names.approved_by},
        ],
        "served_title": said("plan.paper.run"),
        "served": [said(f"plan.paper.run.{part}") for part in ("started", "ended", "by")],
        "foot": {"text": said("plan.paper.foot"), "page": catalogue.text("papers.page", lang)},
    }


def _row(item: dict[str, Any], lang: str) -> list[str]:
    role, kind = f"role.{item['owner_role']}", f"task.evidence.{item['evidence_kind']}"
    owner = word(role, lang) if has_word(role) else item["owner_role"]
    within = word("plan.within", lang, n=item["within_hours"])
    if item["after"]:
        behind = word("frame.and", lang).join(str(n) for n in item["after"])
        within = word("plan.within_behind", lang, within=within, behind=behind)
    return [
        f"{item['n']}. {item['title']}",
        word("frame.and", lang).join(each for each in (owner, item["post"]) if each),
        within,
        word(kind, lang) if item["evidence_kind"] and has_word(kind) else "",
    ]
