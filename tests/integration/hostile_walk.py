"""Receives each of several files in a forked child that runs the real command, and prints what became of them.

Called as ``python -m tests.integration.hostile_walk HOME SECONDS MEGABYTES FILE…``. The parent has the command and
all its modules loaded, so that a child's memory above its beginning is what the file cost. Each child is bounded by
the kernel: SIGXCPU after so many seconds of processor time, no memory past the limit.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import sys
import traceback
from pathlib import Path

from tests.integration.kill_walk import in_child

#: What the kernel takes from a child besides the limit: stacks of threads, which are reserved and hardly used.
_STACKS = 256 << 20


def peak_bytes() -> int:
    """The largest resident memory of this process since it was last reset."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise RuntimeError("no VmHWM")


def main(home: Path, seconds: int, megabytes: int, files: list[Path]) -> None:
    """Print one line of JSON for each file."""
    import django

    django.setup()
    import fangkong.faces.cli.receive
    from fangkong.faces.cli.main import main as command
    from fangkong.record.digest import record_digest

    answer = home / "answer.json"

    def receive(path: Path) -> None:
        Path("/proc/self/clear_refs").write_text("5")
        before = peak_bytes()
        data = next(
            int(line.split()[1]) << 10
            for line in Path("/proc/self/status").read_text().splitlines()
            if line.startswith("VmData:")
        )
        bound = data + (megabytes << 20) + _STACKS
        resource.setrlimit(resource.RLIMIT_DATA, (bound, bound))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        out, err, code = io.StringIO(), io.StringIO(), 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                command(["--lang", "en", "receive", str(path), "--json"])
            except SystemExit as done:
                code = int(done.code or 0)
            except BaseException:
                code = -1
                err.write(traceback.format_exc())
        used = resource.getrusage(resource.RUSAGE_SELF)
        said = {
            "code": code,
            "out": out.getvalue(),
            "err": err.getvalue(),
            "seconds": used.ru_utime + used.ru_stime,
            "megabytes": (peak_bytes() - before) >> 20,
            "digest": record_digest()["record"],
        }
        answer.write_text(json.dumps(said))

    def digest() -> None:
        answer.write_text(json.dumps({"digest": record_digest()["record"]}))

    assert fangkong.faces.cli.receive.command is not None
    in_child(home, digest)
    before = json.loads(answer.read_text())["digest"]
    for path in files:
        answer.unlink()
        status = in_child(home, lambda path=path: receive(path))
        killed = not answer.exists()
        if killed:
            in_child(home, digest)
        said = json.loads(answer.read_text()) | {"file": path.name, "before": before, "killed": killed}
        said["signal"] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        said["left"] = sorted(
            str(each.relative_to(home))
            for pattern in (".staging-*", ".opened-*", "*.part")
            for each in (home / "receipts").rglob(pattern)
        )
        before = said["digest"]
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), [Path(each) for each in sys.argv[4:]])
