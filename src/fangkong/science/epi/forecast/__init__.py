"""Forecasts of counts and of occupied beds, with intervals that the series' own past errors have earned."""

from fangkong.science.epi.forecast.forecasts import forecast
from fangkong.science.epi.forecast.occupied_beds import BedForecast, occupied_beds
from fangkong.science.epi.forecast.results import (
    FLUSIGHT_LEVELS,
    FORECAST_REASON_CODES,
    METHODS,
    Forecast,
)

__all__ = [
    "FLUSIGHT_LEVELS",
    "FORECAST_REASON_CODES",
    "METHODS",
    "BedForecast",
    "Forecast",
    "forecast",
    "occupied_beds",
]
