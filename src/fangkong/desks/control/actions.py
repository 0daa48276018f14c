"""Writes of the control desk: an order is proposed by one, decided by another, and ends by itself.

A system actor may propose and end, never approve. Every proposal has a stable key made of what it says, so
that doing it twice changes nothing; every decision is a new version of the order under its own audit verb.
"""

from .appeals import appeal_decide, appeal_file
from .area_life import risk_area_facts_note, risk_area_step, risk_area_step_take
from .consents import consent_record, consent_take_back
from .deciding import order_approve, order_lapse_due, order_reject, order_withdraw
from .deciding_many import DecidedTogether, consents_record, orders_approve, orders_supersede_earlier_of
from .gate_answers import Shown
from .group_orders import Extent, order_gates_meet, order_propose_for_group
from .holders import Holder
from .household_orders import HouseholdProposal, household_order_decide, household_order_propose
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
from .passages import Answered, passage_emergency, passage_record, passage_refuse
from .permits import permit_issue, permit_lapse_due, permit_propose, permit_refuse, permit_revoke
from .person_orders import order_propose, order_propose_for_contact, order_propose_for_positive
from .proposing_many import orders_propose_for_contacts
from .rejudgement_offers import (
    rejudgement_accept,
    rejudgement_decline,
    rejudgements_accept,
    rejudgements_decline,
)
from .rejudging import orders_rejudge

__all__ = [
    "DECIDE",
    "DECIDE_AREA",
    "PROPOSE",
    "RUNNING",
    "SUSPEND",
    "Answered",
    "DecidedTogether",
    "Extent",
    "Holder",
    "HouseholdProposal",
    "Shown",
    "appeal_decide",
    "appeal_file",
    "consent_record",
    "consent_take_back",
    "consents_record",
    "household_order_decide",
    "household_order_propose",
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
    "orders_approve",
    "orders_propose_for_contacts",
    "orders_rejudge",
    "orders_supersede_earlier",
    "orders_supersede_earlier_of",
    "passage_emergency",
    "passage_record",
    "passage_refuse",
    "permit_issue",
    "permit_lapse_due",
    "permit_propose",
    "permit_refuse",
    "permit_revoke",
    "rejudgement_accept",
    "rejudgement_decline",
    "rejudgements_accept",
    "rejudgements_decline",
    "risk_area_facts_note",
    "risk_area_step",
    "risk_area_step_take",
]
