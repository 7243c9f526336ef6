"""What a zygote imports and runs before it serves, so that its children find it done."""

COMMON = "bisect collections functools heapq itertools math random re string typing"
"""Modules that programs often need; each makes every fork a little dearer."""

LESS_COMMON = (
    "__future__ abc array asyncio base64 binascii calendar cmath concurrent.futures.thread contextlib copy csv ctypes "
    "dataclasses datetime decimal encodings.ascii encodings.latin_1 encodings.utf_16 encodings.utf_32 enum fcntl "
    "fileinput fractions glob hashlib inspect json locale logging mmap multiprocessing numbers operator pathlib pickle "
    "platform pprint queue secrets select selectors shutil signal statistics struct subprocess tempfile textwrap "
    "threading time timeit traceback types unicodedata uuid warnings weakref zlib"
)
"""Modules that are imported beforehand where programs cannot open files, and so cannot import others."""

SAMPLE = b"""
import sys, math
from collections import defaultdict, deque, Counter
class Node(object):
    __slots__ = ("a", "b")
    def __init__(self, a, *b, **c):
        self.a, self.b = a, {**c}
def solve(n, k=1):
    rows = [int(x) for x in "1 2 3".split()]
    best, seen, pairs = 10**9, set(), {i: str(i) for i in range(n)}
    for i, x in enumerate(rows):
        if x % 2 == 0 and i not in seen or not x:
            best = min(best, x // k - 1 if x > 0 else -x)
            continue
        elif i > 100:
            break
        rows[i] += x * k ** 2
        seen.add((x, i))
    while n:
        n -= 1
    try:
        rows.sort(key=lambda x: -x)
        return f"{best} {sum(rows):.2f}" + " ".join(map(str, rows[1:])), *zip(rows, rows)
    except (ValueError, IndexError) as error:
        raise error
    finally:
        Counter(rows), defaultdict(list), deque(rows), math.gcd(4, 6), any(x for x in rows)
def main():
    n, (a, b) = int(input()), map(int, input().split())
    data = sys.stdin.read().split() + sys.stdin.buffer.read().split()
    print(sum(map(int, data)), *solve(3))
    print("YES" if n else "NO", end="\\n")
    sys.stdout.write("0")
if __name__ == "__main__":
    main()
"""
"""What a program of a contest may look like; it reads `SAMPLE_INPUT` of `protocol.py`."""


def preload(may_open: bool) -> None:
    """Imports what programs need, all of it where they cannot open files."""
    for name in COMMON.split() if may_open else f"{COMMON} {LESS_COMMON}".split():
        __import__(name)
    if may_open:
        return
    import ctypes
    from contextlib import suppress

    # The C library opens it when a thread ends.
    with suppress(OSError):
        ctypes.CDLL("libgcc_s.so.1")
