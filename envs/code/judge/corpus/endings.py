"""Programs that will not end, or end in the wrong way."""

from .program import ACCEPTED, CONTAINED, HONEST, SUMS, WAITING, WORKING, Program

ENDINGS: tuple[Program, ...] = (
    Program(
        "signals_ignored",
        "TLE",
        """
import signal
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
while True:
    pass
""",
        limits=WORKING,
    ),
    Program(
        "signals_blocked",
        "TLE",
        """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True:
    pass
""",
        limits=WORKING,
    ),
    Program(
        "timers_stopped",
        "TLE",
        """
import signal
while True:
    for timer in signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF:
        signal.setitimer(timer, 0)
""",
        limits=WORKING,
    ),
    Program(
        "partly_then_loops",
        "TLE",
        """
print(7, end='', flush=True)
while True:
    pass
""",
        limits=WORKING,
    ),
    Program("rightly_then_sleeps", "ILE", HONEST + "import time\ntime.sleep(60)\n", limits=WAITING),
    Program(
        "rightly_then_stops_itself",
        "ILE|RE|SV",
        HONEST + "import signal\nsignal.raise_signal(signal.SIGSTOP)\n",
        limits=WAITING,
    ),
    Program("rightly_then_crashes", "RE", HONEST + "import ctypes\nctypes.string_at(0)\n"),
    Program("rightly_then_exits_1", "RE", HONEST + "raise SystemExit(1)\n"),
    Program("rightly_then_exits_minus_1", "RE", HONEST + "import sys\nsys.exit(-1)\n"),
    Program("rightly_then_exits_with_words", "RE", HONEST + "import sys\nsys.exit('done')\n"),
    Program("rightly_then_exits_at_once_with_3", "RE", HONEST + "import os\nos._exit(3)\n"),
    Program("rightly_then_aborts", "RE", HONEST + "import os\nos.abort()\n"),
    Program("rightly_then_raises", "RE", HONEST + "raise ValueError(n)\n"),
    Program("rightly_then_is_interrupted", "RE", HONEST + "raise KeyboardInterrupt\n"),
    Program("rightly_then_kills_itself", "RE|SV", HONEST + "import signal\nsignal.raise_signal(signal.SIGKILL)\n"),
    Program(
        "rightly_then_raises_while_a_thread_sleeps",
        "ILE",
        HONEST
        + """
import threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
raise ValueError
""",
        limits=WAITING,
    ),
    Program(
        "hangs_when_all_is_done",
        "ILE",
        HONEST + "import atexit, time\natexit.register(time.sleep, 60)\n",
        limits=WAITING,
    ),
    Program(
        "hangs_when_an_object_dies",
        "ILE",
        HONEST
        + """
import time
class Last:
    def __del__(self, sleep=time.sleep):
        sleep(60)
last = Last()
""",
        limits=WAITING,
    ),
    Program("exits_before_it_writes", "WA", "import os\nos._exit(0)\n"),
    Program(
        "exits_before_it_flushes",
        "WA",
        """
import os
print(sum(map(int, [*open(0)][1].split())))
os._exit(0)
""",
    ),
    Program("exits_with_0_and_nothing", "WA", "import sys\nsys.exit(0)\n"),
    Program("is_empty", "WA", ""),
    Program("is_a_comment", "WA", "# " + HONEST.replace("\n", "\n# ")),
    # What a shell sees of 256 is 0, and so does a judge.
    Program("exits_with_256", ACCEPTED, HONEST + "import sys\nsys.exit(256)\n", SUMS),
    Program(
        "raises_unseen",
        CONTAINED,
        HONEST
        + """
import os, sys
sys.excepthook = lambda *_: os._exit(0)
1 / 0
""",
    ),
    Program("divides_by_zero_in_the_second_test", "AC RE", HONEST + "1 / (n - 1)\n"),
)
