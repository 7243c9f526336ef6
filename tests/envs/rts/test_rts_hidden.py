"""What a side cannot see is nowhere in what it reads, may write, or is handed as its model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from zlib import crc32

import numpy as np
import pytest
from numpy.typing import NDArray

from alphakata.agents.baselines import UniformPolicy
from alphakata.agents.stream import Stream
from alphakata.agents.types import Completion, Grammar, Prediction, Sampling
from alphakata.envs.rts import from_drawing
from alphakata.envs.rts.battle import Battle
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.invariants import check_games
from alphakata.envs.rts.masks import masks
from alphakata.envs.rts.observe import COLUMNS, ENEMY, ROWS, in_sight, observe
from alphakata.envs.rts.players import Bot
from alphakata.envs.rts.rules import (
    BARRACKS,
    BASE,
    CELLS,
    COST,
    LIGHT,
    MOVE_TICKS,
    NUM_KINDS,
    RANGED,
    SLOTS,
    SPAN,
    WORKER,
)
from alphakata.envs.rts.state import PATCH
from alphakata.envs.rts.words import NUM_WORDS
from alphakata.envs.types import State
from alphakata.search import (
    Beam,
    BestOfN,
    Gumbel,
    Limits,
    Player,
    Playouts,
    Puct,
    Root,
    Sample,
    SampledTree,
    Scheduler,
    Search,
)
from alphakata.search.outline import Outline

ENV = Skirmish(told="dealt")
Written = Callable[..., list[int]]


def decisions(seed: int, env: Skirmish = ENV, skill: int = 80) -> Iterator[State[Battle]]:
    """Yields every decision of a game between clumsy bots."""
    state, rng = env.init(seed), np.random.default_rng(seed)
    while not state.terminal:
        yield state
        (state,) = env.advance((state,), (Bot(skill=skill)(env, state, rng),))


@pytest.mark.parametrize("seed", range(4))
def test_in_sight_are_the_cells_where_an_enemy_is_observed(seed: int) -> None:
    for state in list(decisions(seed))[::40]:
        for side in range(2):
            # One game for each cell, with the last of the enemy's slots there and nobody else of the enemy's.
            games, enemy = np.repeat(state.inner.games, CELLS), SLOTS * (2 - side) - 1
            games["kind"][:, SLOTS * (1 - side) : enemy] = 0
            games["top"][:, 1 - side] = SLOTS
            games["kind"][:, enemy], games["cell"][:, enemy] = WORKER, np.arange(CELLS)
            rows, counts = np.zeros((CELLS, ROWS, len(COLUMNS)), np.uint8), np.zeros(CELLS, np.int64)
            observe(games, side, rows, counts)
            assert np.array_equal(in_sight(state.inner.games, side), (rows[:, :, 0] == ENEMY).any(axis=1))


def planted(state: State[Battle], rng: np.random.Generator) -> State[Battle]:
    """Returns a state that differs from `state` in everything that its player cannot see, and in nothing else."""
    battle, side = state.inner, state.player
    games, memories = battle.games.copy(), battle.memories.copy()
    game, other = games[0], slice(SLOTS * (1 - side), SLOTS * (2 - side))
    seen = in_sight(games, side)
    kinds, free = game["kind"][other], np.flatnonzero((game["grid"] == 0) & ~seen)
    rng.shuffle(free)
    for slot in np.flatnonzero((kinds == 0) | ~seen[game["cell"][other]])[: len(free)]:
        u = other.start + int(slot)
        if kinds[slot]:
            game["grid"][game["cell"][u]] = 0
        if kinds[slot] == 0 and battle.memories["kind"][0, side, slot]:
            continue
        kind = int(kinds[slot]) or int(rng.integers(WORKER, RANGED + 1))
        game["kind"][u], game["cell"][u], game["health"][u] = kind, free[slot % len(free)], 1
        game["grid"][game["cell"][u]] = 1 + u
        game["ready"][u] = rng.integers(1000)
        free = np.delete(free, slot % len(free))
    # Of whom it sees busy it does not see for how long.
    in_view = (kinds > 0) & seen[game["cell"][other]]
    busy = in_view & (game["ready"][other] > game["tick"])
    game["ready"][other][busy] = game["tick"] + rng.integers(1, 200, busy.sum())
    known = np.where(in_view, game["ready"][other], rng.integers(1000))
    memories["ready"][0, side] = np.where(memories["kind"][0, side] > 0, known, 0)
    game["top"][1 - side] = SLOTS
    game["stock"][1 - side] += 7
    game["made"][1 - side] += np.uint8(1)
    game["opening"][1 - side] = WORKER
    for name in memories.dtype.names or ():
        memories[name][0, 1 - side] = 1
    words = np.zeros((1, 64), np.uint64)
    masks(games, words)
    dealt = tuple(name if i == side else "random" for i, name in enumerate(battle.dealt))
    told = tuple(z if i == side else z[::-1] for i, z in enumerate(battle.told))
    commands = tuple((slot, 512) for slot in range(side * 5))
    hidden = replace(battle, games=games, memories=memories, words=words[0], dealt=dealt, told=told, commands=commands)
    return ENV.asked([hidden], [side])[0]


def everything(state: State[Battle]) -> list[object]:
    """Returns all that a state holds, private and public."""
    battle = [getattr(state.inner, field.name) for field in fields(state.inner)]
    return [
        part.tobytes() if isinstance(part, np.ndarray) else repr(part) for part in (*battle, state.tokens, state.legal)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_states_that_differ_in_the_hidden_alone_look_alike_and_have_the_same_models(seed: int) -> None:
    rng, num_told_apart = np.random.default_rng(seed), 0
    for state in list(decisions(seed))[seed % 7 :: 7]:
        other = planted(state, rng)
        assert (other.tokens.tolist(), other.legal.tolist()) == (state.tokens.tolist(), state.legal.tolist())
        for draw in range(2):
            assert everything(ENV.model(other, draw)[1]) == everything(ENV.model(state, draw)[1])
        num_told_apart += everything(other) != everything(state)
    assert num_told_apart > 10


@pytest.mark.parametrize("seed", range(6))
def test_a_model_keeps_everything_in_sight_and_is_a_game_by_the_rules(seed: int) -> None:
    for state in list(decisions(seed))[::5]:
        side, true = state.player, state.inner.games
        dealt = ENV.model(state, seed)[1].inner.games
        check_games(dealt)
        own, seen = slice(SLOTS * side, SLOTS * side + SLOTS), in_sight(true, side)
        assert (dealt["grid"][0][seen] == true["grid"][0][seen]).all()
        for name in ("kind", "cell", "health", "load", "ready"):
            assert (dealt[name][0, own] == true[name][0, own]).all()
        assert dealt["stock"][0, side] == true["stock"][0, side]


def test_models_of_one_state_differ_in_what_nobody_saw() -> None:
    state = list(decisions(3))[40]

    assert len({ENV.model(state, draw)[1].inner.games.tobytes() for draw in range(8)}) > 1


def steps(cells: object, place: int) -> NDArray[np.int64]:
    """Returns how many steps each of `cells` is from `place`."""
    row, column = np.divmod(np.asarray(cells, np.int64), SPAN)
    counted: NDArray[np.int64] = np.abs(row - place // SPAN) + np.abs(column - place % SPAN)
    return counted


def test_what_went_out_of_sight_is_dealt_within_its_reach() -> None:
    rng, num_bound = np.random.default_rng(0), 0
    for state in list(decisions(5))[::3]:
        side, true = state.player, state.inner.games[0]
        known = {name: state.inner.memories[name][0, side] for name in ("kind", "cell", "tick")}
        dealt = ENV.model(state, int(rng.integers(100)))[1].inner.games[0]
        hidden = np.flatnonzero(~in_sight(state.inner.games, side) & (dealt["grid"] < PATCH))
        for slot in np.flatnonzero(known["kind"]):
            unit, kind, last = SLOTS * (1 - side) + slot, int(known["kind"][slot]), int(known["cell"][slot])
            assert dealt["kind"][unit] == kind
            assert true["kind"][unit] > 0
            pace = int(MOVE_TICKS[kind])
            reach = (int(dealt["tick"]) - int(known["tick"][slot])) // pace if pace else 0
            # Where all that is within its reach is in sight or taken it stands as near as can be.
            if np.count_nonzero(steps(hidden, last) <= reach) > np.count_nonzero(known["kind"]):
                num_bound += 1
                assert steps(dealt["cell"][unit], last) <= reach
    assert num_bound > 5


def test_the_second_player_s_model_holds_another_move_than_the_one_that_waits() -> None:
    state = next(s for s in decisions(2) if s.player == 1 and s.inner.commands)
    models = [ENV.model(state, draw)[1].inner.commands for draw in range(20)]
    silent = replace(state, inner=replace(state.inner, commands=()))

    assert len(set(models)) > 1
    assert models == [ENV.model(silent, draw)[1].inner.commands for draw in range(20)]


FOGGY = """
    B . . . . . . .
    W . . . . . . .
    . . . . . # w b
