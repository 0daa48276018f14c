"""Settings beyond the recorded tables, on two made-up series: numbers are those of surveillance 1.20.3."""

from __future__ import annotations

import numpy as np
import pytest

from fangkong.science.epi.detection import cusum, farrington, farrington_flexible, glr_poisson

_T = np.arange(120)
YEARS = np.floor(8 + 5 * np.cos(2 * np.pi * _T / 12) + (7 * _T) % 5 + 1e-9)
YEARS[118] = 40
PEOPLE = 1000 * np.exp(0.01 * _T)
MONTHS = np.floor(6 + 3 * np.cos(2 * np.pi * _T[:72] / 12) + (5 * _T[:72]) % 4 + 1e-9)
MONTHS[59:64] += [3, 4, 5, 6, 4]
MONTHS[67:72] = [1, 0, 2, 0, 1]


@pytest.mark.parametrize(
    ("told", "upper"),
    [
        ({"w": 5, "no_periods": 12}, [14.88216464, 15.89600103, 18.40498897, 19.27154061, 19.21628316, 17.73225193]),
        ({"w": 6}, [16.79622136, 16.85663417, 18.53811595, 18.85447803, 18.8630684, 18.63649786]),
        ({"w": 8, "no_periods": 8, "threshold_method": "nbPlugin"}, [9, 10, 12, 15, 19, 22]),
        ({"w": 2, "no_periods": 8}, [10.18842064, 10.99278663, 12.83143563, 15.1364404, 17.64275392, 19.36940956]),
        (
            {"w": 1, "no_periods": 5, "population": PEOPLE},
            [9.53285944, 10.09999572, 12.29248254, 15.20290482, 17.79895558, 20.78697496],
        ),
        (
            {"w": 1, "no_periods": 5, "population": PEOPLE, "threshold_method": "nbPlugin"},
            [9, 10, 12, 15, 18, 21],
        ),
    ],
)  # fmt: skip
def test_farrington_flexible_by_month(told: dict[str, object], upper: list[float]) -> None:
    watch = farrington_flexible(YEARS, (2001, 1), 12, first=114, b=4, limit54=(0, 4), **told)
    np.testing.assert_allclose(watch.upper[114:], upper, rtol=1e-8)
    assert np.flatnonzero(watch.alarm).tolist() == [118]


@pytest.mark.parametrize(
    ("told", "upper"),
    [
        ({"w": 2}, [13.11073808, 13.75541692, 15.80628106, 18.97868876, 21.20077174, 23.55504158]),
        ({"w": 8}, [21.40286773, 21.16605982, 20.67758167, 19.79630164, 19.12131737, 18.49880399]),
        (
            {"w": 1, "population": PEOPLE},
            [15.00762371, 16.22883735, 18.7222086, 23.12931578, 23.79717933, 27.36697181],
        ),
    ],
)
def test_farrington_by_month(told: dict[str, object], upper: list[float]) -> None:
    watch = farrington(YEARS, (2001, 1), 12, first=114, b=4, alpha=0.01, **told)
    np.testing.assert_allclose(watch.upper[114:], upper, rtol=1e-8)
    assert np.flatnonzero(watch.alarm).tolist() == [118]


