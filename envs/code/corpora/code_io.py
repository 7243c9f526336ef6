"""CodeI/O's 3,002 Python programs with their input generators, as contest problems.

The rows come with reasoning-gym (Stojanovski et al. 2025, Apache-2.0), whose authors had a language model rewrite
programs "from high-quality sources" after CodeI/O (Li et al. 2025, arXiv 2502.07316). Each has a task, the meaning of
arguments and result, `main_solution` and `generate_inputs(rng)`. Both are foreign programs and run in the judge alone:
the generator draws inputs, the solution answers them, and what it answered becomes the tests.

A row is kept if its solution answers its own inputs, in the same way with other random numbers and at another date, if
its hidden tests are as many and as different as AlphaCode asks of a problem it evaluates on, and if the solution passes
its tests twice. What hangs on the order of a set of texts is not found out, for the judge holds that order still.
"""

import ast
import gzip
import json
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from ..judge import Case, Limits, Pool, TestSet, Verdict
from ..problem import Problem, Solution
from . import rows
from .elsewhen import elsewhen
from .functions import CHECKER, by_name, is_json
from .packages import data_file
from .recording import Run, passes, record, side_by_side
from .rows import BadRow, Rejected, Row


@dataclass(frozen=True, slots=True)
class CodeIO:
    """How problems are made of CodeI/O's rows.

    Attributes:
        path: the rows, in gzipped JSONL; those of reasoning-gym where None.
        draws: how often the generator is asked for an input.
        candidates: how many different inputs the solution answers.
        num_examples: tests that the player sees.
        num_hidden: the most tests that it does not.
        min_hidden: the fewest (AlphaCode, appendix B.2).
        min_distinct_outputs: of the hidden tests (likewise).
        longest: of an input or an output, in characters.
        limits: what the solution may use; a problem allows four times the time, so that no verdict is a near thing.
    """

    path: str | None = None
    draws: int = 40
    candidates: int = 16
    num_examples: int = 2
    num_hidden: int = 10
    min_hidden: int = 5
    min_distinct_outputs: int = 2
    longest: int = 2000
    limits: Limits = field(default_factory=lambda: Limits(cpu_seconds=0.5, output_bytes=1 << 16))

    def __call__(self, pool: Pool, start: int = 0, num_threads: int = 4) -> Iterator[Row]:
        """Yields a problem for each row from row `start` on, or why there is none.

        Raises:
            ModuleNotFoundError: naming the command that installs reasoning-gym.
            BadRow: if a row is no row of CodeI/O.
            JudgeUnavailable: if the judge itself fails.
        """
        path = data_file("reasoning_gym", "data/codeio.jsonl.gz") if self.path is None else Path(self.path)
        remaining = islice(_read(path), start, None)
        return side_by_side(partial(self._row, pool), remaining, num_threads)

    def _row(self, pool: Pool, given: "_Given | Rejected") -> Row:
        """Makes a problem of one row, or says why not."""
        if isinstance(given, Rejected):
            return given
        if foreign := given.modules - sys.stdlib_module_names:
            return Rejected(given.name, "needs a package outside the standard library", ", ".join(sorted(foreign)))
        inputs = self._inputs(pool, given)
        if isinstance(inputs, Rejected):
            return inputs
        source = given.solution + by_name("main_solution")
        cases = self._cases(pool, given.name, source, inputs)
        if isinstance(cases, Rejected):
            return cases
        again = record(pool, elsewhen(source), [case.input for case in cases], self.limits)
        if any(run.verdict in _SLOW for run in again):
            return Rejected(given.name, _TOO_SLOW)
        if [run.output for run in again] != [case.output for case in cases]:
            return Rejected(given.name, "depends on random numbers or on the time")
        if not passes(pool, source, TestSet(cases, CHECKER), self.limits):
            return Rejected(given.name, "does not pass its own tests twice")
        return Problem(
            name=given.name,
            statement=f"{given.task}\n\n{given.specification}\n\n{_FORM}",
            examples=cases[: self.num_examples],
            hidden=cases[self.num_examples :],
            time_limit_seconds=4 * self.limits.cpu_seconds,
            memory_limit_bytes=self.limits.memory_bytes,
            checker=CHECKER,
            difficulty=given.difficulty,
            solutions=(Solution("python3", source),),
            source="CodeI/O",
        )

    def _inputs(self, pool: Pool, given: "_Given") -> list[str] | Rejected:
        """Returns different inputs, as the generator draws them."""
        (run,) = record(pool, f"{given.solution}\n{_IMPORT}{given.generator}\n{_DRAW % self.draws}", [""], _GENEROUS)
        drawn = _texts(run.output.rpartition("\x1e")[2])
        if run.verdict is not Verdict.AC or not drawn:
            return Rejected(given.name, "its input generator does not run", run.complaint)
        short = [text for text in dict.fromkeys(drawn) if len(text) <= self.longest and is_json(text)]
        if len(short) < self.num_examples + self.min_hidden:
            return Rejected(given.name, "has too few different inputs, or too long ones", f"{len(short)} to use")
        return short[: self.candidates]

    def _cases(self, pool: Pool, name: str, source: str, inputs: Sequence[str]) -> tuple[Case, ...] | Rejected:
        """Returns tests that the solution makes of `inputs`, the examples first."""
        runs: list[Run] = []
        # Most of what is too slow is so at once.
        for some in (inputs[:1], inputs[1:]):
            runs += record(pool, source, some, self.limits)
            if any(run.verdict in _SLOW for run in runs):
                return Rejected(name, _TOO_SLOW)
        cases = [Case(text, run.output) for text, run in zip(inputs, runs, strict=True) if self._is_answer(run.output)]
        if len(cases) < self.num_examples + self.min_hidden:
            return Rejected(name, *_why_not(runs))
        shortest = sorted(cases, key=lambda case: len(case.input) + len(case.output))
        # The second example shows another output than the first, if there is one.
        first, *others = shortest
        examples = [first, *sorted(others, key=lambda case: case.output == first.output)][: self.num_examples]
        hidden = [case for case in cases if case not in examples][: self.num_hidden]
        if len({case.output for case in hidden}) < self.min_distinct_outputs:
            return Rejected(name, "has too few different outputs")
        return (*examples, *hidden)

    def _is_answer(self, output: str) -> bool:
        return 0 < len(output) <= self.longest and is_json(output)


