"""Programs that leave traces in their process: no test may suffer from what the one before it did."""

from dataclasses import replace

from ..limits import Limits
from .program import ACCEPTED, HONEST, LIMITS, SMALL, SUMS, Program, unusual


def _unseen(name: str, look: str, leave: str) -> Program:
    """Returns a program that is right where `look`, which would see what `leave` left, sees nothing."""
    modules = "import builtins, decimal, gc, os, random, signal, string, sys\n"
    return unusual(name, f"{modules}if {look}:\n    print('PWNED')\n{leave}\n{HONEST}")


def _unharmed(name: str, trace: str, limits: Limits = LIMITS) -> Program:
    """Returns a program that is right and then leaves the process in a bad way."""
    return unusual(name, HONEST + trace, limits)


STATE: tuple[Program, ...] = (
    _unseen("trace_in_globals", "'n' in globals()", "n = 0"),
    _unseen("trace_in_builtins", "hasattr(builtins, 'seen')", "builtins.seen = True"),
    _unseen("trace_in_a_module", "hasattr(string, 'seen')", "string.seen = True"),
    _unseen("trace_in_modules", "'seen' in sys.modules", "sys.modules['seen'] = sys"),
    _unseen("trace_in_the_path", "'seen' in sys.path", "sys.path.append('seen')"),
    _unseen("trace_in_the_environment", "'SEEN' in os.environ", "os.environ['SEEN'] = '1'"),
    _unseen("trace_in_the_recursion_limit", "sys.getrecursionlimit() == 2345", "sys.setrecursionlimit(2345)"),
    _unseen("trace_in_the_collector", "not gc.isenabled()", "gc.disable()"),
    _unseen("trace_in_the_mask_of_files", "os.umask(0o123) == 0o123", ""),
    _unseen("trace_in_handlers", "signal.signal(signal.SIGUSR1, signal.SIG_IGN) is signal.SIG_IGN", ""),
    _unseen(
        "trace_in_blocked_signals", "signal.SIGUSR1 in signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})", ""
    ),
    _unseen("trace_in_decimals", "decimal.getcontext().prec == 3", "decimal.getcontext().prec = 3"),
    _unseen("trace_in_chance", "random.random() != random.Random(0).random()", "random.seed(1)"),
    _unharmed("leaves_output_replaced", "import io, sys\nsys.stdout = io.StringIO()\n"),
    _unharmed("leaves_output_in_another_code", "import sys\nsys.stdout.reconfigure(encoding='utf-16')\n"),
    _unharmed("leaves_output_closed", "import os\nos.close(1)\n"),
    _unharmed(
        "leaves_input_closed",
        """
import os, sys
os.close(0)
sys.stdin = None
""",
    ),
    _unharmed(
        "leaves_input_rewound",
        """
import sys
sys.stdin.seek(0)
sys.stdin.read(1)
""",
    ),
    _unharmed(
        "leaves_builtins_broken",
        """
import builtins
del builtins.input, builtins.map
builtins.sum = max
""",
    ),
    _unharmed(
        "leaves_imports_broken",
        """
import sys
sys.meta_path.clear()
sys.modules.clear()
""",
    ),
    _unharmed("leaves_descriptors_open", "import os\nx = [os.dup(0) for _ in range(30)]\n"),
    _unharmed(
        "leaves_limits_lowered",
        """
import resource
for kind, most in (resource.RLIMIT_NOFILE, 3), (resource.RLIMIT_AS, 1 << 20), (resource.RLIMIT_STACK, 1 << 16):
    try:
        resource.setrlimit(kind, (most, most))
    except (OSError, ValueError):
        pass
""",
    ),
    _unharmed("leaves_memory_taken", "import builtins\nbuiltins.kept = bytearray(35 << 20)\n", SMALL),
    _unharmed(
        "leaves_a_hook_for_errors",
        """
import sys
sys.excepthook = None
sys.displayhook = None
""",
    ),
    _unharmed("leaves_a_low_recursion_limit", "import sys\nsys.setrecursionlimit(20)\n"),
    _unharmed(
        "leaves_an_error_in_an_object",
        """
class Last:
    def __del__(self):
        1 / 0
last = Last()
""",
    ),
    # Reached by the alarm of the test before, had it one process with it, the next test dies asleep.
    _unharmed(
        "leaves_an_alarm",
        """
import signal, time
time.sleep(0.06)
signal.setitimer(signal.ITIMER_REAL, 0.05)
""",
    ),
    _unharmed(
        "leaves_a_timer_of_its_own_time",
        """
import signal
signal.setitimer(signal.ITIMER_PROF, 0.01)
sum(range(2000))
""",
    ),
    _unharmed(
        "leaves_a_thread",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
    ),
    _unharmed(
        "leaves_a_thread_that_works",
        """
import threading
def spin():
    while True:
        pass
threading.Thread(target=spin, daemon=True).start()
""",
    ),
    # Each test within its limit, all together beyond it.
    Program(
        "time_of_each_test_alone",
        ACCEPTED,
        HONEST
        + """
import time
began = time.process_time()
while time.process_time() < began + 0.05:
    pass
""",
        SUMS,
        replace(LIMITS, cpu_seconds=0.12),
    ),
)
