"""`alphakata envs`: which worlds can be chosen and what they can do, or whether one keeps the contract."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from ..envs.testing import check_env
from ..envs.types import Advancing, Attempts, Behaving, Graded, Metered, Phrased, Rendering, Textual
from .build import build
from .configure import ConfigError, choices, compose
from .task import Task

ABILITIES = (Advancing, Attempts, Behaving, Graded, Metered, Phrased, Rendering, Textual)


@dataclass(frozen=True, slots=True)
class WorldCard:
    """A world in a line.

    Attributes:
        name: what `env=` takes.
        world: its class.
        players: seats.
        tokens: of its dialect, before one is learnt from text.
        abilities: the optional interfaces it has, in lower case.
        searches: settings that apply; empty where all do.
    """

    name: str
    world: str
    players: int
    tokens: int
    abilities: tuple[str, ...]
    searches: tuple[str, ...]


def main(arguments: Namespace) -> int:
    """Lists the worlds, or checks the one that is named."""
    if arguments.action == "check":
        if arguments.name is None:
            raise ConfigError(f"envs check wants a world: {', '.join(choices('env'))}")
        world = _task(arguments.name).world
        check_env(world)
        print(f"{arguments.name}: {type(world).__name__} keeps the contract of envs/types.py")
        return 0
    cards = list(_cards())
    if arguments.json:
        print(json.dumps([asdict(card) for card in cards], indent=2))
        return 0
    table = Table("name", "world", "players", "tokens", "can", "searches")
    for card in cards:
        line = (card.name, card.world, card.players, card.tokens, " ".join(card.abilities), " ".join(card.searches))
        table.add_row(*map(str, line))
    Console().print(table)
    return 0


def _cards() -> Iterator[WorldCard]:
    for name in choices("env"):
        try:
            yield _card(name)
        except ImportError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)


def _card(name: str) -> WorldCard:
    task = _task(name)
    world = task.world
    abilities = tuple(ability.__name__.lower() for ability in ABILITIES if isinstance(world, ability))
    return WorldCard(name, type(world).__name__, world.num_players, world.codec.size, abilities, tuple(task.searches))


def _task(name: str) -> Task:
    return build(compose([f"env={name}"]).envs[name], Task)
