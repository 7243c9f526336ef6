"""Pairs of programs, of which the first tries to reach the second across everything that two programs might share."""

from .program import ACCEPTED, HONEST, SUMS, Pair, Program


def _pair(name: str, poison: str, victim: str, wanted: str = "[A-Z]+( [A-Z]+)*") -> Pair:
    """Returns a pair; how the first program fares is of no account unless `wanted` says so."""
    return Pair(
        Program(f"{name}, poison", wanted, HONEST + poison, SUMS),
        Program(f"{name}, victim", ACCEPTED, victim + HONEST, SUMS),
    )


PAIRS: tuple[Pair, ...] = (
    _pair(
        "builtins",
        """
import builtins
builtins.print = lambda *_, **__: None
builtins.poisoned = True
""",
        """
import builtins
if hasattr(builtins, 'poisoned'):
    print('PWNED')
""",
        ACCEPTED,
    ),
    _pair(
        "modules",
        """
import math, os, sys
math.poisoned = os.poisoned = sys.poisoned = True
sys.modules['heapq'] = None
""",
        """
import heapq, math, os, sys
if [x for x in (math, os, sys) if hasattr(x, 'poisoned')]:
    print('PWNED')
""",
        ACCEPTED,
    ),
    _pair(
        "environment",
        """
import os
os.environ['POISONED'] = '1'
os.putenv('POISONED', '1')
""",
        """
import os
if 'POISONED' in os.environ:
    print('PWNED')
""",
        ACCEPTED,
    ),
    _pair(
        "chance",
        """
import random
random.seed(7)
random.getrandbits(1000)
""",
        """
import random
if random.random() != random.Random(0).random():
    print('PWNED')
""",
        ACCEPTED,
    ),
    _pair(
        "decimals",
        """
import decimal
decimal.getcontext().prec = 2
decimal.DefaultContext.prec = 2
""",
        """
import decimal
if decimal.getcontext().prec != 28:
    print('PWNED')
""",
        ACCEPTED,
    ),
    _pair(
        "files",
        """
for folder in ".", "/tmp", "/var/tmp", "/dev/shm", "/":
    try:
        open(f"{folder}/alphakata-pwned-files", "w").write("!")
    except OSError:
        pass
""",
        """
import os
for folder in ".", "/tmp", "/var/tmp", "/dev/shm", "/":
    if os.path.exists(f"{folder}/alphakata-pwned-files"):
        print("PWNED", folder)
""",
        ACCEPTED,
    ),
    # What the next program would import in the library's stead.
    _pair(
        "modules_as_files",
        """
try:
    open('bisect.py', 'w').write('poisoned = True')
except OSError:
    pass
""",
        """
import bisect
if hasattr(bisect, 'poisoned'):
    print('PWNED')
""",
        ACCEPTED,
    ),
    _pair(
        "segments_of_memory",
        """
import ctypes
libc = ctypes.CDLL(None)
libc.shmget(0x5EED, 4096, 0o1600)
libc.semget(0x5EED, 1, 0o1600)
""",
        """
import ctypes
libc = ctypes.CDLL(None)
if libc.shmget(0x5EED, 4096, 0) >= 0 or libc.semget(0x5EED, 1, 0) >= 0:
    print('PWNED')
""",
    ),
    _pair(
        "queues_of_messages",
        """
import ctypes
ctypes.CDLL(None).msgget(0x5EED, 0o1600)
ctypes.CDLL(None).mq_open(b'/seed', 0o102, 0o600, None)
""",
        """
import ctypes
libc = ctypes.CDLL(None)
if libc.msgget(0x5EED, 0) >= 0 or libc.mq_open(b'/seed', 0) >= 0:
    print('PWNED')
""",
    ),
    _pair(
        "names_of_sockets",
        """
import os, time
try:
    import socket
    socket.socket(socket.AF_UNIX).bind("\\0alphakata-poisoned")
    if os.fork() == 0:
        time.sleep(60)
except OSError:
    pass
""",
        """
try:
    import socket
    socket.socket(socket.AF_UNIX).bind("\\0alphakata-poisoned")
except PermissionError:
    pass
except OSError as error:
    if error.errno == 98:
        print("PWNED")
""",
    ),
    _pair(
        "locks_of_files",
        """
import fcntl, os
for path in os.__file__, os.path.dirname(os.__file__), "/dev/null", "/":
    try:
        fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pass
""",
        """
import fcntl, os
for path in os.__file__, os.path.dirname(os.__file__), "/dev/null", "/":
    try:
        fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("PWNED", path)
    except OSError:
        pass
""",
    ),
    _pair(
        "memory",
        "kept = [b'POIS' + b'ONED-%d' % i * 20 for i in range(20_000)]\n",
        """
import ctypes
libc, word = ctypes.CDLL(None), b"POIS" + b"ONED"
libc.malloc.restype = ctypes.c_void_p
for size in (100, 1000, 100_000, 1 << 20) * 20:
    if word in ctypes.string_at(libc.malloc(size), size):
        print("PWNED")
        break
""",
        ACCEPTED,
    ),
    _pair(
        "signals",
        """
import signal
for number in 10, 12, 14, 15:
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, {10, 12, 14, 15})
signal.alarm(1)
""",
        """
import signal
if signal.pthread_sigmask(signal.SIG_BLOCK, []) & {10, 12, 14, 15} or signal.getsignal(10) or signal.alarm(0):
    print('PWNED')
""",
        ACCEPTED,
    ),
    _pair(
        "limits",
        """
import os, resource
for kind in resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE:
    resource.setrlimit(kind, (1, 1))
os.umask(0o777)
""",
        """
import os, resource
if resource.getrlimit(resource.RLIMIT_AS)[0] < 2 or os.umask(0) == 0o777:
    print('PWNED')
""",
    ),
    _pair(
        "descriptors",
        """
import os
x = os.dup(0), os.pipe(), os.dup2(1, 40), os.dup2(0, 41)
os.set_inheritable(40, True)
""",
        """
import os
for file in 40, 41:
    try:
        os.fstat(file)
        print('PWNED')
    except OSError:
        pass
""",
        ACCEPTED,
    ),
    # Whoever finds an answer in its output need not give one.
    Pair(
        Program(
            "outputs_of_later_tests, poison",
            "AC RE",
            HONEST
            + """
import os
for file in range(3, 128) if n == 1 else ():
    try:
        os.write(file, b"6")
    except OSError:
        pass
if n == 1:
    os._exit(1)
""",
            SUMS,
        ),
        Program(
            "outputs_of_later_tests, victim",
            "AC AC WA",
            "if (n := int(input())) < 3:\n    print(sum(map(int, input().split())))\n",
            SUMS,
        ),
    ),
    _pair(
        "crash",
        "import ctypes\nctypes.memset(0, 1, 1)\n",
        "",
        "RE",
    ),
)
