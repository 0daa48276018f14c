"""``fangkong print``: a pack is written without network; what cannot be written is said in one line."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

#: Any attempt to reach another machine ends the process.
NO_NETWORK = """
import socket, sys
def refused(*_, **__):
    raise SystemExit("the network was asked for")
socket.socket.connect = refused
socket.create_connection = refused
socket.getaddrinfo = refused
from fangkong.faces.cli.main import main
main(sys.argv[1:])
"""


def test_a_pack_is_written_with_its_digest_and_without_network(installed, tmp_path) -> None:
    out = tmp_path / "day.pdf"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FANGKONG_")}
    environment |= {"FANGKONG_HOME": str(installed.home), "LANG": "C.UTF-8"}
    arguments = ["--lang", "en", "print", "--as-of", "2022-03-27", str(out)]
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert out.read_bytes().startswith(b"%PDF")
    assert hashlib.sha256(out.read_bytes()).hexdigest() in done.stdout
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--as-of", "2999-01-01", "{folder}/day.pdf"], "has not come yet"),
        (["--as-of", "2022-03-27", "{folder}"], "is a folder"),
        (["--as-of", "2022-03-27", "{folder}/none/day.pdf"], "does not exist"),
        (["--as-of", "2022-03-27", "--area", "990199", "{folder}/day.pdf"], "knows no area 990199"),
    ],
)
def test_what_cannot_be_printed_is_said_in_one_line(installed, tmp_path, arguments, said) -> None:
    done = installed.run("print", *(each.format(folder=tmp_path) for each in arguments))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.glob("*.pdf")) == []
