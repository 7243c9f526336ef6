"""A world made ready for experiments: who demonstrates it, who opposes, how long it is played and at which bills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..envs.demonstrations import Demonstrator, Expert
from ..envs.types import Codec, SequentialEnv, Textual
from ..search.budget import UNLIMITED, Limits


@dataclass(frozen=True, slots=True)
class Task:
    """One environment of an experiment.

    Attributes:
        world: the world that is evaluated; its seeds are the problems or games.
        demonstrator: shows how it is done, one call a seed; None where nobody does.
        school: the world that is demonstrated; None where it is `world` itself.
        opponent: takes every other seat in evaluation; needed where there is more than one.
        bots: scripted players that may sit down in `alphakata play`, by name.
        num_demonstrations: seeds that are demonstrated.
        num_episodes: seeds that are evaluated.
        budgets: limits a decision, one point of the curves each.
        searches: names of the settings that apply here; empty where all do.
        weight: share of this environment in every training batch, relative to the others.
        episodes_per_chunk: episodes evaluated side by side, and lost together where a run is interrupted.
    """

    world: SequentialEnv[Any]
    demonstrator: Demonstrator | None = None
    school: SequentialEnv[Any] | None = None
    opponent: Expert | None = None
    bots: Mapping[str, Expert] = field(default_factory=dict)
    num_demonstrations: int = 1000
    num_episodes: int = 100
    budgets: Sequence[Limits] = (UNLIMITED,)
    searches: Sequence[str] = ()
    weight: float = 1.0
    episodes_per_chunk: int = 25

    def __post_init__(self) -> None:
        for name in ("num_demonstrations", "num_episodes", "episodes_per_chunk"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: found {getattr(self, name)}, wanted 1 or more")
        if not self.budgets:
            raise ValueError("budgets: found none, wanted one or more: [{}] is a decision without limits")
        if not self.weight > 0:
            raise ValueError(f"weight: found {self.weight}, wanted more than 0; a world is left out by env=[...]")
        if self.world.num_players > 1 and self.opponent is None:
            raise ValueError(
                f"{type(self.world).__name__} seats {self.world.num_players} players: "
                "name an `opponent` to evaluate against"
            )

    @property
    def classroom(self) -> SequentialEnv[Any]:
        """The world that is demonstrated."""
        return self.world if self.school is None else self.school

    def spoken(self, codecs: Mapping[str, Codec]) -> "Task":
        """Returns the same task with its worlds speaking the learnt codecs of their names."""
        school = None if self.school is None else _spoken(self.school, codecs)
        return replace(self, world=_spoken(self.world, codecs), school=school)

    def score(self, returns: Sequence[float], player: int) -> float:
        """Returns what `player` earned; between several players a win is 1, a draw 0.5 and a loss 0."""
        return returns[player] if self.world.num_players == 1 else (returns[player] + 1) / 2


def _spoken(world: SequentialEnv[Any], codecs: Mapping[str, Codec]) -> SequentialEnv[Any]:
    if isinstance(world, Textual) and world.codec.name in codecs:
        return world.with_codec(codecs[world.codec.name])
    return world


def budget_label(limits: Limits) -> str:
    """Returns a short name for a budget, such as `20000 policy tokens`; `unlimited` where nothing is limited.

    >>> budget_label(Limits(predictions=64))
    '64 predictions'
    """
    parts = [
        f"{value:g} {name.replace('_', ' ')}"
        for name in Limits.__dataclass_fields__
        if (value := getattr(limits, name)) is not None
    ]
    return ", ".join(parts) or "unlimited"