@pytest.mark.parametrize(
    ("told", "upper", "alarms"),
    [
        ({}, [11, 11, 13, 15, 17, 19, 19, 18, 14, 15, 9, 12, 11, 11, 13, 15, 17, 19], [8]),
        ({"m_tilde": 4}, [0, 0, 0, 15, 17, 19, 19, 18, 14, 0, 0, 0, 11, 11, 13, 15, 17, 19], [8]),
        ({"m": 6, "m_tilde": 2}, [0, 0, 15, 19, 22, 23, 20, 18, 14, 0, 0, 12, 13, 14, 20, 28, 31, 37], [8]),
        (
            {"dir": "dec", "c_arl": 2},
            [0, 0, 0, 3, 4, 5, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0],
            [13, 15, 17],
        ),
        (
            {"dir": "dec", "c_arl": 2, "m": 5, "ret": "value"},
            [0, 0, 0.00328603, 0.07385645, 0.01268602, 0, 0, 0, 0, 0, 0, 0.27878899, 0.11281023, 0.86882496, 6.93044363,
             0, 9.1448588, 0],
            [14, 16],
        ),
        (
            {"theta": np.log(1.5)},
            [12.93183035, 13.24288424, 14.0492661, 15.79038212, 17.75298547, 19.48481769, 18.28877996, 17.41123297,
             13.81959674, 15.8412076, 9.68327681, 11.54492184, 12.93183035, 13.24288424, 14.20529225, 15.79038212,
             17.75298547, 19.48481769],
            [8],
        ),
        (
            {"theta": np.log(1.5), "ret": "value"},
            [0, 0.06326316, 0, 0, 0, 0.7760978, 0.85558426, 1.61686406, 3.47861233, 1.84798946, 0.69562955, 0, 0, 0, 0,
             0, 0, 0],
            [8],
        ),
        (
            {"mu0": {"S": 2, "trend": True}, "ret": "value"},
            [0.08029531, 0.27061514, 0.01046694, 0.0019783, 0.00610577, 0.89478173, 1.29368579, 2.1225521, 3.72854277,
             1.85328105, 0.61009306, 0.35993292, 0.4396841, 0.01569808, 0, 0, 0, 0],
            [8],
        ),
        (
            {"mu0": {"S": 1, "trend": True, "refit": True}},
            [11, 12, 13, 15, 17, 19, 19, 18, 14, 17, 12, 13, 12, 12, 14, 16, 19, 22],
            [8],
        ),
    ],
)  # fmt: skip
def test_likelihood_ratio(told: dict[str, object], upper: list[float], alarms: list[int]) -> None:
    watch = glr_poisson(MONTHS, 54, 12, **{"c_arl": 3.0, **told})
    # The package writes 0 until enough periods have passed; here those have no bound and say so.
    np.testing.assert_allclose(np.nan_to_num(watch.upper[54:]), upper, rtol=0, atol=1e-8)
    assert np.flatnonzero(watch.alarm[54:]).tolist() == alarms
    waited = np.isnan(watch.upper[54:])
    assert {watch.reason_at(54 + int(t)) for t in np.flatnonzero(waited)} <= {"not_monitored"}
    assert waited.any() == ("m_tilde" in told or "m" in told)


def test_usual_counts_of_the_watched_periods_alone_or_of_all() -> None:
    usual = np.linspace(5, 9, 72)
    one, other = (glr_poisson(MONTHS, 54, mu0=given) for given in (usual, usual[54:]))
    np.testing.assert_array_equal(one.upper, other.upper)
    one, other = (cusum(MONTHS, 54, m=given) for given in (usual, usual[54:]))
    np.testing.assert_array_equal(one.upper, other.upper)


@pytest.mark.parametrize(
    ("told", "upper", "alarms"),
    [
        (
            {"trans": "anscombe"},
            [
                15.73591578,
                15.73591578,
                15.73591578,
                15.73591578,
                15.73591578,
                15.21207656,
                9.60076508,
                5.65749133,
            ],
            range(6, 13),
        ),
        (
            {"trans": "anscombe2nd"},
            [
                14.93691441,
                14.93691441,
                14.93691441,
                14.93691441,
                14.93691441,
                14.21247126,
                8.56948706,
                4.65493803,
            ],
            range(6, 13),
        ),
        (
            {"trans": "pearsonNegBin"},
            [
                16.88369865,
                16.88369865,
                16.88369865,
                16.88369865,
                16.88369865,
                16.82586091,
                11.76802318,
                7.71018544,
            ],
            range(6, 13),
        ),
        (
            {"trans": "anscombeNegBin"},
            [2.26, 2.26, 2.26, 2.26, 2.26, 1.13579319, 0.21939912, 0],
            range(7, 12),
        ),
        ({"trans": "none", "k": 9.0}, [2.26, 2.26, 2.26, 2.26, 2.26, 0, 0, 0], range(5, 13)),
        ({"m": "glm"}, [11, 11, 12, 15, 17, 19, 17, 15], range(8, 13)),
    ],
)
def test_cusum(told: dict[str, object], upper: list[float], alarms: range) -> None:
    watch = cusum(MONTHS, 54, 12, **{"k": 0.5, **told})
    np.testing.assert_allclose(watch.upper[54:62], upper, rtol=0, atol=1e-8)
    assert np.flatnonzero(watch.alarm[54:]).tolist() == list(alarms)


