"""What this machine lets the judge do, each thing tried in a process of its own and none looked up."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from .boot import boot

Level = Literal["full", "no-ns", "seccomp", "none"]
Isolation = Literal["auto", "full", "no-ns", "seccomp", "none"]

LAYERS: Mapping[Level, tuple[str, ...]] = {
    "full": ("namespaces", "landlock", "seccomp"),
    "no-ns": ("landlock", "seccomp"),
    "seccomp": ("seccomp",),
    "none": (),
}
"""What shuts a program in at each level, the best first; with "none" it is no sandbox."""

TRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One layer that was tried.

    Attributes:
        layer: its name.
        works: True where it can be used.
        detail: how much of it there is, or the kernel's refusal.
    """

    layer: str
    works: bool
    detail: str


@cache
def findings(python: str) -> tuple[Finding, ...]:
    """Returns what the interpreter at the path `python` can use of each layer; `OSError` if it does not start."""
    command = [python, "-I", "-S", "-X", "utf8", "-c", boot("layers.main")]
    tried = subprocess.run(command, capture_output=True, text=True, timeout=TRY_SECONDS, cwd="/")
    if tried.returncode:
        raise OSError(f"{python} could not try the judge's layers: {(tried.stderr.strip() or tried.returncode)}")
    return tuple(Finding(*row) for row in json.loads(tried.stdout))


def best_level(python: str) -> Level:
    """Returns the best level of which every layer works."""
    working = {finding.layer for finding in findings(python) if finding.works}
    return next(level for level, layers in LAYERS.items() if working.issuperset(layers))


def missing(python: str, level: Level) -> list[str]:
    """Returns, in words, what `level` needs and cannot have."""
    tried = {finding.layer: finding for finding in findings(python)}
    return [f"{layer} ({tried[layer].detail})" for layer in LAYERS[level] if not tried[layer].works]
