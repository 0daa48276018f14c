import numpy as np
import pytest

from fangkong.science.city import City, city


def test_same_seed_and_population_give_the_same_city(town: City) -> None:
    assert city(7, 20_000).digest() == town.digest()
    assert city(8, 20_000).digest() != town.digest()


def test_columns_have_one_entry_per_person(town: City) -> None:
    people = town.people
    for column in (
        people.key,
        people.sex,
        people.birth_year,
        people.household,
        people.home,
        people.work_place,
    ):
        assert len(column) == town.population
    assert len(set(people.key.tolist())) == town.population
    assert set(people.sex.tolist()) == {1, 2}


def test_every_code_is_of_the_two_fictional_cities(town: City) -> None:
    codes = [area.code for area in town.areas]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith(("9901", "9902")) for code in codes)
    assert {place.area for place in town.places} <= set(codes)
    assert {organisation.area for organisation in town.organisations} <= set(codes)
    assert set(town.people.home.tolist()) <= set(codes)


def test_the_six_districts_are_those_of_linjiang(town: City) -> None:
    names = {area.code: area.name_zh for area in town.children("9901")}
    assert names == {
        "990101": "青石区",
        "990102": "望潮区",
        "990103": "白鹭区",
        "990104": "云溪县",
        "990105": "柳堤区",
        "990106": "南渡县",
    }


def test_populations_add_up_on_every_level(town: City) -> None:
    assert sum(area.population for area in town.areas if area.level == "city") == town.population
    below: dict[str, int] = {}
    for area in town.areas:
        below[area.parent] = below.get(area.parent, 0) + area.population
    assert all(below[a.code] == a.population for a in town.areas if a.level != "building")


def test_siblings_have_different_names(town: City) -> None:
    names = [(area.parent, area.name_zh) for area in town.areas]
    assert len(set(names)) == len(names)


def test_some_people_live_in_one_city_and_work_in_the_other(town: City) -> None:
    work, home = town.people.work_area.astype("U4"), town.people.home.astype("U4")
    assert np.sum((home == "9901") & (work == "9902")) > 20
    assert np.sum((home == "9902") & (work == "9901")) > 20


def test_work_area_is_the_community_of_the_work_place(town: City) -> None:
    has = np.flatnonzero(town.people.work_place >= 0)
    assert all(town.places[town.people.work_place[i]].area == town.people.work_area[i] for i in has[:500])
    assert np.all(town.people.work_area[town.people.work_place < 0] == "")


def test_a_household_is_one_range_of_people_in_one_building(town: City) -> None:
    homes, people = town.households, town.people
    assert homes.size.sum() == town.population
    assert np.array_equal(people.home, homes.building[people.household])
    assert np.array_equal(np.repeat(np.arange(len(homes)), homes.size), people.household)


def test_students_learn_at_schools(town: City) -> None:
    students = np.flatnonzero(town.people.occupation == "student")
    assert len(students) > 1_000
    assert {town.places[i].kind for i in town.people.work_place[students]} == {"school"}


@pytest.mark.parametrize("population", [500, 2_000, 60_000])
def test_every_district_has_every_kind_of_place(population: int) -> None:
    made = city(3, population)
    kinds: dict[str, set[str]] = {}
    for place in made.places:
        kinds.setdefault(place.area[:6], set()).add(place.kind)
    assert set(kinds) == set(made.district_codes)
    assert all(len(found) == 8 for found in kinds.values())


def test_a_place_names_an_organisation_that_exists(town: City) -> None:
    keys = {organisation.key for organisation in town.organisations}
    assert {place.organisation for place in town.places} - {""} <= keys


def test_too_small_a_city_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 500"):
        city(1, 100)
    with pytest.raises(ValueError, match="seed"):
        city(-1, 2_000)


def test_an_unknown_area_says_which_codes_exist(town: City) -> None:
    with pytest.raises(KeyError, match="9901"):
        town.area("320100")
