"""Administrative area codes: a tree by prefix, from province (2 digits) down to the building.

China's codes nest by prefix (31 -> 3101 -> 310115 -> 310115001 -> ...), so "everything inside" is one
half-open range of strings and can be an index scan. A country stands outside the digits: its two-letter
ISO code holds itself, and CN also holds every numeric code.
"""

from __future__ import annotations

#: Code lengths of the tree, from the widest area to the narrowest (GB/T 2260 and GB/T 10114, then ours).
LEVEL_BY_LENGTH = {
    2: "province",
    4: "city",
    6: "district",
    9: "street",
    12: "community",
    15: "compound",
    18: "building",
}

#: The country whose areas have numeric codes.
HOME_COUNTRY = "CN"

Range = tuple[str, str]


def level_of(code: str) -> str:
    """The level of ``code``: country, province, city, district, street, community, compound or building.

    Raises ValueError when the length fits no level.
    """
    if code.isalpha() and len(code) == 2:
        return "country"
    if code.isascii() and code.isdigit() and len(code) in LEVEL_BY_LENGTH:
        return LEVEL_BY_LENGTH[len(code)]
    raise ValueError(f"{code!r} is not an area code: two letters, or 2, 4, 6, 9, 12, 15 or 18 digits")


def parent_of(code: str) -> str:
    """The code one level up; the country for a province, "" for a country."""
    level_of(code)
    if not code.isdigit():
        return ""
    lengths = [n for n in LEVEL_BY_LENGTH if n < len(code)]
    return code[: max(lengths)] if lengths else HOME_COUNTRY


def ancestors(code: str) -> list[str]:
    """The codes above ``code``, the nearest first, up to the country.

    >>> ancestors("990101")
    ['9901', '99', 'CN']
    """
    above, at = [], parent_of(code)
    while at:
        above.append(at)
        at = parent_of(at)
    return above


def canonical_code(code: str) -> str:
    """``code`` without the trailing zero pairs of six-digit form: 310000 -> 31, 320100 -> 3201, 310115 kept.

    >>> canonical_code("310000"), canonical_code("320100"), canonical_code("310115")
    ('31', '3201', '310115')
    """
    if code.isdigit() and len(code) == 6:
        if code.endswith("0000"):
            return code[:2]
        if code.endswith("00"):
            return code[:4]
    return code


def code_ranges(code: str) -> list[Range]:
    """Half-open string ranges that hold ``code`` and everything inside it.

    >>> code_ranges("990103")
    [('990103', '990104')]
    """
    ranges = [(code, code[:-1] + chr(ord(code[-1]) + 1))]
    if code == HOME_COUNTRY:
        ranges.append(("0", ":"))
    return ranges


def contains(outer: str, inner: str) -> bool:
    """True when ``inner`` is ``outer`` or lies inside it."""
    return any(low <= inner < high for low, high in code_ranges(outer))
