"""What the R package cfr 0.2.0 holds and prints, read from the reference folder beside the real data.

The outbreak lies in R's own file format: a compressed stream of typed items (R Internals, chapter 1.8). Only what a
table of numbers needs is read.
"""

from __future__ import annotations

import bz2
import re
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_NOTHING, _SYMBOL, _PAIRS, _STRING, _WHOLE, _REAL, _TEXT, _LIST = 254, 1, 2, 9, 13, 14, 16, 19
_REFERENCE = 255


@dataclass
class _RStream:
    data: bytes
    at: int
    symbols: list[str]

    def integer(self) -> int:
        (value,) = struct.unpack_from(">i", self.data, self.at)
        self.at += 4
        return int(value)

    def numbers(self, kind: str, width: int) -> NDArray[np.float64]:
        count = self.integer()
        values = np.frombuffer(self.data, dtype=kind, count=count, offset=self.at).astype(np.float64)
        self.at += width * count
        return values

    def item(self) -> object:
        flags = self.integer()
        kind, has_attributes, has_tag = flags & 255, flags & 512, flags & 1024
        if kind == _NOTHING:
            return None
        if kind == _REFERENCE:
            return self.symbols[(flags >> 8) - 1]
        if kind == _SYMBOL:
            self.symbols.append(str(self.item()))
            return self.symbols[-1]
        if kind == _STRING:
            length = self.integer()
            self.at += length
            return self.data[self.at - length : self.at].decode()
        if kind == _PAIRS:
            assert not has_attributes
            name = self.item() if has_tag else None
            value, rest = self.item(), self.item()
            return [(name, value), *(rest if isinstance(rest, list) else [])]
        value = {
            _WHOLE: lambda: self.numbers(">i4", 4),
            _REAL: lambda: self.numbers(">f8", 8),
            _TEXT: lambda: [self.item() for _ in range(self.integer())],
            _LIST: lambda: [self.item() for _ in range(self.integer())],
        }[kind]()
        attributes = dict(self.item()) if has_attributes else {}  # type: ignore[call-overload]
        if kind == _LIST and "names" in attributes:
            return dict(zip(attributes["names"], value, strict=True))  # type: ignore[call-overload]
        return value


def ebola_1976(reference: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Cases and deaths per day, ``[time]`` each."""
    data = bz2.decompress((reference / "cfr" / "ebola1976.rda").read_bytes())
    begin = data.index(b"X\n") + 2 + 3 * 4  # three version numbers follow the format
    begin += 4 + struct.unpack_from(">i", data, begin)[0]  # and the name of the encoding
    [(name, table)] = _RStream(data, begin, []).item()  # type: ignore[misc, attr-defined]
    assert name == "ebola1976"
    return table["cases"], table["deaths"]


def printed_table(reference: Path, file_name: str, number: int) -> NDArray[np.float64]:
    """The last three columns of one printed table of a snapshot, ``[row, (estimate, low, high)]``, NaN for NA."""
    text = (reference / "cfr" / file_name).read_text(encoding="utf-8")
    blocks = re.split(r"^    Output\n", text, flags=re.MULTILINE)[1:]
    rows = re.findall(r"^ +\d+ .*$", blocks[number], flags=re.MULTILINE)
    return np.array([[float(cell.replace("NA", "nan")) for cell in row.split()[-3:]] for row in rows])
