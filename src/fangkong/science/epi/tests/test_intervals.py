from __future__ import annotations

from datetime import date

import pytest

from fangkong.science.epi.estimates import Refusal
from fangkong.science.epi.intervals import (
    PublishedInterval,
    published_intervals,
    read_intervals,
    serial_interval_for,
)
from fangkong.science.epi.reproduction_table import ReproductionTable, reproduction_table

ENTRY = """
[[interval]]
disease = "d"
variant = "{variant}"
mean_days = {mean}
sd_days = 2.0
kind = "{kind}"
effective_from = {start}
default = true
source = "{source}"
confidence = "{confidence}"
"""
GOOD = {
    "variant": "a",
    "mean": "5.0",
    "kind": "serial_interval",
    "start": "2020-01-01",
    "source": "A (2020)",
    "confidence": "verified",
}


def document(*entries: dict[str, str]) -> str:
    return 'schema = "intervals/1"\n' + "".join(ENTRY.format(**(GOOD | entry)) for entry in entries)


def held(disease: str, on: date, variant: str | None = None) -> PublishedInterval:
    entry = serial_interval_for(disease, on, variant=variant)
    assert isinstance(entry, PublishedInterval)
    return entry


@pytest.mark.parametrize("disease", ["covid-19", "mers", "measles", "sars", "influenza"])
def test_each_disease_has_an_interval_with_a_source(disease: str) -> None:
    entry = held(disease, date(2020, 6, 1))
    assert entry.source
    assert entry.confidence in ("verified", "secondary", "unverified")
    assert isinstance(reproduction_table([5.0] * 40, entry.interval), ReproductionTable)


def test_the_day_chooses_among_variants() -> None:
    assert held("covid-19", date(2020, 2, 1)).variant == "ancestral"
    assert held("covid-19", date(2021, 5, 20)).variant == "ancestral"
    assert held("covid-19", date(2021, 5, 21)).variant == "delta"
    assert held("covid-19", date(2022, 1, 8)).variant == "omicron"


def test_successive_variants_have_shorter_intervals() -> None:
    means = [held("covid-19", on).mean_days for on in (date(2020, 3, 1), date(2021, 9, 1), date(2022, 4, 1))]
    assert means == sorted(means, reverse=True)
    assert len(set(means)) == 3


def test_a_named_variant_decides_alone() -> None:
    assert held("mers", date(2020, 1, 1)).variant == "saudi-arabia"
    assert held("mers", date(2020, 1, 1), variant="korea-2015").mean_days == 12.6


@pytest.mark.parametrize(
    ("disease", "on", "variant"),
    [
        ("unknown-pneumonia", date(2020, 1, 1), None),
        ("covid-19", date(2003, 4, 1), None),
        ("covid-19", date(2022, 4, 1), "gamma"),
    ],
)
def test_no_interval_held_is_a_refusal(disease: str, on: date, variant: str | None) -> None:
    refusal = serial_interval_for(disease, on, variant=variant)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "no_serial_interval"
    assert dict(refusal.params) == {"disease": disease, "on": on, "variant": variant}
    assert reproduction_table([1.0, 2.0], refusal) is refusal


def test_renaming_a_disease_changes_its_name_and_nothing_else() -> None:
    own = read_intervals(document({}))
    entry = serial_interval_for("d", date(2020, 5, 1), intervals=own)
    assert isinstance(entry, PublishedInterval)
    assert (entry.mean_days, entry.sd_days) == (5.0, 2.0)


def test_what_is_from_memory_says_so() -> None:
    for entry in published_intervals():
        if "from memory" in entry.remark.split("change-over")[0]:
            assert entry.confidence == "unverified", entry


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("schema = 'intervals/2'", "schema"),
        (document({"mean": "1.0"}), "mean above 1"),
        (document({"kind": "infectious_period"}), "kind"),
        (document({"confidence": "sure"}), "confidence"),
        (document({"source": ""}), "no source"),
        (document({}, {}), "stands twice"),
        (document({}, {"variant": "b", "start": "2021-01-01"}), "default on the same days"),
        (document({}).replace("sd_days", "spread"), "spread"),
        (document({}) + "effective_to = 2019-01-01\n", "before effective_from"),
    ],
)
def test_a_broken_file_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_intervals(text)
