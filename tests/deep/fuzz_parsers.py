"""Coverage-guided fuzzing of the parsers of received files, by atheris: ``make deep`` runs it for some minutes.

Called as ``python -m tests.deep.fuzz_parsers PARSER -max_total_time=SECONDS``; PARSER is one of `PARSERS`. Anything
raised but a refusal ends the run with the input that did it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["fangkong.science.tables"]):
    from fangkong.science.tables.hostile import FileRefused
    from fangkong.science.tables.json_files import open_json
    from fangkong.science.tables.layout import tables_of
    from fangkong.science.tables.parts import Workbook
    from fangkong.science.tables.text_encoding import text_encoding
    from fangkong.science.tables.text_files import open_text
    from fangkong.science.tables.text_separator import records, separator_of
    from fangkong.science.tables.xls_markup import open_markup
    from fangkong.science.tables.xlsx import open_xlsx

from tests.integration.hostile_files import cells, csv_text, ledger, parts, sheet_xml

SHEET = "xl/worksheets/sheet1.xml"


def _read(workbook: Workbook) -> None:
    for table in tables_of(workbook):
        for row in table.rows:
            assert len(row.cells) == len(table.columns)


def _encoding(path: Path) -> None:
    name = text_encoding(path).name
    path.read_bytes().decode(name, "replace")


def _separator(path: Path) -> None:
    lines = path.read_text("utf-8", "replace").splitlines()
    separator = separator_of(lines) or ","
    held = sum(1 for _ in records(iter([line + "\n" for line in lines]), separator))
    assert held <= len(lines)


def _text(path: Path) -> None:
    _read(open_text(path, "a.csv"))


def _json(path: Path) -> None:
    _read(open_json(path, "a.json"))


def _markup(path: Path) -> None:
    _read(open_markup(path, "a.xls"))


def _sheet(path: Path) -> None:
    """The bytes are the XML of a sheet; the archive around it is whole."""
    content = path.read_bytes()
    parts({SHEET: content})(path)
    _read(open_xlsx(path, "a.xlsx"))


def _archive(path: Path) -> None:
    _read(open_xlsx(path, "a.xlsx"))


#: Parser → what reads a file of the fuzzer's bytes, and what it begins from.
PARSERS = {
    "encoding": (_encoding, csv_text(ledger()).encode("gb18030")),
    "separator": (_separator, csv_text(ledger()).encode()),
    "text": (_text, csv_text(ledger()).encode()),
    "json": (_json, '[{"姓名": "试甲", "年龄": 3}]'.encode()),
    "markup": (_markup, b"<table><tr><td colspan=2>a</td></tr></table>"),
    "sheet": (_sheet, sheet_xml(cells(ledger())).encode()),
    "archive": (_archive, b"PK\x03\x04"),
}


def main() -> None:
    """Fuzz the parser named first on the command line; the rest are libFuzzer's own options."""
    parser, seed = PARSERS[sys.argv.pop(1)]
    folder = TemporaryDirectory()
    corpus = Path(folder.name) / "corpus"
    corpus.mkdir()
    (corpus / "seed").write_bytes(seed)
    path = Path(folder.name) / "file"

    def one(data: bytes) -> None:
        path.write_bytes(data)
        try:
            parser(path)
        except FileRefused:
            return

    atheris.Setup([*sys.argv, str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
