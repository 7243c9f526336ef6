"""When two texts are the same JSON: for functions judged as programs that read arguments and print a result.

The host compares values that it has read itself from what was printed, so nothing inside the program, such as an
`__eq__` that always agrees, has a say.
"""

import json
from dataclasses import dataclass
from math import isclose

_NUMBERS = (int, float)


@dataclass(frozen=True, slots=True)
class Json:
    """The same JSON value, white space and the order of an object's keys aside; numbers with a fraction need be near.

    Two integers must be the same, digit for digit; NaN and infinity are no JSON.

    Attributes:
        absolute: the largest difference allowed.
        relative: the largest difference allowed, as a part of the larger number; the more generous of both counts.
    """

    absolute: float = 1e-6
    relative: float = 1e-6

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> bool:
        """Returns True where the values agree; a text that is no JSON agrees with nothing but itself."""
        if found == expected:
            return True
        try:
            return self._same(_value(expected), _value(found))
        # A program may print nests as deep and numbers as long as it likes.
        except (ValueError, RecursionError, OverflowError):
            return False

    def _same(self, expected: object, found: object) -> bool:
        if isinstance(expected, dict) and isinstance(found, dict):
            return expected.keys() == found.keys() and all(self._same(expected[key], found[key]) for key in expected)
        if isinstance(expected, list) and isinstance(found, list):
            return len(expected) == len(found) and all(map(self._same, expected, found))
        if isinstance(expected, float) or isinstance(found, float):
            numbers = type(expected) in _NUMBERS and type(found) in _NUMBERS
            return numbers and isclose(expected, found, rel_tol=self.relative, abs_tol=self.absolute)  # type: ignore[arg-type]
        return type(expected) is type(found) and expected == found


def _value(text: bytes) -> object:
    return json.loads(text, parse_constant=_refuse)


def _refuse(word: str) -> object:
    raise ValueError(f"{word} is no JSON")
