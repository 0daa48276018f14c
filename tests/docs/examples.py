"""The examples of the documentation: files to write, commands to run and what they must print.

A page marks the fenced block that follows with a comment of its own:

    <!-- file: NAME -->   the block is the content of NAME, in the folder where the commands run
    <!-- runs -->         the block is a shell script; it must succeed (``<!-- runs: 1 -->``: exit with 1)
    <!-- prints -->       every line of the block stands in what the commands before it printed, in this order;
                          ``…`` stands for anything
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.running import environment

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])

_MARK = re.compile(r"^<!-- (file|runs|prints)(?:: (\S+))? -->\n+```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One marked block: its kind, the argument of its mark and its text."""

    kind: str
    argument: str
    text: str


@dataclass
class Run:
    """A folder in which the examples of one page run, one after another."""

    folder: Path
    printed: str = ""
    commands: list[str] = field(default_factory=list)

    def take(self, step: Step) -> None:
        """Do what the block says. Fails with the output when it does not come out as the page says."""
        if step.kind == "file":
            path = self.folder / step.argument
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
        elif step.kind == "runs":
            self._run(step.text, int(step.argument or 0))
        else:
            self._compare(step.text)

    def _run(self, script: str, expected: int) -> None:
        given = environment(self.folder / "var", PATH=f"{Path(sys.executable).parent}:/usr/bin:/bin")
        done = subprocess.run(
            ["bash", "-eu", "-c", script],
            cwd=self.folder,
            env=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        self.printed = done.stdout
        assert done.returncode == expected, f"{script}\nexit code {done.returncode}\n{self.printed}"

    def _compare(self, text: str) -> None:
        lines, at = self.printed.splitlines(), 0
        for wanted in filter(str.strip, text.splitlines()):
            pattern = re.compile(".*".join(re.escape(part) for part in wanted.strip().split("…")))
            found = next((n for n in range(at, len(lines)) if pattern.fullmatch(lines[n].strip())), None)
            assert found is not None, f"not printed: {wanted}\n{self.printed}"
            at = found + 1


def steps_of(page: Path) -> list[Step]:
    """The marked blocks of ``page`` in order."""
    text = page.read_text(encoding="utf-8")
    steps = [Step(kind, argument, block) for kind, argument, block in _MARK.findall(text)]
    marked = len(re.findall(r"^<!-- (?:file|runs|prints)\b", text, re.MULTILINE))
    assert len(steps) == marked, f"{page.name}: a mark is not followed by a fenced block"
    return steps
