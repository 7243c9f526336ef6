"""Asks a checker that is a program: it runs as any other program does, in a process and within limits of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from .checkers import CheckerFailed, CheckerProgram
from .limits import Limits
from .tests import Case, TestSet
from .verdict import Result, Verdict

_ANSWERS = {0: Verdict.AC, 1: Verdict.WA, 2: Verdict.PE}
# With one of these the program ended as it meant to, whatever it printed.
_ENDED = (Verdict.AC, Verdict.WA, Verdict.RE)


@dataclass(frozen=True, slots=True)
class Arbiter:
    """A `CheckerProgram` as a checker of bytes.

    Attributes:
        program: the rule.
        run: judges a source by tests within limits; not on the server of the program whose output is checked.
    """

    program: CheckerProgram
    run: Callable[[str, TestSet, Limits], Result]

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> Verdict:
        """Returns what the program's exit code says; raises `CheckerFailed` where it says nothing."""
        limits = Limits(cpu_seconds=self.program.cpu_seconds, memory_bytes=self.program.memory_bytes)
        result = self.run(self.program.source, TestSet((Case(_framed(given, found, expected), ""),)), limits)
        (test,) = result.tests
        answer = _ANSWERS.get(test.exit_code) if test.exit_code is not None and test.verdict in _ENDED else None
        if answer is None:
            code = f"signal {test.signal}" if test.signal else f"exit code {test.exit_code}"
            ended = code if test.verdict is Verdict.RE else result.verdict
            complaint = result.stderr_head.strip()[-200:] or "nothing on standard error"
            raise CheckerFailed(
                f"the checker program {self.program.source[:40]!r}... ended with {ended} ({complaint}), wanted exit "
                "code 0, 1 or 2; mend it, raise its limits, or lower the output limit of the programs it checks"
            )
        return answer


def _framed(*texts: bytes) -> str:
    """Returns the texts behind a line with their sizes."""
    sizes = " ".join(str(len(text)) for text in texts)
    return f"{sizes}\n" + b"".join(texts).decode(errors="surrogateescape")
