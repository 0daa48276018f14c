"""The deterministic fictional city that feeds demonstration, tests, benchmarks and screenshots."""

from fangkong.science.city.population import City, city

__all__ = ["City", "city"]
