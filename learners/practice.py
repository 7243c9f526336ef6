"""What a policy does to learn from itself: it plays with search, and what came of it is kept; it is matched.

Every harvest makes trajectories of an episode: all that was played, or the answers that a filter let pass.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..agents.familiar import Familiar
from ..agents.types import Policy
from ..envs.trajectory import Trajectory, replay
from ..envs.types import Phrased, SequentialEnv
from ..search.asks import Search
from ..search.budget import UNLIMITED, Limits
from ..search.rollout import Episode, rollout
from ..search.scheduler import Scheduler
from ..search.task import Player

Harvest = Callable[[SequentialEnv[Any], Episode], Sequence[Trajectory]]
"""From a world and an episode in it to what is learnt from it."""


def whole_episodes(world: SequentialEnv[Any], episode: Episode) -> Sequence[Trajectory]:
    """Returns every side of the episode, with the search's weights: for games."""
    return [trajectory for trajectory in episode.trajectories if trajectory.is_action.any()]


def filtered_moves(world: SequentialEnv[Any], episode: Episode) -> Sequence[Trajectory]:
    """Returns each distinct move that passed the filter of a search such as AlphaCode, and what it earned: for code.

    Raises:
        ValueError: if the search filters nothing.
    """
    (turn,) = episode.turns
    if "passed" not in turn.decision.trace:
        raise ValueError(
            "filtered_moves wants a search that filters, found one whose decisions tell of no `passed` moves: "
            "choose alphacode, or harvest whole_episodes"
        )
    moves = [move for move, _ in turn.decision.trace["passed"]]
    return [trajectory for move in moves for trajectory in replay(world, episode.seed, [move], "filtered")]


def practise(
    world: SequentialEnv[Any],
    search: Search,
    policy: Policy,
    seeds: Sequence[int],
    harvest: Harvest = whole_episodes,
    limits: Limits = UNLIMITED,
    search_seed: int = 0,
) -> list[Trajectory]:
    """Returns what is learnt from episodes `seeds`, in which the policy with its search takes every seat.

    All episodes are played side by side. limits: the most one decision may cost.

    Raises:
        ValueError: if samples are given their beginnings, which nobody is to learn as if they had been chosen.
    """
    if seeds and isinstance(world, Phrased) and world.phrase(world.init(seeds[0])).openings:
        raise ValueError(
            "practice learns whole moves, and here their beginnings are drawn at random: let the player write its own "
            "(headings=own), or none"
        )
    player = Player("expert", search, Familiar(policy), limits)
    players = [player] * world.num_players
    episodes = Scheduler().run(rollout(world, seed, players, search_seed) for seed in seeds)
    return [trajectory for episode in episodes for trajectory in harvest(world, episode)]


def match(
    world: SequentialEnv[Any],
    search: Search,
    candidate: Policy,
    champion: Policy,
    seeds: Sequence[int],
    limits: Limits = UNLIMITED,
    search_seed: int = 0,
) -> list[float]:
    """Returns how the candidate fares in each episode: 1 better than the champion, 0.5 as well, 0 worse.

    In a game both sit at one table, the candidate in every seat in turn; a world of one player asks both alike.
    """
    new, old = (
        Player(name, search, Familiar(policy), limits) for name, policy in (("new", candidate), ("old", champion))
    )
    num_players = world.num_players
    if num_players == 1:
        tables = [[player] for player in (new, old)]
        mine, theirs = (
            [
                episode.returns[0]
                for episode in Scheduler().run(rollout(world, seed, table, search_seed) for seed in seeds)
            ]
            for table in tables
        )
        return _ranks(mine, theirs)
    seats = [seed % num_players for seed in seeds]
    episodes = Scheduler().run(
        rollout(world, seed, [new if i == seat else old for i in range(num_players)], search_seed)
        for seed, seat in zip(seeds, seats, strict=True)
    )
    mine = [episode.returns[seat] for episode, seat in zip(episodes, seats, strict=True)]
    theirs = [max(r for i, r in enumerate(e.returns) if i != seat) for e, seat in zip(episodes, seats, strict=True)]
    return _ranks(mine, theirs)


def _ranks(mine: Sequence[float], theirs: Sequence[float]) -> list[float]:
    ranks: list[float] = ((1 + np.sign(np.subtract(mine, theirs))) / 2).tolist()
    return ranks
