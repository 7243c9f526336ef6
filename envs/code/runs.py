"""What a problem's programs do: their verdicts on its tests, and what they print for inputs that have no answer yet."""

from collections.abc import Sequence
from typing import cast, get_args

from .judge import Case, Job, JudgeUnavailable, Language, Limits, Pool, Recorder, Result, TestSet, Verdict
from .problem import Problem, Solution

LANGUAGES: tuple[str, ...] = get_args(Language)
"""What the judge can run; programs in other languages are neither asked nor condemned."""


def limits_of(problem: Problem) -> Limits:
    """Returns what a program for `problem` may use in a test."""
    return Limits(cpu_seconds=problem.time_limit_seconds, memory_bytes=problem.memory_limit_bytes)


def can_run(solution: Solution) -> bool:
    """Says whether the judge speaks the language of `solution`."""
    return solution.language in LANGUAGES


def judged(problem: Problem, solutions: Sequence[Solution], pool: Pool) -> list[Result]:
    """Returns each solution's result on all of the problem's tests.

    Raises:
        JudgeUnavailable: if the judge itself fails.
    """
    tests = TestSet(problem.tests, problem.checker)
    return _run(pool, [_job(solution, tests, problem) for solution in solutions])


def printed(
    problem: Problem, solutions: Sequence[Solution], inputs: Sequence[str], pool: Pool
) -> tuple[list[tuple[bytes | None, ...]], float]:
    """Returns `[S, N]` what each solution prints for each input, None where it fails, and the CPU seconds that took.

    Raises:
        JudgeUnavailable: if the judge itself fails.
    """
    cases = tuple(Case(text, "") for text in inputs)
    recorders = [Recorder() for _ in solutions]
    jobs = [
        _job(solution, TestSet(cases, recorder), problem)
        for solution, recorder in zip(solutions, recorders, strict=True)
    ]
    results = _run(pool, jobs)
    outputs = [recorder.tell(cases, result) for recorder, result in zip(recorders, results, strict=True)]
    return outputs, sum(result.cpu_seconds for result in results)


def _job(solution: Solution, tests: TestSet, problem: Problem) -> Job:
    # Any other language is refused by name.
    language = cast(Language, solution.language)
    return Job(solution.source, tests, limits_of(problem), "never", language=language)


def _run(pool: Pool, jobs: Sequence[Job]) -> list[Result]:
    results = pool.map(jobs)
    if any(result.verdict is Verdict.IE for result in results):
        raise JudgeUnavailable("the judge could not run a program, which says nothing about it; try again")
    return results
