"""Killed at any point of deciding on held rows and called again, the record ends as if never killed."""

from __future__ import annotations

import json
import signal

import pytest

import fangkong.desks.intake.held_decisions  # noqa: F401 (registers its points)
from fangkong.core import killpoints

POINTS = [name for name in killpoints.registered() if name.startswith("held.")]

pytestmark = pytest.mark.kill

#: Receives a register with wrong numbers, takes the rows of one reason and refuses another row.
DECIDING = """
import json, os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "fangkong.settings"
django.setup()
from datetime import datetime
from fangkong.desks.intake.limits import limits
# Small chunks, so that few rows make several.
object.__setattr__(limits(), "chunk_facts", 40)
from fangkong.desks.intake.held_decisions import HeldFor, held_rows_refuse, held_rows_take
from fangkong.record.access import system_actor
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest
from fangkong.record.models import Receipt
receipt = Receipt.objects.get(mapping="table:contact_ledger")
at = datetime.fromisoformat("2030-01-01T00:00:00+00:00")
told = {"reason": "checked by telephone", "actor": system_actor("cli"), "at": at}
held_rows_refuse(receipt.key, [("", 3)], **told)
held_rows_take(receipt.key, HeldFor("issue_ID_CHECKSUM"), **told)
receipt.refresh_from_db()
counts = [receipt.accepted, receipt.held, receipt.rejected, receipt.row_count]
print(json.dumps({"counts": counts, "digest": record_digest(), "chain": verify().problem}))
"""

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ROWS = 60


def _number(n: int, *, wrong: bool) -> str:
    body = f"99010119{60 + n // 499:02}0{1 + n % 9}1{n % 10}{n % 499 * 2 + 1:03}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    right = "10X98765432"[total % 11]
    return body + (("0" if right != "0" else "1") if wrong else right)


@pytest.fixture(scope="module")
def received(fresh, tmp_path_factory):
    """An installation with a case and a register of contacts; several chunks of rows are held."""
    folder = tmp_path_factory.mktemp("held")
    installation = fresh.copy(folder / "home")
    cases, ledger = folder / "cases.csv", folder / "密接台账.csv"
    cases.write_text(
        "case,reported,area,id,name\nA1,2022-04-01,990101,990101199001010011,某\n", encoding="utf-8"
    )
    rows = [
        f"{n},测试{chr(0x4E00 + n)},{_number(n, wrong=n % 2 > 0)},100{n:08},A1,2022-04-10"
        for n in range(ROWS)
    ]
    ledger.write_text(
        "序号,姓名,证件号码,联系电话,关联病例,末次接触时间\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )
    installation.chain(["receive", cases, ledger])
    return installation


def _decided(installation) -> dict[str, object]:
    done = installation._process(DECIDING)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def uninterrupted(received, tmp_path_factory) -> dict[str, object]:
    """What stands after the decisions were made without a kill."""
    decided = _decided(received.copy(tmp_path_factory.mktemp("whole") / "home"))
    assert decided["counts"] == [59, 0, 1, 60]
    assert not decided["chain"]
    return decided


def test_the_points_are_those_of_every_step():
    assert POINTS == [
        "held.chunk_refused",
        "held.chunk_taken",
        "held.facts_kept",
        "held.staged",
        "held.taken",
    ]


@pytest.mark.parametrize("point", [*POINTS, "held.chunk_taken:2"])
def test_deciding_resumes(received, uninterrupted, tmp_path, point):
    installation = received.copy(tmp_path / "home")
    assert installation._process(DECIDING, kill_at=point).returncode == -signal.SIGKILL
    assert _decided(installation) == uninterrupted
    assert not list((installation.home / "receipts").rglob("key.sealed"))
