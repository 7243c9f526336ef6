"""The strategy game as a world of tokens: two players, fog, moves of many orders.

In turn each side reads what it knows and writes a move (`grammar`) without reading the other's; then its commands stand
for `ticks_per_decision` ticks, and at each beat units take the next step (`steering`). A side whose units are all busy
is not asked. Every observation stands for itself, so streams begin anew at each.

Each side is dealt a strategy by the seed: what a scripted player does who sits there (`players.Bot`). It is that side's
secret. With `told`, observations begin with the `z` of a strategy; demonstrations are told theirs (`strategy`).

The model of a side is dealt anew (`dealing`), the other's strategy too; where the other has written its move already,
in the model its scripted player writes it. Moves that come later are whatever the search says.

Shapes: `B` games, `V` words.
"""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..types import Codec, State
from .battle import Battle, Tokens
from .dealing import deal
from .frames import frame
from .grammar import Pen
from .ground import ground
from .kernels import step
from .maps import SMALL, MapSettings, new_game
from .masks import masks
from .memory import MEMORY, bury, remember
from .picture import picture
from .playouts import played_out
from .reading import MOST_TOKENS, read
from .rules import BEAT, SIDES, SLOTS, UNITS
from .state import Games
from .steering import steer
from .strategy import STRATEGIES, built, foreseen, meant, script, scripted
from .words import END, NUM_WORDS, codec

_NONE: Tokens = np.zeros(0, np.int32)
_NO_LEGAL = np.zeros(NUM_WORDS, np.bool_)
_REWARDS = {winner: np.array(rewards, np.float32) for winner, rewards in {-1: (0, 0), 0: (1, -1), 1: (-1, 1)}.items()}
for _shared in (_NONE, _NO_LEGAL, *_REWARDS.values()):
    _shared.flags.writeable = False


