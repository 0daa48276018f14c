"""The layouts of Go.Data and SORMAS, as their own files have them."""

import csv

import pytest

from fangkong.science.tables.columns import understand
from fangkong.science.tables.parts import Cell, Table, TableColumn, TableRow

from .asking import understood

GODATA = [
    (
        "cases_clean.csv",
        "line_list",
        {"case_no", "person_ref", "reported_on", "onset_on", "sex", "age", "classification"},
    ),
    (
        "contacts_clean.csv",
        "contact_ledger",
        {"contact_ref", "person_ref", "exposure_at", "starts_on", "release_on"},
    ),
    ("followups_clean.csv", "follow_ups", {"contact_ref", "person_ref", "followed_on", "followup_status"}),
    ("relationships_clean.csv", "relationships", {"source_ref", "target_ref", "exposure_at"}),
    ("lab_results_clean.csv", "lab_results", {"person_ref", "specimen_code", "sampled_at", "result"}),
]


def _read(path, header_rows):
    with path.open(encoding="utf-8") as stream:
        lines = list(csv.reader(stream))
    paths = list(zip(*lines[:header_rows], strict=True))
    columns = [TableColumn(i, path) for i, path in enumerate(paths)]
    rows = [
        TableRow(number, [Cell(text, text) for text in line + [""] * (len(columns) - len(line))])
        for number, line in enumerate(lines[header_rows:], header_rows + 1)
        if len(line) <= len(columns)
    ]
    return Table(path.name, "", [], tuple(range(1, header_rows + 1)), columns, iter(rows)), rows


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "kind", "expected"), GODATA)
def test_godata(real_data, name, kind, expected):
    table, rows = _read(real_data / "interchange" / "godata" / name, 1)
    found = understand(table, rows)
    assert found.kind == kind
    assert found.layout.startswith("godata-")
    assert expected <= {reading.field for reading in found.readings}


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "kind", "expected", "order"),
    [
        (
            "sormas_import_test_success.csv",
            "line_list",
            {"case_no", "given_name", "family_name", "reported_on", "area_name", "street"},
            "mdy",
        ),
        (
            "sormas_import_test_errors.csv",
            "line_list",
            {"case_no", "sex", "reported_on", "disease", "street"},
            "dmy",
        ),
        (
            "sormas_contact_import_test.csv",
            "contact_ledger",
            {"case_ref", "exposure_at", "reported_on", "birth_year"},
            "mdy",
        ),
        (
            "sormas_case_contact_import_test_success.csv",
            "contact_ledger",
            {"exposure_at", "given_name", "age"},
            "mdy",
        ),
    ],
)
def test_sormas_with_its_two_header_rows(real_data, name, kind, expected, order):
    table, rows = _read(real_data / "interchange" / "sormas" / name, 2)
    found = understand(table, rows)
    assert found.kind == kind
    assert found.layout.startswith("sormas-")
    assert expected <= {reading.field for reading in found.readings}
    reported = found.reading_of("reported_on")
    assert reported is not None
    assert reported.traits.date_order == order
    assert reported.traits.foreign


def test_captions_of_sormas_are_no_rows_of_data():
    headers = [("CaseData", "disease"), ("CaseData", "epidNumber"), ("Person", "person.firstName")]
    found = understood(headers, [["##Disease", "EPID number", "First name"], ["EVD", "ABC", "Testa"]])
    assert found.layout == "sormas-cases"
    assert found.not_data == frozenset({2})


def test_the_order_that_a_header_asks_for():
    found = understood(["Name", "Date of last contact (M/d/yyyy)"], [["Testa", "3/4/2022"]])
    assert found.readings[1].traits.date_order == "mdy"
    assert found.readings[1].field == "exposure_at"
