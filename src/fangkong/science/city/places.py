"""Places where people of the city meet, and the organisations that run or report them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangkong.science.city.areas import Site, gazetteer
from fangkong.science.city.keys import opaque_keys
from fangkong.science.city.parameters import Parameters

PLACE_KINDS = (
    "workplace",
    "school",
    "market",
    "hospital",
    "restaurant",
    "laboratory",
    "checkpoint",
    "isolation_site",
)
_NAMES = {
    "school": ("学校", "School"),
    "market": ("集市", "Market"),
    "hospital": ("医院", "Hospital"),
    "restaurant": ("饭店", "Restaurant"),
    "laboratory": ("核酸检测实验室", "PCR Laboratory"),
    "checkpoint": ("卡口", "Checkpoint"),
    "isolation_site": ("隔离点", "Isolation Site"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place.

    Attributes:
        key: opaque.
        kind: one of ``PLACE_KINDS``.
        area: 12-digit code of its community.
        organisation: key of the organisation that runs it, empty for private workplaces and restaurants.
        lon, lat: degrees.
    """

    key: str
    kind: str
    name_zh: str
    name_en: str
    area: str
    organisation: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that reports, decides or runs a place.

    Attributes:
        key: opaque.
        kind: leading_group_office, health_commission, cdc, street_office, community_committee, or the kind of
            the public place that it runs.
        area: code of the area that it serves.
    """

    key: str
    kind: str
    name_zh: str
    name_en: str
    area: str


@dataclass(frozen=True, slots=True)
class _Draft:
    kind: str
    name_zh: str
    name_en: str
    community: Site


def _drafts(
    district: Site, below: list[Site], people: int, given: Parameters, rng: np.random.Generator
) -> list[_Draft]:
    streets = [site for site in below if len(site.code) == 9]
    communities = [site for site in below if len(site.code) == 12]
    trades = gazetteer()["words"]["trade"]
    drafts: list[_Draft] = []
    for kind in PLACE_KINDS:
        count = max(1, round(people / given.number(f"place.persons_per_{kind}")))
        for number in range(count):
            street = streets[number % len(streets)]
            own = [site for site in communities if site.code.startswith(street.code)]
            community = own[(number // len(streets)) % len(own)]
            if kind == "workplace":
                community = communities[int(rng.integers(len(communities)))]
                trade = trades[int(rng.integers(len(trades)))]
                zh, en = f"{community.name_zh[:2]}{trade[0]}", f"{community.name_en.split()[0]} {trade[1]}"
                suffix = number + 1
                drafts.append(
                    _Draft(kind, f"{district.name_zh[:2]}{zh}{suffix}号厂", f"{en} No. {suffix}", community)
                )
                continue
            round_number = number // len(streets)
            base_zh = street.name_zh.removesuffix("街道").removesuffix("镇")
            base_en = street.name_en.rsplit(" ", 1)[0]
            zh, en = _NAMES[kind]
            if kind in {"hospital", "laboratory", "checkpoint", "isolation_site", "school"}:
                base_zh, base_en = district.name_zh[:2] + base_zh, f"{district.name_en} {base_en}"
            if round_number:
                zh, en = f"第{round_number + 1}{zh}", f"{en} No. {round_number + 1}"
            drafts.append(_Draft(kind, base_zh + zh, f"{base_en} {en}", community))
    return drafts


def build_places(
    *,
    seed: int,
    cities: list[Site],
    districts: list[Site],
    below: dict[str, list[Site]],
    people: NDArray[np.int64],
    given: Parameters,
    rng: np.random.Generator,
) -> tuple[tuple[Place, ...], tuple[Organisation, ...]]:
    """Places in order of district and kind, and organisations.

    Args:
        seed: of the city, for the keys.
        cities, districts: sites of both cities.
        below: by district code, its streets, communities and compounds.
        people: shape (districts,), residents.
        given: ``city.toml``.
        rng: for names and positions.

    Returns:
        Places and organisations; each organisation named by a place is in the list.
    """
    drafts = [
        draft
        for district, count in zip(districts, people.tolist(), strict=True)
        for draft in _drafts(district, below[district.code], count, given, rng)
    ]
    rows: list[tuple[str, str, str, str]] = []
    for site in cities:
        rows.append(
            (
                "leading_group_office",
                f"{site.name_zh}疫情防控工作领导小组办公室",
                f"{site.name_en} Leading Group Office",
                site.code,
            )
        )
    for site in [*cities, *districts]:
        rows.append(
            (
                "health_commission",
                f"{site.name_zh}卫生健康委员会",
                f"{site.name_en} Health Commission",
                site.code,
            )
        )
        rows.append(("cdc", f"{site.name_zh}疾病预防控制中心", f"{site.name_en} CDC", site.code))
    for district in districts:
        for site in below[district.code]:
            if len(site.code) == 9:
                kind_zh = "人民政府" if site.name_zh.endswith("镇") else "办事处"
                rows.append(("street_office", site.name_zh + kind_zh, f"{site.name_en} Office", site.code))
            elif len(site.code) == 12:
                kind_zh = "村民委员会" if site.name_zh.endswith("村") else "居民委员会"
                name_zh = site.name_zh.removesuffix("村") + kind_zh
                rows.append(("community_committee", name_zh, f"{site.name_en} Committee", site.code))
    private = {"workplace", "restaurant"}
    owned = [number for number, draft in enumerate(drafts) if draft.kind not in private]
    first_owned = len(rows)
    rows += [(drafts[n].kind, drafts[n].name_zh, drafts[n].name_en, drafts[n].community.code) for n in owned]
    keys = opaque_keys("O", seed, np.arange(len(rows))).tolist()
    organisations = tuple(Organisation(key, *row) for key, row in zip(keys, rows, strict=True))
    owner = {number: organisations[first_owned + i].key for i, number in enumerate(owned)}
    shakes = rng.uniform(-0.004, 0.004, (len(drafts), 2))
    place_keys = opaque_keys("L", seed, np.arange(len(drafts))).tolist()
    places = tuple(
        Place(
            place_keys[n],
            draft.kind,
            draft.name_zh,
            draft.name_en,
            draft.community.code,
            owner.get(n, ""),
            round(draft.community.point[0] + float(shakes[n, 0]), 6),
            round(draft.community.point[1] + float(shakes[n, 1]), 6),
        )
        for n, draft in enumerate(drafts)
    )
    return places, organisations
