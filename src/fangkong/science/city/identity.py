"""Synthetic identities: invented names, numbers of unassigned ranges, invented addresses."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from fangkong.science.city.areas import gazetteer

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_SEQUENCES_PER_SEX = 499  # sequence numbers 001-999: odd for men, even for women
_PHONE_PREFIX = "100"
_PHONE_NUMBERS = 10**8
_SCRAMBLE = 73_939_133  # prime, so multiplying by it permutes both ranges below


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a synthetic person is said to be.

    Attributes:
        name_zh, name_en: characters and pinyin ("Surname Givenname").
        id_number: 18 characters with a correct check character, area code 99xxxx.
        phone: 11 digits beginning with 100.
        birth_on: agrees with the number.
        address_zh: city, district, street, community, compound, building, unit and room.
    """

    name_zh: str
    name_en: str
    id_number: str
    phone: str
    birth_on: date
    address_zh: str


def check_character(body: str) -> str:
    """The last character of a citizen identity number.

    Args:
        body: its first 17 digits.

    Raises:
        ValueError: not 17 digits.

    Source:
        GB 11643-1999 with ISO 7064:1983 MOD 11-2.

    >>> check_character("99010119900101001")
    '9'
    """
    if len(body) != len(_WEIGHTS) or not body.isdigit():
        raise ValueError(
            f"an identity number has {len(_WEIGHTS)} digits before its check character, got {body!r}"
        )
    return _CHECK_CHARACTERS[sum(w * int(d) for w, d in zip(_WEIGHTS, body, strict=True)) % 11]


def compose(
    *, seed: int, index: int, rank: int, male: bool, birth_year: int, district: str, address_zh: str
) -> Identity:
    """The identity of one person, from the seed and the index alone.

    Args:
        seed: of the city.
        index: of the person; numbers of different indices differ.
        rank: among people of the same district, birth year and sex, so that numbers never repeat.
        male: sex.
        birth_year: calendar year.
        district: 6-digit code beginning with 99.
        address_zh: home down to the building.

    Returns:
        The identity; its number, phone and name belong to nobody.
    """
    digest = hashlib.blake2b(f"identity:{seed}:{index}".encode(), digest_size=16).digest()
    words = gazetteer()["names"]
    surname = words["surname"][digest[0] % len(words["surname"])]
    first = words["given_first"][digest[1] % len(words["given_first"])]
    second = words["given_second"][digest[2] % len(words["given_second"])]
    days = (date(birth_year + 1, 1, 1) - date(birth_year, 1, 1)).days
    slot = ((rank + seed) * _SCRAMBLE) % (days * _SEQUENCES_PER_SEX)
    birth_on = date(birth_year, 1, 1) + timedelta(days=slot % days)
    sequence = 2 * (slot // days) + (1 if male else 2)
    body = f"{district}{birth_on:%Y%m%d}{sequence:03d}"
    unit, floor, door = digest[3] % 4 + 1, digest[4] % 18 + 1, digest[5] % 4 + 1
    return Identity(
        name_zh=surname[0] + first[0] + second[0],
        name_en=f"{surname[1]} {(first[1] + second[1]).capitalize()}",
        id_number=body + check_character(body),
        phone=f"{_PHONE_PREFIX}{((index + seed) * _SCRAMBLE) % _PHONE_NUMBERS:08d}",
        birth_on=birth_on,
        address_zh=f"{address_zh}{unit}单元{floor}{door:02d}室",
    )
