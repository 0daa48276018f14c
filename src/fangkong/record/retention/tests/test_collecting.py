"""Names are taken only where a rule of the day allows them, for the purpose it names."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps
from django.conf import settings

from fangkong.core.errors import Forbidden, InputError
from fangkong.record.identities import identity_load
from fangkong.record.models import Contact, Identity, ReceiptRow
from fangkong.record.retention.categories import Condition, person_fields, retention, table_named, uncovered
from fangkong.record.retention.collecting import (
    Basis,
    NoBasis,
    collection_basis,
    law_area,
    require_basis,
)
from fangkong.record.rulebook import rulebook
from fangkong.science.rules.tests.pack_writer import write_pack

from . import made_people as made

COVID = "covid-19"


class TestEveryCategory:
    def test_every_field_with_a_person_belongs_to_one(self):
        assert uncovered(apps.get_models()) == []

    def test_a_field_that_belongs_to_none_is_found(self, monkeypatch):
        monkeypatch.setattr(ReceiptRow._meta.get_field("receipt_key"), "name", "person_key")
        assert person_fields(ReceiptRow) == ["person_key"]
        assert uncovered([Contact, ReceiptRow]) == ["ReceiptRow.person_key"]

    def test_names_tables_and_keys_that_exist(self):
        known = rulebook().keys
        for category in retention().categories.values():
            for name in (*category.covers, *category.erase, *(link.table for link in category.links)):
                table, _, field = name.partition(".")
                assert not field or table_named(table)._meta.get_field(field)
                assert table_named(table)._meta.app_label == "record"
            assert set(category.keys) <= set(known), category.code

    def test_names_source_purpose_and_a_rule_that_decides_today(self):
        for category in retention().categories.values():
            assert category.sources
            assert category.purpose
            found = collection_basis(category.code, on=made.TODAY, disease="", area_code="31")
            assert isinstance(found, Basis), category.code
            assert found.row.legal_basis
            assert found.confidence == "verified"

    def test_an_unknown_category_is_refused(self):
        with pytest.raises(InputError, match="unknown_category"):
            collection_basis("curiosity", on=made.TODAY, disease=COVID, area_code="31")


class TestTheRuleOfTheDay:
    @pytest.mark.parametrize("category", ["case", "contact"])
    def test_the_notice_of_2020_allows_names_until_class_a_measures_end(self, category):
        found = collection_basis(category, on=made.CLASS_A, disease=COVID, area_code="310115001")
        assert isinstance(found, Basis)
        assert found.row.key == "privacy.collect_scope"
        assert found.ends_on == date(2023, 1, 7)

    def test_what_is_taken_of_people_tested_ends_with_class_a_measures(self):
        found = collection_basis("screening", on=made.CLASS_A, disease=COVID, area_code="31")
        assert isinstance(found, Basis)
        assert (found.row.key, found.ending.key, found.ends_on) == (
            "law.data_use",
            "legal.class",
            date(2023, 1, 7),
        )

    def test_a_secondary_contact_s_name_ends_with_the_twenty_measures(self):
        found = collection_basis("secondary_contact", on=made.CLASS_A, disease=COVID, area_code="31")
        assert isinstance(found, Basis)
        assert found.ends_on == date(2022, 11, 10)

    def test_a_new_edition_that_says_the_same_ends_nothing(self):
        """Contacts were determined under edition 2 and edition 8: two rows, one unbroken purpose."""
        found = collection_basis("contact", on=date(2021, 5, 10), disease=COVID, area_code="31")
        assert isinstance(found, Basis)
        assert found.ends_on == date(2023, 1, 7)

    def test_contacts_names_are_refused_once_contacts_are_no_longer_determined(self):
        found = collection_basis("contact", on=made.CLASS_B, disease=COVID, area_code="31")
        assert isinstance(found, NoBasis)
        assert (found.why, found.key) == ("limited", "contact.close.determine")
        assert isinstance(collection_basis("case", on=made.CLASS_B, disease=COVID, area_code="31"), Basis)

    def test_the_refusal_names_key_last_row_and_next_row(self):
        with pytest.raises(Forbidden) as refused:
            require_basis("screening", on=date(2012, 5, 1), disease="measles", area_code="31")
        assert refused.value.code == "retention.no_basis"
        params = refused.value.params
        assert (params["key"], params["last_row"]) == ("law.data_use", "-")
        assert "2013-06-29" in params["next_row"]

    def test_a_law_that_follows_another_without_a_gap_goes_on(self):
        found = collection_basis("screening", on=date(2024, 5, 1), disease="measles", area_code="31")
        assert isinstance(found, Basis)
        assert "2013" in found.rule_row
        assert found.ends_on is None
        assert "2025-09-01" in found.ending.row_id


class TestTheOfficesOwnLaw:
    def test_people_counted_abroad_fall_under_the_law_of_the_office(self):
        assert law_area("KR", "310115") == "310115"
        assert isinstance(
            collection_basis("case", on=made.TODAY, disease="mers", area_code="KR", office_area="31"), Basis
        )

    def test_an_office_abroad_is_refused_until_it_states_its_own_basis(self, tmp_path, monkeypatch):
        asked = {"on": date(2015, 6, 10), "disease": "mers", "area_code": "KR", "office_area": "KR"}
        assert isinstance(collection_basis("screening", **asked), NoBasis)
        monkeypatch.setattr(settings, "HOME", tmp_path)
        (tmp_path / "packs").mkdir()
        row = {
            "key": "law.data_use",
            "value": "by_the_law_of_the_office",
            "unit": "rule",
            "scope": {"law": "infectious_diseases"},
            "effective_from": date(2015, 5, 20),
            "effective_to": date(2015, 12, 23),
            "end_basis": "read",
        }
        write_pack(tmp_path / "packs", "kr-own", disease="any", jurisdiction="KR", rows=[row])
        found = collection_basis("screening", **asked)
        assert isinstance(found, Basis)
        assert found.ends_on == date(2015, 12, 23)

    def test_what_only_an_unverified_row_says_is_marked(self, tmp_path, monkeypatch):
        monkeypatch.setattr(settings, "HOME", tmp_path)
        (tmp_path / "packs").mkdir()
        row = {
            "key": "privacy.collect_scope",
            "value": ["confirmed"],
            "unit": "list",
            "effective_from": date(2026, 1, 1),
            "confidence": "unverified",
        }
        write_pack(tmp_path / "packs", "own", disease="river-fever", rows=[row])
        found = collection_basis("case", on=made.TODAY, disease="river-fever", area_code="9901")
        assert isinstance(found, Basis)
        assert found.confidence == "unverified"
        refused = collection_basis("contact", on=made.TODAY, disease="river-fever", area_code="9901")
        assert isinstance(refused, NoBasis)
        assert refused.why == "limited"


def test_a_condition_without_names_or_values_is_met_by_any_row():
    assert Condition("k").meets("anything")
    assert not Condition("k", names=("a",)).meets("a")


@pytest.mark.django_db
class TestTheDoor:
    def test_a_contact_s_name_enters_under_class_a_measures(self):
        made.office()
        made.person("p1")
        made.contact("p1")
        made.named("p1")
        assert Identity.objects.count() == 1

    def test_a_contact_s_name_is_refused_after_them_and_nothing_of_the_batch_is_sealed(self):
        made.office()
        made.case("p1", made.CLASS_B)
        made.contact("p2", made.CLASS_B)
        with pytest.raises(Forbidden, match=r"retention\.limited"):
            identity_load([("p1", {"name": "甲"}), ("p2", {"name": "乙"})], actor="test")
        assert not Identity.objects.exists()

    def test_one_purpose_with_a_basis_is_enough(self):
        made.office()
        made.contact("p1", made.CLASS_B)
        made.swabbed("p1", made.CLASS_B)
        made.named("p1")
        assert Identity.objects.count() == 1

    def test_a_category_named_by_the_caller_is_judged_on_its_day(self):
        made.office()
        with pytest.raises(Forbidden, match=r"contact\.close\.determine"):
            identity_load(
                [("p1", {"name": "甲"})], actor="test", category="contact", at=made.noon(made.CLASS_B)
            )
        assert not Identity.objects.exists()

    def test_a_batch_asks_each_rule_once(self, monkeypatch):
        made.office()
        for n in range(40):
            made.swabbed(f"p{n}")
        asked = []
        book = rulebook()
        resolve = type(book).resolve

        def counting(self, key, **kwargs):
            asked.append((key, str(kwargs)))
            return resolve(self, key, **kwargs)

        monkeypatch.setattr(type(book), "resolve", counting)
        identity_load([(f"p{n}", {"name": f"甲{n}"}) for n in range(40)], actor="test")
        assert asked
        assert len(asked) == len(set(asked))
