"""The training loop: whatever stops it, it goes on as if nothing had."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from alphakata.agents.checkpoint import CheckpointError, load, save
from alphakata.agents.transformer import Transformer, TransformerConfig
from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.trajectory import Trajectory
from alphakata.learners.dataset import Batch, BatchConfig, Mixture
from alphakata.learners.imitation import Imitation, ImitationConfig
from alphakata.learners.train import TrainConfig, newest, resume, train

CONFIG = TrainConfig(steps=20, log_every=1, checkpoint_every=4)
VOCABULARY = Vocabulary.of({"words": (8, "w")})


def mixture() -> Mixture:
    rng = np.random.default_rng(0)
    trajectories = [
        Trajectory(
            codec="words",
            tokens=rng.integers(8, size=6, dtype=np.int32),
            is_action=np.array([0, 1, 1, 0, 1, 1], np.bool_),
            segment=np.array([0, 0, 0, 1, 1, 1], np.int32),
            rewards=rng.random(4, dtype=np.float32),
        )
        for _ in range(40)
    ]
    return Mixture({"all": trajectories}, VOCABULARY, BatchConfig(rows=2, length=16), seed=1)


def imitation(d_model: int = 16) -> Imitation:
    config = TransformerConfig(vocab_size=9, d_model=d_model, num_layers=1, num_heads=2, d_ff=32, max_length=16)
    model = Transformer(config, torch.Generator().manual_seed(0))
    return Imitation(model, ImitationConfig(steps=20, warmup_steps=3, lambda_=0.5))


def run(
    folder: Path,
    batches: Callable[[int], Batch] | None = None,
    evaluate: Callable[[], Mapping[str, float]] | None = None,
) -> int:
    batches = batches or mixture().batch
    return train(imitation(), batches, CONFIG, folder / "checkpoints", folder / "tb", evaluate=evaluate)


def losses(folder: Path) -> list[tuple[int, float]]:
    """Returns what TensorBoard would draw."""
    figures = EventAccumulator(str(folder / "tb")).Reload()
    return [(event.step, event.value) for event in figures.Scalars("train/loss")]


def assert_equal_runs(one: Path, other: Path) -> None:
    """Fails unless both ended with the same weights and drew the same curve."""
    weights = [
        torch.load(folder / "checkpoints" / "step_00000020" / "learner.pt")["learner"]["model"]
        for folder in (one, other)
    ]
    for name in weights[0]:
        assert torch.equal(weights[0][name], weights[1][name]), name
    assert [step for step, _ in losses(one)] == list(range(1, 21))
    assert losses(one) == losses(other)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nothing disturbed."""
    folder = tmp_path_factory.mktemp("straight")
    assert run(folder) == 20
    return folder


def test_a_killed_run_goes_on_bit_for_bit(straight: Path, tmp_path: Path) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_train; test_train.train_and_be_killed(sys.argv[2])"
    killed = subprocess.run([sys.executable, "-c", code, Path(__file__).parent, tmp_path], cwd="/", check=False)
    assert killed.returncode == -signal.SIGKILL
    torn = tmp_path / "checkpoints" / ".step_00000012.new-torn"
    shutil.copytree(tmp_path / "checkpoints" / "step_00000008", torn)
    os.truncate(torn / "learner.pt", 100)
    assert run(tmp_path) == 20
    assert_equal_runs(straight, tmp_path)


def train_and_be_killed(folder: str) -> None:
    """Dies after eleven updates, three past the checkpoint, without a chance to clean up."""

    def batches(step: int) -> Batch:
        if step == 11:
            os.kill(os.getpid(), signal.SIGKILL)
        return mixture().batch(step)

    run(Path(folder), batches)


