"""What a program is judged by: inputs it gets, outputs it must never see."""

from dataclasses import dataclass, field
from hashlib import blake2b

from .checkers import CheckerProgram, Rule, Tokens


@dataclass(frozen=True, slots=True)
class Case:
    """One test.

    Attributes:
        input: all of standard input.
        output: what the checker compares standard output with; it stays in this process.
    """

    input: str
    output: str

    def __post_init__(self) -> None:
        for name, text in ("input", self.input), ("output", self.output):
            if not isinstance(text, str):
                raise TypeError(f"{name} is {text!r:.80}, a {type(text).__name__}; it must be a str")


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

    def __post_init__(self) -> None:
        if not isinstance(self.cases, tuple) or not all(isinstance(case, Case) for case in self.cases):
            raise TypeError(f"cases is {self.cases!r:.80}, it must be a tuple of Case; write (Case(...),) for one")
        if not callable(self.checker) and not isinstance(self.checker, CheckerProgram):
            raise TypeError(f"checker is {self.checker!r:.80}, it must be callable or a CheckerProgram")

    def digest(self) -> str:
        """Returns 32 hexadecimal digits: equal exactly where cases and checker are."""
        return blake2b(repr(self).encode(errors="surrogatepass"), digest_size=16).hexdigest()
