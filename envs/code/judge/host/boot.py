"""How a process of the judge begins: an interpreter that knows this library's `inside` and nothing else of it."""

from pathlib import Path

# Heaps of their own for threads would reserve more than a program may have.
ENVIRONMENT = {"PYTHONHASHSEED": "0", "MALLOC_ARENA_MAX": "1", "LD_BIND_NOW": "1"}
_INSIDE = str(Path(__file__).parents[1] / "inside")


def boot(call: str) -> str:
    """Returns code that imports a module of `inside` without the packages around it, and calls a function of it.

    Args:
        call: module and function, as `zygote.main`.
    """
    module, _, function = call.partition(".")
    # A bare package, named for who reads a list of processes.
    package = f"judge = sys.modules['judge'] = type(sys)('judge'); judge.__path__ = [{_INSIDE!r}]"
    return f"import sys; {package}; from judge.{module} import {function}; del judge; {function}()"
