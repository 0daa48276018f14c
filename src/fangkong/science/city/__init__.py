"""The deterministic fictional city that feeds demonstration, tests, benchmarks and screenshots."""

from fangkong.science.city.areas import Area
from fangkong.science.city.batch import CaseBatch, case_batch
from fangkong.science.city.identity import Identity
from fangkong.science.city.outbreak import Outbreak, outbreak
from fangkong.science.city.places import Organisation, Place
from fangkong.science.city.population import City, Households, People, city
from fangkong.science.city.records import (
    Case,
    Classification,
    Contact,
    DailyReport,
    EventualCount,
    ScreeningDay,
    Specimen,
)

__all__ = [
    "Area",
    "Case",
    "CaseBatch",
    "City",
    "Classification",
    "Contact",
    "DailyReport",
    "EventualCount",
    "Households",
    "Identity",
    "Organisation",
    "Outbreak",
    "People",
    "Place",
    "ScreeningDay",
    "Specimen",
    "case_batch",
    "city",
    "outbreak",
]
