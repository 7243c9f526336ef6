"""What shuts programs in, level by level: said in every result, never less than asked for."""

import os
import subprocess
import sys
from typing import get_args

import pytest

from alphakata.envs.code.judge import Case, JudgeUnavailable, Pool, TestSet, Verdict
from alphakata.envs.code.judge.host.probe import LAYERS, Level, best_level, findings, missing

SUMS = TestSet(tuple(Case(f"2\n3 {n}\n", f"{3 + n}\n") for n in range(4)))
HONEST = "n = int(input())\nprint(sum(map(int, input().split())))\n"
READING = "open('/etc/passwd').read()\n"
PYTHON = os.path.realpath(sys.executable)
HERE = [level for level in get_args(Level) if not missing(PYTHON, level)]

# Refuses further user namespaces, as many a container does, and goes on as an ordinary user of this one.
LESSER = """
import ctypes, os
user, group = os.geteuid(), os.getegid()
if ctypes.CDLL(None).unshare(0x10000000):
    raise SystemExit("no user namespace to refuse others in")
for name, text in (
    ("self/setgroups", "deny"),
    ("self/uid_map", f"1000 {user} 1"),
    ("self/gid_map", f"1000 {group} 1"),
    ("sys/user/max_user_namespaces", "0"),
):
    with open(f"/proc/{name}", "w") as file:
        file.write(text)
from alphakata.envs.code.judge import Case, JudgeUnavailable, Pool, TestSet
with Pool(1) as pool:
    result = pool.run("print(input())", TestSet((Case("1", "1"), Case("2", "2"))))
    print(result.verdict, result.isolation, pool.stats().isolation)
with Pool(1, isolation="full") as pool:
    try:
        pool.run("print(input())", TestSet((Case("1", "1"),)))
    except JudgeUnavailable as error:
        print(error)
"""


@pytest.mark.parametrize("level", HERE)
def test_every_level_judges_and_says_which_it_was(level: Level) -> None:
    with Pool(workers=1, isolation=level) as pool:
        results = [pool.run(source, SUMS) for source in (HONEST, "print(0)", "def", "1 / 0")]
        assert [result.verdict for result in results] == [Verdict.AC, Verdict.WA, Verdict.CE, Verdict.RE]
        assert {result.isolation for result in results} == {pool.stats().isolation} == {level}


@pytest.mark.parametrize("level", [level for level in HERE if level != "none"])
def test_where_something_shuts_programs_in_they_read_no_file_and_start_no_process(level: Level) -> None:
    with Pool(workers=1, isolation=level) as pool:
        assert pool.run(READING + HONEST, SUMS).verdict is Verdict.RE
        assert pool.run("import os\nif os.fork():\n    os.wait()\n" + HONEST, SUMS).verdict is Verdict.RE
        assert pool.run(HONEST, SUMS).verdict is Verdict.AC


def test_left_to_itself_the_judge_takes_the_best_level_there_is() -> None:
    with Pool(workers=1) as pool:
        assert pool.run(HONEST, SUMS).isolation == best_level(PYTHON) == HERE[0]


def test_layers_left_out_for_a_trial_are_named_in_the_result() -> None:
    with Pool(workers=1, isolation=HERE[0], _without=("seccomp",)) as pool:
        assert pool.run(HONEST, SUMS).isolation == f"{HERE[0]} without seccomp"


def test_the_machine_is_asked_about_each_layer() -> None:
    found = {finding.layer: finding for finding in findings(PYTHON)}
    assert found.keys() == set(LAYERS["full"])
    assert all(finding.detail for finding in found.values())
    assert not found["seccomp"].works or os.uname().machine in found["seccomp"].detail


def test_a_machine_without_namespaces_gives_less_and_says_so_and_refuses_more() -> None:
    command = [sys.executable, "-c", LESSER]
    settings = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=settings, cwd="/")
    if "no user namespace" in done.stderr:
        pytest.skip("this machine allows no user namespace, so there is no lesser one to make here")
    judged, refusal = done.stdout.splitlines()
    assert judged == "AC no-ns no-ns"
    assert refusal.startswith("isolation 'full' needs namespaces (")
    assert "unshare" in refusal


def test_an_unknown_level_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"isolation is 'best', .*'auto', 'full', 'no-ns', 'seccomp', 'none'"):
        Pool(isolation="best")  # type: ignore[arg-type]


def test_a_level_that_cannot_be_had_stops_the_judge() -> None:
    with (
        Pool(workers=1, isolation="full", python="/nowhere/python") as pool,
        pytest.raises(JudgeUnavailable, match="/nowhere/python"),
    ):
        pool.run(HONEST, SUMS)
