"""Any game of OpenSpiel in which players take turns, as a world: the extra `games`.

https://github.com/google-deepmind/open_spiel (Lanctot et al. 2019). The player reads the game's own text of the board
or, where something is hidden, of all that it has learnt so far, a byte a token; so each observation stands for itself.
A move is one token, the game's action. Chance is drawn from the episode's seed.

Refused by name: games of simultaneous moves, games that draw chance by a generator of their own, and games of hidden
information that cannot be dealt anew as a player knows them, for no search could be kept from cheating in those.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .codec import WordCodec
from .types import Codec, SequentialEnv, State

FIRST_MOVE = 256
"""The token of action 0; below it are bytes of text."""
_MOST_NAMED = 64
# Seen with version 2.0.2.
_AT_FAULT = {
    "chat_game": "its actions have numbers beyond those it names",
    "morpion_solitaire": "playing on from a copy of its state changes what is legal in others",
}


class Position:
    """What the game remembers.

    Attributes:
        spiel: OpenSpiel's state; never mutated, nowhere at chance.
        seed: of the chances to come.
    """

    __slots__ = ("seed", "spiel")

    def __init__(self, spiel: Any, seed: int) -> None:
        self.spiel, self.seed = spiel, seed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Position) and (self.seed, self.spiel.history()) == (other.seed, other.spiel.history())

    __hash__ = None  # type: ignore[assignment]

    def __deepcopy__(self, memo: dict[int, Any]) -> "Position":
        return Position(self.spiel.clone(), self.seed)


class OpenSpiel:
    """The world of one game.

    Attributes:
        codec: 256 bytes, then the game's actions as `m0`, `m1`...
        num_players: as the game says.
        game: OpenSpiel's game.

    Args:
        game: its name, with parameters where wanted: `chess`, `go(board_size=9)`.

    Raises:
        ImportError: if the extra `games` is missing.
        ValueError: if there is no such game, or it is refused.
    """

    codec: Codec

    def __init__(self, game: str = "tic_tac_toe") -> None:
        self._name = game
        self.game = _loaded(game)
        kind, spiel = self.game.get_type(), _pyspiel()
        self._is_open = kind.information == spiel.GameType.Information.PERFECT_INFORMATION
        self._is_certain = kind.chance_mode == spiel.GameType.ChanceMode.DETERMINISTIC
        self._shows_boards = self._is_open and kind.provides_observation_string
        self.num_players: int = self.game.num_players()
        moves = [f"m{action}" for action in range(self.game.num_distinct_actions())]
        self.codec = WordCodec(f"openspiel_{game}", [*map(_spelt, range(FIRST_MOVE)), *moves])
        if not self._is_open:
            self._deal_anew(self.init(0), 0)

    def init(self, seed: int) -> State[Position]:
        """Returns the first state; seeds differ in what chance brings."""
        return self._arrived(self.game.new_initial_state(), seed, np.zeros(self.num_players))

    def step(self, state: State[Position], token: int) -> State[Position]:
        """Returns the state after an action, and chance's answer; ValueError if it is illegal or the game is over."""
        if not 0 <= token < self.codec.size or not state.legal[token]:
            moves = [f"m{action - FIRST_MOVE}" for action in np.flatnonzero(state.legal)[:_MOST_NAMED]]
            raise ValueError(f"{self._name}: token {token} is no legal move, {moves} are, in\n{state.inner.spiel}")
        spiel, before = state.inner.spiel.clone(), np.array(state.inner.spiel.returns())
        spiel.apply_action(int(token) - FIRST_MOVE)
        return self._arrived(spiel, state.inner.seed, before)

    def model(self, state: State[Position], seed: int) -> "tuple[OpenSpiel, State[Position]]":
        """Returns the game with chances to come drawn from `seed`, and hidden things dealt anew where there are any."""
        if self._is_certain and self._is_open:
            return self, state
        if self._is_open or state.terminal:
            return self, replace(state, inner=Position(state.inner.spiel, seed))
        return self, self._deal_anew(state, seed)

    def behaviour(self, states: Sequence[State[Position]], seed: int) -> list[bytes]:
        """Returns all that the game says of each state."""
        return [str(state.inner.spiel).encode() for state in states]

    def describe(self, state: State[Position]) -> dict[str, Any]:
        """Returns the game's name."""
        return {"game": self._name}

    def render(self, state: State[Position]) -> str:
        """Returns the board, or what the player knows where something is hidden, and what words of legal moves mean."""
        spiel = state.inner.spiel
        if state.terminal:
            return str(spiel)
        shown = spiel if self._is_open else spiel.information_state_string(state.player)
        named = [f"m{a} {spiel.action_to_string(state.player, a)}" for a in spiel.legal_actions()[:_MOST_NAMED]]
        return f"{shown}\nplayer {state.player}: {', '.join(named)}"

    def __reduce__(self) -> "tuple[type[OpenSpiel], tuple[str]]":
        """Sends the world to another process as its name."""
        return OpenSpiel, (self._name,)

    def _arrived(self, spiel: Any, seed: int, before: NDArray[np.float64]) -> State[Position]:
        """Returns the state once chance has answered. spiel: is kept. before: `[P]`, returns so far."""
        while spiel.is_chance_node():
            actions, probabilities = zip(*spiel.chance_outcomes(), strict=True)
            draw = np.random.default_rng([seed, spiel.move_number()]).random() * sum(probabilities)
            chosen = np.searchsorted(np.cumsum(probabilities), draw, side="right")
            spiel.apply_action(actions[min(int(chosen), len(actions) - 1)])
        rewards = (np.array(spiel.returns()) - before).astype(np.float32)
        legal = np.zeros(self.codec.size, np.bool_)
        if spiel.is_terminal():
            return State(Position(spiel, seed), np.zeros(0, np.int32), False, legal, 0, rewards, True)
        player: int = spiel.current_player()
        legal[np.array(spiel.legal_actions(), np.int64) + FIRST_MOVE] = True
        return State(Position(spiel, seed), self._read(spiel, player), True, legal, player, rewards, False)

    def _read(self, spiel: Any, player: int) -> NDArray[np.int32]:
        """Returns the bytes of what `player` knows."""
        if not self._is_open:
            text = spiel.information_state_string(player)
        else:
            text = spiel.observation_string(player) if self._shows_boards else str(spiel)
        return np.frombuffer((text or "\n").encode(), np.uint8).astype(np.int32)

    def _deal_anew(self, state: State[Position], seed: int) -> State[Position]:
        """Returns `state` with everything that its player cannot know drawn anew."""
        draw = np.random.default_rng(seed).random
        try:
            spiel = state.inner.spiel.resample_from_infostate(state.player, draw)
        except _pyspiel().SpielError as error:
            raise ValueError(
                f"{self._name} hides something, and OpenSpiel cannot deal it anew as a player knows it ({error}): "
                "a search would be shown what is hidden. Choose another game"
            ) from error
        return replace(state, inner=Position(spiel, seed))


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """OpenSpiel's own tree search with random games at its leaves, as an expert or an opponent in any of its games.

    Attributes:
        num_simulations: leaves.
        exploration: UCT's constant.
    """

    num_simulations: int = 100
    exploration: float = 2.0

    def __call__(self, env: SequentialEnv[Any], state: State[Position], rng: np.random.Generator) -> list[int]:
        """Returns the move."""
        spiel, seed = _pyspiel(), int(rng.integers(2**31))
        game, evaluator = state.inner.spiel.get_game(), spiel.RandomRolloutEvaluator(1, seed)
        bot = spiel.MCTSBot(game, evaluator, self.exploration, self.num_simulations, 100, False, seed, False)
        return [FIRST_MOVE + int(bot.step(state.inner.spiel))]


