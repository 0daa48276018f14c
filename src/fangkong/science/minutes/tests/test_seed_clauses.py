"""The clauses of stored pages of real meetings and of damaged directives, against their annotation by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fangkong.science.minutes.clauses import clauses
from fangkong.science.minutes.lexicon import lexicon
from fangkong.science.minutes.minutes import read
from fangkong.science.minutes.scoring import Score, score
from fangkong.science.minutes.tests.annotation import whole
from fangkong.science.minutes.tests.test_classes import LISTS, entries

pytestmark = pytest.mark.real_data


def test_what_the_meetings_decided_is_found_and_nothing_is_invented(real_data: Path) -> None:
    folder = real_data.parent / "seeds"
    if not folder.is_dir():
        pytest.skip("no stored pages beside the real data")
    total = Score()
    for seed in json.loads((real_data / "minutes" / "seeds.json").read_text(encoding="utf-8"))["seeds"]:
        source = (folder / seed["file"]).read_bytes().decode("utf-8")
        found = score(source, read(source).clauses, seed["clauses"], tuple(seed["report_span"]))
        assert found.recall >= 0.9, (seed["seed"], found.missed)
        total += found
    assert total.wrong_share <= 0.05, total.false_tasks
    assert (total.headings_doubled, total.owners_invented, total.deadlines_invented) == (0, 0, 0)
    assert (total.quotes_inexact, total.outside_report) == (0, 0)
    assert total.unreadable_found == total.unreadable
    assert total.classes_right >= 0.9 * total.clauses


def test_damage_changes_no_directive(real_data: Path) -> None:
    samples = json.loads((real_data / "messy" / "F_directive_noise_samples.json").read_text(encoding="utf-8"))
    clean = [clause for clause in clauses(whole(samples["clean"])) if clause.is_task]
    assert len(clean) == len(samples["gold"])
    for clause, gold in zip(clean, samples["gold"], strict=True):
        assert clause.owner is not None
        assert clause.owner.name == gold["owner"][0].removesuffix("（承前省略）")
        assert (clause.owner.basis == "carried_over") == gold["owner"][0].endswith("（承前省略）")
        assert (clause.deadline is None) == (gold["deadline"] is None)
    for sample in samples["variants"]:
        found = clauses(whole(sample["text"]))
        tasks = [(clause.kind, clause.deadline) for clause in found if clause.is_task]
        unread = [clause for clause in found if clause.kind == "unreadable"]
        assert tasks == [(clause.kind, clause.deadline) for clause in clean[: len(tasks)]]
        assert len(tasks) >= 2 or unread, sample["noise"]
        owners = [clause.owner.name for clause in found if clause.owner]
        assert not any("体育" in name for name in owners)


def test_the_lists_hold_no_piece_of_the_stored_pages(real_data: Path) -> None:
    """A word longer than six characters that a page holds would be lifted from it."""
    folder = real_data.parent / "seeds"
    if not folder.is_dir():
        pytest.skip("no stored pages beside the real data")
    pages = [
        read(path.read_bytes().decode("utf-8")).report.text.text for path in sorted(folder.glob("*.txt"))
    ]
    for name in LISTS:
        for word in entries(lexicon(f"words/{name}")):
            assert len(word) <= 6 or not any(word in page for page in pages), (name, word)
