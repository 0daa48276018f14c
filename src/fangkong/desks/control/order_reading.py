"""Orders as somebody may read them: by knowledge (``at``) and within the actor's scope."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Order

READ = "order.read"


def readable_orders(actor: Actor, at: datetime, disease: str = "", area_code: str = "") -> QuerySet[Order]:
    """The orders known at ``at`` that the actor may read. Raises Forbidden without ``order.read``."""
    actor.require(READ)
    rows = visible(Order.objects.known_at(at), actor, at=at)
    if disease:
        rows = rows.filter(disease=disease)
    if area_code:
        rows = rows.filter(inside_area(area_code))
    return rows


def order_get(order_key: str, *, actor: Actor, at: datetime) -> Order:
    """The order as it was known at ``at``. Raises NotFound ``order.unknown``, also outside the scope."""
    order = readable_orders(actor, at).filter(key=order_key).first()
    if order is None:
        raise NotFound("order.unknown", key=order_key)
    return order


def order_history(order_key: str, *, actor: Actor, at: datetime) -> list[Order]:
    """Every version of the order known by ``at``, the first one first. Raises NotFound as ``order_get``."""
    actor.require(READ)
    versions = Order.objects.filter(key=order_key, known_from__lte=at).order_by("known_from")
    found = list(visible(versions, actor, at=at))
    if not found:
        raise NotFound("order.unknown", key=order_key)
    return found
