"""The one table from the kind of an event to what follows from it.

A reaction is a name and a function of (event, actor) that gives an outcome code. It writes with the event's
own ``at``, so a reaction carried out late, or again after a kill, writes the same record. A name is never
reused for something else: the record remembers (event, name) as done.
"""

from __future__ import annotations

from collections.abc import Callable

from fangkong.record.access import Actor
from fangkong.record.models import Event

from ..directives.duty_tasks import open_tasks
from ..directives.triggers import trigger_events
from ..minutes.owner_tasks import give_to_owners
from ..notifications.actions import notify
from ..notifications.whom import WHOM
from . import (
    alarms,
    clusters,
    contacts,
    directives,
    journeys,
    judgements,
    orders,
    rejudging,
    response,
    results,
    reviews,
    timers,
)

Reacts = Callable[[Event, Actor], str]

TABLE: dict[str, list[tuple[str, Reacts]]] = {
    "result.positive": [
        ("journey", journeys.warn_of_result),
        ("signal", results.raise_signal),
        ("isolation", results.propose_isolation),
        ("investigate", results.investigate_result),
        ("report_case", results.report_case),
        ("contacts", results.propose_for_known_contacts),
        ("timers", timers.keep_time),
    ],
    "case.reported": [
        ("investigate", results.investigate_case),
        ("report_done", results.close_report_task),
        ("timers", timers.keep_time),
        ("rejudge", rejudging.rejudge_for_case),
        ("clusters", clusters.watch_clusters),
        ("review", reviews.review_case),
    ],
    "contact.registered": [
        ("rejudge", rejudging.rejudge_for_contact),
        ("order", contacts.propose_order),
        ("transfer", contacts.transfer),
        ("timers", timers.keep_time),
    ],
    "exposure.judged": [
        ("mass_change", judgements.watch_signer),
        ("journey", journeys.warn_of_judgement),
    ],
    "passage.emergency": [("expect", journeys.expect_patient)],
    "passage.refused": [("alarm", journeys.alarm_refusal)],
    "permit.proposed": [("decide", journeys.ask_for_permit_decision)],
    "permit.issued": [("decided", journeys.close_permit_decision)],
    "permit.refused": [("decided", journeys.close_permit_decision)],
    "permit.lapsed": [("decide_off", journeys.drop_permit_decision)],
    "signal.raised": [("cluster", timers.follow_cluster), ("alarm", alarms.follow_alarm)],
    "signal.verified": [("timers", timers.keep_time), ("alarm", alarms.follow_alarm)],
    "signal.investigated": [("alarm", alarms.follow_alarm)],
    "signal.closed": [
        ("timers", timers.keep_time),
        ("review", reviews.review_cluster),
        ("alarm", alarms.follow_alarm),
    ],
    "level.ended": [("review", reviews.review_level)],
    "directive.issued": [("named_owners", give_to_owners)],
    "directive.withdrawn": [("below", directives.ask_below), ("decided", directives.close_below)],
    "directive.completed": [("below", directives.ask_below), ("decided", directives.close_below)],
    "directive.lapsed": [("decided", directives.close_below)],
    "order.proposed": [("decide", orders.ask_for_decision)],
    "order.approved": [
        ("decided", orders.close_decision),
        ("supersede", orders.supersede),
        ("notice", orders.serve_notice),
    ],
    "order.rejected": [
        ("decided", orders.close_decision),
        ("transfer_off", orders.drop_transfer),
    ],
    "order.withdrawn": [("tasks_off", orders.drop_tasks), ("release_notice", orders.serve_release_notice)],
    "order.lapsed": [("tasks_off", orders.drop_tasks), ("release_notice", orders.serve_release_notice)],
    "order.superseded": [("tasks_off", orders.drop_tasks)],
    "order.shortened": [("change_notice", orders.serve_change_notice)],
    "order.suspended": [("transfer_off", orders.drop_transfer)],
    "level.proposed": [("declare", response.ask_for_declaration)],
    "level.declared": [("decided", response.close_declaration)],
    "level.rejected": [("decided", response.close_declaration)],
    "plan.started": [("suspend", response.ask_for_suspension)],
    "plan.ended": [("resumption", response.ask_for_resumption), ("review", reviews.review_plan)],
}

# Whoever an event concerns is told of it, after everything else that follows from it.
for _kind in WHOM:
    TABLE.setdefault(_kind, []).append(("notify", notify))

# A standing duty may ask for one task at each event of its trigger, behind whatever else follows from it.
for _kind in trigger_events():
    TABLE.setdefault(_kind, []).append(("standing_duty", open_tasks))
