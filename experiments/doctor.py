"""`alphakata doctor`: what this machine has and lacks, each thing tried and not looked up."""

import json
import os
import platform
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import entry_points

from rich.console import Console
from rich.table import Table

from ..envs.code.judge import Case, JudgeUnavailable, Pool, TestSet, Verdict
from ..envs.code.judge.corpus import PAIRS, PROGRAMS, SAMPLE, Pair, Program, check_judge
from ..envs.code.judge.host.probe import findings
from .configure import PLUGINS
from .origin import versions

_CPP = "#include <bits/stdc++.h>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b; }\n"
# Some of them sleep.
_JUDGED_AT_A_TIME = 4


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
    checks = [*CHECKS, *[("corpus", _corpus)][: arguments.corpus]]
    findings = [_try(name, check) for name, check in checks]
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


def _sandbox() -> str:
    tried = findings(os.path.realpath(sys.executable))
    return "; ".join(f"{'' if layer.works else 'no '}{layer.layer} ({layer.detail})" for layer in tried)


def _judge() -> str:
    return _judged(SAMPLE, ())


def _corpus() -> str:
    return _judged(PROGRAMS, PAIRS)


def _judged(programs: Sequence[Program], pairs: Sequence[Pair]) -> str:
    with Pool(workers=_JUDGED_AT_A_TIME, on_error="ie") as pool:
        wrong = check_judge(pool, programs, pairs)
        isolation = pool.stats().isolation
    if wrong:
        lines = (f"{finding.program}: found {finding.found}, wanted {finding.wanted}" for finding in wrong)
        raise RuntimeError("\n".join([f"isolation {isolation!r}, {len(wrong)} things wrong", *lines]))
    return f"isolation {isolation!r}, {len(programs) + 2 * len(pairs)} programs judged rightly"


def _cpp() -> str:
    with Pool(workers=1) as pool:
        try:
            result = pool.run(_CPP, TestSet((Case("1 2", "3"),)), language="cpp")
        except JudgeUnavailable as error:
            return f"not judged: {error}"
    if result.verdict is not Verdict.AC:
        raise RuntimeError(f"a program that adds: found {result.verdict} {result.stderr_head.strip()}, wanted AC")
    return f"judged, isolation {result.isolation!r}; to compile and run a program took {result.cpu_seconds:.1f} CPU s"


def _plugins() -> str:
    points: Sequence[str] = [f"{point.name} = {point.value}" for point in entry_points(group=PLUGINS)]
    return ", ".join(points) or "none"


CHECKS: Sequence[tuple[str, Callable[[], str]]] = (
    ("versions", _versions),
    ("machine", _machine),
    ("torch", _torch),
    ("rlax", _rlax),
    ("sandbox", _sandbox),
    ("judge", _judge),
    ("C++", _cpp),
    ("plug-ins", _plugins),
)
