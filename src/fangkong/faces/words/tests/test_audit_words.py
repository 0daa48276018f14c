"""Every deed that the code writes into the audit chain has words: an auditor reads sentences, not codes."""

from __future__ import annotations

import re
from pathlib import Path

import fangkong
from fangkong.faces.words.catalogue import has_word

VERB = re.compile(r"""verb=["']([a-z_]+\.[a-z_]+)["']""")
SIGNAL = re.compile(r"""signal_raise\(\s*["']([a-z_]+)["']""")


def written(pattern: re.Pattern[str]) -> set[str]:
    root = Path(fangkong.__file__).parent
    files = (file for file in root.rglob("*.py") if "tests" not in file.parts)
    return {found for file in files for found in pattern.findall(file.read_text(encoding="utf-8"))}


def test_every_verb_of_the_audit_chain_has_words() -> None:
    # Those chosen by a state stand in a name of their own and not at the call.
    named = {"situation_report.issue", "open_figures.issue", "order.approve", "order.reject"}
    verbs = written(VERB) | named
    assert {"order.withdraw", "cycle.step"} <= verbs, "the code that writes verbs was found"
    assert [verb for verb in sorted(verbs) if not has_word(f"audit.verb.{verb}")] == []


def test_every_kind_of_signal_has_words() -> None:
    kinds = written(SIGNAL)
    assert "missing_bulletin" in kinds, "the code that raises signals was found"
    assert [kind for kind in sorted(kinds) if not has_word(f"signal.kind.{kind}")] == []
