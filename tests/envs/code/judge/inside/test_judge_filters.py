"""The two filters against libseccomp's: the same fate for every call, whatever its arguments."""

import os
import struct
import tempfile
from collections.abc import Iterator
from itertools import product

import pytest

from alphakata.envs.code.judge.inside import seccomp
from alphakata.envs.code.judge.inside.syscalls import (
    ABSENT,
    ALLOWED,
    DEADLY,
    ITS_OWN,
    LOOKED_AT,
    TO_BEGIN,
    TO_COMPILE,
    numbers,
)

try:
    import pyseccomp
except (ImportError, RuntimeError) as error:
    pytest.skip(
        f"pyseccomp and libseccomp are wanted, the extra `dev` and Debian's libseccomp2: {error}",
        allow_module_level=True,
    )

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HIGHEST = 470
PROCESS = 4321
ALL = 2**64 - 1
SOME = (0, 1, 2, 3, PROCESS, 0x10000, 0x10011, 2**31, 2**32, 2**32 + 1, ALL)


def fate(code: bytes, machine: int, number: int, arguments: tuple[int, ...] = (0,) * 6) -> int:
    """Runs a filter as the kernel would."""
    data = struct.pack("=iIQ6Q", number, machine, 0, *arguments)
    place, register = 0, 0
    while True:
        operation, if_true, if_false, operand = struct.unpack_from("=HBBI", code, 8 * place)
        place += 1
        match operation:
            case 0x20:
                (register,) = struct.unpack_from("=I", data, operand)
            case 0x54:
                register &= operand
            case 0x05:
                place += operand
            case 0x06:
                return int(operand)
            case _:
                claims = {0x15: register == operand, 0x25: register > operand, 0x35: register >= operand}
                place += if_true if claims[operation] else if_false


def libseccomps(machine: str, rules: dict[int, seccomp.Rule]) -> bytes:
    """Returns the filter that libseccomp makes of rules, told to it by the names of the calls."""
    names = {
        number: name
        for table in (ALLOWED, LOOKED_AT, ITS_OWN, TO_BEGIN, TO_COMPILE, ABSENT, DEADLY)
        for name, number in numbers(table, machine).items()
    }
    policy = pyseccomp.SyscallFilter(pyseccomp.ERRNO(1))
    policy.set_attr(pyseccomp.Attr.ACT_BADARCH, pyseccomp.KILL_PROCESS)
    if machine != os.uname().machine:
        policy.add_arch(getattr(pyseccomp.Arch, machine.upper()))
        policy.remove_arch(pyseccomp.Arch.NATIVE)
    for number, rule in rules.items():
        if rule != seccomp.EPERM:
            action = rule if isinstance(rule, int) else seccomp.ALLOW
            for tests in rule if not isinstance(rule, int) else ((),):
                policy.add_rule(
                    action,
                    names[number],
                    *(pyseccomp.Arg(a, pyseccomp.MASKED_EQ, mask, value) for a, value, mask in tests),
                )
    with tempfile.TemporaryFile() as file:
        policy.export_bpf(file)
        file.seek(0)
        return file.read()


def arguments_of(rule: seccomp.Rule | None) -> Iterator[tuple[int, ...]]:
    """Yields arguments that tell a rule from its neighbours."""
    tests = [] if rule is None or isinstance(rule, int) else [test for way in rule for test in way]
    values = {place: set(SOME) for place, _, _ in tests}
    for place, value, mask in tests:
        values[place] |= {value, value + 1, value ^ mask, value | 2**40, value | (~mask & ALL)}
    for chosen in product(*values.values()):
        given = dict(zip(values, (value & ALL for value in chosen), strict=True))
        yield tuple(given.get(place, 7) for place in range(6))


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("may_open", "runs"), [(True, "python3"), (False, "python3"), (True, "cpp"), (True, "compiler")]
)
def test_the_outer_filter_is_libseccomps(machine: str, may_open: bool, runs: "seccomp.Runs") -> None:
    rules = seccomp.outer_rules(machine, may_open, runs)
    ours, theirs = seccomp.outer_filter(machine, may_open, runs), libseccomps(machine, rules)
    for number in range(HIGHEST):
        for arguments in arguments_of(rules.get(number)):
            call = MACHINES[machine], number, arguments
            assert fate(ours, *call) == fate(theirs, *call), (number, arguments)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("secret", [None, 0x7FFF_1234_5678])
def test_the_inner_filter_is_libseccomps_where_it_has_a_rule_and_else_allows(machine: str, secret: int | None) -> None:
    rules = seccomp.inner_rules(machine, PROCESS, secret)
    ours, theirs = seccomp.inner_filter(machine, PROCESS, secret), libseccomps(machine, rules)
    for number in range(HIGHEST):
        for arguments in arguments_of(rules.get(number)):
            call = MACHINES[machine], number, arguments
            assert fate(ours, *call) == (fate(theirs, *call) if number in rules else seccomp.ALLOW), (number, arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_architecture_kill(machine: str) -> None:
    code = seccomp.outer_filter(machine)
    (other,) = MACHINES.keys() - {machine}
    i386 = 0x40000003
    assert {fate(code, MACHINES[other], number) for number in range(HIGHEST)} == {seccomp.KILL}
    assert {fate(code, i386, number) for number in range(HIGHEST)} == {seccomp.KILL}
    assert {fate(code, MACHINES[machine], 0x40000000 | number) for number in range(HIGHEST)} == {seccomp.KILL}


def test_the_filter_made_beforehand_is_completed_with_its_process() -> None:
    own_filter, machine = seccomp.InnerFilter(), os.uname().machine
    own_filter.aim(PROCESS)
    assert own_filter.code() == seccomp.inner_filter(machine, PROCESS)