def _pyspiel() -> ModuleType:
    try:
        import pyspiel
    except ImportError as error:
        raise ImportError("OpenSpiel's games need the extra `games`: pip install 'alphakata[games]'") from error
    module: ModuleType = pyspiel
    return module


def _loaded(name: str) -> Any:
    """Returns OpenSpiel's game; ValueError where there is none."""
    spiel = _pyspiel()
    if name.partition("(")[0] not in spiel.registered_names():
        # Games written in Python are known once they are imported.
        import open_spiel.python.games  # noqa: F401
    try:
        game = spiel.load_game(name)
    except (spiel.SpielError, RuntimeError, IndexError) as error:
        close = get_close_matches(name, spiel.registered_names())
        guess = f"did you mean {' or '.join(close)}?" if close else "pyspiel.registered_names() lists them"
        told = str(error).partition(" Available games")[0]
        raise ValueError(f"OpenSpiel cannot load the game {name!r} ({told}); {guess}") from error
    if reason := _refused(game):
        raise ValueError(f"OpenSpiel's {name!r} cannot be a world: {reason}")
    return game


def _refused(game: Any) -> str | None:
    """Returns why a game cannot be a world, or None."""
    kind, known = game.get_type(), _pyspiel().GameType
    if kind.dynamics == known.Dynamics.SIMULTANEOUS:
        way_out = f"turn_based_simultaneous_game(game={kind.short_name})"
        return f"its players move at once; in {way_out} they move in turn"
    if kind.dynamics != known.Dynamics.SEQUENTIAL:
        return "its players are a crowd, not so many who take turns"
    if kind.chance_mode == known.ChanceMode.SAMPLED_STOCHASTIC:
        return "it draws chance by a generator of its own, so no seed brings an episode back"
    if kind.information != known.Information.PERFECT_INFORMATION and not kind.provides_information_state_string:
        return "it hides something, and does not say all that a player knows"
    if game.num_distinct_actions() == 0:
        return "its actions have no numbers"
    return _AT_FAULT.get(kind.short_name)


def _spelt(byte: int) -> str:
    """Returns the word of a byte: itself where it can be seen."""
    return chr(byte) if 33 <= byte < 127 else f"<{byte:02x}>"
