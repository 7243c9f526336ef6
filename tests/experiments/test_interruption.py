"""A run that is killed and resumed, time after time, ends like one that never was."""

import json
import subprocess
import sys
from pathlib import Path
from signal import SIGKILL
from typing import Any

import numpy as np
import pytest

from alphakata.experiments.folder import RunFolder
from alphakata.experiments.records import Record, read_records, without_times

ALPHAKATA = [sys.executable, "-c", "import sys; from alphakata.experiments.cli import main; sys.exit(main())"]
EXPERIMENT = ["experiment=tiny", "train.steps=30", "train.checkpoint_every=5", "seeds=[0,1]"]

# The line of progress at which each process is about to be killed: before the end, however fast the machine.
STAGES = ["demonstrate", "train", "train", "evaluate", "evaluate"]


def start(root: Path) -> list[str]:
    """Returns the command that begins a run under `root`, or goes on with the one that is there."""
    begun = any(root.glob("tiny/[!.]*/config.yaml"))
    return [*ALPHAKATA, "run", "--quiet", f"--root={root}", *(["--resume"] if begun else EXPERIMENT)]


def killed_in(stage: str, seconds: float, root: Path) -> int:
    """Returns the exit code of a process that is killed `seconds` after it first tells of `stage`."""
    with subprocess.Popen(start(root), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if line.startswith(stage))
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill()
    return process.returncode


def summary(root: Path) -> list[dict[str, Any]]:
    """Returns the table of a run under `root`, times aside."""
    cells = json.loads((RunFolder.newest(root, "run").path / "summary.json").read_text())
    return [
        cell | {"cost": {unit: spent for unit, spent in cell["cost"].items() if not unit.endswith("seconds")}}
        for cell in cells
    ]


def outcome(root: Path) -> tuple[list[Record], list[bytes]]:
    """Returns what a run under `root` recorded, times aside, and the weights it trained."""
    folder = RunFolder.newest(root, "run")
    weights = sorted(folder.path.glob("checkpoints/seed_*/step_00000030/model.safetensors"))
    return [without_times(record) for record in read_records(folder.records)], [path.read_bytes() for path in weights]


@pytest.mark.slow
def test_a_run_killed_five_times_records_what_an_undisturbed_one_does(tmp_path: Path) -> None:
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    delays = np.random.default_rng(0).uniform(0, 0.5, size=len(STAGES)).tolist()
    assert [killed_in(*kill, killed) for kill in zip(STAGES, delays, strict=True)] == [-SIGKILL] * 5
    subprocess.run(start(killed), check=True, stdout=subprocess.DEVNULL)
    subprocess.run(start(undisturbed), check=True, stdout=subprocess.DEVNULL)

    records, weights = outcome(killed)

    assert len(weights) == 2
    assert (records, weights) == outcome(undisturbed)
    assert summary(killed) == summary(undisturbed)
