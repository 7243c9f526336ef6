"""Runs reference programs here, in this process: text of our own making, never a player's.

A reference program is in the plain style, which asks for nothing but `input`, `print` and pure built-ins.
"""

from collections.abc import Sequence
from functools import lru_cache
from types import CodeType

from .composition import Composition
from .source import program
from .styles import PLAIN

_FAILURES = (ArithmeticError, LookupError, StopIteration, TypeError, ValueError)


def outputs(composition: Composition, inputs: Sequence[str]) -> tuple[str | None, ...]:
    """Returns what the reference program of `composition` prints for each input, None where it fails."""
    code = _compiled(program(composition, PLAIN))
    return tuple(_run(code, text) for text in inputs)


@lru_cache(maxsize=4096)
def _compiled(source: str) -> CodeType:
    return compile(source, "<reference>", "exec")


def _run(code: CodeType, text: str) -> str | None:
    """Executes one program on one input."""
    lines = iter(text.split("\n"))
    written: list[str] = []

    def write(*values: object) -> None:
        written.append(" ".join(map(str, values)))

    try:
        exec(code, {"input": lines.__next__, "print": write})
    except _FAILURES:
        return None
    return "\n".join(written)
