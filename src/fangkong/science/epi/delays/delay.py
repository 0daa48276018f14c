"""One delay distribution: its parameters, what it says of days, and what it looks like in dates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.delays.families import FAMILIES, Family
from fangkong.science.epi.serial_interval import FloatArray


@dataclass(frozen=True, slots=True)
class Delay:
    """A delay in days: a family and its two parameters.

    Arguments:
        family: "gamma" (shape, scale), "lognormal" (meanlog, sdlog) or "weibull" (shape, scale).
        first, second: the parameters in that order, as R has them; scale in days.

    Raises:
        ValueError: for another family, or a parameter that is not finite or not above 0 where it must be.

    >>> onset_to_death = Delay("gamma", 2.40, 3.33)
    >>> round(onset_to_death.mean, 2), round(float(onset_to_death.quantile(0.5)), 2)
    (7.99, 6.91)
    """

    family: str
    first: float
    second: float

    def __post_init__(self) -> None:
        law = family_named(self.family)
        for name, value in self.parameters.items():
            if not np.isfinite(value) or (value <= 0 and name != "meanlog"):
                raise ValueError(f"{name} of a {law.name} delay is {value}; it must be finite and above 0")

    @property
    def law(self) -> Family:
        """The functions of the family."""
        return family_named(self.family)

    @property
    def parameters(self) -> dict[str, float]:
        """The two parameters by name."""
        names = family_named(self.family).parameter_names
        return dict(zip(names, (float(self.first), float(self.second)), strict=True))

    @property
    def mean(self) -> float:
        """Mean in days."""
        return float(self.law.moments(*self._pair())[0])

    @property
    def sd(self) -> float:
        """Standard deviation in days."""
        return float(self.law.moments(*self._pair())[1])

    def cdf(self, days: ArrayLike) -> FloatArray:
        """Probability that the delay is at most so many days; the shape of ``days``."""
        return self.law.probability_by(np.asarray(days, dtype=np.float64), *self._pair())

    def density(self, days: ArrayLike) -> FloatArray:
        """Density per day; the shape of ``days``, 0 below day 0."""
        return self.law.density_at(np.asarray(days, dtype=np.float64), *self._pair())

    def quantile(self, probability: ArrayLike) -> FloatArray:
        """Days within which this part of the delays has passed; probabilities strictly between 0 and 1.

        Raises:
            ValueError: for a probability outside.
        """
        p = checked_probabilities(probability)
        return self.law.inverse(p, *self._pair())

    def pmf(self, length: int) -> FloatArray:
        """Probability that the dates of the two events lie 0, 1 .. length-1 days apart.

        Both events are known by their date only and the first falls anywhere in its day, so a date difference of k
        days collects delays from k-1 to k+1 days.

        Arguments:
            length: number of days, at least 1; the tail beyond is cut off.

        Raises:
            ValueError: for a length below 1.
        """
        if length < 1:
            raise ValueError(f"length is {length}; ask for at least one day")
        edges = np.arange(-1, length + 1, dtype=np.float64)
        below = np.diff(self.law.integral_of_cdf(edges, *self._pair()), 2)
        above = np.diff(self.law.integral_of_survival(edges, *self._pair()), 2)
        # Each integral keeps its digits on its own side of the middle.
        middle = float(self.quantile(0.5))
        return np.maximum(np.where(edges[1:-1] < middle, below, above), 0.0)

    def _pair(self) -> tuple[FloatArray, FloatArray]:
        return np.asarray(self.first, dtype=np.float64), np.asarray(self.second, dtype=np.float64)


def family_named(name: str) -> Family:
    """The family of a name.

    Raises:
        ValueError: for a name that is none.
    """
    if name not in FAMILIES:
        raise ValueError(f"family is {name!r}; choose one of {', '.join(FAMILIES)}")
    return FAMILIES[name]


def checked_probabilities(probability: ArrayLike) -> FloatArray:
    """Probabilities as floats, once they are known to lie strictly between 0 and 1."""
    p = np.asarray(probability, dtype=np.float64)
    if not ((p > 0) & (p < 1)).all():
        raise ValueError(f"probability is {p.tolist()}; a quantile needs one strictly between 0 and 1")
    return p
