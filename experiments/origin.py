"""Where results come from: versions, commit, machine and command; enough to make them again."""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("alphakata", "torch", "numpy", "numba", "tokenizers", "pyarrow", "hydra-core", "jax", "rlax", "tfp-nightly")


def origin(command: Sequence[str]) -> dict[str, Any]:
    """Returns JSON values: command, time, host, processors, versions, and the git commit."""
    return {
        "command": list(command),
        "started": datetime.now().astimezone().isoformat(timespec="seconds"),
        "host": platform.node(),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "versions": versions(),
        "git": commit(Path(__file__).parents[1]),
    }


def versions() -> Mapping[str, str | None]:
    """Returns Python's version and those of the packages that results depend on; None for one that is missing."""
    return {"python": platform.python_version(), **{package: _version(package) for package in PACKAGES}}


def commit(folder: Path) -> dict[str, Any] | None:
    """Returns the `sha` of the git checkout that `folder` is, and whether it is `dirty`; None where it is none."""
    if not (folder / ".git").exists():
        return None
    try:
        sha, changes = (
            subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, check=True).stdout.strip()
            for arguments in (["rev-parse", "HEAD"], ["status", "--porcelain"])
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return {"sha": sha, "dirty": bool(changes)}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
