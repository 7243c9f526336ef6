"""`alphakata play`: people, scripted opponents and searches around one world, in the terminal."""

import logging
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from ..envs.types import Phrased, Rendering, SequentialEnv, State, ends_move
from ..search.asks import Search
from ..search.budget import Limits
from ..search.rollout import Episode, rollout
from ..search.scheduler import Scheduler
from ..search.scripted import Scripted
from ..search.task import Player
from .acting import UNTRAINED, acting
from .build import build
from .configure import ConfigError, advice, choices, compose
from .replay import write_replay
from .task import Task

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PlayConfig:
    """A sitting.

    Attributes:
        envs: the one world that is played.
        searches: settings that may sit down, by name.
        seats: who sits where: `person`, `opponent`, one of the world's bots or a setting; empty for a person against
            opponents.
        checkpoint: the policy that searches ask; None for one that knows nothing.
        budget: limits a decision of every search.
        seed: which episode.
        record: a file to keep the replay in, for `alphakata view`.
        device: auto, cpu or cuda.
    """

    envs: Mapping[str, Task]
    searches: Mapping[str, Search]
    seats: Sequence[str] = ()
    checkpoint: str | None = None
    budget: Limits = field(default_factory=Limits)
    seed: int = 0
    record: str | None = None
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class Person:
    """An expert of flesh and blood: is shown the state, and types a move.

    Attributes:
        keyboard: where moves are typed.
        screen: where states are shown.
    """

    keyboard: TextIO
    screen: TextIO

    def __call__(self, env: SequentialEnv[Any], state: State[Any], rng: np.random.Generator) -> list[int]:
        """Returns the move; ValueError where the keyboard falls silent."""
        print(shown(env, state), file=self.screen)
        if isinstance(env, Phrased):
            return self._text(env, state)
        move: list[int] = []
        # A line may hold several words, up to a whole move; what follows one that is not legal is forgotten.
        typed: list[str] = []
        while True:
            words = {env.codec.decode([token]): token for token in np.flatnonzero(state.legal).tolist()}
            if not typed:
                print(f"player {state.player} [{' '.join(words)}]: ", end="", file=self.screen, flush=True)
                typed = self._line().split() or [""]
            word = typed.pop(0)
            if word not in words:
                print(f"{word!r} is no legal move", file=self.screen)
                typed = []
                continue
            move.append(words[word])
            after = env.step(state, move[-1])
            if ends_move(state, after):
                return move
            state = after

    def _text(self, env: SequentialEnv[Any], state: State[Any]) -> list[int]:
        phrase = env.phrase(state)  # type: ignore[attr-defined]
        print("your text, and an empty line to hand it in:", file=self.screen, flush=True)
        while True:
            lines = list(iter(lambda: self._line().rstrip("\n"), ""))
            move = [*env.codec.encode("\n".join(lines) + "\n").tolist(), phrase.end]
            if len(move) <= phrase.max_tokens:
                return move
            print(f"{len(move)} tokens are too long, at most {phrase.max_tokens} fit", file=self.screen)

    def _line(self) -> str:
        line = self.keyboard.readline()
        if not line:
            raise ValueError("the keyboard fell silent before the end: no more moves on standard input")
        return line


def main(arguments: Namespace) -> int:
    """Plays one episode on standard input and output."""
    config = build(compose(arguments.overrides, "play"), PlayConfig)
    play(config, sys.stdin, sys.stdout)
    return 0


def play(config: PlayConfig, keyboard: TextIO, screen: TextIO) -> Episode:
    """Plays one episode, tells its moves and its end on `screen`, and returns it.

    Raises:
        ConfigError: if there is more than one world, seats are too few or too many, nobody is called what one says, or
            `record` has no folder.
    """
    if len(config.envs) != 1:
        raise ConfigError(f"play wants one world, found {', '.join(config.envs) or 'none'}: choose it with env=NAME")
    if config.record is not None and not Path(config.record).absolute().parent.is_dir():
        raise ConfigError(f"record: the folder of {config.record} does not exist: make it, or name a file in another")
    ((env, task),) = config.envs.items()
    seated = acting(task, config.checkpoint, config.device)
    world = seated.task.world
    bots = {name: Scripted(bot) for name, bot in task.bots.items()}
    known: dict[str, Search] = {**config.searches, **bots, "person": Scripted(Person(keyboard, screen))}
    if task.opponent is not None:
        known["opponent"] = Scripted(task.opponent)
    seats = config.seats or ["person", *["opponent"] * (world.num_players - 1)]
    if len(seats) != world.num_players:
        example = ",".join(["person"] * world.num_players)
        raise ConfigError(
            f"seats: found {len(seats)} ({', '.join(seats)}), wanted {world.num_players}, one for each player: "
            f"for example seats=[{example}]"
        )
    if config.checkpoint is None and any(name in config.searches for name in seats):
        logger.warning(UNTRAINED)
    players = []
    for name in seats:
        if name not in known:
            way_out = f"; choose it too, with search=[{name}]" if name in choices("search") else ""
            raise ConfigError(f"seats: nobody is called {name!r}{advice(name, list(known))}{way_out}")
        players.append(Player(name, known[name], seated.policy, config.budget))
    (episode,) = Scheduler().run([rollout(world, config.seed, players)])
    if config.record is not None:
        write_replay(Path(config.record), env, world, episode)
    for turn in episode.turns:
        move = world.codec.decode(turn.decision.moves[turn.attempts - 1])
        print(f"{seats[turn.player]}: {move}", file=screen)
    print(shown(world, episode.final), file=screen)
    print(", ".join(f"{name} {earned:+g}" for name, earned in zip(seats, episode.returns, strict=True)), file=screen)
    return episode


def shown(env: SequentialEnv[Any], state: State[Any]) -> str:
    """Returns a state for a reader: drawn where the world can draw, else as the words it writes."""
    return env.render(state) if isinstance(env, Rendering) else env.codec.decode(state.tokens.tolist())
