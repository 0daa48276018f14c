"""No name is known to the code: with every disease, district, column and value renamed, the figures are the same."""

from __future__ import annotations

import csv
import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from fangkong.command.reports.figures import figures_json
from fangkong.desks import intake
from fangkong.desks.intake.actions import receive_file
from fangkong.record.access import system_actor

MAPPINGS = Path(intake.__file__).parent / "mappings"
AREAS = Path(intake.__file__).parent / "areas"
FILES = {
    "shanghai-city-daily": "shanghai_2022_city_daily_to_0410.csv",
    "shanghai-district-daily": "shanghai_2022_district_daily_by_source_to_0410.csv",
}
AS_OF = date(2022, 4, 10)
OFFICE = system_actor("test")


def renamed_code(code: str) -> str:
    """Shanghai's codes as those of a province that there is not."""
    return "88" + code[2:]


def district_names() -> dict[str, tuple[str, str]]:
    """Name of a district -> (its new name, its new code)."""
    areas = tomllib.loads((AREAS / "shanghai.toml").read_text(encoding="utf-8"))["area"]
    return {
        area["name_zh"]: (f"玄{number}{suffix_of(area['name_zh'])}", renamed_code(area["code"]))
        for number, area in enumerate(areas)
    }


def suffix_of(name: str) -> str:
    return next((suffix for suffix in ("新区", "区", "市") if name.endswith(suffix)), "")


def renamed_cell(cell: str, names: dict[str, tuple[str, str]]) -> str:
    """A district's name in the file, long or short, as the new name, long or short."""
    for old, (new, _) in names.items():
        suffix = suffix_of(old)
        if cell == old:
            return new
        if suffix and cell == old.removesuffix(suffix):
            return new.removesuffix(suffix)
    return cell


def rename(mapping: str, source: Path, folder: Path) -> tuple[Path, Path]:
    """(mapping, file) of a world in which nothing has its name: columns, values, disease, districts, codes."""
    text = (MAPPINGS / f"{mapping}.toml").read_text(encoding="utf-8")
    with source.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.reader(handle))
    names = district_names()
    stored = tomllib.loads(text)
    words = {column: f"column{number}" for number, column in enumerate(rows[0])}
    for old, new in words.items():
        text = text.replace(f'name = "{old}"', f'name = "{new}"').replace(
            f'column = "{old}"', f'column = "{new}"'
        )
    for column in stored.get("column", []):
        for value in column.get("values", {}):
            words[value] = f"value{len(words)}"
            text = text.replace(f'"{value}" = ', f'"{words[value]}" = ')
    text = text.replace('"covid-19"', '"nameless-9"').replace(
        f'code = "{mapping}"', f'code = "renamed-{mapping}"'
    )
    text = text.replace('area_root = "31"', 'area_root = "88"').replace(
        'area_code = "31"', 'area_code = "88"'
    )
    listed = ",\n".join(f'  {{ code = "{code}", name_zh = "{new}" }}' for new, code in names.values())
    text = re.sub(r"area_tables = .*", f"area = [\n{listed}\n]", text)
    assert not any(f'name = "{word}"' in text or f'"{word}" =' in text for word in words)
    assert not any(f'"{word}"' in text for word in ("covid-19", "31"))
    renamed = [[words[column] for column in rows[0]]]
    renamed += [[words.get(cell, renamed_cell(cell, names)) for cell in row] for row in rows[1:]]
    target = folder / f"{mapping}.csv"
    with target.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(renamed)
    path = folder / f"{mapping}.toml"
    path.write_text(text, encoding="utf-8")
    return path, target


def figures(disease: str, area: str) -> dict:
    """The report's figures without what must differ: names, codes and receipts."""
    report = figures_json(AS_OF, actor=OFFICE, disease=disease, area_code=area)
    for days in (report["daily"], *(district["daily"] for district in report["districts"].values())):
        for day in days:
            day.pop("sources")
    by_code = {district["code"][2:]: district["daily"] for district in report["districts"].values()}
    return {"daily": report["daily"], "districts": by_code, "known_through": report["known_through"]}


@pytest.mark.django_db
@pytest.mark.real_data
def test_a_renamed_world_has_the_same_figures(real_data, tmp_path):
    for mapping, name in FILES.items():
        receive_file(real_data / name, actor=OFFICE, mapping=mapping)
    for mapping, name in FILES.items():
        path, target = rename(mapping, real_data / name, tmp_path)
        receipt = receive_file(target, actor=OFFICE, mapping_file=path)
        assert receipt.accepted == receipt.row_count
    ours, theirs = figures("covid-19", "31"), figures("nameless-9", "88")
    assert len(ours["daily"]) == 42
    assert sum(day["confirmed"] or 0 for day in ours["daily"]) > 5000
    assert theirs == ours
