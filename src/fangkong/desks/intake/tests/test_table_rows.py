"""Rows of a table that no mapping knows, in the record's terms: what is said, what falls back, what is held."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fangkong.core.errors import InputError
from fangkong.desks.intake.actions import receive_file
from fangkong.desks.intake.disease_names import disease_of, disease_said
from fangkong.desks.intake.receipt_issues import receipt_issues
from fangkong.record.access import system_actor
from fangkong.record.actions import areas_load
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation_set
from fangkong.record.models import Case, Contact, FollowUp, Person, Receipt, ReceiptRow, TransmissionLink

ID_1, ID_2 = "990101199001011230", "99010119920202234X"
LIST = "病例编号,姓名,性别,年龄,发病日期,报告日期,确诊日期,病例分类,区"
LEDGER = "关联病例,姓名,身份证号,联系电话,末次接触时间,接触方式,所在区,密接类型"


def reasons(receipt: Receipt) -> list[tuple[int, str]]:
    rows = ReceiptRow.objects.filter(receipt_key=receipt.key).exclude(outcome="without_name")
    return list(rows.order_by("row_number").values_list("row_number", "reason"))


@pytest.fixture
def receive(office, sent):
    """A function that receives a table of these lines."""

    def run(*lines: str, name: str = "病例.csv") -> Receipt:
        return receive_file(sent(*lines, name=name), actor=office)

    return run


@pytest.fixture
def cases(receive):
    """Cases A1 and A2."""
    return receive(
        LIST,
        "A1,测试甲,男,30,2022-04-01,2022-04-02,,确诊病例,柳堤区",
        "A2,测试乙,女,31,2022-04-01,2022-04-03,,无症状感染者,柳堤区",
    )


class TestLineList:
    def test_a_case_is_reported_by_the_best_day_that_the_list_has(self, receive):
        receive(
            "病例编号,发病日期,入院日期,确诊日期,死亡日期,病例分类",
            "B1,2022-04-01,2022-04-04,2022-04-05,,确诊病例",
            "B2,2022-04-01,2022-04-04,,,确诊病例",
            "B3,2022-04-01,,,2022-04-09,确诊病例",
            "B4,,,,2022-04-09,确诊病例",
        )
        days = {case.case_no: case.reported_on.day for case in Case.objects.open()}
        assert days == {"B1": 5, "B2": 4, "B3": 1, "B4": 9}

    def test_without_any_day_it_is_held(self, receive):
        receipt = receive(
            "病例编号,发病日期,报告日期,病例分类",
            "B1,2022-04-01,2022-04-02,确诊病例",
            "B2,,,确诊病例",
        )
        assert reasons(receipt) == [(3, "missing_value")]

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("本土确诊病例.csv", {"confirmed"}),
            ("无症状感染者名单.csv", {"asymptomatic"}),
            ("疑似病例.csv", {"suspected"}),
            ("confirmed cases.csv", {"confirmed"}),
            # A list of cases that says nothing of them: nobody has confirmed them to us.
            ("case list.csv", {"suspected"}),
        ],
    )
    def test_the_title_says_what_no_column_does(self, receive, name, said):
        receive("病例编号,发病日期,报告日期", "B1,2022-04-01,2022-04-02", name=name)
        assert set(Case.objects.open().values_list("classification", flat=True)) == said

    @pytest.mark.parametrize(
        "name", ["确诊病例和无症状感染者.csv", "确诊病例、无症状感染者.csv", "阳性人员.csv"]
    )
    def test_a_title_of_two_classes_says_neither(self, receive, name):
        receipt = receive("病例编号,发病日期,报告日期", "B1,2022-04-01,2022-04-02", name=name)
        assert reasons(receipt) == [(2, "missing_value")]

    def test_a_day_of_confirmation_confirms(self, receive):
        receive(
            "病例编号,发病日期,报告日期,确诊日期",
            "B1,2022-04-01,2022-04-02,2022-04-03",
            "B2,2022-04-01,2022-04-02,",
            name="list.csv",
        )
        found = dict(Case.objects.open().values_list("case_no", "classification"))
        assert found == {"B1": "confirmed", "B2": "suspected"}

    def test_two_rows_of_one_number_that_differ_are_one_too_many(self, receive):
        """Neither is silently lost: the second waits for somebody to say which of them is right."""
        receipt = receive(
            "病例编号,发病日期,报告日期,病例分类",
            "B1,2022-04-01,2022-04-02,确诊病例",
            "B1,2022-04-05,2022-04-06,确诊病例",
        )
        assert (receipt.accepted, receipt.held) == (1, 1)
        assert reasons(receipt) == [(3, "duplicate_conflict")]
        assert Case.objects.open().get().reported_on.day == 2

    def test_a_text_longer_than_the_record_holds_is_told(self, receive):
        receipt = receive(
            "病例编号,发病日期,报告日期,病例分类",
            f"{'B' * 41},2022-04-01,2022-04-02,确诊病例",
            "B2,2022-04-01,2022-04-02,确诊病例",
        )
        assert reasons(receipt) == [(2, "text_too_long")]

    def test_days_before_1900_come_back_as_they_were(self, receive):
        receive(
            "case_id,date_of_onset,date_of_death,age,gender",
            "1,1861-11-21,,7,f",
            "2,1861-11-23,1861-12-02,6,m",
        )
        found = set(Case.objects.open().values_list("case_no", "onset_on", "outcome_on", "outcome"))
        assert {(number, str(onset), str(out), what) for number, onset, out, what in found} == {
            ("1", "1861-11-21", "None", ""),
            ("2", "1861-11-23", "1861-12-02", "dead"),
        }


class TestDisease:
    def test_names_in_two_languages(self):
        assert disease_of("新冠肺炎") == disease_of("COVID-19") == "covid-19"
        assert disease_of("nothing known") == ""

    def test_of_a_title_the_longest_name_counts(self):
        assert disease_said("sars-cov-2 cases") == "covid-19"
        assert disease_said("sars_canada_2003.csv") == "sars"
        assert disease_said("fluH7N9_china_2013.csv") == "human-avian-influenza"
        # A name within another word is none.
        assert disease_said("mersey.csv") == disease_said("summers.csv") == ""

    def test_the_title_outweighs_the_office(self, receive):
        receive("case_id,date_of_onset,age", "1,2022-04-01,7", "2,2022-04-02,8", name="measles_school.csv")
        assert set(Case.objects.open().values_list("disease", flat=True)) == {"measles"}

    def test_otherwise_it_is_the_offices(self, cases):
        assert set(Case.objects.open().values_list("disease", flat=True)) == {"made-up-fever"}


class TestContactLedger:
    def ledger(self, receive, *rows: str, name: str = "密接台账.csv") -> Receipt:
        return receive(LEDGER, *rows, name=name)

    def test_the_same_person_with_two_exposures_is_one_person_and_two_contacts(self, cases, receive):
        people = Person.objects.count()
        receipt = self.ledger(
            receive,
            f"A1,测试丙,{ID_1},10012345678,2022-04-02,同住,柳堤区,密接",
            f"A2,测试丙,{ID_1},10012345678,2022-04-03,就餐,柳堤区,密接",
        )
        assert receipt.accepted == 2
        assert Person.objects.count() == people + 1
        contacts = Contact.objects.open().order_by("last_exposure_on")
        assert [(each.last_exposure_on.day, each.setting) for each in contacts] == [
            (2, "household"),
            (3, "meal"),
        ]
        assert len({each.person_key for each in contacts}) == 1

    def test_a_corrected_ledger_updates_and_the_same_changes_nothing(self, cases, receive):
        first = f"A1,测试丙,{ID_1},10012345678,2022-04-02,同住,柳堤区,密接"
        self.ledger(receive, first)
        before = record_digest()
        self.ledger(receive, first)
        assert record_digest() == before
        self.ledger(receive, first.replace("2022-04-02", "2022-04-05"), name="密接台账更正.csv")
        assert Contact.objects.open().get().last_exposure_on.day == 5
        assert Contact.objects.count() == 2

    def test_the_area_is_the_one_that_the_row_names(self, cases, receive):
        self.ledger(
            receive,
            f"A1,测试丙,{ID_1},10012345678,2022-04-02,同住,望海新区,密接",
            f"A1,测试丁,{ID_2},10012345679,2022-04-02,同住,,密接",
        )
        assert sorted(Contact.objects.open().values_list("area_code", flat=True)) == ["9901", "990102"]

    def test_a_contact_of_an_unknown_case_waits_for_it(self, cases, receive):
        early = self.ledger(receive, f"A9,测试丙,{ID_1},10012345678,2022-04-02,同住,柳堤区,密接")
        assert reasons(early) == [(2, "unknown_case")]
        receive(LIST, "A9,测试戊,男,40,2022-04-01,2022-04-02,,确诊病例,柳堤区", name="病例2.csv")
        early.refresh_from_db()
        assert (early.accepted, early.held) == (1, 0)
        assert Contact.objects.open().get().case_key == Case.objects.open().get(case_no="A9").key

    @pytest.mark.parametrize(
        ("name", "tiers"),
        [("密接台账.csv", ["close"]), ("次密接台账.csv", ["secondary"]), ("密接、次密接台账.csv", [])],
    )
    def test_the_title_says_the_tier_unless_it_says_two(self, cases, receive, name, tiers):
        receive(
            "关联病例,姓名,身份证号,联系电话,末次接触时间",
            f"A1,测试丙,{ID_1},10012345678,2022-04-02",
            name=name,
        )
        assert list(Contact.objects.open().values_list("tier", flat=True)) == tiers


class TestLinksAndFollowUps:
    def test_who_infected_whom_joins_the_cases_by_number(self, cases, receive):
        receipt = receive("infector,case_id,source", "A1,A2,household", "A2,A8,other", name="who.csv")
        assert receipt.mapping == "table:relationships"
        link = TransmissionLink.objects.get()
        numbers = dict(Case.objects.open().values_list("key", "case_no"))
        assert (numbers[link.from_case_key], numbers[link.to_case_key]) == ("A1", "A2")
        assert reasons(receipt) == [(3, "unknown_case")]

    def test_a_follow_up_finds_its_contact_by_the_persons_number(self, cases, receive):
        receive(LEDGER, f"A1,测试丙,{ID_1},10012345678,2022-04-02,同住,柳堤区,密接", name="密接.csv")
        receipt = receive(
            "姓名,身份证号,随访日期,随访情况",
            f"测试丙,{ID_1},2022-04-03,正常",
            f"测试丁,{ID_2},2022-04-03,正常",
            name="随访.csv",
        )
        seen = FollowUp.objects.get()
        assert (seen.contact_key, seen.status, seen.day.day) == (Contact.objects.get().key, "seen_well", 3)
        assert reasons(receipt) == [(3, "unknown_person")]


class TestFreshHome:
    ROW = "A1,2022-04-01,2022-04-02,确诊病例"

    def receive(self, sent, *lines: str, name: str = "病例.csv") -> Receipt:
        return receive_file(sent(*lines, name=name), actor=system_actor("cli"))

    def test_an_office_without_an_area_holds_the_rows_for_one_clear_reason(self, db, sent):
        installation_set(actor="test", disease="made-up-fever")
        receipt = self.receive(sent, "病例编号,发病日期,报告日期,病例分类", self.ROW)
        assert reasons(receipt) == [(2, "area_unset")]
        codes = [each.code for each in receipt_issues(receipt, actor=system_actor("cli")) if each.row != 1]
        assert codes == ["VALUE_MISSING"]

    def test_an_office_without_a_disease_refuses_what_it_would_have_to_write(self, db, sent):
        areas_load(
            [{"key": "9901", "name_zh": "临江市"}],
            actor="test",
            known_from=datetime(2020, 1, 1, tzinfo=UTC),
            source_key="test",
        )
        installation_set(actor="test", area_code="9901")
        before = record_digest()
        with pytest.raises(InputError) as refusal:
            self.receive(sent, "病例编号,发病日期,报告日期,病例分类", self.ROW)
        assert refusal.value.code == "intake.no_disease"
        assert record_digest() == before
        named = self.receive(sent, "病例编号,发病日期,报告日期,病例分类", self.ROW, name="麻疹病例.csv")
        assert named.accepted == 1

    def test_a_file_of_which_nothing_is_written_is_received_even_there(self, db, sent):
        receipt = self.receive(
            sent, "物资名称,单位,期初,入库,出库,期末", "防护服,件,10,5,3,12", name="物资日报.csv"
        )
        assert (receipt.row_count, receipt.rejected) == (1, 0)
