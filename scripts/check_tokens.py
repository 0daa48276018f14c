"""Check the colour tokens of fangkong.css: WCAG contrast, and chart colours apart for colour-blind eyes.

Run: python scripts/check_tokens.py [--table]. Exits 1 when a pair falls below its floor.
Colour-vision matrices: Machado, Oliveira and Fernandes 2009, severity 1.0, applied in linear RGB.
"""

from __future__ import annotations

import itertools
import re
import sys
from pathlib import Path

CSS = Path(__file__).resolve().parents[1] / "src/fangkong/faces/web/static/fangkong.css"

Triple = tuple[float, float, float]

# Grounds with the inks written on them and the least contrast each needs
# (WCAG 2.2 AA: 4.5 for text, 3 for graphics and edges; the look asks 7 for body ink).
TEXT: dict[str, dict[float, str]] = {
    "paper": {7: "ink", 4.5: "ink-3 accent"},
    "surface": {
        7: "ink",
        4.5: "ink-2 ink-3 accent risk-low risk-mid risk-high case-asymptomatic case-suspected case-closed "
        "dq-full dq-late dq-refused dq-missing",
        3: "edge focus risk-high-mark risk-mid-mark ch-1 ch-2 ch-3 ch-4",
    },
    "sunk": {4.5: "ink-2 ink-3"},
    "accent": {4.5: "on-accent"},
    "accent-soft": {7: "ink", 4.5: "accent-deep ink-2 ink-3 risk-high"},
    "risk-low-soft": {4.5: "risk-low"},
    "risk-mid-soft": {7: "ink", 4.5: "risk-mid ink-2"},
    "risk-high-soft": {4.5: "risk-high"},
    "case-soft": {4.5: "case-confirmed ink"},
    "measure": {4.5: "on-accent"},
    "dq-soft": {4.5: "ink-2"},
    "seq-1": {4.5: "ink"},
    "seq-2": {4.5: "ink"},
    "seq-3": {4.5: "ink"},
    "seq-4": {4.5: "surface"},
    "seq-5": {4.5: "surface"},
    "ink": {7: "paper"},
}
LEAST_DISTANCE = 20.0  # CIE76, between colours that stand side by side in one figure
APART = [
    ("ch-1", "ch-2", "ch-3", "ch-4"),
    ("risk-low", "risk-mid-mark", "risk-high-mark"),
    ("seq-1", "seq-3", "seq-5"),
]
EYES: dict[str, tuple[Triple, Triple, Triple]] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def tokens(css: str, selector: str) -> dict[str, str]:
    """Names and six-digit colours of the first block of a selector."""
    block = re.search(re.escape(selector) + r"\s*\{(.*?)\n\}", css, re.S)
    if block is None:
        sys.exit(f"fangkong.css has no block {selector}")
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6})\b", block.group(1)))


def linear(colour: str) -> Triple:
    """Linear RGB of a hexadecimal sRGB colour."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return red, green, blue


def contrast(a: str, b: str) -> float:
    """WCAG contrast ratio, 1 to 21."""
    one, two = (sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(x), strict=True)) for x in (a, b))
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)


def lab(colour: str, eye: tuple[Triple, Triple, Triple]) -> Triple:
    """CIE Lab of a colour as an eye sees it (D65)."""
    seen = linear(colour)
    r, g, b = (min(1, max(0, sum(m * c for m, c in zip(row, seen, strict=True)))) for row in eye)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def faults(theme: str, values: dict[str, str], *, table: bool) -> int:
    """Number of pairs of a theme below their floor; prints those, or all of them."""
    failed = 0
    for ground, floors in TEXT.items():
        for floor, inks in floors.items():
            for ink in inks.split():
                ratio = contrast(values[ink], values[ground])
                wrong = ratio < floor
                failed += wrong
                if wrong or table:
                    print(f"{theme:5} {ink:18} on {ground:15} {ratio:5.2f} (floor {floor}){' FAIL' * wrong}")
    for group in APART:
        for name, eye in EYES.items():
            seen = {c: lab(values[c], eye) for c in group}
            gap, a, b = min(
                (sum((p - q) ** 2 for p, q in zip(seen[a], seen[b], strict=True)) ** 0.5, a, b)
                for a, b in itertools.combinations(group, 2)
            )
            wrong = gap < LEAST_DISTANCE
            failed += wrong
            if wrong or table:
                print(f"{theme:5} {name:6} nearest pair {a} / {b}, distance {gap:.0f}{' FAIL' * wrong}")
    return failed


def main() -> int:
    css = CSS.read_text(encoding="utf-8")
    light = tokens(css, ":root")
    dark = {**light, **tokens(css, ':root[data-theme="dark"]')}
    table = "--table" in sys.argv
    failed = faults("light", light, table=table) + faults("dark", dark, table=table)
    print(f"{failed} pairs of colours below their floor")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
