"""Running the product as its users do: the installed command, an installation of its own, a real server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FANGKONG = Path(sys.executable).with_name("fangkong")


def environment(home: Path, **extra: str) -> dict[str, str]:
    """The environment of an installation at ``home``, without what the test process itself was given."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("FANGKONG_", "DJANGO_"))}
    return {**kept, "FANGKONG_HOME": str(home), "LANG": "C.UTF-8", **extra}


def fangkong(
    home: Path, *arguments: str, check: bool = True, **extra: str
) -> subprocess.CompletedProcess[str]:
    """What ``fangkong`` with ``arguments`` did. Fails the test with its output when it should have worked."""
    done = subprocess.run(
        [FANGKONG, *arguments], env=environment(home, **extra), capture_output=True, text=True, timeout=300
    )
    if check:
        assert done.returncode == 0, f"fangkong {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(home: Path, *arguments: str) -> Iterator[str]:
    """The address of a console serving the installation at ``home``."""
    port = free_port()
    command = [FANGKONG, "serve", "--port", str(port), *arguments]
    log = (home / "serve.log").open("w")
    server = subprocess.Popen(command, env=environment(home), stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/sign-in/", timeout=2).close()
                break
            except OSError:
                assert server.poll() is None, (home / "serve.log").read_text()
                time.sleep(0.2)
        else:
            raise AssertionError("the console did not answer within a minute")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()
