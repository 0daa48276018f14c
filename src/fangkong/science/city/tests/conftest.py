import pytest

from fangkong.science.city import City, Outbreak, city, outbreak


@pytest.fixture(scope="session")
def town() -> City:
    return city(7, 20_000)


@pytest.fixture(scope="session")
def epidemic(town: City) -> Outbreak:
    return outbreak(town, seed=1)
