"""JSON: lists of objects wherever they stand, and one object a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fangkong.science.tables.hostile import FileRefused
from fangkong.science.tables.workbook import open_workbook

from .made_files import codes, one_table, text, texts


@pytest.mark.parametrize("wrapped", ["{}", '{{"code": 0, "data": {}}}', '{{"a": {{"rows": {}}}}}'])
def test_a_list_of_objects_is_a_table_wherever_it_stands(tmp_path: Path, wrapped: str) -> None:
    objects = '[{"姓名": "测试甲", "证件号": 990101199512120317, "住址": {"区": "浦江区"}},'
    objects += '{"姓名": "测试乙", "标签": ["a", "b"]}]'
    table, rows = one_table(text(tmp_path / "a.json", wrapped.format(objects)))
    assert [column.name for column in table.columns] == ["姓名", "证件号", "住址.区", "标签"]
    assert texts(rows) == [["测试甲", "990101199512120317", "浦江区", ""], ["测试乙", "", "", "a、b"]]
    assert [row.number for row in rows] == [1, 2]
    assert table.issues == []


def test_lines_of_objects_stream_and_a_broken_line_costs_itself(tmp_path: Path) -> None:
    content = '{"name": "A", "phone": "1"}\n\n{"name": "B", "phone": "2"}\n'
    content += '{"name": "C", \n{"name": "D", "phone": "4"}\n'
    table, rows = one_table(text(tmp_path / "a.jsonl", content))
    assert [row.number for row in rows] == [1, 3, 4, 5]
    assert rows[2].cells[0].text == '{"name": "C",'
    assert codes(table) == [(4, "COLUMN_COUNT")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('[{"a": 1}, {"a": ', "FILE_TRUNCATED"),
        ("[1, 2, 3]", "FILE_TYPE_MISMATCH"),
        ("[" * 100_000, "ARCHIVE_EXPANDS_TOO_MUCH"),
        ("   ", "FILE_EMPTY"),
        ("not json at all", "FILE_TYPE_MISMATCH"),
        ("[{" + ",".join(f'"k{n}": 1' for n in range(3000)) + "}]", "TOO_MANY_COLUMNS"),
    ],
)
def test_what_is_no_list_of_objects_is_refused(tmp_path: Path, content: str, code: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        open_workbook(text(tmp_path / "a.json", content))
    assert refusal.value.issue.code == code
