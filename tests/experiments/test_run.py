"""What cannot work is said before anything is trained."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from alphakata.agents.checkpoint import load
from alphakata.envs.board.tictactoe import Board, TicTacToe
from alphakata.envs.types import State
from alphakata.experiments.build import build
from alphakata.experiments.cli import main
from alphakata.experiments.configure import ConfigError, compose
from alphakata.experiments.run import RunConfig

Captured = pytest.CaptureFixture[str]
LIAR = ["experiment=tiny", "env=tictactoe", f"envs.tictactoe.world._target_={__name__}.Liar"]


class Liar(TicTacToe):
    """Forbids every token of a game that is not over."""

    def init(self, seed: int) -> State[Board]:
        state = super().init(seed)
        return replace(state, legal=np.zeros_like(state.legal))


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("seeds=[]", r"seeds: found \[\], wanted one or more"),
        ("seeds=[1,1]", r"seeds: found \[1, 1\], wanted one or more, each once"),
        ("baseline=smaple", "baseline: found 'smaple', wanted a search that is chosen: sample, alphacode, puct"),
        ("match=tokens", "match: found 'tokens', wanted one of policy_tokens, predictions"),
        ("envs.code.searches=[greedy]", "none of sample, alphacode, puct applies to 'code', which takes greedy"),
        ("envs.code.num_demonstrations=0", "envs.code: num_demonstrations: found 0, wanted 1 or more"),
        ("envs.code.num_episodes=0", "envs.code: num_episodes: found 0, wanted 1 or more"),
        ("envs.code.episodes_per_chunk=0", "envs.code: episodes_per_chunk: found 0, wanted 1 or more"),
        ("envs.code.budgets=[]", "envs.code: budgets: found none, wanted one or more"),
        ("envs.code.weight=0", "envs.code: weight: found 0, wanted more than 0"),
        ("threads=-1", "threads: found -1, wanted 1 or more"),
        ("processes=0", "processes: found 0, wanted 1 or more"),
        ("batch.rows=0", "batch: a batch of 0 rows of 256 tokens, wanted 1 or more of both"),
        ("batch.length=0", "batch: a batch of 4 rows of 0 tokens, wanted 1 or more of both"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_before_training(override: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        build(compose(["experiment=tiny", override]), RunConfig)


def test_a_world_that_lies_about_its_moves_is_found_out_before_training(tmp_path: Path, capsys: Captured) -> None:
    assert main(["run", *LIAR, f"--root={tmp_path}"]) == 1

    text = capsys.readouterr().err
    assert text.startswith("alphakata: Liar")
    assert text.count("\n") == 1


def test_a_run_without_records_has_no_report_and_stays_as_it_is(tmp_path: Path, capsys: Captured) -> None:
    main(["run", *LIAR, f"--root={tmp_path}"])
    (folder,) = (config.parent for config in tmp_path.glob("tiny/*/config.yaml"))
    capsys.readouterr()

    assert main(["report", str(folder)]) == 1
    assert f"nothing evaluated yet in {folder}" in capsys.readouterr().err
    assert not (folder / "records.jsonl").exists()


@pytest.mark.slow
@pytest.mark.parametrize("parallel", ["ddp", "fsdp"])
def test_what_torchrun_starts_makes_one_run_and_goes_on_with_it(tmp_path: Path, parallel: str) -> None:
    start = "import sys; from alphakata.experiments.cli import main; sys.exit(main(sys.argv[1:]))"
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "--no-python"]
    root = f"--root={tmp_path}"
    tiny = ["experiment=tiny", "env=tictactoe", "search=sample", f"parallel={parallel}", root, "--quiet"]
    for arguments in (["train", *tiny], ["train", "--resume", root]):
        command = [*torchrun, sys.executable, "-c", start, *arguments]
        done = subprocess.run(command, cwd="/", check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}: {done.stderr[-5000:]}"

    (folder,) = (config.parent for config in tmp_path.glob("tiny/*/config.yaml"))
    (checkpoint,) = folder.glob("checkpoints/seed_0/step_*")
    assert load(checkpoint).model.config.d_model == 32


def test_another_trunk_goes_the_whole_way_by_one_override(tmp_path: Path) -> None:
    assert main(["run", "experiment=tiny", "env=tictactoe", "agent=lstm", f"--root={tmp_path}", "--quiet"]) == 0

    (folder,) = (config.parent for config in tmp_path.glob("tiny/*/config.yaml"))
    assert (folder / "report.html").exists()


def test_a_run_goes_on_in_the_precision_it_began_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = ["experiment=tiny", "env=tictactoe", "search=[sample]", "envs.tictactoe.num_demonstrations=5"]
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    assert main(["train", *tiny, "train.steps=1", f"--root={tmp_path}", "--quiet"]) == 0
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    assert main(["train", "--resume", f"--root={tmp_path}", "--quiet"]) == 0

    (log,) = tmp_path.glob("tiny/*/log")
    assert log.read_text().count("in bfloat16") == 2
