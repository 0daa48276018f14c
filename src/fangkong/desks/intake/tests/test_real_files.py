"""The real files: every row accepted, what the mappings make of them, and twice changes nothing."""

from __future__ import annotations

from datetime import date

import pytest

from fangkong.desks.intake.actions import receive_file
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation
from fangkong.record.models import Area, Case, DailyCount, Place, ReceiptRow, TransmissionLink

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]


def receive(path):
    """The receipt of a file received twice."""
    receipt = receive_file(path, actor=system_actor("cli"))
    before = record_digest()
    again = receive_file(path, actor=system_actor("cli"))
    assert (again.key, record_digest()) == (receipt.key, before)
    assert receipt.accepted == receipt.row_count
    assert not ReceiptRow.objects.filter(receipt_key=receipt.key).exists()
    return receipt


def close(year: int, month: int, day: int):
    return installation().close_of(date(year, month, day))


def test_shanghai_city(real_data):
    receipt = receive(real_data / "shanghai_2022_city_daily_to_0410.csv")
    assert (receipt.row_count, receipt.mapping) == (41, "shanghai-city-daily")
    assert (receipt.first_day, receipt.last_day) == (date(2022, 2, 28), date(2022, 4, 10))
    last = DailyCount.objects.known_at(close(2022, 4, 10)).filter(day="2022-04-10", area_code="31")
    values = {(c.measure, c.channel): c.value for c in last}
    assert values["confirmed", ""] == 914
    assert values["asymptomatic", ""] == 25173
    assert sum(v for (measure, channel), v in values.items() if measure == "confirmed" and channel) == 914
    assert not any(measure == "deaths" for measure, _ in values)
    assert not DailyCount.objects.filter(day="2022-03-28").exists()


def test_shanghai_districts(real_data):
    receipt = receive(real_data / "shanghai_2022_district_daily_by_source_to_0410.csv")
    assert receipt.row_count == 1423
    districts = set(DailyCount.objects.values_list("area_code", flat=True))
    assert len(districts - {"3100"}) == 16
    pudong = DailyCount.objects.filter(area_code="310115").values_list("day", flat=True)
    assert min(pudong) < date(2022, 3, 19) < max(pudong)
    assert set(DailyCount.objects.values_list("channel", flat=True)) == {
        "controlled",
        "screening",
        "sought_care",
        "converted",
    }
    assert Area.objects.open().get(key="3100").name_zh == "其他"


def test_china_and_its_provinces(real_data):
    receipt = receive(real_data / "china_province_daily_2019-12_2020-12.csv")
    assert receipt.row_count == 11397
    assert receipt.inserted == 4 * 11397
    assert Area.objects.open().count() == 35
    final = {
        code: DailyCount.objects.get(area_code=code, day="2020-04-17", measure="deaths_cumulative").value
        for code in ("CN", "42")
    }
    assert 4000 < final["42"] < final["CN"]


def test_mers_cases_and_links(real_data):
    cases = receive(real_data / "mers_korea_2015_linelist.csv")
    assert cases.row_count == 162
    assert Case.objects.open().filter(area_code="KR").count() == 161
    assert len(set(Place.objects.open().values_list("name_zh", flat=True))) == 13
    first = Case.objects.known_at(close(2015, 5, 19))
    assert [c.case_no for c in first] == ["SK_1"]
    links = receive(real_data / "mers_korea_2015_contacts.csv")
    assert links.row_count == TransmissionLink.objects.count() == 98
    largest = Case.objects.open().get(case_no="SK_14")
    assert TransmissionLink.objects.filter(from_case_key=largest.key).count() == 38
    # A link is known with the later of its cases, so none stands alone at any time.
    for day in (date(2015, 5, 25), date(2015, 6, 5)):
        known = set(Case.objects.known_at(installation().close_of(day)).values_list("key", flat=True))
        for link in TransmissionLink.objects.known_at(installation().close_of(day)):
            assert {link.from_case_key, link.to_case_key} <= known
