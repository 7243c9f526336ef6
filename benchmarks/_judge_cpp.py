"""C++ in the judge: what shutting the compiler in and reading its header beforehand do, and what a test costs."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from _judge_peers import Measured, measured

from alphakata.envs.code.judge import Case, Limits, Pool, TestSet, Verdict
from alphakata.envs.code.judge.host.cpp import FLAGS, LINKING, Compiler, found, header_folder
from alphakata.envs.code.judge.host.probe import LAYERS, best_level

SOURCE = """#include <bits/stdc++.h>
using namespace std;
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n;
    cin >> n;
    map<long long, vector<int>> places;
    for (int i = 0; i < n; i++) {
        long long x;
        cin >> x;
        places[x].push_back(i);
    }
    long long best = 0;
    for (auto &[x, at] : places) {
        sort(at.rbegin(), at.rend());
        best += x * (long long)at.size();
    }
    cout << best << "\\n";
}
"""
LIMITS = Limits(compile_seconds=60.0)
_numbers = count(1)


def cpp_rows(few: bool, workers: int, rounds: int) -> list[dict[str, Any]]:
    """Prints the tables and returns the figures."""
    ours = Compiler(os.path.realpath(sys.executable), lambda: LAYERS[best_level(os.path.realpath(sys.executable))])
    ours.compiled(SOURCE.encode(), LIMITS.compile_seconds)
    header = ["-I", str(header_folder())]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program"
        compilers = {
            "judge": lambda: _ours(ours),
            "g++ with the header": lambda: _gxx(header, program),
            "g++": lambda: _gxx([], program),
        }
        rows = _table("C++: to compile", compilers, 1 if few else rounds, 2 if few else 4)
        number = 100 if few else 400
        tests = TestSet(tuple(Case(f"2\n3 {n}\n", f"{3 + n}\n") for n in range(number)))
        _gxx(header, program)
        with Pool(1) as pool:
            # The compiler's part is not what is measured: it is done before, for the same source.
            pool.run(SOURCE, TestSet(tests.cases[:1]), LIMITS, language="cpp")
            runs = {"judge": lambda: _judged(pool, tests), "subprocess": lambda: _each(program, tests)}
            rows += _table("C++: a test", runs, rounds, number)
    return rows


def _table(title: str, ways: dict[str, Callable[[], object]], rounds: int, number: int) -> list[dict[str, Any]]:
    """Measures each way in each round and prints what one of `number` takes."""
    taken: dict[str, list[Measured]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            times = number if title.endswith("compile") else 1
            taken[name].append(measured(lambda way=way, times=times: [way() and 0.0 for _ in range(times)], number))
    print(f"\n{title:30} CPU ms  wall ms      x CPU")
    rows = []
    for name, theirs in taken.items():
        cpu, wall = (median(getattr(one, f"{kind}_seconds") for one in theirs) for kind in ("cpu", "wall"))
        ratio = median(their.cpu_seconds / our.cpu_seconds for their, our in zip(theirs, taken["judge"], strict=True))
        print(f"  {name:28} {1e3 * cpu:6.1f}   {1e3 * wall:6.1f}  {ratio:9.1f}")
        value = median(our.cpu_seconds for our in taken["judge"])
        if name != "judge":
            rows.append({"name": title, "value": value, "unit": "s of CPU", "peer": name, "ratio": ratio})
    return rows


def _ours(compiler: Compiler) -> bool:
    made = compiler.compiled(f"{SOURCE}// {next(_numbers)}\n".encode(), LIMITS.compile_seconds)
    assert made.program, made.complaint
    return True


def _gxx(more: list[str], program: Path) -> bool:
    command = [found(), *FLAGS, *more, *LINKING, "-x", "c++", "-", "-o", str(program)]
    subprocess.run(command, input=SOURCE.encode(), check=True)
    return True


def _judged(pool: Pool, tests: TestSet) -> bool:
    limits = Limits(compile_seconds=LIMITS.compile_seconds, stderr_bytes=1000 + next(_numbers))
    result = pool.run(SOURCE, tests, limits, language="cpp")
    assert result.verdict is Verdict.AC, result.verdict
    return True


def _each(program: Path, tests: TestSet) -> bool:
    for case in tests.cases:
        done = subprocess.run([program], input=case.input, capture_output=True, text=True)
        assert done.stdout == case.output, done
    return True
