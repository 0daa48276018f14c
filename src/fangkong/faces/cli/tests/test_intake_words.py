"""Every refusal and every reason that receiving can give has words in both languages, with all they need."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import fangkong.desks.intake
from fangkong.core.errors import InputError
from fangkong.faces.cli.receive import row_text
from fangkong.faces.words.catalogue import has_word
from fangkong.faces.words.errors import error_text
from fangkong.record.models import ReceiptRow

SOURCE = Path(fangkong.desks.intake.__file__).parent


def calls(*names: str) -> list[tuple[str, tuple[str, ...]]]:
    """(code, parameter names) of every call of one of ``names`` in the room, as it stands in the source."""
    found = set()
    for path in sorted(SOURCE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    found.add((str(code.value), tuple(k.arg for k in node.keywords if k.arg)))
    return sorted(found)


REFUSALS = calls("InputError", "NotFound", "FangkongError")
REASONS = [
    *calls("held", "rejected"),
    ("duplicate_row", ("first_row",)),
    ("duplicate_conflict", ("first_row",)),
    ("contradicts_record", ("table", "key", "option")),
]


def test_the_source_was_read():
    assert len(REFUSALS) > 25
    assert len(REASONS) > 20


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("code", "params"), REFUSALS)
def test_a_refusal_says_all_it_knows(code, params, lang):
    assert has_word(code)
    text = error_text(InputError(code, **{name: f"<{name}>" for name in params}), lang)
    told = {"file", "columns", "mappings"} & set(params) or set(params)
    assert all(f"<{name}>" in text for name in told)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("reason", "params"), REASONS)
def test_a_reason_comes_with_advice(reason, params, lang):
    values = {name: f"<{name}>" for name in params}
    row = ReceiptRow(row_number=7, column="n", outcome="held", reason=reason, params=values)
    text = row_text(row, lang)
    assert "7" in text
    assert all(value in text for value in values.values())
