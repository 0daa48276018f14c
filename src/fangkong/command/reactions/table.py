"""The one table from the kind of an event to what follows from it.

A reaction is a name and a function of (event, actor) that gives an outcome code. It writes with the event's
own ``at``, so a reaction carried out late, or again after a kill, writes the same record. A name is never
reused for something else: the record remembers (event, name) as done.
"""

from __future__ import annotations

from collections.abc import Callable

from fangkong.record.access import Actor
from fangkong.record.models import Event

from . import contacts, judgements, orders, rejudging, results, timers

Reacts = Callable[[Event, Actor], str]

TABLE: dict[str, list[tuple[str, Reacts]]] = {
    "result.positive": [
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
    ],
    "contact.registered": [
        ("rejudge", rejudging.rejudge_for_contact),
        ("order", contacts.propose_order),
        ("transfer", contacts.transfer),
        ("timers", timers.keep_time),
    ],
    "exposure.judged": [("mass_change", judgements.watch_signer)],
    "signal.raised": [("cluster", timers.follow_cluster)],
    "signal.verified": [("timers", timers.keep_time)],
    "signal.closed": [("timers", timers.keep_time)],
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
    "order.withdrawn": [("tasks_off", orders.drop_tasks)],
    "order.lapsed": [("tasks_off", orders.drop_tasks)],
    "order.superseded": [("tasks_off", orders.drop_tasks)],
    "order.shortened": [("change_notice", orders.serve_change_notice)],
    "order.suspended": [("transfer_off", orders.drop_transfer)],
}