def test_cusum_learns_a_wave_from_less_than_a_year() -> None:
    watch = cusum(MONTHS[:25], 7, 12, k=0.5, m="glm")
    assert watch.upper[7:].tolist() == [10, 9, 12, 13, 14, 14, 16, 17, 15, 12, 11, 10, 10, 9, 12, 13, 14, 14]


def test_cusum_with_a_trend_expects_what_grows_to_grow_on() -> None:
    growing = np.round(20 * np.exp(0.02 * np.arange(60)))
    assert cusum(growing, 36, 12, m="glm").alarm.any()
    assert not cusum(growing, 36, 12, m="glmTrend").alarm.any()


def test_cusum_after_a_training_without_a_case() -> None:
    counts = MONTHS.copy()
    counts[:57] = 0
    counts[[54, 56]] = [2, 1]
    # The first case is infinitely more than nothing; a week without one is nothing over nothing from there on.
    watch = cusum(counts, 54, 12)
    assert watch.alarm[54:].tolist() == [True] + [False] * 17
    assert [watch.reason_at(t) for t in (54, 55, 71)] == ["", "too_few_cases", "too_few_cases"]
    fitted = cusum(counts, 54, 12, m="glm")
    assert fitted.upper[54:60].tolist() == [1, 0, 0, 0, 0, 0]
    assert fitted.alarm[54:].all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: glr_poisson(MONTHS, 54, theta=0.0),
        lambda: glr_poisson(MONTHS, 54, alpha=0.1),
        lambda: glr_poisson(MONTHS, 54, m=2, m_tilde=3),
        lambda: glr_poisson(MONTHS, 54, m_tilde=0),
        lambda: glr_poisson(MONTHS, 54, dir="up"),
        lambda: glr_poisson(MONTHS, 54, mu0={"harmonics": 2}),
        lambda: glr_poisson(MONTHS, 54, mu0=[1.0, 2.0]),
        lambda: cusum(MONTHS, 54, m=-1.0),
        lambda: cusum(MONTHS, 54, m="mean"),
        lambda: cusum(MONTHS, 54, alpha=-0.1),
        lambda: farrington_flexible(YEARS, 0, 12, no_periods=13),
        lambda: farrington_flexible(YEARS, 0, 12, population=PEOPLE[1:]),
    ],
)
def test_calls_that_make_no_sense_are_refused(call: object) -> None:
    assert callable(call)
    with pytest.raises(ValueError):
        call()


def test_a_week_without_known_people_has_no_bound() -> None:
    people = PEOPLE.copy()
    people[[70, 119]] = [np.nan, 0]
    told = {"first": 114, "b": 4, "w": 1, "limit54": (0, 4)}
    watch = farrington_flexible(YEARS, 0, 12, population=people, **told)
    whole = farrington_flexible(YEARS, 0, 12, population=PEOPLE, **told)
    assert watch.reason_at(119) == "missing_baseline"
    assert watch.power[114:119].all()
    assert watch.upper[118] != whole.upper[118]
    # People counted in another unit leave the bound where it was.
    np.testing.assert_allclose(
        farrington_flexible(YEARS, 0, 12, population=PEOPLE * 7, **told).upper, whole.upper
    )
