"""How a problem begins: what it says its input is, how programs read it, and how inputs are drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .operations import pick

Size = Literal["small", "large", "edge"]
Family = Literal["lists", "strings", "numbers", "shapes", "simulation"]

FAMILIES: tuple[Family, ...] = ("lists", "strings", "numbers", "shapes", "simulation")


@dataclass(frozen=True, slots=True)
class Frame:
    """One kind of input.

    Attributes:
        name: unique.
        families: the families that begin with it.
        gives: the type of value read.
        reads: programs' first lines, all equal; the last of them assigns `A`.
        intros: ways to say what the input is.
        draw: makes one input: `small` to be shown, `large` to judge by, or on the `edge`.
    """

    name: str
    families: tuple[Family, ...]
    gives: str
    reads: tuple[tuple[str, ...], ...]
    intros: tuple[str, ...]
    draw: Callable[[np.random.Generator, Size], str]


Range = tuple[int, int]


def _between(rng: np.random.Generator, size: Size, small: Range, large: Range, edge: Range) -> int:
    """Returns an integer of the range that goes with `size`, its upper end left out."""
    return int(rng.integers(*{"small": small, "large": large, "edge": edge}[size]))


def _integers(rng: np.random.Generator, size: Size) -> list[int]:
    length = _between(rng, size, (3, 6), (4, 13), (1, 4))
    numbers: list[int] = rng.integers(*pick(rng, _VALUES[size]), size=length).tolist()
    return numbers


_VALUES: dict[Size, tuple[Range, ...]] = {
    "small": ((1, 10), (1, 13), (-5, 10)),
    "large": ((-9, 16), (-20, 40), (1, 10), (0, 7), (-60, 100)),
    "edge": ((-5, 0), (0, 1), (1, 2), (-30, 30), (5, 12)),
}


def _line(rng: np.random.Generator, size: Size) -> str:
    return " ".join(map(str, _integers(rng, size)))


def _counted(rng: np.random.Generator, size: Size) -> str:
    numbers = _integers(rng, size)
    return f"{len(numbers)}\n{' '.join(map(str, numbers))}"


def _letters(rng: np.random.Generator, length: int) -> str:
    return "".join(pick(rng, _ALPHABET) for _ in range(length))


_ALPHABET = "aaeeiouabcdfghlmnrsttx"


def _word(rng: np.random.Generator, size: Size) -> str:
    return _letters(rng, _between(rng, size, (3, 7), (5, 14), (1, 3)))


def _words(rng: np.random.Generator, size: Size) -> str:
    words = [_letters(rng, int(rng.integers(1, 6))) for _ in range(_between(rng, size, (2, 5), (3, 8), (1, 3)))]
    # Twins and palindromes would hardly come by chance.
    return " ".join([*words, pick(rng, words), words[0][::-1] + words[0]] if size == "large" else words)


def _number(rng: np.random.Generator, size: Size) -> str:
    return str(_between(rng, size, (4, 21), (12, 97), (1, 6)))


def _bounds(rng: np.random.Generator, size: Size) -> str:
    low = _between(rng, size, (1, 9), (-20, 30), (0, 9))
    return f"{low} {low + _between(rng, size, (2, 6), (4, 30), (0, 2))}"


def _pairs(rng: np.random.Generator, size: Size) -> str:
    count = _between(rng, size, (2, 4), (3, 7), (1, 2))
    starts = rng.integers(0, 8 if size == "small" else 12, size=count).tolist()
    lengths = rng.integers(0 if size == "edge" else 1, 6 if size == "small" else 9, size=count).tolist()
    return " ".join(f"{start}-{start + length}" for start, length in zip(starts, lengths, strict=True))


def _grid(rng: np.random.Generator, size: Size) -> str:
    side = _between(rng, size, (2, 4), (3, 6), (1, 3))
    digits = rng.integers(0, pick(rng, (3, 7, 10)), size=(side, side)).tolist()
    return " ".join("".join(map(str, row)) for row in digits)


FRAMES: tuple[Frame, ...] = (
    Frame(
        "line",
        ("lists", "simulation"),
        "ints",
        (
            ("A = list(map(int, input().split()))",),
            ("A = [int(X) for X in input().split()]",),
            ("A = [*map(int, input().split())]",),
            ("import sys", "A = list(map(int, sys.stdin.readline().split()))"),
        ),
        (
            "You are given a line of integers.",
            "The input is a list of integers.",
            "Read some integers from one line.",
            "Given are integers separated by spaces.",
            "A list of numbers is given.",
        ),
        _line,
    ),
    Frame(
        "counted",
        ("lists", "simulation"),
        "ints",
        (
            ("n = int(input())", "A = list(map(int, input().split()))"),
            ("input()", "A = list(map(int, input().split()))"),
            ("n = int(input())", "A = [int(X) for X in input().split()]"),
            ("import sys", "A = list(map(int, sys.stdin.read().split()))[1:]"),
        ),
        (
            "The first line holds n, the second n integers.",
            "You get n and then a line of n integers.",
            "Given n and, below it, n numbers.",
        ),
        _counted,
    ),
    Frame(
        "word",
        ("strings",),
        "letters",
        (
            ("A = list(input())",),
            ("A = [*input()]",),
            ("A = list(input().strip())",),
            ("import sys", "A = list(sys.stdin.readline().strip())"),
        ),
        (
            "You are given a word.",
            "The input is a string of small letters.",
            "Read one word and treat it as a list of letters.",
            "A string is given.",
        ),
        _word,
    ),
    Frame(
        "words",
        ("strings",),
        "words",
        (
            ("A = input().split()",),
            ("A = list(input().split())",),
            ("import sys", "A = sys.stdin.readline().split()"),
        ),
        (
            "You are given a line of words.",
            "The input is a list of words.",
            "Read some words from one line.",
            "Words separated by spaces are given.",
        ),
        _words,
    ),
    Frame(
        "number",
        ("numbers",),
        "number",
        (("A = int(input())",), ("A = int(input().strip())",), ("import sys", "A = int(sys.stdin.readline())")),
        (
            "You are given a number n.",
            "The input is one positive integer.",
            "Read an integer n.",
            "A single integer is given.",
        ),
        _number,
    ),
    Frame(
        "range",
        ("numbers",),
        "ints",
        (
            ("l, r = map(int, input().split())", "A = list(range(l, r + 1))"),
            ("l, r = [int(X) for X in input().split()]", "A = [*range(l, r + 1)]"),
        ),
        (
            "Given l and r, take the integers from l to r.",
            "You get two integers; list all from the first to the second, both included.",
            "Consider the numbers l, l+1, ..., r for given l and r.",
        ),
        _bounds,
    ),
    Frame(
        "intervals",
        ("shapes",),
        "pairs",
        (
            ("A = [tuple(map(int, X.split('-'))) for X in input().split()]",),
            ("import sys", "A = [tuple(map(int, X.split('-'))) for X in sys.stdin.readline().split()]"),
        ),
        (
            "You are given intervals l-r.",
            "The input is a line of intervals, ends included.",
            "Some intervals of integers are given.",
        ),
        _pairs,
    ),
    Frame(
        "grid",
        ("shapes",),
        "rows",
        (
            ("A = [list(map(int, X)) for X in input().split()]",),
            ("A = [[int(c) for c in X] for X in input().split()]",),
            ("import sys", "A = [list(map(int, X)) for X in sys.stdin.readline().split()]"),
        ),
        (
            "You are given a square grid of digits, row by row.",
            "The input is a grid of digits, its rows separated by spaces.",
            "Read the rows of a square grid of digits.",
        ),
        _grid,
    ),
)
