"""The commands of the day: report, cycle, serve."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
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
    # What nobody reports yet is named, in one line.
    assert "intensive care in use" in text
    assert "no desk carries it yet" in text
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


MAKE = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from fangkong.record.keyring import create
create(settings.KEYFILE)
call_command("migrate", verbosity=0)
"""


def test_the_console_answers_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "FANGKONG_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "fangkong.settings",
    }
    subprocess.run([sys.executable, "-c", MAKE], env=environment, check=True, timeout=60)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        f"from fangkong.faces.cli.main import main; main(['--lang', 'en', 'serve', '--port', '{port}'])"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", script],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert first_answer(server, f"http://127.0.0.1:{port}/") == 200
        os.killpg(server.pid, signal.SIGINT)
        told, _ = server.communicate(timeout=30)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
    assert server.returncode == 0, told
    assert f"Console: http://127.0.0.1:{port}/" in told
    assert told.rstrip().endswith("Stopped")
    assert "Traceback" not in told


def first_answer(server: subprocess.Popen[str], address: str) -> int:
    """The status of the first answer; the server needs a moment to come up, and may not end before."""
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.status
        except OSError:
            assert server.poll() is None, server.stdout.read() if server.stdout else ""
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
