"""Programs that are right, or nearly so, in ways that a judge must know: the idioms of contests."""

from dataclasses import replace

from .program import HONEST, LIMITS, SMALL, SUMS, TAKING_THEIR_TIME, Program, unusual

ENDS: tuple[Program, ...] = (
    unusual("exit", HONEST + "exit()\nprint('never')\n"),
    unusual(
        "quit_in_a_function",
        """
def main():
    input()
    print(sum(map(int, input().split())))
    quit()
main()
print('never')
""",
    ),
    unusual(
        "sys_exit",
        HONEST
        + """
import sys
sys.exit(0)
print('never')
""",
    ),
    unusual("sys_exit_with_nothing", HONEST + "raise SystemExit\n"),
    unusual("os_exit", HONEST + "import os\nos._exit(0)\n"),
    unusual(
        "exit_in_a_thread", HONEST + "import threading, sys\nthreading.Thread(target=sys.exit, args=(1,)).start()\n"
    ),
    unusual("error_in_a_thread", HONEST + "import threading\nthreading.Thread(target=lambda: 1 / 0).start()\n"),
    unusual("error_at_exit", HONEST + "import atexit\natexit.register(lambda: 1 / 0)\n"),
    unusual(
        "alarm",
        """
import signal, time
def ring(*_):
    input()
    print(sum(map(int, input().split())))
signal.signal(signal.SIGALRM, ring)
signal.setitimer(signal.ITIMER_REAL, 0.01)
time.sleep(0.2)
""",
    ),
)

STYLES: tuple[Program, ...] = (
    unusual(
        "main_guard",
        """
def main():
    input()
    print(sum(map(int, input().split())))
if __name__ == '__main__':
    main()
""",
    ),
    unusual(
        "thread_with_a_big_stack",
        """
import sys, threading
sys.setrecursionlimit(10**6)
threading.stack_size(1 << 26)
def depth(n):
    return n and 1 + depth(n - 1)
def main():
    assert depth(20000) == 20000
    input()
    print(sum(map(int, input().split())))
thread = threading.Thread(target=main)
thread.start()
thread.join()
""",
    ),
    unusual(
        "thread_not_joined",
        """
import threading, time
def main():
    time.sleep(0.01)
    input()
    print(sum(map(int, input().split())))
threading.Thread(target=main).start()
""",
    ),
    unusual(
        "threads_in_a_pool",
        """
from concurrent.futures import ThreadPoolExecutor
input()
with ThreadPoolExecutor(2) as pool:
    print(sum(pool.map(int, input().split())))
""",
    ),
    unusual(
        "recursion",
        """
import sys
sys.setrecursionlimit(10**5)
def depth(n):
    return n and 1 + depth(n - 1)
assert depth(5000) == 5000
"""
        + HONEST,
    ),
    unusual(
        "imports",
        "import bisect, cmath, collections, copy, dataclasses, datetime, decimal, enum, fractions, functools\n"
        "import heapq, itertools, json, math, operator, queue, random, re, statistics, string, time, typing\n" + HONEST,
    ),
    unusual("import_of_multiprocessing", "import multiprocessing\n" + HONEST),
    unusual(
        "dataclass",
        """
from dataclasses import dataclass
@dataclass
class Sum:
    n: int
    values: list[int]
x = Sum(int(input()), [*map(int, input().split())])
print(sum(x.values))
""",
    ),
    unusual(
        "pickled_class",
        """
import pickle
class Sum:
    pass
input()
x = Sum()
x.line = input()
print(sum(map(int, pickle.loads(pickle.dumps(x)).line.split())))
""",
    ),
    unusual(
        "named_tuple",
        """
from typing import NamedTuple
class Sum(NamedTuple):
    n: str
    line: str
print(sum(map(int, Sum(input(), input()).line.split())))
""",
    ),
    unusual("exec_of_a_string", f"exec({HONEST!r})\n"),
    unusual(
        "async",
        """
import asyncio
async def main():
    input()
    print(sum(map(int, input().split())))
try:
    main().send(None)
except StopIteration:
    pass
""",
        TAKING_THEIR_TIME,
    ),
    unusual(
        "cached_recursion",
        """
from functools import cache
@cache
def f(n):
    return n < 2 or f(n - 1) + f(n - 2)
f(200)
"""
        + HONEST,
    ),
    unusual(
        "big_numbers",
        """
import sys
sys.set_int_max_str_digits(0)
assert len(str(7 ** 5000)) == 4226
"""
        + HONEST,
    ),
    unusual(
        "decimals",
        """
from decimal import Decimal, getcontext
getcontext().prec = 50
assert str(1 / Decimal(7)).count('142857') == 8
"""
        + HONEST,
    ),
    unusual("byte_order_mark", "\ufeff" + HONEST),
    unusual("coding_cookie", "\f\n# -*- coding: latin-1 -*-\n" + HONEST),
    unusual("carriage_returns", HONEST.replace("\n", "\r\n")),
    unusual("form_feeds_and_tabs", "\f" + HONEST.replace("\nprint", "\nif n:\n\f\tprint")),
    unusual("no_final_newline", HONEST.rstrip()),
    unusual("warnings_of_the_compiler", HONEST + "assert n is not 0, '\\d'\n"),
    unusual(
        "stack_raised",
        """
import resource
_, hard = resource.getrlimit(resource.RLIMIT_STACK)
resource.setrlimit(resource.RLIMIT_STACK, (hard, hard))
"""
        + HONEST,
    ),
    unusual("names_in_unicode", HONEST.replace("n = ", "число = n = ") + "# 数\n"),
    unusual("a_long_line", HONEST + "x = [" + "0, " * 20_000 + "]\n"),
    unusual("future_annotations", "from __future__ import annotations\n" + HONEST),
    unusual("not_optimised", "import sys\nassert __debug__ and not sys.flags.optimize\n" + HONEST),
    Program("asserts_hold", "RE", HONEST + "assert False\n", SUMS),
    Program("import_of_numpy", "RE", "import numpy\n" + HONEST, SUMS),
    unusual("much_memory_but_not_too_much", "x = bytearray(50 << 20)\n" + HONEST, SMALL),
    Program(
        "much_output_but_not_too_much", "WA", "print('x' * 1000000)\n", SUMS, replace(LIMITS, output_bytes=1 << 20)
    ),
    unusual(
        "answer_of_a_suspended_generator",
        """
def summed():
    try:
        yield int(input())
    finally:
        print(sum(map(int, input().split())))
left = summed()
next(left)
""",
    ),
)

UNUSUAL = ENDS + STYLES
