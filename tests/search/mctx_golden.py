"""Writes down what mctx does at random roots of a small table of states: the yardstick of `test_mctx.py`.

    python tests/search/mctx_golden.py tests/search/mctx_golden.npz

A process of its own, because jax must not be loaded where anything forks later. Token `a` leads from state `s` to
`(7 s + 11 a + 5) mod S`; all tokens are legal everywhere. With two players mctx's discount is -1, with one it is 0.9.
Runs are named `rule_players_simulations`, such as `gumbel_2_64`.

Shapes: `S` states, `A` tokens, `B` roots of a run.
"""

import sys
from pathlib import Path
from typing import Any
from unittest import mock

import jax
import jax.numpy as jnp
import mctx
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

STATES, TOKENS, ROOTS = 101, 24, 20
DISCOUNT = {1: 0.9, 2: -1.0}


def main(path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays: dict[str, Array] = {
        "logits": rng.normal(size=(STATES, TOKENS)).astype(np.float32),
        "values": rng.uniform(-1, 1, STATES).astype(np.float32),
        "rewards": rng.uniform(-0.2, 0.2, STATES).astype(np.float32),
    }
    for players in (1, 2):
        for simulations in (32, 64, 128):
            roots = rng.integers(STATES, size=ROOTS).astype(np.int32)
            draws = rng.gumbel(size=(ROOTS, TOKENS)).astype(np.float32)
            for rule in ("puct", "gumbel"):
                name = f"{rule}_{players}_{simulations}"
                arrays |= search(name, rule, players, simulations, roots, draws, arrays)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def search(
    name: str, rule: str, players: int, simulations: int, roots: Array, draws: Array, table: dict[str, Array]
) -> dict[str, Array]:
    logits, values, rewards = (jnp.asarray(table[key]) for key in ("logits", "values", "rewards"))

    def step(params: Any, key: Any, token: Any, state: Any) -> Any:
        state = (7 * state + 11 * token + 5) % STATES
        discount = jnp.full(state.shape, DISCOUNT[players])
        output = mctx.RecurrentFnOutput(
            reward=rewards[state], discount=discount, prior_logits=logits[state], value=values[state]
        )
        return output, state

    root = mctx.RootFnOutput(prior_logits=logits[roots], value=values[roots], embedding=jnp.asarray(roots))
    key = jax.random.key(0)
    if rule == "puct":
        output = mctx.muzero_policy((), key, root, step, simulations, dirichlet_fraction=0.0, temperature=0.0)
    else:
        with mock.patch.object(jax.random, "gumbel", return_value=jnp.asarray(draws)):
            output = mctx.gumbel_muzero_policy((), key, root, step, simulations)
    summary = output.search_tree.summary()
    found = {
        "roots": roots,
        "draws": draws,
        "visits": summary.visit_counts.astype(np.int16),
        "value": summary.value,
        "token": output.action.astype(np.int8),
        "weights": output.action_weights,
    }
    return {f"{name}_{key}": np.asarray(array) for key, array in found.items()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
