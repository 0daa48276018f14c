"""Files that are refused whole: the message names file, row and column, and the record stays as it was."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from fangkong.core.errors import InputError
from fangkong.desks.intake import limits as limits_module
from fangkong.desks.intake.actions import receive_file
from fangkong.desks.intake.limits import limits
from fangkong.record.digest import record_digest
from fangkong.record.models import Receipt

HEADER = "day,where,what,n"
GOOD = "2022-04-01,柳堤区,ill,5"


@pytest.fixture
def refused(office, counts_mapping):
    """A function that receives a file, expects a refusal, and gives it after looking at the record."""

    def run(path: Path, **options) -> InputError:
        options.setdefault("mapping_file", counts_mapping)
        before = record_digest()
        with pytest.raises(InputError) as caught:
            receive_file(path, actor=office, **options)
        assert record_digest() == before
        assert not Receipt.objects.exists()
        assert caught.value.params["file"] == path.name
        return caught.value

    return run


def test_a_missing_column_is_named_with_the_nearest_mapping(refused, sent):
    error = refused(sent("day,where,what", "2022-04-01,柳堤区,ill"))
    assert (error.code, error.params["row"], error.params["columns"]) == ("intake.column_missing", 1, ["n"])
    nearest = refused(sent("date,is_patient,district,count", "x,x,x,1"), mapping_file=None)
    assert (nearest.params["column"], nearest.params["mapping"]) == ("source", "shanghai-district-daily")


def test_a_header_that_nobody_knows(refused, sent):
    error = refused(sent("alpha,beta", "1,2"), mapping_file=None)
    assert (error.code, error.params["columns"]) == ("intake.file_unknown", ["alpha", "beta"])


@pytest.mark.parametrize(
    ("encoding", "code", "row"),
    [
        ("utf-16", "intake.encoding_wide", 1),
        ("utf-16-le", "intake.nul_byte", 1),
        ("big5", "intake.encoding", 2),
    ],
)
def test_a_wrong_encoding_names_row_and_byte(refused, sent, encoding, code, row):
    text = GOOD.replace("柳堤区", "臺灣縣與國際體檢學會營業")
    error = refused(sent(HEADER, text, encoding=encoding))
    assert (error.code, error.params["row"]) == (code, row)


def test_a_wrong_encoding_names_the_column_and_byte(refused, sent):
    rows = (HEADER, GOOD, '"2022-04-02","柳堤区",ill,1'.replace("ill", "\udcff"))
    path = sent(HEADER, GOOD)
    path.write_bytes("\n".join(rows).encode("utf-8", "surrogateescape"))
    error = refused(path)
    assert (error.code, error.params["row"], error.params["column"]) == ("intake.encoding", 3, "what")
    assert path.read_bytes()[error.params["byte"]] == 0xFF


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_that_breaks_off_in_a_character(refused, sent, encoding):
    path = sent(HEADER, *[GOOD] * 5, encoding=encoding)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex("区".encode(encoding)) + 1])
    error = refused(path)
    assert (error.code, error.params["row"], error.params["column"]) == ("intake.file_cut", 6, "where")


def test_latin_letters_of_another_code_page_are_not_taken_for_chinese(refused, sent):
    assert (
        refused(sent(HEADER, GOOD.replace("柳堤区", "São João é aqui"), encoding="latin-1")).code
        == "intake.encoding"
    )


def test_text_garbled_earlier_is_not_taken(refused, sent):
    garbled = GOOD.encode("gb18030").decode("utf-8", "replace")
    error = refused(sent(HEADER, GOOD, garbled))
    assert (error.code, error.params["row"]) == ("intake.mojibake", 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_the_encodings_of_real_spreadsheets_are_read(office, counts_mapping, sent, encoding):
    receipt = receive_file(sent(HEADER, GOOD, encoding=encoding), actor=office, mapping_file=counts_mapping)
    assert receipt.accepted == 1


@pytest.mark.parametrize("separator", ["\t", ";"])
def test_tabs_and_semicolons_separate_too(office, counts_mapping, sent, separator):
    path = sent(HEADER.replace(",", separator), GOOD.replace(",", separator))
    assert receive_file(path, actor=office, mapping_file=counts_mapping).accepted == 1


def test_an_impossible_date_in_every_row(refused, sent):
    error = refused(sent(HEADER, "2022-02-30,柳堤区,ill,1"))
    assert error.params == {
        "file": "sent.csv",
        "row": 2,
        "column": "day",
        "rows": 1,
        "reason": "impossible_date",
    }


def test_a_file_that_breaks_off_in_a_row(refused, sent):
    error = refused(sent(HEADER, GOOD, "2022-04-02,柳堤区", end=""))
    assert (error.code, error.params["row"]) == ("intake.file_truncated", 3)


def test_a_last_line_without_an_end_is_a_whole_file(office, counts_mapping, sent):
    assert receive_file(sent(HEADER, GOOD, end=""), actor=office, mapping_file=counts_mapping).accepted == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [('2022-04-02,"柳堤', "intake.quote_open"), ('2022-04-02,"柳"堤,ill,1', "intake.quote_misplaced")],
)
def test_quotation_marks_that_do_not_fit(refused, sent, row, code):
    error = refused(sent(HEADER, GOOD, row, GOOD))
    assert (error.code, error.params["row"]) == (code, 3)


def test_a_file_of_300_megabytes_is_refused_at_once(refused, tmp_path, cpu_seconds):
    path = tmp_path / "huge.csv"
    with path.open("wb") as handle:
        handle.truncate(300 * 10**6)
    error = refused(path)
    assert cpu_seconds(lambda: refused(path)) < 1
    assert (error.code, error.params["megabytes"]) == ("intake.file_too_large", 300)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS/DOC"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"\x89PNG\r\n", "PNG"),
    ],
)
def test_other_kinds_of_file_are_named(refused, tmp_path, head, kind):
    path = tmp_path / "sent.csv"
    path.write_bytes(head + b"\n" * 100)
    error = refused(path)
    assert (error.code, error.params["kind"]) == ("intake.file_not_csv", kind)


def test_a_zip_under_the_name_of_a_csv(refused, tmp_path):
    path = tmp_path / "sent.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sent.csv", GOOD)
    assert refused(path).params["kind"] == "ZIP/XLSX"


def test_binary_noise_has_a_place(refused, tmp_path):
    path = tmp_path / "noise.csv"
    path.write_bytes(f"{HEADER}\n".encode() + b"abc\0def\n")
    error = refused(path)
    assert (error.code, error.params["row"], error.params["byte"]) == ("intake.nul_byte", 2, len(HEADER) + 4)


def test_nothing_and_almost_nothing(refused, tmp_path, sent):
    assert refused(tmp_path / "gone.csv").code == "intake.file_missing"
    empty = tmp_path / "empty.csv"
    empty.touch()
    assert refused(empty).code == "intake.file_empty"
    folder = tmp_path / "folder"
    folder.mkdir()
    assert refused(folder).code == "intake.file_is_folder"
    assert refused(sent("", " ", "")).code == "intake.file_empty"
    assert refused(sent(HEADER)).code == "intake.no_rows"


def test_a_spreadsheet_that_nobody_understands_is_told_of_its_columns(refused, tmp_path):
    for rows in ([["alpha", "beta"]], [["alpha", "beta"], [1, 2]]):
        error = refused(_book(tmp_path / "sent.xlsx", rows), mapping_file=None)
        assert (error.code, error.params["columns"]) == ("intake.table_unknown", ["alpha", "beta"])


def test_an_empty_spreadsheet_is_refused_as_an_empty_text_is(refused, tmp_path, sent):
    texts = [sent("", name="empty.csv", end=""), sent("", " ", ",,", name="blank.csv")]
    books = [_book(tmp_path / "empty.xlsx", []), _book(tmp_path / "blank.xlsx", [["", None], [" "]])]
    for path in (*texts, *books):
        error = refused(path, mapping_file=None)
        assert (error.code, error.params["issue"]) == ("intake.table_refused", "FILE_EMPTY")


def _book(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_column_twice(refused, sent):
    error = refused(sent("day,where,what,n,n", GOOD + ",5"))
    assert (error.code, error.params["column"]) == ("intake.column_twice", "n")


def test_a_field_and_a_line_without_end(refused, sent, monkeypatch):
    field = refused(sent(HEADER, f'2022-04-01,"{"x" * (limits().field_characters + 1)}",ill,5'))
    assert (field.code, field.params["row"]) == ("intake.field_too_long", 2)
    line = refused(sent(HEADER, GOOD, "x," * limits().line_characters))
    assert (line.code, line.params["row"]) == ("intake.line_too_long", 3)


def test_two_mappings_that_fit_equally_well_are_both_named(refused, sent, counts_mapping, settings, tmp_path):
    settings.HOME = tmp_path / "home"
    folder = settings.HOME / "mappings"
    folder.mkdir(parents=True)
    for code in ("one", "two"):
        text = counts_mapping.read_text().replace("two-districts", code)
        (folder / f"{code}.toml").write_text(text)
    error = refused(sent(HEADER, GOOD), mapping_file=None)
    assert (error.code, error.params["mappings"]) == ("intake.two_mappings", ["one", "two"])
    assert receive_file(sent(HEADER, GOOD), actor=_cli(), mapping="two").mapping == "two"


def _cli():
    from fangkong.record.access import system_actor

    return system_actor("cli")


def test_a_mapping_that_is_not_there(refused, sent):
    assert refused(sent(HEADER, GOOD), mapping="none", mapping_file=None).code == "intake.no_such_mapping"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('code = "two', "code = two", "mapping.not_toml"),
        ('target = "daily_counts"', 'target = "rumours"', "mapping.not_allowed"),
        ('kind = "integer"', 'kind = "guess"', "mapping.not_allowed"),
        ('field = "value"', 'field = "worth"', "mapping.not_allowed"),
        ('known = "day_close"', 'known = "column:n"', "mapping.not_allowed"),
        ('title_zh = "两区每日数字"', 'titel = "x"', "mapping.bad_entry"),
        ('field = "value"', 'field = "channel"', "mapping.field_missing"),
    ],
)
def test_a_mapping_with_a_mistake_says_where(office, counts_mapping, sent, old, new, code):
    text = counts_mapping.read_text()
    assert old in text
    counts_mapping.write_text(text.replace(old, new))
    with pytest.raises(InputError) as caught:
        receive_file(sent(HEADER, GOOD), actor=office, mapping_file=counts_mapping)
    assert caught.value.code == code
    assert caught.value.params["file"] == "counts.toml"


def test_the_limits_are_data(monkeypatch):
    stored = (Path(limits_module.__file__).with_name("limits.toml")).read_text()
    assert str(limits().file_bytes) in stored
