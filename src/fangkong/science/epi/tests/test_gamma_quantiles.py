from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaincinv

from fangkong.science.epi.gamma_quantiles import gamma_quantiles

LEVELS = (1e-9, 0.001, 0.025, 0.25, 0.5, 0.95, 0.999, 1 - 1e-9)


def test_shapes_from_tiny_to_huge_are_inverted_to_the_last_digits() -> None:
    rng = np.random.default_rng(1)
    shapes = np.concatenate([10 ** rng.uniform(-1, 15, 4000), 1 + rng.integers(0, 300, 1000)])
    expected = np.stack([gammaincinv(shapes, level) for level in LEVELS])
    np.testing.assert_allclose(gamma_quantiles(shapes, LEVELS), expected, rtol=3e-14)


@given(level=st.floats(0.001, 0.999), low=st.floats(1, 1e6))
def test_a_quantile_rises_with_the_shape(level: float, low: float) -> None:
    found = gamma_quantiles(low * np.linspace(1, 3, 600), (level,))[0]
    assert (np.diff(found) > 0).all()


@pytest.mark.parametrize("shape", [(0,), (3, 0), (30, 40)])
def test_the_level_axis_stands_first(shape: tuple[int, ...]) -> None:
    assert gamma_quantiles(np.full(shape, 2.5), (0.1, 0.9)).shape == (2, *shape)
