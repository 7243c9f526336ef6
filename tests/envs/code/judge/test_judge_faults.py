"""Zygotes killed at random while programs run: no verdict changes, and nothing hangs."""

import os
import random
import signal
import threading
from collections import Counter
from contextlib import suppress

import pytest

from alphakata.envs.code.judge import Case, Job, Limits, Pool, TestSet, Verdict
from alphakata.envs.code.judge.corpus.strays import zygotes

TRIPLES = TestSet(tuple(Case(f"{n}\n", f"{3 * n}\n") for n in range(4)))
PROGRAMS = {
    "print(3 * int(input()))\n": Verdict.AC,
    "print(1)\n": Verdict.WA,
    "n = int(input())\nprint(3 * n if n < 2 else 1)\n": Verdict.WA,
    "1 / 0\n": Verdict.RE,
    "def\n": Verdict.CE,
}


class Killer(threading.Thread):
    """Kills one of this process's zygotes, or what holds it, each time it is told to, a moment later."""

    def __init__(self, kills: int, seed: int) -> None:
        super().__init__(daemon=True)
        self.kills, self.rng, self.told = 0, random.Random(seed), threading.Event()
        self._wanted = kills

    def run(self) -> None:
        while self.kills < self._wanted:
            self.told.wait()
            threading.Event().wait(self.rng.expovariate(100))
            if processes := zygotes():
                with suppress(ProcessLookupError):
                    os.kill(self.rng.choice(processes), signal.SIGKILL)
                    self.kills += 1
            # Now and not before: more kills a batch than a program has attempts would have to change its verdict.
            self.told.clear()


def judged_under_fire(kills: int, seed: int) -> Counter[tuple[Verdict, Verdict]]:
    """Returns how often which verdict was wanted and found while so many zygotes were killed."""
    killer, found, batch = Killer(kills, seed), Counter[tuple[Verdict, Verdict]](), 0
    with Pool(workers=2) as pool:
        killer.start()
        while killer.is_alive():
            killer.told.set()
            results = pool.map([Job(f"{source}# {batch}", TRIPLES) for source in PROGRAMS])
            found.update(zip(PROGRAMS.values(), (result.verdict for result in results), strict=True))
            batch += 1
        # Not all of them while they waited.
        assert pool.stats().retries > kills / 20
    return found


def test_zygotes_killed_at_random_change_no_verdict() -> None:
    found = judged_under_fire(kills=20, seed=1)
    assert found.keys() == {(verdict, verdict) for verdict in PROGRAMS.values()}


@pytest.mark.slow
def test_a_thousand_zygotes_killed_at_random_change_no_verdict() -> None:
    found = judged_under_fire(kills=1000, seed=2)
    assert found.keys() == {(verdict, verdict) for verdict in PROGRAMS.values()}


def test_a_stopped_zygote_is_given_up_and_the_program_judged_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alphakata.envs.code.judge.host.process.GRACE_SECONDS", 0.2)
    with Pool(workers=1) as pool:
        before = set(zygotes())
        assert pool.run("print(3 * int(input()))", TRIPLES).verdict is Verdict.AC
        for process in set(zygotes()) - before:
            os.kill(process, signal.SIGSTOP)
        result = pool.run("print(3 * int(input())) # again", TRIPLES, Limits(wall_seconds=0.5))
        assert (result.verdict, result.attempts) == (Verdict.AC, 2)
