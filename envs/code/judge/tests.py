"""What a program is judged by: inputs it gets, outputs it must never see."""

from dataclasses import dataclass, field
from hashlib import blake2b

from .checkers import Rule, Tokens


@dataclass(frozen=True, slots=True)
class Case:
    """One test.

    Attributes:
        input: all of standard input.
        output: what the checker compares standard output with; it stays in this process.
    """

    input: str
    output: str


@dataclass(frozen=True, slots=True)
class TestSet:
    """The tests of one problem, in the order they are run, and the rule that compares.

    Attributes:
        cases: the tests.
        checker: says when an output is right.
    """

    __test__ = False  # pytest: this is no test case.

    cases: tuple[Case, ...]
    checker: Rule = field(default_factory=Tokens)

    def digest(self) -> str:
        """Returns 32 hexadecimal digits: equal exactly where cases and checker are."""
        return blake2b(repr(self).encode(errors="surrogatepass"), digest_size=16).hexdigest()
