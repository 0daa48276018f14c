"""R and its packages beside the product: found, installed from Debian where we may, and run with its cost counted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

#: R package and the Debian package that brings it.
PACKAGES = {"EpiEstim": "r-cran-epiestim", "surveillance": "r-cran-surveillance"}
#: Without a zone R asks a system service that containers do not have, and prints its error.
ENVIRONMENT = {"TZ": "UTC"}


def rscript(install: bool = True) -> tuple[str | None, str]:
    """The path of ``Rscript`` with every package there and "", or None and what is missing, in words.

    Arguments:
        install: whether to install what is missing with apt-get, where this process is root.
    """
    lacking = _lacking()
    if lacking and install and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "r-base-core", *lacking],
        ):
            done = subprocess.run(command, env=quiet, capture_output=True, check=False)
            if done.returncode:
                return None, f"`{' '.join(command)}` failed, so {_named(lacking)} could not be installed"
        lacking = _lacking()
    if lacking:
        return (
            None,
            f"this machine lacks {_named(lacking)}, and we may not install it (not root, or no apt-get)",
        )
    return shutil.which("Rscript"), ""


def versions(path: str) -> str:
    """R and its packages with their versions, for a sentence."""
    asked = "".join(f'cat(", {name}", packageDescription("{name}")$Version);' for name in PACKAGES)
    answer = subprocess.run(
        [path, "-e", f'cat("R", as.character(getRversion()));{asked}'],
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout


def run(path: str, script: str, folder: Path, *arguments: str) -> dict[str, Any]:
    """What an R script printed as JSON, with ``peak_mb``, the peak memory of its process.

    Arguments:
        path: of ``Rscript``. script: R code; ``commandArgs(TRUE)`` are the folder and the arguments.

    Raises:
        RuntimeError: when the script fails, with what R said.
    """
    source = folder / "script.R"
    source.write_text(script, encoding="utf-8")
    with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as said:
        command = [path, str(source), str(folder), *arguments]
        process = subprocess.Popen(command, env={**os.environ, **ENVIRONMENT}, stdout=printed, stderr=said)
        # The usage of this one child; RUSAGE_CHILDREN would give the largest of all.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        said.seek(0)
        if process.returncode:
            raise RuntimeError(f"R failed: {said.read()[-2000:]}")
        found: dict[str, Any] = json.loads(printed.read())
    return found | {"peak_mb": usage.ru_maxrss / 1024}


def _lacking() -> list[str]:
    """Debian packages to install."""
    path = shutil.which("Rscript")
    if path is None:
        return list(PACKAGES.values())
    return [
        debian
        for name, debian in PACKAGES.items()
        if subprocess.run(
            [path, "-e", f'quit(status = as.integer(!requireNamespace("{name}", quietly = TRUE)))'],
            env={**os.environ, **ENVIRONMENT},
            capture_output=True,
            check=False,
        ).returncode
    ]


def _named(debian: list[str]) -> str:
    return "R with " + " and ".join(name for name, package in PACKAGES.items() if package in debian)
