"""The sandbox holds for every user, at every level that this machine can be made to have."""

import json
from collections.abc import Callable

import pytest

CHECK = """
import json
from dataclasses import astuple
from alphakata.envs.code.judge import Pool
from alphakata.envs.code.judge.corpus import check_judge
with Pool(workers=4, isolation="{isolation}", on_error="ie") as pool:
    print(json.dumps([astuple(finding) for finding in check_judge(pool, mode="{mode}")]))
"""
# Without namespaces files can be looked for, though neither opened nor listed.
LET_THROUGH: dict[str, set[str]] = {"full": set(), "no-ns": {"look_for_files"}, "seccomp": {"look_for_files"}}
# There root keeps its number, for its interpreter may be closed to others, but none of its rights.
ROOT_LET_THROUGH: dict[str, set[str]] = {"full": set(), "no-ns": {"become_root"}, "seccomp": {"become_root"}}
USUAL = [("nobody", "full", "hybrid"), ("nobody", "no-ns", "isolated"), ("root", "no-ns", "hybrid")]
OTHERS = [
    (user, isolation, mode)
    for user in ("nobody", "root")
    for isolation in LET_THROUGH
    for mode in ("hybrid", "isolated")
]


@pytest.mark.parametrize(
    ("user", "isolation", "mode"),
    [*USUAL, *(pytest.param(*row, marks=pytest.mark.slow) for row in OTHERS if row not in USUAL)],
)
def test_the_sandbox_holds(elsewhere: Callable[[str, str], str], user: str, isolation: str, mode: str) -> None:
    findings = json.loads(elsewhere(user, CHECK.format(isolation=isolation, mode=mode)))
    let_through = LET_THROUGH[isolation] | (ROOT_LET_THROUGH[isolation] if user == "root" else set())
    assert [finding for finding in findings if finding[0] not in let_through] == []
