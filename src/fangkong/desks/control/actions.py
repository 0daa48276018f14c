"""Writes of the control desk: an order is proposed by one, decided by another, and ends by itself.

A system actor may propose and end, never approve. Every proposal has a stable key made of what it says, so
that doing it twice changes nothing; every decision is a new version of the order under its own audit verb.
"""

from .appeals import appeal_decide, appeal_file
from .area_life import risk_area_facts_note, risk_area_step, risk_area_step_take
from .consents import consent_record, consent_take_back
from .deciding import order_approve, order_lapse_due, order_reject, order_withdraw
from .group_orders import Extent, order_gates_meet, order_propose_for_group
from .life import (
    SUSPEND,
    order_renew,
    order_resume,
    order_shorten,
    order_supersede,
    order_suspend,
    orders_supersede_earlier,
)
from .order_rows import DECIDE, DECIDE_AREA, PROPOSE, RUNNING, order_no_of
from .person_orders import order_propose, order_propose_for_contact, order_propose_for_positive
from .rejudging import orders_rejudge, rejudgement_accept, rejudgement_decline

__all__ = [
    "DECIDE",
    "DECIDE_AREA",
    "PROPOSE",
    "RUNNING",
    "SUSPEND",
    "Extent",
    "appeal_decide",
    "appeal_file",
    "consent_record",
    "consent_take_back",
    "order_approve",
    "order_gates_meet",
    "order_lapse_due",
    "order_no_of",
    "order_propose",
    "order_propose_for_contact",
    "order_propose_for_group",
    "order_propose_for_positive",
    "order_reject",
    "order_renew",
    "order_resume",
    "order_shorten",
    "order_supersede",
    "order_suspend",
    "order_withdraw",
    "orders_rejudge",
    "orders_supersede_earlier",
    "rejudgement_accept",
    "rejudgement_decline",
    "risk_area_facts_note",
    "risk_area_step",
    "risk_area_step_take",
]
