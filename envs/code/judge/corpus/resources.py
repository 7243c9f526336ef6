"""Programs that take all there is: processes, memory, time, output, descriptors."""

from .program import HONEST, LIMITS, SMALL, WAITING, WORKING, Program, hostile

RESOURCES: tuple[Program, ...] = (
    Program(
        "fork_bomb",
        "RE|SV",
        """
import os
while True:
    os.fork()
""",
    ),
    Program(
        "fork_children",
        "RE|SV",
        """
import os, time
for _ in range(20):
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
    print("PWNED", flush=True)
""",
    ),
    Program(
        "thread_bomb",
        "RE|MLE",
        """
import threading, time
while True:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
""",
    ),
    Program(
        "thread_spin",
        "TLE",
        """
import threading
def spin():
    while True:
        pass
for _ in range(4):
    threading.Thread(target=spin).start()
""",
        limits=WORKING,
    ),
    Program("memory_at_once", "MLE", "x = bytearray(10 << 30)\n"),
    Program(
        "memory_by_and_by",
        "MLE",
        """
x = []
while True:
    x.append(bytearray(1 << 20))
""",
        limits=SMALL,
    ),
    Program(
        "memory_in_small_objects",
        "MLE|TLE",
        """
x = []
while True:
    x = [x, {}, [], object()]
""",
        limits=WORKING,
    ),
    Program(
        "memory_mapped_and_shared",
        "RE|MLE",
        """
import mmap
maps = []
while True:
    maps.append(mmap.mmap(-1, 1 << 24))
    maps[-1][::4096] = b"x" * (1 << 12)
""",
        limits=SMALL,
    ),
    Program("memory_from_a_string", "MLE", HONEST + "print(len('x' * 10**12))\n"),
    Program("memory_from_a_format", "MLE|RE", "print(f'{1:>{10**12}}')\n"),
    Program(
        "memory_from_a_caught_error",
        "MLE|TLE|RE",
        """
x = []
while True:
    try:
        x.append('x' * 10**7)
    except MemoryError:
        x.append(len(x))
""",
        limits=WORKING,
    ),
    Program("endless_loop", "TLE", "while True:\n    pass\n", limits=WORKING),
    Program("endless_loop_later", "AC TLE", HONEST + "while n == 1:\n    pass\n", limits=WORKING),
    Program(
        "endless_system_calls",
        "TLE",
        """
import os
while True:
    os.pread(0, 1 << 16, 0), os.fstat(0), os.lseek(0, 0, 0)
""",
        limits=WORKING,
    ),
    # Yields after every breath, so which of its two limits it meets first is the machine's affair.
    Program(
        "endless_naps",
        "TLE|ILE",
        """
import time
while True:
    time.sleep(0)
""",
        limits=WAITING,
    ),
    Program("endless_sleep", "ILE", "import time\ntime.sleep(10**6)\n", limits=WAITING),
    Program(
        "endless_wait_for_a_lock",
        "ILE",
        """
import _thread
x = _thread.allocate_lock()
x.acquire(), x.acquire()
""",
        limits=WAITING,
    ),
    Program("endless_wait_for_a_pipe", "ILE", "import os\nos.read(os.pipe()[0], 1)\n", limits=WAITING),
    Program("endless_wait_for_a_signal", "ILE", "import signal\nsignal.sigwait({signal.SIGUSR1})\n", limits=WAITING),
    Program("one_long_power", "TLE", "x = 7 ** 10**8\n", limits=WORKING),
    Program("one_long_factorial", "TLE", "import math\nmath.factorial(10**7)\n", limits=WORKING),
    Program("one_long_sum", "TLE", "print(sum(range(10**12)))\n", limits=WORKING),
    Program("one_long_match", "TLE", "import re\nre.match('(a+)+$', 'a' * 60 + 'b')\n", limits=WORKING),
    Program("one_long_search", "TLE", "print(10**9 in iter(int, 1))\n", limits=WORKING),
    Program(
        "zip_bomb",
        "MLE|TLE",
        """
import zlib
deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
zeros = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
zlib.decompress(zeros * 10000, -15)
""",
        limits=WORKING,
    ),
    Program(
        "deep_recursion",
        "MLE|RE|TLE",
        """
import sys
sys.setrecursionlimit(10**9)
def f(x):
    return f(x + 1)
f(0)
""",
        limits=WORKING,
    ),
    Program(
        "deep_recursion_in_c",
        "MLE|RE|TLE",
        """
import sys
sys.setrecursionlimit(10**9)
x = []
for _ in range(10**6):
    x = [x]
repr(x)
""",
        limits=WORKING,
    ),
    Program(
        "deep_recursion_unasked",
        "RE",
        """
def f():
    f()
f()
""",
    ),
    Program("source_of_many_brackets", "CE", "(" * 300 + ")" * 300),
    Program("source_of_many_signs", "CE", "-" * 100_000 + "1"),
    Program("source_of_many_dots", "CE", "a" + ".b" * 100_000),
    Program("source_of_many_indents", "CE", "".join(" " * i + "if 1:\n" for i in range(150))),
    Program("source_of_many_powers", "MLE|CE|TLE", "x = 10" + " ** 10" * 9 + "\n", limits=WORKING),
    Program("source_of_large_constants", "MLE|CE", "print(((((1,) * 4096) * 4096) * 4096))\n", limits=SMALL),
    Program("source_too_long", "CE", HONEST + "#" * (8 << 20)),
    Program("source_with_a_null_byte", "CE", HONEST + "\0"),
    Program("source_with_a_surrogate", "CE", HONEST + "'\ud800'\n"),
    Program("source_with_an_error", "CE", HONEST + "def\n"),
    Program("source_in_an_unknown_code", "CE", "# coding: klingon\n" + HONEST),
    Program("source_in_a_slow_code", "CE|TLE", "# coding: punycode\n-" + "9" * 200_000, limits=WORKING),
    Program("source_of_no_python", "CE", "#include <iostream>\nint main() { return 0; }\n"),
    Program("endless_output", "OLE", "while True:\n    print('x' * 10**5)\n"),
    Program(
        "endless_output_by_the_byte",
        "OLE|TLE",
        """
import os
while True:
    os.write(1, b'x' * 64)
""",
    ),
    Program(
        "endless_errors",
        "RE|OLE",
        """
import sys
while True:
    sys.stderr.write('x' * 10**5)
""",
    ),
    # Sparse, so that it takes no room, but whoever read all of it would need a terabyte.
    Program("endless_output_in_one_hole", "OLE|RE", "import os\nos.lseek(1, 1 << 40, 0)\nos.write(1, b'x')\n"),
    Program("endless_output_at_one_stroke", "OLE|RE", "import os\nos.ftruncate(1, 1 << 40)\n"),
    Program(
        "all_descriptors",
        "RE",
        """
import os
while True:
    os.dup(0)
""",
    ),
    # 2 MB kept in the kernel, which no limit of memory counts: as much as the descriptors allow.
    hostile(
        "all_pipes",
        """
import os
try:
    while True:
        _, end = os.pipe()
        os.set_blocking(end, False)
        os.write(end, bytes(1 << 16))
except OSError:
    pass
""",
    ),
    # Memory files are counted by no limit either, and hold far more.
    hostile(
        "all_memory_files",
        """
import os
try:
    for _ in range(20):
        os.write(os.memfd_create("hoard"), bytes(1 << 19))
    print("PWNED", flush=True)
except OSError:
    pass
""",
    ),
    hostile(
        "all_of_the_disk",
        """
import os
for folder in "/tmp", "/var/tmp", "/dev/shm", "@HOME@":
    try:
        file = os.open(f"{folder}/alphakata-pwned-all_of_the_disk", os.O_CREAT | os.O_WRONLY)
        os.posix_fallocate(file, 0, 1 << 19)
        print("PWNED", flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "all_shared_memory",
        """
try:
    from multiprocessing.shared_memory import SharedMemory
    SharedMemory("alphakata-pwned-all_shared_memory", create=True, size=1 << 19)
    print("PWNED", flush=True)
except (ImportError, OSError):
    pass
""",
    ),
    Program(
        "all_signals_at_once",
        "TLE",
        """
import signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 1e-5, 1e-5)
while True:
    pass
""",
        limits=WORKING,
    ),
    Program("all_input_again_and_again", "MLE", "print(len(open(0).read() * 10**12))\n"),
    Program("wrong_but_modest", "WA", "print(0)\n", limits=LIMITS),
)
