"""Tables of many layouts read into the same figures."""

from __future__ import annotations

import gzip
from datetime import date

import pytest

from fangkong.core.errors import InputError
from fangkong.science.reconcile import read_source
from fangkong.science.reconcile.reading import series_from_text

LAYOUTS = {
    "wide": "date,area,cases,deaths\n2030-03-01,Alder,4,0\n2030-03-01,Birch,7,1\n"
    "2030-03-02,Alder,6,0\n2030-03-02,Birch,9,1\n",
    "long": "日期,地区,指标,数值\n20300301,Alder,cases,4\n20300301,Alder,deaths,0\n20300301,Birch,cases,7\n"
    "20300301,Birch,deaths,1\n20300302,Alder,cases,6\n20300302,Alder,deaths,0\n20300302,Birch,cases,9\n"
    "20300302,Birch,deaths,1\n",
    "strange heads": "x1,x2,x3,cases,deaths\n2030年3月1日,990101,Alder,4,0\n2030年3月1日,990102,Birch,7,1\n"
    "2030年3月2日,990101,Alder,6,0\n2030年3月2日,990102,Birch,9,1\n",
    "tabs": "day\tdistrict\tcases\tdeaths\n2030/3/1\tAlder\t4\t0\n2030/3/1\tBirch\t7\t1\n"
    "2030/3/2\tAlder\t6\t0\n2030/3/2\tBirch\t9\t1\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_days_areas_and_measures_are_found_in_any_layout(layout):
    series = series_from_text(LAYOUTS[layout], name="A")
    found = {
        (area, measure): list(values)
        for (area, measure), values in series.columns.items()
        if (area, measure) not in series.summed
    }
    assert series.first_on == date(2030, 3, 1)
    assert found == {
        (("Alder",), ("cases",)): [4, 6],
        (("Alder",), ("deaths",)): [0, 0],
        (("Birch",), ("cases",)): [7, 9],
        (("Birch",), ("deaths",)): [1, 1],
    }
    assert list(series.columns[(), ("cases",)]) == [11, 15]


def test_nested_areas_with_codes_under_strange_heads():
    rows = [
        f"2030-03-0{day},{province},99{place},{town if town == 'Unstated' else f'{province} {town}'},"
        f"99{place}0{number},{day * 10 + number}"
        for day in (1, 2, 3)
        for place, province in enumerate(("North", "South"), 1)
        for number, town in enumerate(("Alder", "Birch", "Unstated"), 1)
    ]
    series = series_from_text("a,b,c,d,e,f\n" + "\n".join(rows), name="A")
    assert series.codes["North", "North Birch"] == "99102"
    assert list(series.columns[("South",), ("f",)]) == [36, 66, 96]
    assert {measure for _, measure in series.columns} == {("f",)}


def test_compressed_and_national_encodings_are_read(tmp_path):
    text = "日期,区,确诊\n2030-03-01,柳堤区,3\n2030-03-02,柳堤区,5\n"
    plain, packed = tmp_path / "a.csv", tmp_path / "b.csv.gz"
    plain.write_bytes(text.encode("gb18030"))
    packed.write_bytes(gzip.compress(("\ufeff" + text).encode()))
    for file in (plain, packed):
        assert list(read_source(file).columns[("柳堤区",), ("确诊",)]) == [3, 5]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"area,cases\nAlder,3\n", "reconcile.no_day"),
        (b"date,area\n2030-03-01,Alder\n", "reconcile.no_numbers"),
        (b"date,cases\n", "reconcile.no_rows"),
        (b"\xff\xff\xff\xff", "reconcile.not_text"),
        (b"\x1f\x8bbroken", "reconcile.not_opened"),
    ],
)
def test_a_file_that_is_no_table_of_daily_figures_is_refused(tmp_path, content, code):
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_source(file)
    assert (refused.value.code, refused.value.params["name"]) == (code, "a.csv")
