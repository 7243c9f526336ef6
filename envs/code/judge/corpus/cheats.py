"""Programs that would be accepted without being right: they claim, forge and patch."""

from .program import HONEST, SUMS, WAITING, WORKING, Program, hostile

CHEATS: tuple[Program, ...] = (
    Program("claim_to_be_right", "WA", "print('AC', 'Accepted', '{\"verdict\": \"AC\", \"passed\": 3}', sep='\\n')\n"),
    Program(
        "claim_not_to_compile",
        "RE",
        HONEST
        + """
import sys
print('SyntaxError: invalid', file=sys.stderr)
sys.exit(1)
""",
    ),
    Program(
        "stop_the_clock",
        "AC AC TLE",
        HONEST
        + """
import time
time.process_time = lambda: 0.0
while n == 3 and time.thread_time() < 0.2:
    pass
""",
        SUMS,
        WORKING,
    ),
    # This much can be forged, since it moves nothing towards being right.
    Program("claim_to_lack_memory", "MLE|RE", HONEST + "raise MemoryError\n"),
    Program("claim_to_lack_time", "TLE|RE|SV", HONEST + "import signal\nsignal.raise_signal(signal.SIGXCPU)\n"),
    Program(
        "claim_to_be_killed",
        "RE|SV",
        HONEST
        + """
import signal
signal.signal(signal.SIGSYS, signal.SIG_DFL)
signal.raise_signal(signal.SIGSYS)
""",
    ),
    Program("claim_all_sums_at_once", "WA", "print(*range(100))\n"),
    Program("claim_and_take_back", "WA", "print('8\\r7\\x1b[2K')\n"),
    Program(
        "answer_that_equals_all",
        "WA",
        """
class Everything(str):
    def __eq__(self, other):
        return True
    __hash__ = str.__hash__
print(Everything("?"))
""",
    ),
    Program(
        "answers_learnt_by_heart",
        "AC AC WA",
        "print({(2, 3, 4): 7, (1, 5): 5}.get(tuple(map(int, open(0).read().split())), 0))\n",
    ),
    Program(
        "builtins_patched",
        "WA|RE|ILE",
        """
import builtins, os, posix, sys
def nothing(*_, **__):
    return 0
for module in builtins, os, posix, sys:
    for name in "print", "open", "compile", "exec", "exit", "_exit", "write", "read", "fork", "wait4", "waitid":
        if hasattr(module, name):
            setattr(module, name, nothing)
""",
        limits=WAITING,
    ),
    # What runs the programs is within reach of theirs, and may come to harm: its reports must not count.
    hostile(
        "runner_patched",
        """
import sys
frame = sys._getframe()
while frame := frame.f_back:
    for name, value in [*frame.f_globals.items()]:
        if callable(value) and not name.startswith("__"):
            frame.f_globals[name] = lambda *_, **__: 0
for module in [*sys.modules.values()]:
    if not (getattr(module, "__file__", None) or "/lib/python").count("/lib/python"):
        for name, value in [*vars(module).items()]:
            if callable(value) and not name.startswith("__"):
                setattr(module, name, lambda *_, **__: 0)
""",
        "AC AC WA|RE|WA",
    ),
    hostile(
        "results_appended",
        """
import sys
frame = sys._getframe()
while frame := frame.f_back:
    for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
        if isinstance(value, list):
            value.extend(["passed", True, 0])
        if isinstance(value, dict) and "__name__" not in value:
            value.update(passed=True, verdict="AC", result="passed")
""",
        "AC AC WA|RE|WA",
    ),
    hostile(
        "modules_searched",
        """
import sys
if sys.modules.keys() & {"numpy", "torch", "pyarrow"}:
    print("PWNED", flush=True)
try:
    import alphakata
    print("PWNED", flush=True)
except ImportError:
    pass
""",
    ),
    hostile(
        "input_rewound",
        """
import sys
sys.stdin.seek(0)
assert int(sys.stdin.readline()) == n
""",
    ),
    hostile(
        "input_rewritten",
        """
import os
for rewrite in lambda: os.pwrite(0, b"1\\n9\\n", 0), lambda: os.ftruncate(0, 0), lambda: os.ftruncate(0, 1 << 12):
    try:
        rewrite()
        print("PWNED", flush=True)
    except OSError:
        pass
""",
    ),
    # Where /proc is to be had, even a read-only descriptor of one's own can be opened anew.
    hostile(
        "input_reopened",
        """
import os
for path in "/proc/self/fd/0", "/dev/stdin", "/dev/fd/0":
    try:
        file = os.open(path, os.O_RDWR)
        print("PWNED", flush=True)
        os.pwrite(file, b"9", 0)
    except OSError:
        pass
""",
    ),
    hostile(
        "input_mapped_and_written",
        """
import mmap, os
try:
    mmap.mmap(0, os.fstat(0).st_size)[0] = 57
    print("PWNED", flush=True)
except (OSError, ValueError):
    pass
""",
    ),
    hostile(
        "other_tests_read",
        """
import os
for file in range(3, 64):
    try:
        os.pwrite(file, b"1\\n9\\n", 0)
        os.ftruncate(file, 0)
    except OSError:
        pass
""",
    ),
    hostile(
        "output_taken_back",
        """
import os
os.ftruncate(1, 0)
os.lseek(1, 0, 0)
""",
        "WA|RE",
    ),
    hostile(
        "output_of_a_later_test",
        """
import os, threading
def write():
    while True:
        os.write(1, b"\\n")
threading.Thread(target=write, daemon=True).start()
""",
        "AC AC WA|OLE|TLE",
    ),
    Program(
        "time_hidden_in_exit",
        "TLE",
        HONEST
        + """
import atexit
@atexit.register
def spin():
    while True:
        pass
""",
        limits=WORKING,
    ),
    Program(
        "time_hidden_in_threads",
        "TLE",
        HONEST
        + """
import threading
def spin():
    while True:
        pass
threading.Thread(target=spin).start()
""",
        limits=WORKING,
    ),
)
