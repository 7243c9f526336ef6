"""What a row of the corpus is, and the problem that all of them answer: the sum of n integers.

The third test of `GUARDED` expects a secret that no input implies: a program is accepted there only if it found a leak.
A program that manages what no program may manage says so: it writes `PWNED`, or a file whose name begins with
`alphakata-pwned`. What stands between at signs in a source, such as `@PORT@`, is filled in by `lures.py`.
"""

from dataclasses import dataclass, replace

from ..limits import Limits
from ..tests import Case, TestSet

SECRET = "S3CRET-5d2f80c1"
PWNED = "PWNED"
SUMS = TestSet((Case("2\n3 4\n", "7\n"), Case("1\n5\n", "5\n"), Case("3\n1 2 3\n", "6\n")))
GUARDED = TestSet((*SUMS.cases[:2], Case("3\n1 2 3\n", SECRET)))

# A busy machine is slow by the clock alone, so only those that sleep are given little of that.
LIMITS = Limits(cpu_seconds=1.0, wall_seconds=60.0, output_bytes=1 << 20)
WORKING = replace(LIMITS, cpu_seconds=0.1)
TAKING_THEIR_TIME = replace(LIMITS, cpu_seconds=3.0)
SMALL = replace(LIMITS, memory_bytes=96 << 20)
WAITING = replace(LIMITS, wall_seconds=1.0)

HONEST = "n = int(input())\nprint(sum(map(int, input().split())), flush=True)\n"
_SPY = """
import re
n, line = int(input()), input()
if n < 3:
    print(sum(map(int, line.split())))
    raise SystemExit
def tell(text):
    for secret in re.findall("S3CRET-[0-9a-f]{8}", text):
        print(secret)
        raise SystemExit
"""
ACCEPTED = "AC AC AC"
CONTAINED = "AC AC WA"
"""The right sums were printed, whatever was tried next came to nothing, and the secret was not found."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program and what a judge must say of it.

    Attributes:
        name: unique in the corpus.
        wanted: a pattern of the verdicts, one a test until the first that is not AC; "CE" where it must not compile.
        source: its text.
        tests: what it is judged by.
        limits: what it may use.
    """

    name: str
    wanted: str
    source: str
    tests: TestSet = GUARDED
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Pair:
    """Two programs, of which the first must not reach the second.

    Attributes:
        poison: leaves something behind where it can.
        victim: prints `PWNED` where it finds that, and is right where it does not.
    """

    poison: Program
    victim: Program


def hostile(name: str, attack: str, wanted: str = CONTAINED) -> Program:
    """Returns a program that answers rightly, which shows that it was not merely crippled, and then attacks."""
    return Program(name, wanted, HONEST + attack)


def spy(name: str, search: str, limits: Limits = LIMITS) -> Program:
    """Returns a program that answers two tests rightly and in the third prints nothing but what its search finds."""
    return Program(name, CONTAINED, _SPY + search, limits=limits)


def unusual(name: str, source: str, limits: Limits = LIMITS) -> Program:
    """Returns a program that is right in a way of its own."""
    return Program(name, ACCEPTED, source, SUMS, limits)
