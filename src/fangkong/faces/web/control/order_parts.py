"""What hangs on an order, as its page shows it: appeals, consents, re-judgements, and its history."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.desks.control import actions, queries
from fangkong.faces.papers import order_phrases
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word
from fangkong.record.models import Order, Rejudgement

from .presenting import coded, people_names, said

if TYPE_CHECKING:
    from .order_page import Refused


def appeals_part(viewing: Viewing, order: Order, refused: Refused | None) -> dict[str, Any]:
    """The appeals with their answers; the form to answer for whoever may and did not sign the order."""
    appeals = queries.appeals_of_order(order.key, actor=viewing.actor, at=viewing.at)
    people = people_names([appeal.decided_by for appeal in appeals])
    may = (
        not viewing.looking_back
        and viewing.actor.may("appeal.decide")
        and viewing.actor.sees(order.area_code)
        and viewing.actor.key not in (order.proposed_by, order.decided_by)
    )
    typed = refused.typed if refused is not None and refused.deed == "answer" else {}
    rows = [
        {
            "appeal": appeal,
            "ground": coded("appeal.ground", appeal.ground),
            "by": people.get(appeal.decided_by, ""),
            "late": appeal.state == "filed" and appeal.due_at < viewing.at,
            "form": may and appeal.state == "filed",
            "problem": refused.problem if refused is not None and typed.get("appeal") == appeal.key else "",
            "answer": typed.get("answer", "") if typed.get("appeal") == appeal.key else "",
        }
        for appeal in appeals
    ]
    return {"rows": rows, "action": reverse("order_answer", args=[order.key])}


def consents_part(viewing: Viewing, order: Order) -> dict[str, Any]:
    """Whom the order would part from a carer, the consents on record, and the buttons for whoever may record."""
    needed = queries.consents_needed(order, actor=viewing.actor, at=viewing.at)
    given = queries.consents_of_order(order.key, actor=viewing.actor, at=viewing.at)
    may = (
        not viewing.looking_back
        and viewing.actor.may("consent.record")
        and viewing.actor.sees(order.area_code)
        and order.state in actions.RUNNING
    )
    return {
        "needed": needed,
        "given": given,
        "may": may,
        "action": reverse("order_consent", args=[order.key]),
    }


def rejudged_part(viewing: Viewing, order: Order) -> dict[str, Any]:
    """Every computation made of the order on a later day, beside the one that ran."""
    offers = queries.rejudgements_of_order(order.key, actor=viewing.actor, at=viewing.at)
    may = (
        not viewing.looking_back
        and viewing.actor.may(actions.DECIDE)
        and viewing.actor.sees(order.area_code)
        and order.state in actions.RUNNING
    )
    people = people_names([offer.decided_by for offer in offers])
    rows = [
        {
            "offer": offer,
            "cause": coded("rejudgement.cause", offer.cause),
            "outcome": coded("rejudgement.outcome", offer.outcome),
            "state": coded("rejudgement.state", offer.state),
            "by": people.get(offer.decided_by, ""),
            "before": computed(offer.before, offer),
            "after": computed(offer.after, offer),
            "form": may and offer.state == "offered",
            "may_accept": offer.outcome != "not_decided",
        }
        for offer in offers
    ]
    return {"rows": rows, "action": reverse("order_rejudged", args=[order.key])}


def computed(side: dict[str, Any], offer: Rejudgement) -> dict[str, Any]:
    """One computation in words: until when, its stages, the documents of its rules, or why there is none."""
    lang = get_language()
    until, why = side.get("expires_on") or "", side.get("why", "")
    rules = order_phrases.rule_lines(side.get("rule_rows", []), lang)
    judged = side.get("judged_on")
    return {
        "until": said("order.rejudged_until", day=formats.day_full(date.fromisoformat(until), lang))
        if until
        else "",
        "stages": order_phrases.stage_lines(side.get("stages") or [], lang),
        "free": not until and not why,
        "why": _why(why),
        "rules": list(dict.fromkeys(rule.title for rule in rules if rule.title)),
        "judged": said("order.rejudged_rule_day", day=formats.day(date.fromisoformat(judged), lang))
        if judged
        else said("order.rejudged_rule_day", day=formats.day(offer.judged_on, lang)),
    }


def _why(code: str) -> str:
    """Why there is no computation, in words; a silence of the rules is stored by the name of its answer."""
    if not code:
        return ""
    spelt = "".join(f"_{ch.lower()}" if ch.isupper() else ch for ch in code).lstrip("_")
    known = next((c for c in (code, spelt) if has_word(f"rejudgement.why.{c}")), "")
    return said(f"rejudgement.why.{known}") if known else said("rejudgement.outcome.not_decided")


def history_part(versions: list[Order], follower_no: str) -> list[dict[str, Any]]:
    """What happened to the order, one line for each version: the deed, when, by whom, why."""
    people = people_names(
        key for version in versions for key in (version.proposed_by, version.decided_by, version.changed_by)
    )
    rows = []
    for before, version in zip([None, *versions[:-1]], versions, strict=True):
        if before is None or version.decided_by != before.decided_by:
            by = version.decided_by or version.proposed_by
            reason = version.decision_reason
        elif version.state == "lapsed" and version.change_reason == before.change_reason:
            by, reason = "", ""
        else:
            by, reason = version.changed_by, version.change_reason
        rows.append(
            {
                "deed": _deed(before, version),
                "at": version.known_from,
                "by": people.get(by, ""),
                "reason": _reason(reason, follower_no),
            }
        )
    return rows


def _deed(before: Order | None, version: Order) -> str:
    if before is not None and version.state == before.state:
        if version.expires_on < before.expires_on:
            day = formats.day(version.expires_on, get_language())
            return said("order.deed.shortened", day=day)
        return said("order.deed.changed")
    if before is not None and before.state == "suspended" and version.state == "approved":
        return said("order.deed.resumed")
    return said(f"order.deed.{version.state}")


def _reason(reason: str, follower_no: str) -> str:
    """Why: a code of the platform in words, the number of the order that followed, or what the person wrote."""
    if has_word(f"order.change.{reason}"):
        return said(f"order.change.{reason}")
    if reason.startswith("rejudgement-"):
        return said("order.change.judged_again")
    if reason.startswith("order-"):
        return said("order.change.replaced_by", number=follower_no) if follower_no else ""
    return reason
