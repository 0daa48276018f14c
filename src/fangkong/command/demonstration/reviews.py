"""Reviews of the demonstration, through the room's own actions: one open with a missed limit, one closed with a gap."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.command.models import Gap, Review
from fangkong.command.reactions.running import run_reactions
from fangkong.command.reviews.actions import (
    gap_prove,
    gap_raise,
    review_cause,
    review_close,
    review_hold,
    review_remark,
)
from fangkong.command.reviews.timeline import review_steps
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor

from .story import story

#: Minutes between one deed of the evening and the next.
_APART = timedelta(minutes=5)


def load_reviews(actors: dict[str, Actor]) -> None:
    """The evening's reviews of ``reviews.toml``, held on cases of the last day; a second time nothing changes.

    One transaction: after a kill all of it is there or nothing.
    """
    told = _told()
    at = story().opens_at - timedelta(hours=told["hours_before"])
    with audit.writing():
        found = Review.objects.filter(subject_kind="case", state="open", opened_at__lt=at, known_from__lt=at)
        reviews = list(found.order_by("key"))
        # The one that stays open shows a missed limit, when a case of the evening has one.
        reviews.sort(key=lambda review: not _missed(review))
        for review in reviews[:1]:
            _open(review, told["open"], actors, told["leader"], at)
        for review in reviews[1:2]:
            _closed(review, told, actors, at + _APART * 4)
    run_reactions(actor=system_actor("reaction"))


def _missed(review: Review) -> bool:
    return any(step.missed for step in review_steps(review, at=story().opens_at))


def _open(
    review: Review, told: Mapping[str, Any], actors: dict[str, Actor], leader: str, at: datetime
) -> None:
    review_hold(review.key, actor=actors[leader], at=at)
    remark, cause = told["remark"], told["cause"]
    review_remark(review.key, remark["step"], remark["words"], actor=actors[remark["by"]], at=at + _APART)
    review_cause(review.key, cause["code"], cause["words"], actor=actors[leader], at=at + 2 * _APART)


def _closed(review: Review, told: Mapping[str, Any], actors: dict[str, Actor], at: datetime) -> None:
    if Review.objects.open().filter(key=review.key, state="closed").exists():
        return
    given, leader = told["closed"], actors[told["leader"]]
    cause, gap = given["cause"], given["gap"]
    review_cause(review.key, cause["code"], cause["words"], actor=leader, at=at)
    key = gap_raise(
        title=gap["title"],
        cause=cause["code"],
        came_of_kind="review",
        came_of_key=review.key,
        area_code=story().area_code,
        owner_role=gap["owner"],
        actor=leader,
        at=at + _APART,
    )
    review_close(review.key, actor=actors[told["closer"]], at=at + 2 * _APART)
    if Gap.objects.open().filter(key=key, state="open").exists():
        gap_prove(key, given["proof"], actor=actors[gap["owner"]], at=story().opens_at - _APART)


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("reviews.toml").read_text(encoding="utf-8"))
