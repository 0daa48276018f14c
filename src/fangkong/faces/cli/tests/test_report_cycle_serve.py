"""The commands of the day: report, cycle, serve."""

from __future__ import annotations

import json
import shutil
import socket
from datetime import timedelta
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from fangkong.core.errors import InputError
from fangkong.faces.cli import cycle, report, serve
from fangkong.record.installation import installation, installation_set

CITY = "shanghai_2022_city_daily_to_0410.csv"
DISTRICTS = "shanghai_2022_district_daily_by_source_to_0410.csv"


@pytest.fixture
def office(db, real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office of Shanghai with its day 2022-03-29 run; the folder it writes to."""
    monkeypatch.setattr(settings, "HOME", tmp_path)
    installation_set(actor="test", area_code="31", disease="covid-19")
    (tmp_path / "inbox").mkdir()
    for name in (CITY, DISTRICTS):
        shutil.copy(real_data / name, tmp_path / "inbox")
    done = run(cycle.command, "--as-of", "2022-03-29", lang="en")
    assert done.exit_code == 0, done.output
    assert "rows accepted 1,464" in done.stdout
    assert "The report waits for a signature" in done.stdout
    assert "5,964 new infections" in done.stdout
    return tmp_path


def run(command, *arguments: str, lang: str = "zh") -> Result:
    return CliRunner().invoke(command, list(arguments), obj=lang, catch_exceptions=False)


def test_the_day_again_is_unchanged_and_the_report_reads(office: Path) -> None:
    again = run(cycle.command, "--as-of", "2022-03-29", "--json")
    told = json.loads(again.stdout)
    assert told["changed"] is False
    assert [step["step"] for step in told["steps"]][-1] == "publish"

    figures = json.loads(run(report.command, "--as-of", "2022-03-29", "--json").stdout)
    assert figures["area"] == "31"
    assert figures["known_through"] == "2022-03-29"
    assert (
        run(report.command, "--as-of", "2022-03-29", "--json").stdout
        == json.dumps(figures, ensure_ascii=False, indent=1) + "\n"
    )

    shown = run(report.command, "--as-of", "2022-03-29", "--lang", "zh").stdout
    assert "上海市新型冠状病毒感染疫情日报" in shown
    assert "还不知道" in shown
    assert "没有公布的日子：03-28" in shown
    assert "‹" not in shown


def test_papers_are_written_where_asked(office: Path) -> None:
    pdf, word = office / "report.pdf", office / "report.docx"
    done = run(
        report.command, "--as-of", "2022-03-29", "--pdf", str(pdf), "--docx", str(word), "--lang", "en"
    )
    assert done.exit_code == 0
    assert pdf.read_bytes().startswith(b"%PDF")
    text = "\n".join(p.text for p in docx.Document(str(word)).paragraphs)
    assert "5,964 new infections" in text
    assert "Beds and intensive care: no source is connected" in text
    with pytest.raises(InputError, match=r"report\.cannot_write"):
        run(report.command, "--as-of", "2022-03-29", "--pdf", str(office / "absent" / "report.pdf"))


def test_a_day_must_be_a_day_that_has_come(db) -> None:
    wrong = run(report.command, "--as-of", "27.03.2022")
    assert wrong.exit_code == 2
    assert "2022-04-18" in wrong.stderr
    tomorrow = (installation().today() + timedelta(days=1)).isoformat()
    with pytest.raises(InputError, match=r"report\.future_day"):
        run(report.command, "--as-of", tomorrow, "--json")


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(InputError, match=r"serve\.port_in_use") as told:
            serve.check_port("127.0.0.1", port)
    assert told.value.params["port"] == str(port)
    serve.check_port("127.0.0.1", port)


def test_a_host_that_is_none_is_named() -> None:
    with pytest.raises(InputError, match=r"serve\.host_unusable"):
        serve.check_port("no.such.host.invalid", 8000)