@dataclass(frozen=True, slots=True)
class _Given:
    """A row as it was found, and the packages that its programs import."""

    name: str
    modules: set[str]
    task: str
    specification: str
    solution: str
    generator: str
    difficulty: str


def _read(path: Path) -> Iterator[_Given | Rejected]:
    """Yields the rows of a file, those that stand in it twice rejected."""
    seen: set[str] = set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            where = f"{path}, row {number + 1}"
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise BadRow(f"{where}: not JSON ({error}); one complete object a line wanted") from None
            # Python has its opinions on programs it reads, which are nobody's news here.
            with warnings.catch_warnings(action="ignore"):
                given = _given(row, f"codeio/{number}", where)
            twice = {given.task, given.solution} & seen
            seen |= {given.task, given.solution}
            yield Rejected(given.name, "stands there twice") if twice else given


def _given(row: Any, name: str, where: str) -> _Given:
    texts = ("task_description", "input_output_spec", "code_sample", "input_generator")
    task, specification, solution, generator = (rows.field(row, item, str, where).strip() for item in texts)
    for text, wanted in ((solution, "def main_solution("), (generator, "def generate_inputs(")):
        if wanted not in text:
            raise BadRow(f"{where}: found no {wanted!r}; a row of CodeI/O defines it")
    return _Given(
        name, _modules(solution, generator), task, specification, solution, generator, str(row.get("difficulty", ""))
    )


def _texts(output: str) -> list[str]:
    """Returns the list of texts that was printed, or none where something else was."""
    texts = json.loads(output) if is_json(output) else None
    return texts if isinstance(texts, list) and all(isinstance(text, str) for text in texts) else []


def _modules(*sources: str) -> set[str]:
    """Returns the packages that programs import; none where a program is none, which the judge will find."""
    found = set()
    for source in sources:
        try:
            nodes = list(ast.walk(ast.parse(source)))
        except SyntaxError:
            continue
        found |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        found |= {node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in found}


def _why_not(runs: Sequence[Run]) -> tuple[str, str]:
    """Returns why a solution answered too few inputs: its commonest verdict says it."""
    verdicts = [run.verdict for run in runs]
    commonest = max(sorted(set(verdicts)), key=verdicts.count)
    if commonest is Verdict.AC:
        return "prints no JSON, too much, or something else besides", ""
    complaint = next(run.complaint for run in runs if run.verdict is commonest)
    return "fails on its own inputs", complaint or commonest


_FORM = "Read the arguments, a JSON object, from standard input and print the returned value as JSON."

_TOO_SLOW = "takes too long or too much memory"
_SLOW = (Verdict.TLE, Verdict.ILE, Verdict.MLE)

_GENEROUS = Limits(cpu_seconds=4.0, memory_bytes=1 << 30)

# A generator's signature names its class.
_IMPORT = "from random import Random\n"

# Solutions may print when they are loaded; a character that JSON escapes tells the inputs from that.
_DRAW = """
import json
print(end="\\x1e")
print(json.dumps([json.dumps(generate_inputs(Random(seed))) for seed in range(%d)]))
"""
