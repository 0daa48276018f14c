"""What is planted in one of two agreeing sources is found, on its day, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangkong.science.reconcile import Finding, breaks, reconcile, series_of
from fangkong.science.reconcile.series import Figure

from .synthetic import DAYS, DISTRICTS, FIRST, changed, epidemic, on, source

SEEDS = st.integers(1, 10_000)
FEW = settings(max_examples=12)


def only(findings: tuple[Finding, ...]) -> Finding:
    """The one finding there is."""
    assert len(findings) == 1, [(each.kind, each.area, each.measure, each.first_on) for each in findings]
    return findings[0]


@FEW
@given(SEEDS)
def test_identical_sources_have_no_findings(seed):
    told = epidemic(seed)
    report = reconcile(source("A", told), source("B", told))
    assert report.findings == ()
    assert report.days_agreeing == report.days_compared == 3 * len(DISTRICTS) * DAYS
    assert (report.read, report.reason) == ("either", "equal")


@FEW
@given(st.lists(st.integers(0, 900), min_size=2, max_size=40))
def test_any_figures_agree_with_themselves(values):
    told = [Figure((), ("count",), on(day), value) for day, value in enumerate(values)]
    report = reconcile(series_of("A", told), series_of("B", told))
    assert not [each for each in report.findings if each.where == "both"]
    assert not report.of("shifted") + report.of("regrouped") + report.of("renamed")


@FEW
@given(SEEDS, st.integers(0, 2))
def test_noise_within_the_tolerance_is_no_finding(seed, tolerance):
    told = epidemic(seed)
    draw = np.random.default_rng(seed)
    noisy = {
        column: [value + int(draw.integers(-tolerance, tolerance + 1)) for value in values]
        if column[1] == "tests"
        else values
        for column, values in told.items()
    }
    assert reconcile(source("A", told), source("B", noisy), tolerance=tolerance).findings == ()


@FEW
@given(SEEDS, st.integers(1, 4), st.integers(12, 40))
def test_a_stretch_that_runs_behind_is_found(seed, late, start):
    told = epidemic(seed)
    column = (DISTRICTS[seed % 8], "cases")
    # Nothing is taken back: the total stands still until the days that it is behind have passed.
    behind = changed(
        told, column, lambda v: [*v[:start], *[v[max(day - late, start - 1)] for day in range(start, DAYS)]]
    )
    found = only(reconcile(source("A", told), source("B", behind)).findings)
    assert (found.kind, found.where, found.area, found.measure) == ("shifted", "b", *column)
    assert (found.first_on, found.last_on, found.size) == (on(start), on(DAYS - 1), late)
    assert found.evidence["days_agreeing_before"] == found.evidence["days_before"] == start


def test_a_stretch_that_ends_says_when_the_source_is_back_in_step():
    told = epidemic()
    back = changed(told, ("Elm", "tests"), lambda v: [*v[:20], *v[18:38], *v[40:]])
    report = reconcile(source("A", told), source("B", back))
    found = only(report.findings)
    assert (found.first_on, found.last_on, found.size) == (on(20), on(39), 2)
    assert found.evidence["back_on"] == str(on(40))
    assert [each.day_from for each in breaks(report)] == [on(20), on(40)]


@pytest.mark.parametrize("late", [1, 3])
def test_a_whole_source_that_runs_behind_is_found_from_either_side(late):
    told = epidemic()
    on_time, behind = source("A", told), source("B", told, late=late)
    for report, where in ((reconcile(on_time, behind), "b"), (reconcile(behind, on_time), "a")):
        assert {(each.kind, each.where, each.size) for each in report.findings} == {("shifted", where, late)}
        assert len(report.findings) == 3 * len(DISTRICTS)
        assert (report.read, report.reason) == ("a" if where == "b" else "b", "behind")


@FEW
@given(SEEDS)
def test_a_district_under_another_name_is_found_by_its_figures(seed):
    told = epidemic(seed)
    renamed = {("Xanadu" if district == "Cedar" else district, m): v for (district, m), v in told.items()}
    found = only(reconcile(source("A", told), source("B", renamed)).findings)
    assert (found.kind, found.evidence["old_name"], found.evidence["new_name"]) == (
        "renamed",
        "Cedar",
        "Xanadu",
    )
    assert found.evidence["log10_chance"] < -20


@FEW
@given(SEEDS, st.integers(15, 45))
def test_a_name_that_changes_within_a_source_is_found(seed, start):
    told = epidemic(seed)
    split = {key: values for key, values in told.items() if key[0] != "Cedar"}
    for measure in ("cases", "deaths", "tests"):
        split["Cedar", measure] = [*told["Cedar", measure][:start], *[None] * (DAYS - start)]
        split["Cedar District", measure] = [*[None] * start, *told["Cedar", measure][start:]]
    found = reconcile(source("A", told), source("B", split)).findings
    assert {each.kind for each in found} == {"renamed"}
    # Beside it the other source's name, which is the old one throughout.
    assert {(each.where, each.first_on, each.evidence["by"]) for each in found} == {
        ("b", on(start), "name"),
        ("both", on(0), "figures"),
    }


def test_names_that_change_altogether_are_found_and_not_guessed():
    told = epidemic()
    new = dict(
        zip(DISTRICTS, ("Ivy", "Juniper", "Kelp", "Larch", "Maple", "Nettle", "Oak", "Pine"), strict=True)
    )
    split = {}
    for (district, measure), values in told.items():
        split[district, measure] = [*values[:30], *[None] * 30]
        split[new[district], measure] = [*[None] * 30, *values[30:]]
    found = [
        each for each in reconcile(source("A", split), source("B", split)).of("renamed") if each.where == "a"
    ]
    assert len(found) == 1
    assert (found[0].first_on, found[0].evidence["new_names"]) == (on(30), sorted(new.values()))


@FEW
@given(SEEDS, st.sets(st.sampled_from(DISTRICTS), min_size=2, max_size=6), st.integers(0, 3))
def test_a_larger_territory_is_found_although_some_days_are_wrong(seed, members, wrong):
    told = epidemic(seed)
    total = np.sum([told[each, "tests"] for each in members], axis=0)
    for day in np.random.default_rng(seed).choice(DAYS, wrong, replace=False):
        total[day] += 7
    coarse = series_of("B", [Figure(("Riverside",), ("tests",), on(day), n) for day, n in enumerate(total)])
    report = reconcile(source("A", told), coarse)
    found = report.of("regrouped")[0]
    assert set(found.evidence["parts"]) == members
    assert found.evidence["days_agreeing"] == DAYS - wrong
    assert len(found.days) == wrong
    assert found.evidence["log10_chance"] < -20


def test_a_district_name_used_for_more_than_the_district_is_found():
    told = epidemic()
    wide = {(d, m): v for (d, m), v in told.items() if m == "tests"}
    wide = {key: values for key, values in wide.items() if key[0] not in ("Birch", "Elm")}
    wide["Alder", "tests"] = list(np.sum([told[d, "tests"] for d in ("Alder", "Birch", "Elm")], axis=0))
    found = reconcile(source("A", told), source("B", wide)).of("regrouped")
    assert [(each.where, each.area, set(each.evidence["parts"])) for each in found] == [
        ("b", "Alder", {"Alder", "Birch", "Elm"})
    ]
    assert found[0].evidence["same_name"] == "Alder"


@FEW
@given(SEEDS, st.integers(10, 45), st.integers(150, 900))
def test_a_revision_that_only_one_source_makes_is_found_on_its_day(seed, day, size):
    told = epidemic(seed)
    revised = changed(told, ("Fir", "deaths"), lambda v: [*v[:day], *[n + size for n in v[day:]]])
    report = reconcile(source("A", told), source("B", revised))
    found = only(report.findings)
    assert (found.kind, found.where, found.area, found.measure) == ("revision", "b", "Fir", "deaths")
    assert (found.first_on, found.last_on, found.size) == (on(day), on(day), size)
    assert [(each.source, each.day_from) for each in breaks(report)] == [("B", on(day))]


def test_a_revision_of_the_past_that_the_other_source_adds_in_one_step_is_found():
    told = epidemic()
    earlier = changed(
        told, ("Fir", "deaths"),
        lambda v: [*v[:20], *[n + 40 * (place + 1) for place, n in enumerate(v[20:40])], *[n + 800 for n in v[40:]]],
    )  # fmt: skip
    step = changed(told, ("Fir", "deaths"), lambda v: [*v[:40], *[n + 800 for n in v[40:]]])
    found = reconcile(source("A", step), source("B", earlier)).of("revision")
    assert [(each.where, each.first_on, each.last_on, each.size) for each in found] == [
        ("a", on(20), on(39), 800)
    ]


@FEW
@given(SEEDS, st.integers(10, 45), st.sampled_from([0.6, 1.5, 2.0]))
def test_a_definition_that_changes_in_one_source_is_found_with_its_ratio(seed, day, ratio):
    told = epidemic(seed)
    change = changed(told, ("Gorse", "tests"), lambda v: [*v[:day], *[round(n * ratio) for n in v[day:]]])
    found = only(reconcile(source("A", told), source("B", change)).findings)
    assert (found.kind, found.area, found.first_on) == ("definition_change", "Gorse", on(day))
    assert found.evidence["ratio_after"] == pytest.approx(ratio, rel=0.01)


def test_a_definition_that_changes_in_both_sources_is_found_from_the_ratio_to_other_measures():
    told = epidemic()
    jump = changed(told, ("Birch", "cases"), lambda v: [*v[:30], *[n + 6000 for n in v[30:]]])
    report = reconcile(source("A", jump), source("B", jump))
    assert [(each.kind, each.where, each.area, each.first_on) for each in report.findings] == [
        ("definition_change", "a", "Birch", on(30)),
        ("definition_change", "b", "Birch", on(30)),
    ]
    assert report.findings[0].evidence["ratio_after"] > 2 * report.findings[0].evidence["ratio_before"]


@FEW
@given(SEEDS, st.integers(5, 50))
def test_a_step_down_of_a_running_total_is_found_on_its_day(seed, day):
    told = epidemic(seed)
    down = changed(told, ("Hazel", "cases"), lambda v: [*v[:day], v[day - 1] - 3, *v[day + 1 :]])
    found = reconcile(source("A", told), source("B", down)).of("negative_step")
    assert [(each.where, each.area, each.first_on, each.size) for each in found] == [
        ("b", "Hazel", on(day), -3)
    ]


def test_days_that_differ_are_named_with_both_figures():
    told = epidemic()
    typo = changed(told, ("Alder", "tests"), lambda v: [*v[:9], v[9] + 90, *v[10:33], v[33] - 5, *v[34:]])
    found = only(reconcile(source("A", told), source("B", typo)).findings)
    assert (found.kind, found.evidence["days_agreeing"]) == ("differs", DAYS - 2)
    assert [(each.day, each.b - each.a) for each in found.days] == [(on(9), 90), (on(33), -5)]


def test_a_silent_day_a_column_and_an_area_that_come_and_go_and_a_repeated_figure_are_found():
    told = epidemic()
    told = {column: [*values[:12], None, *values[13:]] for column, values in told.items()}
    for district in DISTRICTS:
        told[district, "tests"] = [None] * 20 + told[district, "tests"][20:]
    for measure in ("cases", "deaths", "tests"):
        told["Elm", measure] = [*told["Elm", measure][:50], *[None] * 10]
    figures = [
        Figure((d,), (m,), on(at), n) for (d, m), v in told.items() for at, n in enumerate(v) if n is not None
    ]
    figures.append(Figure(("Fir",), ("cases",), on(30), 1.0))
    report = reconcile(series_of("A", figures), series_of("B", figures))
    found = {(each.kind, each.area, each.measure, each.first_on, each.last_on) for each in report.findings}
    assert ("missing_days", "", "", on(12), on(12)) in found
    assert ("column_gap", "", "tests", on(0), on(19)) in found
    assert ("area_gap", "Elm", "", on(50), on(59)) in found
    assert ("duplicate", "Fir", "cases", on(30), on(30)) in found


def test_sums_of_parts_that_differ_from_the_whole_are_found_with_the_names_without_code():
    told = epidemic()
    figures = []
    for (district, measure), values in told.items():
        code = "" if district == "Hazel" else f"9901{DISTRICTS.index(district)}"
        figures += [Figure(("Shire", district), (measure,), on(at), n, code) for at, n in enumerate(values)]
    wholes = {m: np.sum([told[d, m] for d in DISTRICTS if d != "Hazel"], axis=0) for m in ("cases", "tests")}
    whole = [Figure(("Shire",), (m,), on(at), n, "9900") for m, v in wholes.items() for at, n in enumerate(v)]
    more = [Figure(("Mere",), ("cases",), on(at), n, "9800") for at, n in enumerate(wholes["cases"])]
    inner = [Figure(("Mere", "Isle"), ("cases",), on(at), n, "9801") for at, n in enumerate(wholes["cases"])]
    report = reconcile(series_of("A", [*whole, *more]), series_of("B", [*figures, *inner]))
    assert [(each.area, each.where) for each in report.of("no_code")] == [("Shire/Hazel", "b")]
    found = report.of("sum_differs")
    assert {(each.area, each.measure) for each in found} == {("Shire", "cases"), ("Shire", "tests")}
    assert found[0].evidence["names_without_code"] == ["Shire/Hazel"]
    assert all(
        each.b - each.a == told["Hazel", found[0].measure][(each.day - FIRST).days] for each in found[0].days
    )


def test_a_level_without_figures_of_its_own_is_not_added_to_its_parts():
    """A province whose districts lie in a city that publishes none: the districts are added up once."""
    told = epidemic()
    figures = [
        Figure(("Shire", "Town", district), (measure,), on(at), n)
        for (district, measure), values in told.items()
        for at, n in enumerate(values)
    ]
    whole = np.sum([told[district, "cases"] for district in DISTRICTS], axis=0)
    figures += [Figure(("Shire",), ("cases",), on(at), n) for at, n in enumerate(whole)]
    report = reconcile(series_of("A", figures), series_of("B", figures))
    assert report.findings == ()


def test_an_official_bulletin_is_read_before_a_compilation_even_when_it_is_late():
    told = epidemic()
    report = reconcile(source("A", told, rank="compilation"), source("B", told, rank="official", late=1))
    assert (report.read, report.reason) == ("b", "rank")


def test_running_totals_are_compared_with_daily_counts_by_their_steps():
    told = epidemic()
    daily = changed(told, ("Elm", "cases"), lambda v: [v[0], *np.diff(v)])
    report = reconcile(
        source("A", told), source("B", {k: v for k, v in daily.items() if k == ("Elm", "cases")})
    )
    assert not report.of("differs")


def test_breaks_leave_out_what_is_only_a_guess():
    told = epidemic()
    jump = changed(told, ("Birch", "cases"), lambda v: [*v[:30], *[n + 6000 for n in v[30:]]])
    report = reconcile(source("A", jump), source("B", jump))
    assert [(each.source, each.area, each.day_from, each.kind) for each in breaks(report)] == [
        ("A", "Birch", on(30), "definition_change"),
        ("B", "Birch", on(30), "definition_change"),
    ]
