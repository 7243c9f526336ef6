"""`alphakata solve`: one problem, one search, the program it finds and whether it is right."""

import json
import logging
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from ..agents.stream import Stream
from ..envs.code.env import CodeContest
from ..envs.code.problem import Problem, read_problems
from ..search.asks import Root, Search
from ..search.budget import Cost, Limits
from ..search.scheduler import Scheduler
from ..search.task import Player
from .acting import UNTRAINED, Imported, acting
from .build import build
from .configure import ConfigError, compose
from .task import Task

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SolveConfig:
    """What is to be solved, and how.

    Attributes:
        envs: the one contest.
        searches: the one search.
        checkpoint: the policy that is asked; with `policy` None too, one that knows nothing.
        policy: an imported one in its place.
        file: problems in JSONL; None for the contest's own.
        task: which problem.
        budget: limits the search.
        seed: of the search.
        device: auto, cpu or cuda.
    """

    envs: Mapping[str, Task]
    searches: Mapping[str, Search]
    checkpoint: str | None = None
    policy: Imported | None = None
    file: str | None = None
    task: int = 0
    budget: Limits = field(default_factory=Limits)
    seed: int = 0
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.task < 0:
            raise ValueError(f"task: found {self.task}, wanted 0, the first problem, or more")


@dataclass(frozen=True, slots=True)
class Found:
    """What a search made of a problem.

    Attributes:
        problem: its name.
        statement: as the policy read it.
        program: the first that would be handed in.
        passes_examples: what the search could know.
        solves: what it could not: whether every hidden test is passed too.
        num_hidden_tests: how many there are.
        cost: the bill.
    """

    problem: str
    statement: str
    program: str
    passes_examples: bool
    solves: bool
    num_hidden_tests: int
    cost: Cost


def main(arguments: Namespace) -> int:
    """Prints what was found; returns 0 where it is right."""
    found = solve(build(compose(arguments.overrides, "solve"), SolveConfig))
    if arguments.json:
        print(json.dumps(asdict(found), indent=2))
        return int(not found.solves)
    print(f"{found.statement}{found.program}\n")
    print(f"{found.problem}: examples {'passed' if found.passes_examples else 'failed'}, ", end="")
    print(f"{found.num_hidden_tests} hidden tests {'passed' if found.solves else 'failed'}")
    print(", ".join(f"{name.replace('_', ' ')} {amount:,.6g}" for name, amount in asdict(found.cost).items() if amount))
    return int(not found.solves)


def solve(config: SolveConfig) -> Found:
    """Searches a program for one problem and judges it.

    Raises:
        ConfigError: if there is no single contest and search, or no such problem.
    """
    if len(config.envs) != 1 or len(config.searches) != 1:
        raise ConfigError(
            f"solve wants one world and one search, found {', '.join(config.envs) or 'none'} and "
            f"{', '.join(config.searches) or 'none'}: choose them with env=NAME search=NAME"
        )
    (task,), ((name, search),) = config.envs.values(), config.searches.items()
    seated = acting(task, config.checkpoint, config.device, config.policy)
    world = seated.task.world
    if not isinstance(world, CodeContest):
        raise ConfigError(
            f"solve wants a code contest, found {type(world).__name__}: alphakata play knows other worlds"
        )
    if config.file is not None:
        world = CodeContest(
            _existing(read_problems(config.file), config),
            world.training,
            world.codec,
            max_tokens=world.max_tokens,
            headings=world.headings,
        )
    state = world.init(config.task)
    model, seen = world.model(state, config.seed)
    player = Player(name, search, seated.policy, config.budget)
    if config.checkpoint is None and config.policy is None:
        logger.warning(UNTRAINED)
    root = Root(model, seen, Stream(seen.tokens), config.seed)
    (decided,) = Scheduler().decide(player, [root], [np.random.default_rng(config.seed)])
    move = decided.decision.moves[0]
    problem = state.inner.problem
    return Found(
        problem=problem.name,
        statement=problem.prompt,
        program=world.codec.decode(move),
        passes_examples=bool(model.advance([seen], [move])[0].rewards[0] > 0),
        solves=bool(world.advance([state], [move])[0].rewards[0] > 0),
        num_hidden_tests=len(problem.hidden) + len(problem.generated),
        cost=decided.cost,
    )


def _existing(problems: Sequence[Problem], config: SolveConfig) -> Sequence[Problem]:
    if not 0 <= config.task < len(problems):
        raise ConfigError(f"task: found {config.task}, but {config.file} holds {len(problems)} problems, 0 the first")
    return problems
