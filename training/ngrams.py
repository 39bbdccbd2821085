"""What Mini, and some heads, see of a text: hashed character and word n-grams. SaraiRouter does the same in Swift."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

import numpy as np

LONGEST_TEXT = 512
# Unicode's White_Space; Python's own idea of it has four control characters more.
WHITE_SPACE = re.compile(r"[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
CHARACTER_SIZES = range(2, 6)
FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
MASK = (1 << 64) - 1


def normalise(text: str) -> str:
    """The first 512 scalars in lower case, without accents, with single spaces, and one before and after.

    Lower case is taken scalar by scalar: for a whole text, `str.lower` knows about context, and Swift's does not.
    """
    lowered = "".join(character.lower() for character in text[:LONGEST_TEXT])
    bare = "".join(
        character for character in unicodedata.normalize("NFD", lowered) if unicodedata.category(character)[0] != "M"
    )
    return " " + WHITE_SPACE.sub(" ", bare).strip(" ") + " "


def words(normalised: str) -> list[str]:
    """The runs of letters and digits."""
    spaced = (character if unicodedata.category(character)[0] in "LN" else " " for character in normalised)
    return "".join(spaced).split()


def keys(text: str) -> set[str]:
    """The n-grams of a text, each with its kind."""
    normalised = normalise(text)
    found = words(normalised)
    result = {"w:" + word for word in found}
    result.update(f"b:{first} {second}" for first, second in pairwise(found))
    for size in CHARACTER_SIZES:
        result.update("c:" + normalised[start : start + size] for start in range(len(normalised) - size + 1))
    return result


@cache
def fnv1a(key: str) -> int:
    """The 64-bit FNV-1a hash of a key's UTF-8."""
    value = FNV_OFFSET
    for byte in key.encode():
        value = ((value ^ byte) * FNV_PRIME) & MASK
    return value


def buckets(text: str, count: int) -> np.ndarray:
    """The buckets that a text falls into, in order; `count` is a power of two."""
    return np.array(sorted({fnv1a(key) & (count - 1) for key in keys(text)}), dtype=np.int64)