"""


def after(written: Written, state: State[Battle], own: str, other: str = "") -> State[Battle]:
    """Returns the state once both sides have moved."""
    for said in (own, other):
        state = ENV.advance([state], [written(state, said)])[0]
    return state


def test_an_enemy_is_read_as_long_as_it_is_in_sight_and_remembered_after(written: Written) -> None:
    state = ENV.begin(from_drawing(FOGGY), ("turtle", "turtle"))
    shown = [ENV.codec.decode(state.tokens.tolist())]
    for move in ["u1 move e2"] * 4 + ["u1 move a2"] * 3:
        state = after(written, state, move)
        shown.append(ENV.codec.decode(state.tokens.tolist()))

    assert [" foe.worker.2 g3 far.8 x0 " in text for text in shown] == [False] * 4 + [True] + [False] * 3
    assert ["gone.worker.new g3" in text for text in shown] == [False] * 5 + [True] * 3


def test_whoever_falls_in_sight_is_forgotten_even_if_another_is_made_in_its_slot_unseen(
    written: Written,
) -> None:
    state = ENV.begin(from_drawing("B H l H . . . . . . . . . . k b", stock=(0, 2)), ("turtle", "turtle"))
    assert "foe.light.6 c1 far.2 x0" in ENV.codec.decode(state.tokens.tolist())

    state = after(written, state, "u1 attack weakest u2 attack weakest", "u1 light east")

    assert state.inner.games["kind"][0, SLOTS] == LIGHT
    assert "light" not in ENV.codec.decode(state.tokens.tolist())


def test_without_fog_both_sides_see_everything_and_the_model_deals_no_unit() -> None:
    env = Skirmish(fog=False)
    state = env.init(0)

    assert "theirs.4" in env.codec.decode(state.tokens.tolist())
    assert env.model(state, 1)[1].inner.games.tobytes() == state.inner.games.tobytes()


def test_the_wealth_a_model_deals_is_what_the_enemy_can_own() -> None:
    for state in list(decisions(4, skill=100))[::4]:
        dealt = ENV.model(state, 1)[1].inner.games[0]
        own, other = (slice(SLOTS * side, SLOTS * side + SLOTS) for side in (state.player, 1 - state.player))
        paid = int(COST[dealt["kind"][other]].sum(dtype=int)) + int(dealt["stock"][1 - state.player])
        true = state.inner.games[0]
        mine = int(true["stock"][state.player]) + int(true["load"][own].sum(dtype=int))
        mine += int(true["made"][state.player, :NUM_KINDS].astype(int) @ COST)
        taken = int(true["total"]) - int(true["patch_loads"].sum(dtype=int)) - mine
        # A building is dealt where none is known, whoever paid for it.
        assert paid <= taken + int(COST[BASE]) + int(COST[BARRACKS]) + int(COST[WORKER])


@pytest.mark.parametrize("seed", range(4))
def test_a_side_s_picture_shows_nothing_hidden_and_the_other_s_is_another(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for state in list(decisions(seed))[seed % 5 :: 5]:
        other = planted(state, rng)
        assert ENV.draw(other, state.player) == ENV.draw(state, state.player)
        assert ENV.draw(other, None) != ENV.draw(state, None)


class Overheard:
    """A policy that keeps whatever it is shown, and values a stream by a hash of its tokens."""

    flops_per_token = 0

    def __init__(self) -> None:
        self.shown: list[list[int]] = []
        self._policy = UniformPolicy(NUM_WORDS)

    def predict(self, streams: Sequence[Stream]) -> Prediction:
        told = [stream.all_tokens() for stream in streams]
        self.shown += [tokens.tolist() for tokens in told]
        values = np.array([crc32(tokens.tobytes()) / 2**31 - 1 for tokens in told], np.float32)
        return replace(self._policy.predict(streams), value=values)

    def complete(
        self,
        stream: Stream,
        count: int,
        sampling: Sampling,
        grammar: Grammar,
        seed: int,
        max_total_tokens: int | None = None,
    ) -> Sequence[Completion]:
        self.shown.append(stream.all_tokens().tolist())
        return self._policy.complete(stream, count, sampling, grammar, seed, max_total_tokens)


SEARCHES: dict[str, Search] = {
    "sample": Sample(),
    "greedy": Sample(temperature=0.0),
    "best_of_n": BestOfN(num_samples=6),
    "playouts": Playouts(num_candidates=4, num_rounds=2, horizon=20),
    "guided_playouts": Playouts(num_candidates=6, num_rounds=1, horizon=10, guided=True),
    "beam": Beam(width=2, max_width=4),
    "puct": Puct(num_simulations=24, outline=Outline()),
    "gumbel": Gumbel(num_simulations=16),
    "gumbel_rounds": Gumbel(num_simulations=16, by_rounds=True),
    "sampled_tree": SampledTree(num_simulations=8, num_candidates=4, num_deals=2),
}


def found(search: Search, state: State[Battle], seed: int, by_model: bool = True) -> list[object]:
    """Returns all that a search of `state` says and asked, as an episode would have it decide."""
    world, model = ENV.model(state, seed) if by_model else (ENV, state)
    policy = Overheard()
    player = Player("search", search, policy, Limits(predictions=60, env_steps=400))
    root = Root(world, model, Stream(state.tokens), seed)
    decision = Scheduler().decide(player, [root], [np.random.default_rng(seed)])[0].decision
    return [decision.moves, repr(decision.weights), decision.value, repr(dict(decision.trace)), policy.shown]


@pytest.mark.parametrize("name", SEARCHES)
def test_no_search_decides_says_or_asks_anything_else_where_the_hidden_differs(name: str) -> None:
    rng = np.random.default_rng(1)
    for seed in range(3):
        states = list(decisions(seed))
        # Every search meets both players, and a move of the first that waits while the second thinks.
        for state in states[seed + 10 :: 37]:
            other = planted(state, rng)
            assert everything(other) != everything(state)
            assert found(SEARCHES[name], other, seed) == found(SEARCHES[name], state, seed)


@pytest.mark.parametrize("name", SEARCHES)
def test_no_search_of_the_second_player_reads_the_move_that_the_first_has_written(name: str) -> None:
    rng = np.random.default_rng(2)
    for seed in (2, 5):
        first = next(s for s in list(decisions(seed))[12:] if s.player == 0)
        moves = [Bot(skill=skill)(ENV, first, rng) for skill in (100, 0)]
        states = ENV.advance([first, first], moves)
        assert [state.player for state in states] == [1, 1]
        assert states[0].inner.commands != states[1].inner.commands
        assert found(SEARCHES[name], states[0], seed) == found(SEARCHES[name], states[1], seed)


def test_a_search_that_was_handed_the_world_in_place_of_its_model_would_be_found_out() -> None:
    search, rng = SEARCHES["sampled_tree"], np.random.default_rng(3)
    told_apart = [
        found(search, planted(state, rng), 0, by_model=False) != found(search, state, 0, by_model=False)
        for state in list(decisions(1))[11::9]
    ]

    assert sum(told_apart) > len(told_apart) // 2
