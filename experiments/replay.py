"""Replays: episodes as trajectories whose metadata say what there was to see.

A file is one episode, a trajectory a player, in the published form (`envs/shards.py`). What a page shows is written
down while the world is at hand: pictures, moves as words, what each search considered. So a replay outlives the world's
version and is looked at without running anything; tokens and rewards are there to learn from as ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..envs.shards import read_shard, write_shard
from ..envs.types import Described, Drawing, Rendering, SequentialEnv, State
from ..search.asks import Decision
from ..search.moves import NUM_SHOWN
from ..search.rollout import Episode, Turn

Frame = Mapping[str, Any]
"""A moment: `views`, the pictures; and where somebody decided, who, what, and what was considered."""

_HEADLINES = ("env", "seed", "seats", "returns", "episode", "is_drawn", "views")


@dataclass(frozen=True, slots=True)
class Replay:
    """What a page shows.

    Attributes:
        env: the world's name.
        seed: the episode's.
        seats: who sat where.
        returns: what they earned.
        episode: what the world says of it.
        is_drawn: whether pictures are SVG, or text.
        views: names of the pictures a frame has: everything, and each player's where something is hidden.
        frames: every decision in its order, then the end.
    """

    env: str
    seed: int
    seats: Sequence[str]
    returns: Sequence[float]
    episode: Mapping[str, Any]
    is_drawn: bool
    views: Sequence[str]
    frames: Sequence[Frame]


def write_replay(path: Path, env: str, world: SequentialEnv[Any], played: Episode) -> None:
    """Writes what was played in `world`, which goes by the name `env`, into `path`, whole or not at all."""
    seats = [trajectory.source for trajectory in played.trajectories]
    states = [*(turn.state for turn in played.turns), played.final]
    pictures, views = _pictures(world, states, seats)
    headlines = {
        "env": env,
        "seed": played.seed,
        "seats": seats,
        "returns": list(played.returns),
        "episode": dict(world.describe(played.final)) if isinstance(world, Described) else {},
        "is_drawn": isinstance(world, Drawing),
        "views": views,
    }
    frames = [{"turn": i, "views": shown} for i, shown in enumerate(pictures)]
    for frame, turn in zip(frames, played.turns, strict=False):
        frame |= _decided(world, turn)
    own: list[list[Frame]] = [[frame for frame in frames if frame.get("player") == p] for p in range(len(seats))]
    # The end is nobody's decision; the first player keeps it.
    own[0].append(frames[-1])
    write_shard(
        path,
        [
            replace(trajectory, metadata={**trajectory.metadata, **headlines, "player": player, "frames": own[player]})
            for player, trajectory in enumerate(played.trajectories)
        ],
    )


def read_replay(path: Path) -> Replay:
    """Returns the replay in `path`.

    Raises:
        ValueError: if the file is damaged, or holds other trajectories, or only some of a replay's.
        FileNotFoundError: if there is none.
    """
    told = [trajectory.metadata for trajectory in read_shard(path)]
    found: list[dict[str, Any]] = [{name: metadata.get(name) for name in _HEADLINES} for metadata in told]
    frames = sorted(
        (frame for metadata in told for frame in metadata.get("frames", ())), key=lambda frame: frame["turn"]
    )
    is_whole = bool(frames) and [frame["turn"] for frame in frames] == list(range(len(frames)))
    if not is_whole or any(headlines != found[0] for headlines in found):
        raise ValueError(
            f"{path} is no replay of one episode: found {len(told)} trajectories with {len(frames)} frames; "
            "record one with alphakata play record=FILE"
        )
    return Replay(**found[0], frames=frames)


def _pictures(
    world: SequentialEnv[Any], states: Sequence[State[Any]], seats: Sequence[str]
) -> tuple[list[list[str]], list[str]]:
    """Returns the pictures of every state, and whose they are: one each where nobody sees less than everything."""
    if not isinstance(world, Drawing):
        return [[world.render(s) if isinstance(world, Rendering) else _read(world, s)] for s in states], ["everything"]
    whole = [[world.draw(state, None)] for state in states]
    partial = [[world.draw(state, player) for player in range(len(seats))] for state in states]
    if all(picture == all_of_it for (all_of_it,), parts in zip(whole, partial, strict=True) for picture in parts):
        return whole, ["everything"]
    names = [f"as player {player}, {name}" for player, name in enumerate(seats)]
    return [[*everything, *parts] for everything, parts in zip(whole, partial, strict=True)], ["everything", *names]


def _read(world: SequentialEnv[Any], state: State[Any]) -> str:
    return world.codec.decode(state.tokens.tolist())


def _decided(world: SequentialEnv[Any], turn: Turn) -> dict[str, Any]:
    """Returns what is told of a decision."""
    decision = turn.decision
    columns = _columns(decision)
    return {
        "player": turn.player,
        "moves": [world.codec.decode(move) for move in decision.moves[: turn.attempts]],
        "value": decision.value,
        "facts": {name: fact for name, fact in decision.trace.items() if isinstance(fact, int | float | str)},
        "cost": {unit: amount for unit, amount in asdict(turn.cost).items() if amount},
        "columns": [name for name in columns if name not in ("moves", "tokens")],
        "candidates": _candidates(world, columns, decision.moves[0]),
        "tree": _spelt(world, decision.trace.get("tree", ())),
    }


def _columns(decision: Decision) -> Mapping[str, Sequence[Any]]:
    """Returns what was considered, moves or first tokens, and the figures beside each."""
    trace = decision.trace
    if "candidates" in trace:
        return trace["candidates"]  # type: ignore[no-any-return]
    if "tokens" in trace:
        return {name: trace[name] for name in ("tokens", "visits", "q", "prior", "score") if name in trace}
    return {"moves": decision.moves}


def _candidates(
    world: SequentialEnv[Any], columns: Mapping[str, Sequence[Any]], first: Sequence[int]
) -> list[dict[str, Any]]:
    """Returns what was considered, the most visited first, and marks what was played `first`."""
    moves = columns["moves"] if "moves" in columns else [[token] for token in columns["tokens"]]
    figures = [columns[name] for name in columns if name not in ("moves", "tokens")]
    played = [list(move) == list(first[: len(move)]) for move in moves]
    order = list(range(len(moves)))
    if "visits" in columns:
        order.sort(key=lambda i: (-columns["visits"][i], not played[i], -columns["prior"][i]))
    return [
        {
            "move": world.codec.decode(moves[i]),
            "figures": [column[i] for column in figures],
            "played": played[i],
        }
        for i in order[:NUM_SHOWN]
    ]


def _spelt(world: SequentialEnv[Any], nodes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns the nodes of a tree with words in place of tokens and moves."""
    return [
        {
            **{name: told for name, told in node.items() if name != "move"},
            "token": world.codec.decode(node["move"] if "move" in node else [node["token"]]),
            "children": _spelt(world, node["children"]),
        }
        for node in nodes
    ]
