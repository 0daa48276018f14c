from collections import Counter
from datetime import UTC, date, timedelta

import numpy as np
import pytest

from fangkong.science.city import Case, City, Outbreak, case_batch, city, outbreak
from fangkong.science.city.keys import opaque_keys
from fangkong.science.city.parameters import Parameters, parameters, read_toml
from fangkong.science.city.surveillance import CIVIL_ZONE


def _infections(epidemic: Outbreak) -> list[Case]:
    return [case for case in epidemic.cases if case.infected_on is not None]


def test_same_seed_gives_the_same_outbreak(town: City, epidemic: Outbreak) -> None:
    assert outbreak(city(7, 20_000), seed=1).digest() == epidemic.digest()
    assert outbreak(town, seed=2).digest() != epidemic.digest()


@pytest.mark.parametrize("seed", range(5))
def test_a_small_town_still_has_something_to_show(seed: int) -> None:
    cases = _infections(outbreak(city(seed, 2_000), seed))
    assert 12 <= len(cases) <= 60


def test_a_large_city_grows_and_then_slows() -> None:
    epidemic = outbreak(city(1, 200_000), seed=1)
    cases = _infections(epidemic)
    assert 500 <= len(cases) <= 900
    weeks = Counter((case.reported_on - epidemic.first_on).days // 7 for case in cases)
    assert weeks[0] < weeks[1] < weeks[2]
    assert weeks[3] < weeks[2]


def test_nothing_is_known_after_the_end_and_rows_are_sorted(epidemic: Outbreak) -> None:
    for rows in (epidemic.cases, epidemic.contacts, epidemic.specimens, epidemic.reports, epidemic.screening):
        times = [row.known_at for row in rows]
        assert times
        assert times == sorted(times)
        assert times[-1] <= epidemic.end_at
        assert times[0].tzinfo is UTC
    assert all(entry.known_at <= epidemic.end_at for case in epidemic.cases for entry in case.history)
    for contact in epidemic.contacts:
        steps = [contact.known_at, contact.identity_at, contact.location_at]
        done = [step for step in steps if step is not None]
        assert done == sorted(done)
        assert done[-1] <= epidemic.end_at


def test_the_infector_was_infected_before(epidemic: Outbreak) -> None:
    by_key = {case.key: case for case in epidemic.cases}
    linked = [case for case in _infections(epidemic) if case.infector is not None]
    assert len(linked) > len(by_key) // 2
    for case in linked:
        infector = by_key[str(case.infector)]
        assert infector.infected_on is not None
        assert case.infected_on is not None
        assert infector.infected_on < case.infected_on <= infector.isolated_on


def test_dates_of_a_case_are_in_order(epidemic: Outbreak) -> None:
    for case in _infections(epidemic):
        assert case.infected_on is not None
        assert case.sampled_at < (case.result_at or epidemic.end_at)
        assert case.infected_on < case.sampled_at.astimezone(CIVIL_ZONE).date() <= case.reported_on
        assert case.onset_on is None or case.infected_on < case.onset_on
        assert case.known_at == case.history[0].known_at
        if case.result_at is not None:
            assert case.reported_on == case.result_at.astimezone(CIVIL_ZONE).date()


def test_histories_say_how_a_case_was_classified(epidemic: Outbreak) -> None:
    paths = Counter(tuple(entry.classification for entry in case.history) for case in epidemic.cases)
    for path in [
        ("suspected", "confirmed"),
        ("asymptomatic",),
        ("asymptomatic", "confirmed"),
        ("confirmed",),
    ]:
        assert paths[path] > 0
    assert paths["suspected", "excluded"] > 0
    for case in epidemic.cases:
        last = case.history[-1]
        assert (last.severity is not None) == (last.classification == "confirmed")
        if last.classification == "asymptomatic":
            assert case.onset_on is None
        if last.classification == "confirmed":
            assert case.onset_on is not None
        if last.classification == "excluded":
            assert case.infected_on is None


def test_all_four_channels_occur(epidemic: Outbreak) -> None:
    assert {case.channel for case in epidemic.cases} == {"controlled", "screening", "sought_care", "imported"}


def test_contacts_of_a_case(epidemic: Outbreak) -> None:
    by_key = {case.key: case for case in epidemic.cases}
    close = {contact.key: contact for contact in epidemic.contacts if contact.tier == "close"}
    assert 6 <= len(close) / len(_infections(epidemic)) <= 12
    pairs = [(contact.case, contact.person) for contact in epidemic.contacts if contact.tier == "close"]
    assert len(set(pairs)) == len(pairs)
    for contact in epidemic.contacts:
        case = by_key[contact.case]
        assert contact.person != case.person
        assert contact.known_at >= case.known_at
        assert contact.first_exposure_on <= contact.last_exposure_on
        assert contact.exposed_from_at <= contact.exposed_to_at
        assert contact.exposed_to_at.astimezone(CIVIL_ZONE).date() == contact.last_exposure_on
        if contact.tier == "close":
            assert case.window_first_on <= contact.first_exposure_on
            assert contact.last_exposure_on <= case.window_last_on
        else:
            assert close[str(contact.via)].case == contact.case


def test_the_window_starts_at_the_look_back(epidemic: Outbreak) -> None:
    days = timedelta(days=parameters("outbreak.toml").integer("control.lookback_days"))
    for case in _infections(epidemic):
        sampled_on = case.sampled_at.astimezone(CIVIL_ZONE).date()
        shown = case.onset_on is not None and case.onset_on <= sampled_on
        first = (case.onset_on if shown and case.onset_on else sampled_on) - days
        assert case.infected_on is not None
        assert case.window_first_on == min(max(first, case.infected_on), case.window_last_on)


def test_the_four_verifications_are_not_all_complete(epidemic: Outbreak) -> None:
    contacts = epidemic.contacts
    assert any(contact.identity_at is None for contact in contacts)
    assert any(contact.location_at is None and contact.location == "" for contact in contacts)
    assert any(contact.control_at is None for contact in contacts)
    assert any(contact.out_of_city for contact in contacts)
    complete = sum(c.control_at is not None and c.location_at is not None for c in contacts)
    assert complete > len(contacts) / 2
    assert {c.control for c in contacts} == {"central_isolation", "assistance_requested", "awaiting_transfer"}


def test_specimens_belong_to_laboratories_and_cases(town: City, epidemic: Outbreak) -> None:
    laboratories = {place.key for place in town.places if place.kind == "laboratory"}
    positive = {s.case for s in epidemic.specimens if s.result == "positive"}
    assert {s.laboratory for s in epidemic.specimens} <= laboratories
    assert {c.key for c in _infections(epidemic) if c.result_at is not None} == positive
    for specimen in epidemic.specimens:
        assert (specimen.result is None) == (specimen.result_at is None)
        assert (specimen.ct is not None) == (specimen.result == "positive")
        assert specimen.result_at is None or specimen.sampled_at < specimen.result_at
    assert any(s.result is None for s in epidemic.specimens)
    assert sum(s.result == "negative" for s in epidemic.specimens) > len(epidemic.cases)


def test_latest_reports_sum_to_the_cases_known_by_then(epidemic: Outbreak) -> None:
    latest = {(r.reported_on, r.district): r for r in epidemic.reports}
    cutoff = epidemic.reports[-1].known_at
    counted = [
        case
        for case in _infections(epidemic)
        if any(e.classification != "suspected" and e.known_at <= cutoff for e in case.history)
        and case.reported_on < cutoff.astimezone(CIVIL_ZONE).date()
    ]
    assert sum(r.confirmed + r.asymptomatic for r in latest.values()) == len(counted)
    for report in epidemic.reports:
        by_channel = report.controlled + report.screening + report.sought_care + report.imported
        assert by_channel == report.confirmed + report.asymptomatic
    assert max(r.version for r in epidemic.reports) > 1


def test_the_last_days_are_incomplete_and_the_early_ones_complete(epidemic: Outbreak) -> None:
    held = Counter(
        c.reported_on for c in _infections(epidemic) if c.history[-1].classification != "suspected"
    )
    truth: Counter[date] = Counter()
    for row in epidemic.eventual_counts:
        truth[row.reported_on] += row.count
    early, late = epidemic.first_on + timedelta(days=20), epidemic.first_on + timedelta(days=25)
    assert all(held[day] == count for day, count in truth.items() if day < early)
    assert all(held[day] <= count for day, count in truth.items())
    assert sum(truth[d] for d in truth if d >= late) > 0


def test_late_records_are_missing_over_several_outbreaks() -> None:
    town = city(1, 20_000)
    missing = 0
    for seed in range(4):
        epidemic = outbreak(town, seed)
        missing += sum(row.count for row in epidemic.eventual_counts)
        missing -= sum(c.history[-1].classification != "suspected" for c in _infections(epidemic))
    assert missing > 0


def test_screening_finds_no_more_than_it_samples(epidemic: Outbreak) -> None:
    assert all(0 <= day.positive_count <= day.specimen_count for day in epidemic.screening)
    assert sum(day.positive_count for day in epidemic.screening) > 0


def test_a_shorter_window_knows_less(town: City, epidemic: Outbreak) -> None:
    shorter = outbreak(town, seed=1, days=14)
    assert 0 < len(shorter.cases) < len(epidemic.cases)
    assert shorter.end_at < epidemic.end_at
    assert all(case.known_at <= shorter.end_at for case in shorter.cases)


def test_more_transmission_means_more_cases(town: City) -> None:
    def size(factor: float) -> int:
        raw = read_toml("outbreak.toml")
        for setting in ("work", "market", "restaurant", "transport"):
            raw[f"transmission.{setting}"]["value"] *= factor
        raw["window.least_cases"]["value"], raw["window.most_cases"]["value"] = 0, 10_000
        return sum(len(outbreak(town, seed, given=Parameters(raw)).cases) for seed in range(4))

    assert size(0.4) < size(0.8) < size(1.4)


def test_a_wish_that_cannot_be_met_is_explained(town: City) -> None:
    raw = read_toml("outbreak.toml")
    raw["window.least_cases"]["value"] = raw["window.most_cases"]["value"] = 0
    raw["window.most_attempts"]["value"] = 2
    with pytest.raises(ValueError, match="another seed"):
        outbreak(town, 1, given=Parameters(raw))
    with pytest.raises(ValueError, match="at least one day"):
        outbreak(town, 1, days=0)


@pytest.mark.parametrize("filename", ["city.toml", "outbreak.toml"])
def test_every_parameter_carries_unit_and_source(filename: str) -> None:
    raw = read_toml(filename)
    assert all(entry["unit"] and entry["source"] for entry in raw.values())
    name = next(iter(raw))
    with pytest.raises(ValueError, match=name):
        Parameters({name: {"value": 1, "unit": "days"}})


def test_keys_are_distinct_and_say_nothing() -> None:
    keys = opaque_keys("P", 1, np.arange(50_000))
    assert len(set(keys.tolist())) == 50_000
    assert all(len(key) == 11 and key[0] == "P" for key in keys[:100].tolist())
    assert not set(keys.tolist()) & set(opaque_keys("P", 2, np.arange(1_000)).tolist())
    assert sorted(keys[:100].tolist()) != keys[:100].tolist()


def test_a_batch_is_columnar_ordered_and_repeatable(town: City) -> None:
    batch = case_batch(town, 30_000, seed=4)
    assert batch.digest() == case_batch(town, 30_000, seed=4).digest()
    assert len(batch) == 30_000
    assert len(set(batch.key.tolist())) == 30_000
    assert set(batch.district.tolist()) == set(town.district_codes)
    assert np.all(np.diff(batch.known_at.astype(np.int64)) >= 0)
    assert np.all(batch.sampled_at < batch.result_at)
    assert np.all(batch.result_at < batch.known_at)
    span = batch.reported_on.max() - batch.reported_on.min()
    assert np.timedelta64(150, "D") < span <= np.timedelta64(182, "D")
    assert np.array_equal(np.isnat(batch.onset_on), batch.classification == "asymptomatic")
    with pytest.raises(ValueError, match="at least one case"):
        case_batch(town, 0, seed=1)
