"""Each layer of the sandbox holds something that the others let through: without it, programs that are named here fail.

So the corpus would notice if a layer were lost. All of it runs as nobody, in a world of its own.
"""

import json
from collections.abc import Callable

HELD_BY = {
    (): set(),
    ("namespaces",): {"look_for_files"},
    ("landlock",): {"list_folders", "walk_up"},
    ("seccomp",): {
        "all_memory_files",
        "kill_parent_as_owner_of_a_pipe",
        "kill_parent_by_its_limits",
        "raise_own_limits",
        "open_sockets",
        "new_user_namespace",
        "io_uring",
        "keyring",
        "fork_by_libc",
        "fork_by_int_80",
        "vfork_in_machine_code",
        "segments_of_memory, victim",
    },
    ("namespaces", "landlock"): {"look_for_files"},
    ("landlock", "seccomp"): {"listen", "list_folders", "kill_parent_by_its_limits"},
    ("namespaces", "seccomp"): {"connect_to_a_path", "kill_parent_by_its_limits"},
    ("namespaces", "landlock", "seccomp"): {
        "write_files",
        "delete_files",
        "connect",
        "connect_to_a_name",
        "kill_host",
        "exec_a_shell",
        "memory_searched",
        "files, victim",
        "segments_of_memory, victim",
    },
}
CHECK = """
import json
from alphakata.envs.code.judge import Pool
from alphakata.envs.code.judge.corpus import PAIRS, PROGRAMS, check_judge
named = {named}
programs = [program for program in PROGRAMS if program.name in named]
# Whoever succeeds here lowers the limits of all that run after it in its place, and so would save them from others.
lowers = [program for program in programs if program.name == "kill_parent_by_its_limits"]
others = [program for program in programs if program not in lowers]
pairs = [pair for pair in PAIRS if pair.victim.name in named]
found = []
for without in {removed}:
    with Pool(workers=4, isolation="full", on_error="ie", _without=without) as pool:
        findings = check_judge(pool, others, pairs) + check_judge(pool, lowers, ())
    found.append(sorted({{finding.program for finding in findings}}))
print(json.dumps(found))
"""


def test_each_layer_holds_what_the_others_let_through(elsewhere: Callable[[str, str], str]) -> None:
    named = sorted(set().union(*HELD_BY.values()) | {"plain"})
    fallen = json.loads(elsewhere("nobody", CHECK.format(named=named, removed=[*HELD_BY])))
    for (without, held), found in zip(HELD_BY.items(), fallen, strict=True):
        assert held <= set(found), without
        assert "plain" not in found, without
    assert fallen[0] == []
