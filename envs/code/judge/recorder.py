"""A checker that keeps what it sees and checks nothing: for learning what a program prints, not whether it is right."""

from collections.abc import Sequence
from uuid import uuid4

from .tests import Case
from .verdict import Result, Verdict


class Recorder:
    """Agrees with every output and keeps it until it is told; made for one job."""

    def __init__(self) -> None:
        self._found: dict[bytes, bytes] = {}
        # Results are remembered by their tests, so no two recorders may look alike, not even in two processes.
        self._name = uuid4().hex

    def __call__(self, expected: bytes, found: bytes, given: bytes = b"") -> bool:
        """Returns True and keeps `found`."""
        self._found[given] = found
        return True

    def __repr__(self) -> str:
        return f"Recorder({self._name!r})"

    def tell(self, cases: Sequence[Case], result: Result) -> tuple[bytes | None, ...]:
        """Returns what was printed in each test of the job's result, None where the program failed, and forgets it.

        The pool remembers jobs, and would keep alive whatever their recorders hold.
        """
        found, self._found = self._found, {}
        return tuple(
            found[case.input.encode(errors="surrogateescape")] if test.verdict is Verdict.AC else None
            for case, test in zip(cases, result.tests, strict=True)
        )
