"""`alphakata doctor`: what this machine has and lacks, each thing tried and not looked up."""

import json
import os
import platform
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points

from rich.console import Console
from rich.table import Table

from ..envs.code.judge import Case, Job, Limits, Pool, TestSet
from .configure import PLUGINS
from .origin import versions

PROGRAMS = (
    ("adds", "AC", "print(sum(map(int, input().split())))"),
    ("adds wrongly", "WA", "print(1)"),
    ("never ends", "TLE", "while True: pass"),
    ("takes all memory", "MLE", "x = bytearray(1 << 40)"),
    ("crashes", "RE", "raise SystemExit(1)"),
)
"""What a judge must tell apart: name, verdict, source."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried.

    Attributes:
        name: what.
        found: what came of it.
        well: False where something will not work.
    """

    name: str
    found: str
    well: bool = True


def main(arguments: Namespace) -> int:
    """Prints all findings; returns 1 where one is bad."""
    findings = [_try(name, check) for name, check in CHECKS]
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        table = Table(show_header=False, box=None)
        for finding in findings:
            table.add_row("[green]ok[/]" if finding.well else "[red]bad[/]", finding.name, finding.found)
        Console().print(table)
    return int(not all(finding.well for finding in findings))


def _try(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, check())
    # Whatever goes wrong here is what was asked for.
    except Exception as error:
        return Finding(name, f"{type(error).__name__}: {error}", well=False)


def _versions() -> str:
    return ", ".join(f"{package} {version or 'missing'}" for package, version in versions().items())


def _machine() -> str:
    return f"{platform.platform()}, {os.cpu_count()} processors"


def _torch() -> str:
    import torch

    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    return f"{device}, {torch.get_num_threads()} threads, OMP_WAIT_POLICY={os.environ.get('OMP_WAIT_POLICY')}"


def _rlax() -> str:
    import torch

    from ..learners.targets import lambda_returns

    rewards = torch.tensor([[0.0, 0.0, 1.0]])
    returns = lambda_returns(rewards, torch.ones_like(rewards), torch.zeros_like(rewards))
    if not torch.equal(returns, torch.ones_like(returns)):
        raise RuntimeError(f"a reward of 1 at the end: found returns {returns.tolist()}, wanted 1 everywhere")
    return "makes targets"


def _judge() -> str:
    tests, limits = TestSet((Case("1 2\n", "3\n"),)), Limits(cpu_seconds=0.2, wall_seconds=60)
    with Pool() as pool:
        results = pool.map([Job(source, tests, limits) for _, _, source in PROGRAMS])
    for (name, wanted, _), result in zip(PROGRAMS, results, strict=True):
        if result.verdict != wanted:
            raise RuntimeError(f"a program that {name}: found {result.verdict}, wanted {wanted}")
    return f"isolation {results[0].isolation!r}, {len(results)} programs judged rightly"


def _plugins() -> str:
    points: Sequence[str] = [f"{point.name} = {point.value}" for point in entry_points(group=PLUGINS)]
    return ", ".join(points) or "none"


CHECKS: Sequence[tuple[str, Callable[[], str]]] = (
    ("versions", _versions),
    ("machine", _machine),
    ("torch", _torch),
    ("rlax", _rlax),
    ("judge", _judge),
    ("plug-ins", _plugins),
)
