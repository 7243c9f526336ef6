"""A tree grown over a world: what every tree search does between choosing a place and handing in a move.

Each node is one token. Beside the tree stand the state each node is in and what each player has read there.
"""

from collections.abc import Generator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..agents.stream import Stream
from ..envs.types import SequentialEnv, State, ends_move
from .asks import Advance, Ask, Predict, Root, predict
from .known import Known
from .tree import ROOT, Place, Tree


class Grown(Protocol):
    """A tree that a decision is read from."""

    @property
    def tree(self) -> Tree:
        """Its statistics."""
        ...

    @property
    def known(self) -> Known | None:
        """What is to be kept for the player's next decision, or None."""
        ...

    def whole_move(self, node: int, token: int) -> list[int]:
        """Returns the move that begins with `token` at the root, which leads to `node`; -1 where it is untried."""
        ...


class Growth:
    """One search under way.

    Attributes:
        tree: its statistics.
        known: what is known of the root and below it, where it is to be kept; None elsewhere.

    Raises:
        ValueError: if there are more than two players, or two and the maximum is backed up.
    """

    def __init__(self, name: str, root: Root, num_simulations: int, discount: float, maximum: bool, keep: bool) -> None:
        check_players(name, root.env, maximum)
        self._root = root
        self._states: list[State[Any]] = [root.state]
        # What the player whose turn it is has read at each node, and what the one before it has then written.
        self._read: list[Stream] = [root.stream]
        self._written: dict[int, Stream] = {}
        self.tree = Tree(num_simulations + 1, discount, maximum)
        self.known: Known | None = None
        self._keep = keep
        self._knows: list[Known] = []

    def look(self) -> Generator[Ask, Any, tuple[NDArray[np.float32], float]]:
        """Returns the policy's `[V]` logits and value at the root, asking only where they are not known."""
        known = self._root.known if self._keep else None
        if known is None:
            prediction = yield from predict([self._root.stream])
            logits, value = prediction.logits[0].copy(), float(prediction.value[0])
            known = Known(self._root.state, self._root.stream, logits, value)
        if self._keep:
            self.known = known
            self._knows = [known]
        return known.logits, known.value

    def plant(self, logits: NDArray[np.float32], value: float) -> None:
        """Adds the root. logits: `[V]`."""
        state = self._root.state
        self.tree.expand(ROOT, state.player, 0.0, state.legal, logits, value)

    def simulate(self, place: Place) -> Generator[Ask, Any, None]:
        """Tries the token at `place` and asks what it is worth."""
        node, edge = place
        if edge < 0:
            self.tree.backup(node, 0.0)
            return
        token = int(self.tree.tokens[edge])
        if (known := self._known_below(node, token)) is not None:
            self._recall(place, known)
            return
        (after,) = yield Advance(self._root.env, (self._states[node],), ((token,),))
        if after.terminal:
            self._end(place, after)
            return
        stream = self._read_on(node, token, after)
        prediction = yield Predict((stream,))
        self._add(place, after, stream, prediction.logits[0], float(prediction.value[0]))

    def simulate_together(self, places: Sequence[Place]) -> Generator[Ask, Any, None]:
        """Tries the tokens at several places, none above another, and asks once what all of them are worth.

        Where the budget ends in between, the first places are added and the others are left as they were.
        """
        opened = [place for place in places if place[1] >= 0]
        for node, edge in places:
            if edge < 0:
                self.tree.backup(node, 0.0)
        if self._keep:
            opened = [place for place in opened if not self._recalls(place)]
        if not opened:
            return
        befores = [self._states[node] for node, _ in opened]
        tokens = [int(self.tree.tokens[edge]) for _, edge in opened]
        afters = yield Advance(self._root.env, befores, [(token,) for token in tokens])
        following: list[tuple[Place, State[Any], Stream]] = []
        for place, token, after in zip(opened, tokens, afters, strict=False):
            if after.terminal:
                self._end(place, after)
            else:
                following.append((place, after, self._read_on(place[0], token, after)))
        if following:
            prediction = yield Predict([stream for _, _, stream in following])
            for row, (place, after, stream) in enumerate(following[: len(prediction.value)]):
                self._add(place, after, stream, prediction.logits[row], float(prediction.value[row]))

    def whole_move(self, node: int, token: int) -> list[int]:
        """Returns the move that begins with `token` at the root, which leads to `node`, or is untried where that is -1.

        It goes on with the most visited token while the tree lasts, then with the lowest legal one.
        """
        before, move = self._root.state, [token]
        state = self._states[node] if node >= 0 else self._root.env.step(before, token)
        while not ends_move(before, state):
            before, token = state, int(np.argmax(state.legal))
            if node >= 0:
                children = self.tree.children(node)
                best = np.lexsort((-children.prior, -children.visits))[0]
                node, token = int(children.nodes[best]), int(children.tokens[best])
            state = self._states[node] if node >= 0 else self._root.env.step(before, token)
            move.append(token)
        return move

    def _end(self, place: Place, after: State[Any]) -> None:
        self._add(place, after, self._root.stream, _NO_LOGITS, 0.0)

    def _add(self, place: Place, after: State[Any], stream: Stream, logits: NDArray[np.float32], value: float) -> None:
        reward = float(after.rewards[self._states[place[0]].player])
        self.tree.expand(place, after.player, reward, after.legal, logits, value)
        self._states.append(after)
        self._read.append(stream)
        if self._keep:
            node, edge = place
            # A copy, for a row of a batch would keep all of it.
            known = Known(after, stream, logits.copy(), value)
            self._knows.append(self._knows[node].children.setdefault(int(self.tree.tokens[edge]), known))

    def _known_below(self, node: int, token: int) -> Known | None:
        return self._knows[node].children.get(token) if self._keep else None

    def _recalls(self, place: Place) -> bool:
        """Returns whether what `place` leads to is known; then it is added."""
        node, edge = place
        known = self._known_below(node, int(self.tree.tokens[edge]))
        if known is not None:
            self._recall(place, known)
        return known is not None

    def _recall(self, place: Place, known: Known) -> None:
        self._add(place, known.state, known.stream, known.logits, known.value)

    def _read_on(self, node: int, token: int, after: State[Any]) -> Stream:
        """Returns what `after.player` has read once `token` was written at `node` and the world has answered."""
        if after.restart:
            return Stream(after.tokens)
        if self._states[node].player == after.player:
            return self._read[node].then([token]).then(after.tokens)
        # Whoever's turn it is now has read nothing since it last wrote, which was further up.
        last, above = node, int(self.tree.nodes["parent"][node])
        while above >= 0 and self._states[above].player != after.player:
            last, above = above, int(self.tree.nodes["parent"][above])
        if above < 0:
            raise ValueError(
                f"a tree search cannot tell what player {after.player} has read: let its observations restart the "
                "stream (State.restart), or choose a search that plays no opponent"
            )
        if last not in self._written:
            wrote = int(self.tree.tokens[self.tree.nodes["edge"][last]])
            self._written[last] = self._read[above].then([wrote])
        return self._written[last].then(after.tokens)


def check_players(name: str, env: SequentialEnv[Any], maximum: bool) -> None:
    """Raises ValueError unless `env` has one or two players, and one where the maximum is backed up."""
    players = env.num_players
    if players > 2 or (maximum and players == 2):
        raise ValueError(
            f"{name} plays with {'one player' if maximum else 'one or two players'}"
            f"{' where it backs up the maximum' if maximum else ''}, {type(env).__name__} has {players}"
        )


# Nobody looks for a prior where nothing is legal.
_NO_LOGITS = np.zeros(0, np.float32)