class Skirmish:
    """The world.

    Attributes:
        codec: one for all map sizes.
        num_players: 2.
        map: size, ground and time limit.
        ticks_per_decision: how long commands stand; a multiple of `BEAT`.
        fog: False where both sides see everything, stocks too.
        strategies: what sides are dealt; every pair of them comes up, in every seat.
        told: the strategy whose `z` both sides read, `dealt` for each its own, None for neither.
        first_map: episode `seed` is played on the map of seed `first_map + seed`, so that maps can be held out.
        num_maps: after so many maps the first comes again; None for a map an episode.
    """

    codec: Codec
    num_players: int = SIDES

    def __init__(
        self,
        map: MapSettings = SMALL,
        ticks_per_decision: int = BEAT,
        fog: bool = True,
        strategies: Sequence[str] = STRATEGIES,
        told: str | None = None,
        first_map: int = 0,
        num_maps: int | None = None,
    ) -> None:
        if ticks_per_decision < BEAT or ticks_per_decision % BEAT:
            raise ValueError(f"ticks_per_decision {ticks_per_decision} is no multiple of a beat, {BEAT} ticks")
        if not strategies:
            raise ValueError(f"strategies: found none, wanted some of {', '.join(STRATEGIES)}")
        for name in (*strategies, *([told] if told not in (None, "dealt") else [])):
            script(str(name))
        self.codec = codec()
        self.map, self.ticks_per_decision, self.fog = map, ticks_per_decision, fog
        self.strategies, self.told, self.first_map, self.num_maps = tuple(strategies), told, first_map, num_maps
        # To foresee one strategy takes a game against each.
        self.guise_steps = len(self.strategies) * len(STRATEGIES) * SIDES * -(-map.limit // ticks_per_decision)

    def init(self, seed: int) -> State[Battle]:
        """Returns the first state of episode `seed`."""
        games = new_game(self.map, self.first_map + (seed % self.num_maps if self.num_maps else seed))
        # Two by two, so that whoever sits in turn on either side meets every pair.
        count, (pair, _) = len(self.strategies), divmod(seed, SIDES)
        dealt = (self.strategies[pair % count], self.strategies[(pair + pair // count) % count])
        return self.begin(games, dealt, tuple(self._told(games, side, dealt[side], seed) for side in range(SIDES)))

    def begin(self, games: Games, dealt: tuple[str, ...], told: tuple[Tokens, ...] = (_NONE, _NONE)) -> State[Battle]:
        """Returns the first state of `[1]` game, whose sides were dealt these strategies and told these `z`."""
        battle = Battle(games, np.zeros(1, MEMORY), np.zeros(UNITS, np.uint64), dealt, told)
        return self._settle([battle], np.zeros((1, UNITS), np.int16), beats=0)[0]

    def step(self, state: State[Battle], token: int) -> State[Battle]:
        """Returns the state after `token`; ValueError if illegal or `state` is terminal."""
        return self.advance((state,), ((token,),))[0]

    def advance(self, states: Sequence[State[Battle]], moves: Sequence[Sequence[int]]) -> list[State[Battle]]:
        """Returns the state after each move; all games in which both sides have moved go on together.

        Raises:
            ValueError: if a token is illegal where it stands, or its state is terminal.
        """
        after: list[State[Battle] | None] = []
        ready: list[tuple[Battle, NDArray[np.int16]]] = []
        for state, move in zip(states, moves, strict=True):
            battle, is_whole = self._written(state, move)
            if not is_whole:
                after.append(_writing(state, battle))
            elif state.player == 0 and battle.words[SLOTS:].any():
                after.append(self.asked([replace(battle, commands=_pen(battle).commands)], [1])[0])
            else:
                after.append(None)
                ready.append((battle, _commands(battle, state.player)))
        if not ready:
            return [state for state in after if state is not None]
        beats = self.ticks_per_decision // BEAT
        settled = iter(self._settle([b for b, _ in ready], np.stack([commands for _, commands in ready]), beats))
        return [next(settled) if state is None else state for state in after]

    def model(self, state: State[Battle], seed: int) -> "tuple[Skirmish, State[Battle]]":
        """Returns the world itself, and the state with everything that `state.player` cannot know dealt by `seed`."""
        if state.terminal:
            return self, state
        battle, side, rng = state.inner, state.player, np.random.default_rng(seed)
        games, memories = battle.games, battle.memories
        if self.fog:
            games, memories = deal(games, memories, side, rng)
        dealt, told = list(battle.dealt), list(battle.told)
        dealt[1 - side], told[1 - side] = self.strategies[rng.integers(len(self.strategies))], _NONE
        dealt[side] = meant(dealt[side], self.told)
        commands: tuple[tuple[int, int], ...] = ()
        if side == 1:
            scripts = np.array([[script(dealt[0]), -1]])
            written = scripted(games, scripts, np.full_like(scripts, 100), rng.integers(2**63, size=1, dtype=np.uint64))
            commands = tuple((slot, int(command)) for slot, command in enumerate(written[0, :SLOTS]) if command)
        words = np.zeros((1, UNITS), np.uint64)
        masks(games, words)
        return self, replace(
            state, inner=Battle(games, memories, words[0], tuple(dealt), tuple(told), battle.pen, commands)
        )

    def with_told(self, state: State[Battle], told: Tokens) -> State[Battle]:
        """Returns `state` as `state.player` reads it where its observations begin with `told`."""
        shown = state.tokens[len(state.inner.told[state.player]) :]
        z = tuple(told if side == state.player else kept for side, kept in enumerate(state.inner.told))
        return replace(state, tokens=np.concatenate([told, shown]), inner=replace(state.inner, told=z))

    def guises(self, state: State[Battle], seed: int) -> dict[str, State[Battle]]:
        """Returns by strategy the state as it is read where `state.player` is told that one, foreseen from here on."""
        games, side, rng = state.inner.games, state.player, np.random.default_rng(seed)
        told = {name: foreseen(games, side, name, rng) for name in self.strategies}
        return {name: self.with_told(state, z) for name, z in told.items()}

    def guided(self, state: State[Battle], way: str) -> State[Battle]:
        """Returns the state in which `state.player`, where scripted, goes on with the strategy `way`."""
        dealt = tuple(way if side == state.player else kept for side, kept in enumerate(state.inner.dealt))
        return replace(state, inner=replace(state.inner, dealt=dealt))

    def playouts(self, states: Sequence[State[Battle]], horizon: int, seed: int) -> NDArray[np.float32]:
        """Returns `[N, 2]` what both sides earn where the strategies they were dealt go on; see `played_out`."""
        battles = [state.inner for state in states]
        written = [battle.commands if state.player else None for state, battle in zip(states, battles, strict=True)]
        games = np.concatenate([battle.games for battle in battles])
        dealt = [battle.dealt for battle in battles]
        return played_out(games, dealt, written, self.ticks_per_decision, -(-horizon // SIDES), seed)

    def behaviour(self, states: Sequence[State[Battle]], seed: int) -> list[bytes]:
        """Returns a hash of each game and of the commands that wait for the other side's."""
        return [
            blake2b(b.games.tobytes() + repr((s.player, b.commands)).encode(), digest_size=16).digest()
            for s, b in ((state, state.inner) for state in states)
        ]

    def render(self, state: State[Battle]) -> str:
        """Returns the board as `state.player` sees it, and in words what it knows; the whole board at the end."""
        return (
            frame(state.inner.games, state.player, self.fog and not state.terminal)
            + "\n"
            + self.codec.decode(state.tokens.tolist())
        )

    def draw(self, state: State[Battle], player: int | None) -> str:
        """Returns the board as `player` knows it, or all of it, as SVG."""
        return picture(state.inner.games, state.inner.memories, player, self.fog)

    def describe(self, state: State[Battle]) -> dict[str, Any]:
        """Returns each seat's strategy: dealt, told (None where it reads no `z`) and built; and the tick."""
        battle = state.inner
        told = [None if self.told is None else meant(name, self.told) for name in battle.dealt]
        builds = [built(battle.games, side, self.map) for side in range(SIDES)]
        tick = int(battle.games["tick"][0])
        return {"strategies": list(battle.dealt), "told": told, "built": builds, "tick": tick}

    def asked(self, battles: Sequence[Battle], sides: Sequence[int]) -> list[State[Battle]]:
        """Returns the states in which these sides are about to write."""
        games = np.concatenate([battle.games for battle in battles])
        memories = np.concatenate([battle.memories for battle in battles])
        tokens, counts = np.zeros((len(battles), MOST_TOKENS), np.int32), np.zeros(len(battles), np.int64)
        words = np.stack([battle.words for battle in battles])
        beside = np.empty((len(battles), SLOTS, 4), np.int16)
        read(games, memories, words, np.array(sides), self.fog, tokens, counts, beside)
        states = []
        for i, (battle, side) in enumerate(zip(battles, sides, strict=True)):
            if games["over"][i]:
                winner = int(games["winner"][i])
                states.append(State(battle, _NONE, False, _NO_LEGAL, 0, _REWARDS[winner], True))
                continue
            possible = tuple(battle.words[SLOTS * side : SLOTS * side + SLOTS].tolist())
            battle = replace(battle, pen=Pen(possible, ground(games[i], memories[i], side, beside[i])))
            shown = np.concatenate([battle.told[side], tokens[i, : counts[i]]])
            states.append(State(battle, shown, True, _pen(battle).legal(), side, _REWARDS[-1], False))
        return states

    def _told(self, games: Games, side: int, dealt: str, seed: int) -> Tokens:
        rng = np.random.default_rng([seed, side])
        return _NONE if self.told is None else foreseen(games, side, meant(dealt, self.told), rng)

    def _written(self, state: State[Battle], move: Sequence[int]) -> tuple[Battle, bool]:
        """Returns the battle after these tokens, and whether they close the move."""
        if state.terminal:
            raise ValueError(f"rts: the game is over, token {move[0] if move else None} comes too late")
        pen = _pen(state.inner)
        for place, token in enumerate(move):
            legal = pen.legal()
            if not 0 <= token < NUM_WORDS or not legal[token]:
                shown = self.codec.decode(np.flatnonzero(legal).tolist())
                raise ValueError(f"rts: token {token} at place {place} is not legal; legal are {shown}")
            if token == END:
                if place + 1 < len(move):
                    raise ValueError(f"rts: the move is over at place {place}, yet {len(move)} tokens were given")
                return replace(state.inner, pen=pen), True
            pen = pen.write(int(token))
        return replace(state.inner, pen=pen), False

    def _settle(self, battles: Sequence[Battle], commands: NDArray[np.int16], beats: int) -> list[State[Battle]]:
        """Plays so many beats, and on until somebody can give an order; returns where the games stand then."""
        games = np.concatenate([battle.games for battle in battles])
        memories = np.concatenate([battle.memories for battle in battles])
        words = np.zeros((len(battles), UNITS), np.uint64)
        running, now, known = np.arange(len(battles)), games.copy(), memories.copy()
        while len(running):
            orders, still = np.empty_like(commands), np.zeros_like(commands)
            for _ in range(beats):
                steer(now, commands, orders)
                step(now, orders, 1)
                bury(now, known)
                step(now, still, BEAT - 1)
                remember(now, known, self.fog)
            able = np.zeros((len(running), UNITS), np.uint64)
            remember(now, known, self.fog)
            masks(now, able)
            games[running], memories[running], words[running] = now, known, able
            idle = (now["over"] == 0) & ~able.any(1)
            running, now, known, beats = running[idle], now[idle], known[idle], 1
            commands = np.zeros((len(running), UNITS), np.int16)
        after = [
            replace(b, games=games[i : i + 1], memories=memories[i : i + 1], words=words[i], pen=None, commands=())
            for i, b in enumerate(battles)
        ]
        return self.asked(after, [int(not b.words[:SLOTS].any()) for b in after])


def _writing(state: State[Battle], battle: Battle) -> State[Battle]:
    """Returns the state inside a move."""
    return State(battle, _NONE, False, _pen(battle).legal(), state.player, _REWARDS[-1], False)


def _pen(battle: Battle) -> Pen:
    assert battle.pen is not None
    return battle.pen


def _commands(battle: Battle, player: int) -> NDArray[np.int16]:
    """Returns `[64]` the commands of both sides, `player`'s last."""
    commands = np.zeros(UNITS, np.int16)
    for side, written in ((1 - player, battle.commands), (player, _pen(battle).commands)):
        for slot, command in written:
            commands[SLOTS * side + slot] = command
    return commands
