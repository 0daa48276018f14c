"""Who infected whom."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from fangkong.core.errors import Forbidden, NotFound
from fangkong.desks.trace import queries
from fangkong.record.access import system_actor
from fangkong.record.models import Case, TransmissionLink

from .outbreaks import NOW, case, in_area, link, put, put_mers

pytestmark = pytest.mark.django_db
OFFICE = system_actor("test")


@pytest.mark.real_data
class TestMersKorea2015:
    @pytest.fixture(autouse=True)
    def mers(self, db, real_data):
        put_mers(real_data)
        self.at = datetime(2015, 8, 1, tzinfo=UTC)

    def test_three_people_infected_85_others(self):
        largest = queries.largest_sources("mers", actor=OFFICE, at=self.at, limit=3)
        assert largest == [("SK_14", "SK_14", 38), ("SK_1", "SK_1", 26), ("SK_16", "SK_16", 21)]

    def test_the_tree_of_the_first_case_holds_each_case_once_below_its_source(self):
        tree = queries.transmission_tree("SK_1", actor=OFFICE, at=self.at)
        place = {node.case_key: node for node in tree.nodes}
        assert len(place) == len(tree.nodes)
        assert (tree.outside, tree.deeper) == (0, False)
        assert Counter(node.generation for node in tree.nodes)[1] == 26
        assert place["SK_14"].source_key == "SK_1"
        for node in tree.nodes[1:]:
            assert place[node.source_key].generation == node.generation - 1
        children = Counter(node.source_key for node in tree.nodes)
        # SK_39 has three judged sources of one generation and hangs below the first of them only.
        assert (children["SK_14"], children["SK_16"], place["SK_39"].generation) == (37, 21, 2)
        judged = queries.links("SK_39", actor=OFFICE, at=self.at).sources
        assert [end.case_no for end in judged] == ["SK_11", "SK_12", "SK_14"]

    def test_the_links_of_a_case_go_both_ways(self):
        found = queries.links("SK_14", actor=OFFICE, at=self.at)
        assert [end.case_no for end in found.sources] == ["SK_1"]
        assert len(found.infected) == 38
        assert {end.setting_text for end in found.infected} >= {"Emergency room"}

    def test_before_the_office_knew_there_was_nothing(self):
        before = datetime(2015, 7, 1, tzinfo=UTC)
        assert queries.largest_sources("mers", actor=OFFICE, at=before) == []
        with pytest.raises(NotFound):
            queries.transmission_tree("SK_1", actor=OFFICE, at=before)


def test_a_circle_of_contradicting_judgements_ends():
    put(Case, *(case(key) for key in "abc"))
    put(TransmissionLink, link("a", "b"), link("b", "c"), link("c", "a"), link("c", "b"))
    tree = queries.transmission_tree("a", actor=OFFICE, at=NOW)
    assert [(node.case_key, node.generation) for node in tree.nodes] == [("a", 0), ("b", 1), ("c", 2)]


def test_a_tree_cut_at_a_depth_says_so():
    put(Case, *(case(key) for key in "abcd"))
    put(TransmissionLink, link("a", "b"), link("b", "c"), link("c", "d"))
    cut = queries.transmission_tree("a", actor=OFFICE, at=NOW, generations=2)
    assert ([node.case_key for node in cut.nodes], cut.deeper) == (["a", "b", "c"], True)
    whole = queries.transmission_tree("a", actor=OFFICE, at=NOW, generations=3)
    assert (len(whole.nodes), whole.deeper) == (4, False)
    few = queries.transmission_tree("a", actor=OFFICE, at=NOW, cases=2)
    assert ([node.case_key for node in few.nodes], few.deeper) == (["a", "b"], True)


def test_cases_of_another_area_show_as_links_without_a_key():
    put(Case, case("a"), case("b"), case("far", area="990201"))
    put(TransmissionLink, link("a", "b"), link("a", "far"), link("far", "b"))
    actor = in_area("9901")
    tree = queries.transmission_tree("a", actor=actor, at=NOW)
    assert ([node.case_key for node in tree.nodes], tree.outside) == (["a", "b"], 1)
    found = queries.links("a", actor=actor, at=NOW)
    assert sorted(end.case_key for end in found.infected) == ["", "b"]
    assert queries.largest_sources("d", actor=actor, at=NOW) == [("A", "a", 2)]
    with pytest.raises(NotFound):
        queries.links("far", actor=actor, at=NOW)
    with pytest.raises(Forbidden):
        queries.largest_sources("d", actor=in_area("9901", "board.read"), at=NOW)


@pytest.mark.parametrize("width", [3, 60])
def test_a_tree_costs_the_same_however_wide(width, django_assert_num_queries):
    put(Case, case("root"), *(case(f"c{n:03}") for n in range(width)))
    put(TransmissionLink, *(link("root", f"c{n:03}") for n in range(width)))
    with django_assert_num_queries(4):
        assert len(queries.transmission_tree("root", actor=in_area("9901"), at=NOW).nodes) == width + 1
    with django_assert_num_queries(2):
        queries.largest_sources("d", actor=in_area("9901"), at=NOW)
    with django_assert_num_queries(4):
        assert len(queries.links("root", actor=in_area("9901"), at=NOW).infected) == width
