"""A run that is killed and resumed, time after time, ends like one that never was."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from alphakata.experiments.folder import RunFolder
from alphakata.experiments.records import Record, read_records, without_times

ALPHAKATA = [sys.executable, "-c", "import sys; from alphakata.experiments.cli import main; sys.exit(main())"]
EXPERIMENT = ["experiment=tiny", "train.steps=30", "train.checkpoint_every=5", "seeds=[0,1]"]


def start(root: Path) -> list[str]:
    """Returns the command that begins a run under `root`, or goes on with the one that is there."""
    begun = any(root.glob("tiny/[!.]*/config.yaml"))
    return [*ALPHAKATA, "run", "--quiet", f"--root={root}", *(["--resume"] if begun else EXPERIMENT)]


def outcome(root: Path) -> tuple[list[Record], list[bytes]]:
    """Returns what a run under `root` recorded, times aside, and the weights it trained."""
    folder = RunFolder.newest(root)
    weights = sorted(folder.path.glob("checkpoints/seed_*/step_00000030/model.safetensors"))
    return [without_times(record) for record in read_records(folder.records)], [path.read_bytes() for path in weights]


@pytest.mark.slow
def test_a_run_killed_five_times_records_what_an_undisturbed_one_does(tmp_path: Path) -> None:
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    for seconds in np.random.default_rng(0).uniform(3, 15, size=5):
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(start(killed), timeout=seconds, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(start(killed), check=True, stdout=subprocess.DEVNULL)
    subprocess.run(start(undisturbed), check=True, stdout=subprocess.DEVNULL)

    records, weights = outcome(killed)

    assert len(weights) == 2
    assert (records, weights) == outcome(undisturbed)
