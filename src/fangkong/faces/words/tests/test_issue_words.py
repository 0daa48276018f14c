"""Every finding of the importer has its words."""

from __future__ import annotations

from fangkong.faces.words.catalogue import codes
from fangkong.science.tables.codes import severities


def test_every_issue_code_speaks_and_no_other() -> None:
    said = {code.removeprefix("intake.issue.") for code in codes() if code.startswith("intake.issue.")}
    assert said == {code.lower() for code in severities()}
