"""The files of a folder of rule packs, as an editor leaves them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

#: The vocabulary of a folder; every other TOML file in it is a pack.
KEYS_FILE = "keys.toml"


def pack_files(folder: Path) -> list[Path]:
    """The TOML files of ``folder`` by name, its vocabulary among them; hidden files are no packs."""
    return sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))


def read_table(path: Path) -> dict[str, Any]:
    """The TOML file ``path``, with or without the byte order mark that some editors write."""
    return tomllib.loads(path.read_text(encoding="utf-8-sig"))
