"""Plain cells are read at no less than 150,000 in a second of one processor."""

from fangkong.science.tables.parts import Cell
from fangkong.science.tables.values.cells import reader_of
from fangkong.science.tables.values.identity import check_character

from .asking import context, reading

ROWS = 5_000


def _number(index: int) -> str:
    body = f"99010119{60 + index % 40:02}{1 + index % 12:02}{1 + index % 28:02}{index % 1000:03}"
    return body + check_character(body)


def test_a_ledgers_plain_cells_are_read_fast(cpu_seconds):
    """One row of a laboratory's file: code, place, moment, name, number, phone, kind, result, days, figures."""
    names = [
        "tube_code",
        "sampling_point",
        "sampled_at",
        "name",
        "id_number",
        "phone",
        "pool_type",
        "result",
        "onset_on",
        "due_count",
    ]
    on = context()
    readers = [reader_of(reading(name, width=15), on) for name in names]
    cells = [
        [
            Cell(f"99022032700{index // 10:04}", f"99022032700{index // 10:04}"),
            *(
                Cell(text, text)
                for text in ("虚构广场采样点", f"2022-03-{1 + index % 27:02} {index % 24:02}:{index % 60:02}")
            ),
            *(Cell(text, text) for text in ("测试" + chr(0x4E00 + index), _number(index), f"100{index:08}")),
            *(Cell(text, text) for text in ("10:1", "阴性", f"2022-03-{1 + index % 27:02}", str(index))),
        ]
        for index in range(ROWS)
    ]
    values = [read(cell) for row in cells[:50] for read, cell in zip(readers, row, strict=True)]
    assert all(value.value is not None and not value.issues for value in values)

    def deed() -> None:
        for row in cells:
            for read, cell in zip(readers, row, strict=True):
                read(cell)

    assert ROWS * len(names) / cpu_seconds(deed) > 150_000
