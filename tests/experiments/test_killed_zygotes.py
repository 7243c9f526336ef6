"""Zygotes killed at random while a run demonstrates, trains and evaluates: no verdict changes, and nothing hangs."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from time import monotonic

import pytest

from alphakata.envs.code.judge import Case
from alphakata.envs.code.judge.corpus.strays import zygotes
from alphakata.envs.code.problem import Problem, Solution, write_problems
from alphakata.experiments.folder import RunFolder
from alphakata.experiments.records import Record, read_records, without_times

ALPHAKATA = [sys.executable, "-c", "import sys; from alphakata.experiments.cli import main; sys.exit(main())"]
# Programs as short as these are drawn in no time, so that most of it goes into judging them.
EXPERIMENT = [
    "env=code_file",
    "search=[sample,alphacode]",
    "searches.alphacode={num_samples: 96, chunk: 4}",
    "envs.code_file.world={max_tokens: 24, training: {part: all}}",
    "envs.code_file.demonstrator.correct=20",
    "envs.code_file={num_demonstrations: 8, num_episodes: 32, episodes_per_chunk: 4}",
    "envs.code_file.budgets=[{policy_tokens: 2000}]",
    "vocabulary_size=300",
    *("agent.d_model=32", "agent.num_layers=1", "agent.num_heads=2", "agent.d_ff=64"),
    *("learner.learning_rate=0.004", "learner.warmup_steps=10", "train.steps=100"),
    "batch={rows: 4, length: 256}",
]
# Two of them solve the problem; one passes its example alone, one ends with an error, one is no program.
SOURCES = ["print(int(input())+{n})", "print({n}+int(input()))", "print({n}+1)", "{n}//0", "print("]
KILLS = 1000
KILLS_A_SECOND = 15
# Whoever loses three in a row is right to give up, so those just started in place of others are spared a while.
SPARED_SECONDS = 0.5
MOST_SECONDS = 600


class Killer:
    """Kills one zygote after the other, wherever below this process it is.

    Attributes:
        kills: how many so far.
    """

    def __init__(self, seed: int) -> None:
        self.kills, self._rng = 0, random.Random(seed)
        self._since: dict[int, float] = {}

    def watch(self, process: "subprocess.Popen[bytes]") -> None:
        """Kills until `process` has ended, and that too if it hangs."""
        end = monotonic() + MOST_SECONDS
        while process.poll() is None:
            if monotonic() > end:
                process.kill()
            with suppress(subprocess.TimeoutExpired):
                process.wait(self._rng.expovariate(KILLS_A_SECOND))
            self._kill()

    def _kill(self) -> None:
        now = monotonic()
        self._since = {zygote: self._since.get(zygote, now) for zygote in zygotes()}
        grown = [zygote for zygote, since in self._since.items() if now - since > SPARED_SECONDS]
        if grown:
            with suppress(ProcessLookupError):
                os.kill(self._rng.choice(grown), SIGKILL)
                self.kills += 1


def problems() -> Iterator[Problem]:
    """Yields problems of which half the solutions are none, so that all kinds of verdicts are met."""
    rng = random.Random(0)
    for n in range(2, 10):
        cases = [Case(f"{x}\n", f"{x + n}\n") for x in (1, 20, 3, 40)]
        # With a number behind it, hardly a program is drawn twice, and each is run.
        sources = [f"{source.format(n=n)}#{rng.randrange(1000):03}" for source in SOURCES for _ in range(4)]
        solutions = [Solution("python3", source) for source in sources]
        yield Problem(str(n), f"add {n}", tuple(cases[:1]), tuple(cases[1:]), solutions=tuple(solutions))


def records(root: Path, verb: str, *overrides: str, killer: Killer | None = None) -> list[Record]:
    """Returns what a command records, times aside, under fire where there is a killer."""
    path = root.parent / "problems.jsonl"
    write_problems(path, problems())
    problem_file = f"envs.code_file.world.problems={{path: {path}, part: all}}"
    command = [*ALPHAKATA, verb, "--quiet", f"--root={root}", *EXPERIMENT, problem_file, *overrides]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        if killer is not None:
            killer.watch(process)
    assert process.returncode == 0
    return [without_times(record) for record in read_records(RunFolder.newest(root, verb).records)]


@pytest.mark.slow
def test_a_thousand_zygotes_killed_during_a_run_change_nothing_that_it_records(tmp_path: Path) -> None:
    undisturbed, killer = records(tmp_path / "undisturbed", "run"), Killer(seed=0)
    assert {record.score for record in undisturbed} == {0.0, 1.0}
    assert records(tmp_path / "killed", "run", killer=killer) == undisturbed
    checkpoint = f"checkpoint={RunFolder.newest(tmp_path / 'killed', 'run').checkpoint(0)}"
    while killer.kills < KILLS:
        assert records(tmp_path / "killed", "eval", checkpoint, killer=killer) == undisturbed
