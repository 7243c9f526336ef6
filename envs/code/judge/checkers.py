"""When an output counts as the expected one: pure functions of bytes, small enough to send anywhere.

`Tokens` fits most problems; take `Floats` where an answer has a fraction, `Special` or a `CheckerProgram` where there
are several right answers, and `CodeContests` only to reproduce scores published with that data set's own tool.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Protocol

from .verdict import Verdict

# No part that repeats gives anything back, or a program that prints a million digits and a letter would keep us busy.
_INTEGER = re.compile(rb"[+-]?\d++")
_DECIMAL = re.compile(rb"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?")
_ABSEIL_DOUBLE = re.compile(rb"[+-]?(?:(?:\d++(?:\.\d*+)?|\.\d++)(?:e[+-]?\d++)?|inf(?:inity)?|nan(?:\(\w*+\))?)")


class CheckerFailed(RuntimeError):
    """A problem's checker gave no answer, so that nothing is known of the program it was asked about."""


class Checker(Protocol):
    """Compares what a program wrote with what it should have written."""

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> bool | Verdict:
        """Returns True where `found` answers the input `given` as `expected` does, or a verdict of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Exact:
    """Every byte the same."""

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> bool:
        """Returns True where the bytes are equal."""
        return found == expected


@dataclass(frozen=True, slots=True)
class Trimmed:
    """Every line the same, white space at its end and empty lines at the end of all aside."""

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> bool:
        """Returns True where the trimmed lines are equal."""
        if found == expected:
            return True
        wanted = _trimmed_lines(expected, -1)
        return _trimmed_lines(found, len(wanted)) == wanted


@dataclass(frozen=True, slots=True)
class Tokens:
    """Every token the same, tokens being what ASCII white space separates (testlib's `wcmp`)."""

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> bool:
        """Returns True where the tokens are equal."""
        return found == expected or _same_tokens(expected, found)


@dataclass(frozen=True, slots=True)
class Floats:
    """Tokens, where two numbers need only be near if one of them has a fraction or an exponent (testlib's `rcmp`).

    Two integers must be the same, digit for digit; infinity and NaN are words, not numbers.

    Attributes:
        absolute: the largest difference allowed.
        relative: the largest difference allowed, as a part of the expected number; the more generous of both counts.
    """

    absolute: float = 1e-6
    relative: float = 1e-6

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> bool:
        """Returns True where every token is equal or near."""
        if found == expected:
            return True
        wanted = expected.split()
        return _pairwise(self._near, wanted, found.split(None, len(wanted)))

    def _near(self, expected: bytes, found: bytes) -> bool:
        if found == expected:
            return True
        if _INTEGER.fullmatch(expected) and _INTEGER.fullmatch(found):
            return False
        if not (_DECIMAL.fullmatch(expected) and _DECIMAL.fullmatch(found)):
            return False
        wanted = float(expected)
        # Of an infinity, which 1e999 reads as, any part is infinite.
        return isfinite(wanted) and abs(float(found) - wanted) <= max(self.absolute, self.relative * abs(wanted))


@dataclass(frozen=True, slots=True)
class YesNo:
    """Tokens, upper and lower case the same."""

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> bool:
        """Returns True where the lower-cased tokens are equal."""
        return _same_tokens(expected.lower(), found.lower())


@dataclass(frozen=True, slots=True)
class CodeContests:
    """The rule of CodeContests' own tool, quirks and all.

    Lower-cased tokens (a form feed separates none) are equal, or read as doubles less than 1e-5 apart. So 10^18 + 1
    passes for 10^18, 0.000009 for 0 and `yes` for `YES`, while 12345678901.5 fails for 12345678901.4.

    Attributes:
        lenient: True accepts, as that tool does, who wrote the right output and then crashed or ran out of time.

    Source: `OutputsMatch` and `ValuesMatch`,
    https://github.com/google-deepmind/code_contests/blob/fa7a4f8/execution/tester_sandboxer.cc
    """

    lenient: bool = False

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> bool:
        """Returns True where that tool says `passed`."""
        wanted = _abseil_tokens(expected, -1)
        written = _abseil_tokens(found, len(wanted))
        return written == wanted or _pairwise(_values_match, wanted, written)


@dataclass(frozen=True, slots=True)
class Special:
    """A rule of the problem's own, for problems with several right answers.

    Attributes:
        accepts: called with input, expected output and found output as text; a module's function, so that it pickles.
            It runs in this process, on whatever a program wrote.
    """

    accepts: Callable[[str, str, str], bool | Verdict]

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> bool | Verdict:
        """Returns what `accepts` says; bytes that are no UTF-8 arrive as lone surrogates."""
        return self.accepts(*(text.decode(errors="surrogateescape") for text in (given, expected, found)))

    def __repr__(self) -> str:
        return f"Special({self.accepts.__module__}.{self.accepts.__qualname__})"


@dataclass(frozen=True, slots=True)
class CheckerProgram:
    """A rule that is a program, judged like any other: it sees the three texts it is given and nothing else.

    It reads the sizes in bytes of input, found output and expected output from the first line, and then the texts:

        import sys
        sizes = map(int, sys.stdin.buffer.readline().split())
        given, found, expected = (sys.stdin.buffer.read(size) for size in sizes)

    Its exit code is the answer, as with testlib's checkers: 0 accepted, 1 wrong (as of any uncaught exception), 2 badly
    presented. Another code, or none for want of time or memory, is a failure of the checker's.

    Attributes:
        source: its text.
        cpu_seconds: what one answer may take; generous, because a program may write much to read.
        memory_bytes: likewise.
    """

    source: str
    cpu_seconds: float = 10.0
    memory_bytes: int = 2**30


Rule = Checker | CheckerProgram
"""What a test set compares by; only the pool can ask a program."""


def verdict_of(answer: bool | Verdict) -> Verdict:
    """Returns what a checker's answer makes of a run that ended well."""
    return answer if isinstance(answer, Verdict) else Verdict.AC if answer else Verdict.WA


# A program may write a million tokens where one is wanted, so nothing is parted further than it must be to differ.
def _same_tokens(expected: bytes, found: bytes) -> bool:
    wanted = expected.split()
    return found.split(None, len(wanted)) == wanted


def _trimmed_lines(text: bytes, most: int) -> list[bytes]:
    """Returns the lines; those after the first `most` in one piece, unless that is negative."""
    return [line.rstrip() for line in text.rstrip().split(b"\n", most)]


def _pairwise(match: Callable[[bytes, bytes], bool], expected: list[bytes], found: list[bytes]) -> bool:
    return len(found) == len(expected) and all(map(match, expected, found))


def _values_match(expected: bytes, found: bytes) -> bool:
    wanted, written = _abseil_double(expected), _abseil_double(found)
    return found == expected if wanted is None or written is None else abs(written - wanted) < 1e-5


def _abseil_tokens(text: bytes, most: int) -> list[bytes]:
    """Returns the lower-cased tokens, of which a form feed separates none, and what follows the first `most` whole."""
    text = text.lower().strip(b" \n\t\r\v")
    if b"\f" not in text:
        return text.split(None, most)
    return re.split(rb"[ \n\t\r\v]++", text, maxsplit=max(0, most)) if text else []


def _abseil_double(token: bytes) -> float | None:
    # `absl::SimpleAtod` drops white space at either end, and only a form feed can still stand there.
    token = token.strip(b"\f")
    return float(token.partition(b"(")[0]) if _ABSEIL_DOUBLE.fullmatch(token) else None
