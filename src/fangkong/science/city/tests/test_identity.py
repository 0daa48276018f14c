import re

import pytest

from fangkong.science.city import City
from fangkong.science.city.identity import check_character


def test_check_character_of_the_standard_examples() -> None:
    # GB 11643-1999, appendix: the two worked examples of the standard
    assert check_character("11010519491231002") == "X"
    assert check_character("44052418800101001") == "4"


def test_check_character_refuses_a_short_body() -> None:
    with pytest.raises(ValueError, match="17 digits"):
        check_character("9901")


def test_identities_are_fictional_and_well_formed(town: City) -> None:
    for index in range(0, town.population, 97):
        identity = town.identity(index)
        assert re.fullmatch(r"99\d{15}[\dX]", identity.id_number)
        assert identity.id_number[-1] == check_character(identity.id_number[:17])
        assert identity.id_number[:6] == town.people.home[index][:6]
        assert identity.id_number[6:14] == f"{identity.birth_on:%Y%m%d}"
        assert identity.birth_on.year == town.people.birth_year[index]
        assert int(identity.id_number[16]) % 2 == town.people.sex[index] % 2
        assert re.fullmatch(r"100\d{8}", identity.phone)
        assert identity.address_zh.startswith(town.area(town.people.home[index][:4]).name_zh)


def test_numbers_and_phones_never_repeat(town: City) -> None:
    identities = [town.identity(index) for index in range(town.population)]
    assert len({identity.id_number for identity in identities}) == town.population
    assert len({identity.phone for identity in identities}) == town.population


def test_an_identity_depends_on_nothing_but_seed_and_index(town: City) -> None:
    later = town.identity(500)
    town.identity(3)
    assert town.identity(500) == later


def test_a_person_outside_the_city_is_refused(town: City) -> None:
    with pytest.raises(IndexError, match="19999"):
        town.identity(20_000)
