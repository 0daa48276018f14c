"""Opaque keys: distinct by construction and without meaning."""

import hashlib

import numpy as np
from numpy.typing import NDArray

_ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", dtype=np.uint8)
_CHARACTERS = 10
_HALF_BITS = 25  # ten characters of five bits are two halves of 25 bits
_ROUNDS = 4


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def opaque_keys(prefix: str, seed: int | str, numbers: NDArray[np.integer]) -> NDArray[np.str_]:
    """One key per number: the prefix and ten base-32 characters that say nothing of the number.

    Args:
        prefix: one capital letter naming the kind; kinds have unrelated sequences.
        seed: of the city, or a text that names city and history.
        numbers: shape (n,), 0 <= number < 2**50. Different numbers give different keys.

    Returns:
        Shape (n,), strings of eleven characters.

    Source:
        A four-round Feistel network (a permutation) with the SplitMix64 finaliser (Steele et al. 2014) as its
        round function and BLAKE2b for the round keys.

    >>> keys = opaque_keys("P", 1, np.arange(3))
    >>> len(set(keys.tolist())), len(keys[0])
    (3, 11)
    """
    digest = hashlib.blake2b(f"{prefix}:{seed}".encode(), digest_size=8 * _ROUNDS).digest()
    round_keys = np.frombuffer(digest, dtype="<u8").astype(np.uint64)
    mask = np.uint64((1 << _HALF_BITS) - 1)
    values = np.asarray(numbers).astype(np.uint64)
    left, right = values >> np.uint64(_HALF_BITS), values & mask
    for round_key in round_keys:
        left, right = right, left ^ (_mixed(right ^ round_key) & mask)
    values = (left << np.uint64(_HALF_BITS)) | right
    letters = np.empty((len(values), _CHARACTERS + 1), dtype=np.uint8)
    letters[:, 0] = ord(prefix)
    for position in range(_CHARACTERS):
        letters[:, position + 1] = _ALPHABET[
            ((values >> np.uint64(5 * position)) & np.uint64(31)).astype(int)
        ]
    return letters.reshape(-1).view(f"S{_CHARACTERS + 1}").astype(f"U{_CHARACTERS + 1}")
