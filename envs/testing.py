"""`check_env`: the whole contract of a world, held over random legal play.

A user's own test of a world is this one call: `check_env(MyWorld())`.
"""

import json
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .requirements import ContractError, alike, message, require, require_array, require_same, require_untouched
from .types import (
    Advancing,
    Attempts,
    Behaving,
    Described,
    Graded,
    Metered,
    Phrased,
    Rendering,
    SequentialEnv,
    State,
    Textual,
    Vectorized,
    ends_move,
    play,
)

# Up to `_FEW` tokens are all tried, of more a sample.
_FEW, _SAMPLE = 16, 4
_CLOSES_EARLY = 0.1
_PUBLIC = ("tokens", "restart", "legal", "player", "rewards", "terminal")
_SHOWN = ("tokens", "restart", "legal", "player", "terminal")


@dataclass(frozen=True, slots=True)
class _Move:
    """A whole move as it was played.

    Attributes:
        states: where each of its tokens was due.
        tokens: the move.
        after: where it led.
    """

    states: list[State[Any]]
    tokens: list[int]
    after: State[Any]


def check_env(env: SequentialEnv[Any], seeds: Iterable[int] = range(3), max_moves: int = 100) -> None:
    """Plays up to `max_moves` random moves of each episode of `seeds` and holds the world to `envs/types.py`.

    Raises:
        ContractError: at the first promise that is broken.
    """
    _check_codec(env)
    for i, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        moves = _walk(env, env.init(seed), rng, max_moves, long=i == 0)
        require(env, bool(moves), f"episode {seed}", "no move", "at least one", "Begin with a state that goes on.")
        _check_same_again(env, f"episode {seed} replayed", env.init(seed), moves)
        for move in (moves[i] for i in sorted({0, len(moves) // 2, len(moves) - 1})):
            _check_model(env, move.states[0], rng)
        _check_abilities(env, moves)


def _walk(
    env: SequentialEnv[Any], state: State[Any], rng: np.random.Generator, max_moves: int, long: bool = False
) -> list[_Move]:
    """Returns random moves played from `state`, all on the way checked; the first as long as may be where `long`."""
    moves: list[_Move] = []
    _check_state(env, state)
    while not state.terminal and len(moves) < max_moves:
        states, tokens = [state], list[int]()
        end = env.phrase(state).end if isinstance(env, Phrased) and (moves or not long) else None
        while not tokens or not ends_move(states[-2], state):
            closes = end is not None and state.legal[end] and rng.random() < _CLOSES_EARLY
            tokens.append(end if closes and end is not None else int(rng.choice(np.flatnonzero(state.legal))))
            state = _check_step(env, state, tokens[-1], rng)
            _check_state(env, state)
            states.append(state)
        moves.append(_Move(states[:-1], tokens, state))
    if state.terminal:
        _must_refuse(env, state, moves[-1].tokens[-1] if moves else 0, "on a terminal state")
    return moves


def _check_codec(env: SequentialEnv[Any]) -> None:
    """Holds the codec to numbering its tokens from 0 to V-1."""
    codec, name = env.codec, f"codec {env.codec.name!r}"
    require(env, codec.size > 0, f"the size of {name}", codec.size, "at least one token", "")
    require(env, bool(codec.fingerprint()), f"the fingerprint of {name}", "none", "a hash", "Hash what tokens mean.")
    for token in (-1, codec.size):
        try:
            text = codec.decode([token])
        except ValueError:
            continue
        require(env, False, f"{name} decoding {token}", repr(text), "ValueError", "Check the range in decode.")


def _check_state(env: SequentialEnv[Any], state: State[Any]) -> None:
    """Holds every field to its shape, kind and range."""
    size, players = env.codec.size, env.num_players
    require_array(env, "tokens", state.tokens, np.dtype(np.int32), None)
    require_array(env, "legal", state.legal, np.dtype(np.bool_), size)
    require_array(env, "rewards", state.rewards, np.dtype(np.float32), players)
    in_range = bool(((state.tokens >= 0) & (state.tokens < size)).all())
    require(env, in_range, "state.tokens", state.tokens.tolist(), f"tokens from 0 to {size - 1}", "")
    require(env, 0 <= state.player < players, "state.player", state.player, f"0 to {players - 1}", "")
    require(env, bool(np.isfinite(state.rewards).all()), "state.rewards", state.rewards, "finite numbers", "")
    way_out = "No token may be legal on a terminal state, and some must be on every other."
    found = f"{int(state.legal.sum())} legal tokens where terminal is {state.terminal}"
    require(env, bool(state.legal.any()) != state.terminal, "state.legal", found, "none exactly there", way_out)
    way_out = "Where there is nothing to read, a stream cannot begin anew: say restart=False."
    require(env, not state.restart or len(state.tokens) > 0, "state.tokens", "none", "some at a restart", way_out)
    text = env.codec.decode(state.tokens.tolist())
    back = env.codec.decode(env.codec.encode(text).tolist())
    require(env, back == text, "an observation encoded and decoded", repr(back), repr(text), "Mend the codec.")


def _check_step(env: SequentialEnv[Any], state: State[Any], token: int, rng: np.random.Generator) -> State[Any]:
    """Returns the state after `token`, which must change nothing else and be as good as `legal` says."""
    kept = deepcopy(state)
    after = _step(env, state, token)
    for other in _some(state.legal, rng):
        _step(env, state, other)
    for illegal in (-1, env.codec.size, *_some(~state.legal, rng)[:_SAMPLE]):
        _must_refuse(env, state, illegal, "which is not legal there")
    require_same(env, f"token {token} played twice", _step(env, state, token), after, _PUBLIC)
    require_untouched(env, "step", state, kept)
    return after


def _check_same_again(env: SequentialEnv[Any], what: str, state: State[Any], moves: Sequence[_Move]) -> None:
    """Holds the world to going the same way again."""
    for move in moves:
        for token, expected in zip(move.tokens, move.states, strict=True):
            require_same(env, what, state, expected, _PUBLIC)
            state = _step(env, state, token)
        require_same(env, what, state, move.after, _PUBLIC)


def _check_model(env: SequentialEnv[Any], state: State[Any], rng: np.random.Generator) -> None:
    """Holds the model to showing what the player sees, to the contract, to its seed, and to leaving `state` alone."""
    kept = deepcopy(state)
    for seed in (1, 2):
        world, shown = env.model(state, seed)
        require_same(env, f"model(state, {seed})", shown, state, _SHOWN)
        same = (world.codec.fingerprint(), world.num_players) == (env.codec.fingerprint(), env.num_players)
        require(env, same, f"model(state, {seed})", "another codec or number of players", "the world's own", "")
        moves = _walk(world, shown, rng, 4)
        twin, again = env.model(state, seed)
        _check_same_again(twin, f"model(state, {seed}) drawn again from the same seed", again, moves)
        require_same(env, "the model of a model", world.model(shown, seed)[1], state, _SHOWN)
    require_untouched(env, "playing in its model", state, kept)


def _check_abilities(env: SequentialEnv[Any], moves: Sequence[_Move]) -> None:
    """Holds the world to what it says it can do beyond the three methods."""
    begun, ended = [move.states[0] for move in moves], [move.after for move in moves]
    if isinstance(env, Phrased):
        for move in moves:
            _check_phrase(env, move)
    if isinstance(env, Advancing):
        for found, wanted in zip(env.advance(begun, [move.tokens for move in moves]), ended, strict=True):
            require_same(env, "advance", found, wanted, _PUBLIC)
    if isinstance(env, Vectorized):
        _check_arrays(env, moves)
    if isinstance(env, Behaving):
        first, second = list(env.behaviour(ended, 7)), list(env.behaviour(ended, 7))
        require(env, first == second, "behaviour asked twice", "two answers", "one", "Draw only from its seed.")
        fit = len(first) == len(ended) and all(isinstance(fingerprint, bytes) for fingerprint in first)
        require(env, fit, f"behaviour of {len(ended)} states", first[:4], "bytes for each", "")
    if isinstance(env, Rendering):
        for state in (*begun, *ended):
            shown = env.render(state)
            require(env, isinstance(shown, str), "render", type(shown).__name__, "str", "")
    if isinstance(env, Described):
        named = env.describe(ended[-1])
        back = json.loads(json.dumps(named, default=str, skipkeys=True))
        fit = isinstance(named, dict) and alike(back, named, set())
        require(env, fit, "describe", named, "a dict of JSON values", "Say str, int, float, bool, list or dict.")
    if isinstance(env, Metered):
        before = env.meter()
        play(env, begun[0], moves[0].tokens)
        grown = all(now >= then for now, then in zip(env.meter(), before, strict=True))
        require(env, grown, "meter after one more move", env.meter(), f"no less than {before}", "")
    if isinstance(env, Graded):
        require_same(env, "graded", play(env.graded(), begun[0], moves[0].tokens), ended[0], _SHOWN)
    if isinstance(env, Attempts):
        require(env, env.attempts >= 1, "attempts", env.attempts, "at least 1", "")
    if isinstance(env, Textual):
        texts = env.texts(2)
        fit = len(texts) == 2 and all(isinstance(text, str) and text for text in texts)
        require(env, fit, "texts(2)", texts, "two texts to learn a codec from", "")
        speaks = env.with_codec(env.codec).codec.fingerprint() == env.codec.fingerprint()
        require(env, speaks, "with_codec", "a world that speaks another codec", "the codec given", "")


def _check_arrays(env: Vectorized, moves: Sequence[_Move]) -> None:
    """Holds a world's steps in arrays to its steps one by one."""
    begun, ended = [move.states[0] for move in moves], [move.after for move in moves]
    single = all(len(move.tokens) == 1 and move.states[0].restart for move in moves)
    require(env, single, "a move of a vectorized world", "several tokens or no restart", "one token, restart", "")
    most = max(int(state.legal.sum()) for state in begun)
    require(env, most <= env.most_legal, "most_legal", env.most_legal, f"at least {most}", "")
    players = np.array([state.player for state in begun], np.int32)
    tokens = np.array([move.tokens[0] for move in moves], np.int32)
    asked = (env.gather(begun), players, tokens)
    kept = deepcopy(asked)
    found = env.step_all(*asked)
    require(env, alike(asked, kept, set()), "step_all", "what it was given changed", "all of it as it was", "Copy it.")
    require(env, alike(found.inner, env.gather(ended), set()), "step_all: inner", found.inner, "as gather says", "")
    kinds = f"{found.players.dtype} and {found.terminal.dtype}"
    require(env, kinds == "int32 and bool", "step_all: players and terminal", kinds, "int32 and bool", "")
    for i, wanted in enumerate(ended):
        player, terminal = int(found.players[i]), bool(found.terminal[i])
        state = State(None, found.tokens[i], True, found.legal[i], player, found.rewards[i], terminal)
        require_same(env, "step_all", state, wanted, _PUBLIC)
    illegal = np.array([int(np.argmin(state.legal)) for state in begun], np.int32)
    try:
        env.step_all(*asked[:2], illegal)
    except ValueError:
        return
    require(env, False, "step_all of illegal tokens", "states", "ValueError", "Look before you step.")


def _check_phrase(env: Phrased, move: _Move) -> None:
    """Holds one move to the grammar the world said it has."""
    phrase = env.phrase(move.states[0])
    only_end, most = np.arange(len(phrase.legal)) == phrase.end, phrase.max_tokens
    require(env, bool(phrase.legal[phrase.end]), "phrase.legal", "without phrase.end", "with it", "")
    allowed = {*np.flatnonzero(phrase.legal & ~only_end).tolist()}
    fit = all(0 < len(opening) < most and allowed.issuperset(opening) for opening in phrase.openings)
    require(env, fit, "phrase.openings", phrase.openings[:4], f"legal tokens before the end, fewer than {most}", "")
    said = f"{len(move.tokens)} tokens, end at {np.flatnonzero(np.equal(move.tokens, phrase.end)).tolist()}"
    closed = len(move.tokens) <= most and move.tokens.index(phrase.end) == len(move.tokens) - 1
    last = f"at most {most}, {phrase.end} in the last place and nowhere else"
    require(env, closed, "a move of a phrased world", said, last, "Close a move with phrase.end alone.")
    for place, state in enumerate(move.states):
        wanted, found = (np.flatnonzero(m) for m in (phrase.legal if place + 1 < most else only_end, state.legal))
        what, way_out = f"state.legal at place {place} of a move", "The grammar of a phrase never changes on the way."
        require(env, np.array_equal(found, wanted), what, found, wanted, way_out)


def _step(env: SequentialEnv[Any], state: State[Any], token: int) -> State[Any]:
    """Returns the state after a legal token."""
    try:
        return env.step(state, token)
    except ValueError as error:
        what, way_out = f"step of token {token}, which state.legal allows", "Let legal say what step takes."
        raise ContractError(message(env, what, f"ValueError({error})", "a state", way_out)) from error


def _must_refuse(env: SequentialEnv[Any], state: State[Any], token: int, why: str) -> None:
    """Holds the world to raising ValueError."""
    try:
        env.step(state, token)
    except ValueError:
        return
    require(env, False, f"step of token {token} {why}", "a state", "ValueError", "Check state.legal first.")


def _some(which: NDArray[np.bool_], rng: np.random.Generator) -> list[int]:
    """Returns the tokens that `which` marks, or a sample where they are many."""
    tokens: NDArray[np.intp] = np.flatnonzero(which)
    return [int(token) for token in (tokens if len(tokens) <= _FEW else rng.choice(tokens, _SAMPLE, replace=False))]
