"""Threads that do not fight, and the example package installed."""

import os
from pathlib import Path

import pytest

# torch reads both when it is loaded: one thread a test, and none that spins while it waits.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"


@pytest.fixture
def nim_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes `examples/nim` look installed: pytest puts its modules on the path, this its entry point."""
    info = tmp_path / "site" / "alphakata_nim-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: alphakata-nim\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[alphakata.configs]\nnim = nim.configs\n")
    monkeypatch.syspath_prepend(info.parent)
