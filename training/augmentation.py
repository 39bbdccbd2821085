"""Other ways in which the same person might have typed the same request."""

from __future__ import annotations

import hashlib
import random
import unicodedata

TYPO_RATE = 0.03
NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "kñ", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip


def variants(text: str) -> list[str]:
    """Three variants of a text, always the same ones: bare, with typing errors, and cut short."""
    seed = hashlib.sha256(text.encode()).digest()
    chance = random.Random(seed)
    return [bare(text), with_typos(text, chance), shortened(text, chance)]


def bare(text: str) -> str:
    """Without accents, capitals and marks at the ends of sentences; capitals everywhere if it had none of these."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    plain = "".join(character for character in decomposed if character not in "\u0301\u0308¿¡?!,;")
    plain = unicodedata.normalize("NFC", plain)
    return plain if plain != text else text.upper()


def with_typos(text: str, chance: random.Random) -> str:
    """With letters missing, doubled, swapped or hit beside."""
    letters = list(text)
    for index, letter in enumerate(letters):
        if not letter.isalpha() or chance.random() >= TYPO_RATE:
            continue
        match chance.randrange(4):
            case 0:
                letters[index] = ""
            case 1:
                letters[index] = letter * 2
            case 2:
                letters[index] = chance.choice(NEIGHBOURS.get(letter, letter))
            case _ if index + 1 < len(letters):
                letters[index], letters[index + 1] = letters[index + 1], letter
    return "".join(letters)


def shortened(text: str, chance: random.Random) -> str:
    """Without some words at the end, at most a quarter of them, and of a long text also some at the beginning."""
    words = text.split(" ")
    if len(words) < 6:
        return text
    end = len(words) - chance.randint(1, max(1, len(words) // 4))
    start = chance.randint(0, len(words) // 8)
    return " ".join(words[start:end])
