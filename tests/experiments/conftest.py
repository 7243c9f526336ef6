"""Records made by hand for the tests of what is made of records."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from alphakata.experiments.records import Record

Played = Callable[..., list[Record]]


@pytest.fixture(scope="session")
def played() -> Played:
    """Returns the records of one setting at one budget: a row of scores a training seed, a column a task."""

    def records(
        setting: str,
        budget: str,
        policy_tokens: int,
        scores: Sequence[Sequence[float]],
        env: str = "code",
        decisions: int = 1,
        outcome: Mapping[str, Any] | None = None,
    ) -> list[Record]:
        cost = {"policy_tokens": policy_tokens * decisions, "samples": 4 * decisions, "seconds": 0.25 * decisions}
        return [
            Record(env, setting, budget, task, seed, 0, score, decisions, cost, outcome or {})
            for seed, row in enumerate(scores)
            for task, score in enumerate(row)
        ]

    return records
