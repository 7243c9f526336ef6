"""Made test inputs: mutations of inputs that are known, as AlphaCode made them.

Li et al. 2022, section 3.2.1: integers are raised and lowered, bits flipped, characters swapped and changed. Lists grow
and shrink too, where they seem to be free to, and a leading count is kept true. So most made inputs are well formed;
what a program does with one that is not is still its behaviour.
"""

import re
from collections.abc import Sequence

import numpy as np

_TRIES = 4
# A number with a leading zero is none: it is bits, or a row of digits, and its width means something.
_DIGITS = re.compile(r"0\d+")


def made_inputs(texts: Sequence[str], count: int, seed: int | tuple[int, ...]) -> tuple[str, ...]:
    """Returns up to `count` different mutations of `texts`, in turn; fewer only where few exist.

    Args:
        texts: inputs of one problem; of none, none are made.
        count: how many are wanted.
        seed: decides, together with `texts` and `count`, what is made; one number or several.
    """
    rng = np.random.default_rng([seed, count])
    lengths = {len(text.split()) for text in texts}
    resizable = len(lengths) > 1 or max(lengths, default=0) > 2
    made: dict[str, None] = {}
    for attempt in range(_TRIES * count):
        if len(made) == count or not texts:
            break
        text = _mutated(rng, texts[attempt % len(texts)], resizable)
        if text not in texts:
            made[text] = None
    return tuple(made)


def _mutated(rng: np.random.Generator, text: str, resizable: bool) -> str:
    """Returns `text` changed in one to three places."""
    *before, last = text.rstrip("\n").split("\n")
    counted = len(before) == 1 and before[0] == str(len(last.split()))
    lines = [last] if counted else [*before, last]
    for _ in range(int(rng.integers(1, 4))):
        place = int(rng.integers(len(lines)))
        lines[place] = " ".join(_changed(rng, lines[place].split(" "), resizable))
    return "\n".join([str(len(lines[0].split())), *lines] if counted else lines)


def _changed(rng: np.random.Generator, words: list[str], resizable: bool) -> list[str]:
    """Returns the words of a line with one of them altered, swapped with another, repeated or left out."""
    place, other = int(rng.integers(len(words))), int(rng.integers(len(words)))
    match int(rng.integers(6)):
        case 0:
            words[place], words[other] = words[other], words[place]
        case 1 if resizable:
            words.insert(place, words[other])
        case 2 if resizable and len(words) > 1:
            del words[place]
        case _:
            words[place] = _altered(rng, words[place])
    return words


def _altered(rng: np.random.Generator, word: str) -> str:
    """Returns a word with a bit or digit of it changed, an integer in it moved, or else a character or two altered."""
    if _DIGITS.fullmatch(word):
        return _with_digit_changed(rng, word)
    if integers := list(re.finditer(r"(?<!\d)-?\d+", word)):
        found = integers[int(rng.integers(len(integers)))]
        moved = int(found[0]) + (-3, -2, -1, 1, 2, 3)[int(rng.integers(6))]
        return f"{word[: found.start()]}{moved}{word[found.end() :]}"
    if not word:
        return word
    letters = list(word)
    place, other = int(rng.integers(len(letters))), int(rng.integers(len(letters)))
    match int(rng.integers(3)):
        case 0:
            letters[place], letters[other] = letters[other], letters[place]
        case 1:
            letters.insert(place, letters[other])
        case _:
            letters[place] = chr(ord("a") + int(rng.integers(26)))
    return "".join(letters)


def _with_digit_changed(rng: np.random.Generator, word: str) -> str:
    """Returns `word`, as wide as it was, with a bit flipped where it is made of bits, or else a digit moved by one."""
    place = int(rng.integers(len(word)))
    digit = int(word[place])
    base = 2 if set(word) <= {"0", "1"} else 10
    moved = (digit + (1, -1)[int(rng.integers(2))]) % base
    return f"{word[:place]}{moved}{word[place + 1 :]}"