def test_ctrl_c_ends_the_step_and_keeps_it(straight: Path, tmp_path: Path) -> None:
    def batches(step: int) -> Batch:
        if step == 6:
            signal.raise_signal(signal.SIGINT)
        return mixture().batch(step)

    assert run(tmp_path, batches) == 7
    assert (tmp_path / "checkpoints" / "step_00000007").exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert run(tmp_path) == 20
    assert_equal_runs(straight, tmp_path)


def test_what_a_run_logged_past_its_last_checkpoint_is_taken_back(straight: Path, tmp_path: Path) -> None:
    def batches(step: int) -> Batch:
        if step == 11:
            raise OSError("the disk is gone")
        return mixture().batch(step)

    with pytest.raises(OSError, match="the disk is gone"):
        run(tmp_path, batches)
    assert losses(tmp_path)[-1][0] == 11
    assert run(tmp_path) == 20
    assert_equal_runs(straight, tmp_path)


def test_a_second_ctrl_c_stops_at_once(tmp_path: Path) -> None:
    def batches(step: int) -> Batch:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        return mixture().batch(step)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, batches)


def test_a_finished_run_does_nothing_more(straight: Path) -> None:
    before = sorted(straight.rglob("step_*"))
    assert run(straight) == 20
    assert sorted(straight.rglob("step_*")) == before


def test_the_last_two_checkpoints_stay_each_with_a_policy_to_load(tmp_path: Path) -> None:
    learner = imitation()

    def export(folder: Path, state: Mapping[str, Any]) -> None:
        save(folder, learner.model.config, state["model"], VOCABULARY, {"words": "{}"})

    train(learner, mixture().batch, CONFIG, tmp_path / "checkpoints", tmp_path / "tb", export)
    folders = sorted((tmp_path / "checkpoints").iterdir())
    assert [folder.name for folder in folders] == ["step_00000016", "step_00000020"]
    assert newest(tmp_path / "checkpoints") == folders[-1]
    assert torch.equal(load(folders[-1]).model.embedding, learner.model.embedding)
    assert resume(imitation(), tmp_path / "checkpoints") == 20


def test_evaluations_are_logged_beside_checkpoints(tmp_path: Path) -> None:
    run(tmp_path, evaluate=lambda: {"score": 0.5})
    figures = EventAccumulator(str(tmp_path / "tb")).Reload()
    assert [(event.step, event.value) for event in figures.Scalars("evaluate/score")] == [
        (step, 0.5) for step in (4, 8, 12, 16, 20)
    ]
    assert {"train/loss", "train/learning_rate", "time/batch_seconds", "time/update_seconds"} <= set(
        figures.Tags()["scalars"]
    )


@pytest.mark.parametrize("size", [0, 100, 3000])
def test_a_truncated_state_is_named_with_the_way_out(straight: Path, tmp_path: Path, size: int) -> None:
    shutil.copytree(straight / "checkpoints", tmp_path, dirs_exist_ok=True)
    os.truncate(tmp_path / "step_00000020" / "learner.pt", size)
    with pytest.raises(
        CheckpointError, match=rf"learner.pt \({size} bytes\) is no whole .* to go on from step_00000016"
    ):
        resume(imitation(), tmp_path)


def test_a_missing_state_is_named(straight: Path, tmp_path: Path) -> None:
    shutil.copytree(straight / "checkpoints" / "step_00000020", tmp_path / "step_00000020")
    (tmp_path / "step_00000020" / "learner.pt").unlink()
    with pytest.raises(CheckpointError, match=r"learner.pt is missing: delete .* to go on from the beginning"):
        resume(imitation(), tmp_path)


def test_the_state_of_another_network_is_refused(straight: Path) -> None:
    with pytest.raises(CheckpointError, match="is of another learner"):
        resume(imitation(d_model=32), straight / "checkpoints")


def test_numbers_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match=r"at least 1, got TrainConfig.*checkpoints_kept=0"):
        TrainConfig(checkpoints_kept=0)


def test_a_policy_that_was_never_trained_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="holds no checkpoint: train first"):
        newest(tmp_path)
