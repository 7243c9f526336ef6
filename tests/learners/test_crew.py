"""Two processes that train together come to what one comes to, and go on where they stopped."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from alphakata.agents.lstm import LSTMConfig
from alphakata.agents.networks import NetworkConfig, network
from alphakata.agents.transformer import TransformerConfig
from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.trajectory import Trajectory
from alphakata.learners.crew import ALONE, Crew, joined
from alphakata.learners.dataset import BatchConfig, Mixture
from alphakata.learners.imitation import Imitation, ImitationConfig
from alphakata.learners.train import TrainConfig, train

STEPS = 12
CONFIG = TrainConfig(steps=STEPS, log_every=1, checkpoint_every=4)
TRUNKS: dict[str, NetworkConfig] = {
    "transformer": TransformerConfig(9, d_model=16, num_layers=2, num_heads=2, d_ff=32, max_length=16),
    "lstm": LSTMConfig(9, d_model=16, num_layers=2, max_length=16),
}


def mixture() -> Mixture:
    rng = np.random.default_rng(0)
    trajectories = [
        Trajectory(
            codec="words",
            tokens=rng.integers(8, size=6, dtype=np.int32),
            is_action=np.array([0, 1, 1, 0, 1, 1], np.bool_),
            segment=np.zeros(6, np.int32),
            rewards=rng.random(4, dtype=np.float32),
        )
        for _ in range(60)
    ]
    return Mixture({"all": trajectories}, Vocabulary.of({"words": (8, "w")}), BatchConfig(rows=4, length=16), seed=1)


def learn(folder: Path, trunk: str, accumulate: int = 1, crew: Crew = ALONE, die_after: int = STEPS) -> None:
    """Trains, notes each step's figures beside the checkpoints, and dies before step `die_after`."""
    model = network(TRUNKS[trunk], torch.Generator().manual_seed(0))
    learner = Imitation(model, ImitationConfig(steps=STEPS, warmup_steps=3, accumulate=accumulate), crew)
    figures: list[dict[str, float]] = []

    def batches(step: int):  # type: ignore[no-untyped-def]
        (folder / f"{crew.rank}.json").write_text(json.dumps(figures))
        if step == die_after:
            os._exit(9)
        return mixture().batch(step)

    class Noted:
        """The learner, and what it said."""

        state_dict, load_state_dict = learner.state_dict, learner.load_state_dict

        def update(self, batch) -> dict[str, float]:  # type: ignore[no-untyped-def]
            figures.append(dict(learner.update(batch)))
            return figures[-1]

    train(Noted(), batches, CONFIG, folder / "checkpoints", folder / "tb", crew=crew)
    (folder / f"{crew.rank}.json").write_text(json.dumps(figures))


def be_one_of_a_crew(folder: str, strategy: str, trunk: str, accumulate: str, die_after: str) -> None:
    with joined(strategy, torch.device("cpu")) as crew:  # type: ignore[arg-type]
        learn(Path(folder), trunk, int(accumulate), crew, int(die_after))


def launch(folder: Path, *arguments: object, size: int = 2) -> list[dict[str, float]]:
    """Starts processes as torchrun does; returns the figures of each step."""
    folder.mkdir(exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_crew; test_crew.be_one_of_a_crew(*sys.argv[2:])"
    command = [sys.executable, "-c", code, str(Path(__file__).parent), str(folder), *map(str, arguments)]
    where = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(size), "GLOO_SOCKET_IFNAME": "lo"}
    processes = [
        subprocess.Popen(command, env={**os.environ, **where, "RANK": str(rank), "LOCAL_RANK": str(rank)}, cwd="/")
        for rank in range(size)
    ]
    for process in processes:
        process.wait(timeout=300)
    told: list[list[dict[str, float]]] = [json.loads((folder / f"{rank}.json").read_text()) for rank in range(size)]
    assert told[0] == told[1]
    return told[0]


def figures(folder: Path, trunk: str, accumulate: int = 1) -> list[dict[str, float]]:
    folder.mkdir(exist_ok=True)
    learn(folder, trunk, accumulate)
    told: list[dict[str, float]] = json.loads((folder / "0.json").read_text())
    return told


def assert_alike(one: list[dict[str, float]], other: list[dict[str, float]]) -> None:
    assert len(one) == len(other) == STEPS
    for a, b in zip(one, other, strict=True):
        assert a == pytest.approx(b, rel=1e-4, abs=1e-6)


def test_a_batch_in_parts_is_a_batch(tmp_path: Path) -> None:
    assert_alike(figures(tmp_path / "parts", "transformer", 3), figures(tmp_path / "whole", "transformer"))


@pytest.mark.parametrize(
    ("strategy", "trunk", "accumulate"),
    [
        ("ddp", "transformer", 2),
        ("fsdp", "transformer", 1),
        pytest.param("fsdp", "transformer", 2, marks=pytest.mark.slow),
        pytest.param("fsdp", "lstm", 1, marks=pytest.mark.slow),
    ],
)
def test_two_processes_come_to_what_one_comes_to(tmp_path: Path, strategy: str, trunk: str, accumulate: int) -> None:
    together = launch(tmp_path / "crew", strategy, trunk, accumulate, STEPS)
    alone = figures(tmp_path / "alone", trunk)

    assert_alike(together, alone)
    weights = [
        torch.load(tmp_path / name / "checkpoints" / f"step_{STEPS:08}" / "learner.pt")["learner"]["model"]
        for name in ("crew", "alone")
    ]
    for name, weight in weights[0].items():
        torch.testing.assert_close(weight, weights[1][name], rtol=1e-3, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_a_crew_that_died_goes_on_bit_for_bit(tmp_path: Path, strategy: str) -> None:
    straight = launch(tmp_path / "straight", strategy, "transformer", 1, STEPS)
    launch(tmp_path / "killed", strategy, "transformer", 1, 7)

    assert launch(tmp_path / "killed", strategy, "transformer", 1, STEPS) == straight[4:]


@pytest.mark.slow
def test_what_a_crew_left_one_process_goes_on_with(tmp_path: Path) -> None:
    alone = figures(tmp_path / "alone", "transformer")
    launch(tmp_path / "crew", "fsdp", "transformer", 1, 7)

    for one, other in zip(figures(tmp_path / "crew", "transformer"), alone[4:], strict=True):
        assert one == pytest.approx(other, rel=1e-4, abs=1e-6)


def test_a_batch_too_small_to_share_is_refused() -> None:
    model = network(TRUNKS["transformer"], torch.Generator())
    learner = Imitation(model, ImitationConfig(accumulate=5))
    with pytest.raises(ValueError, match="a batch of 4 rows is too small for 1 processes that accumulate 5"):
        learner.update(mixture().batch(0))


def test_a_crew_without_torchrun_is_refused_and_torchrun_without_a_crew(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="parallel=fsdp wants processes that torchrun started"):
        joined("fsdp", torch.device("cpu")).__enter__()
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ValueError, match="torchrun started 2 processes, found parallel=alone"):
        joined("alone", torch.device("cpu")).__enter__()
