"""Programs that would end, stop or slow down others, or escape their own end."""

from .program import HONEST, WAITING, WORKING, Program, hostile

_FORGED = """
import os, struct
def forge(seconds=0.001):
    for file in range(3, 64):
        for place in range(3):
            try:
                if os.fstat(file).st_size % 20 == 0:
                    os.pwrite(file, struct.pack("=idd", 0, seconds * place, seconds * place), 20 * place)
            except OSError:
                pass
"""

ASSAULTS: tuple[Program, ...] = (
    Program(
        "daemon",
        "RE|SV",
        """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("/tmp/alphakata-pwned-daemon", "w")
        time.sleep(60)
    os._exit(0)
print("PWNED", flush=True)
""",
    ),
    hostile(
        "kill_all",
        """
import os
try:
    os.kill(-1, 9)
    print('PWNED')
except OSError:
    pass
""",
    ),
    hostile(
        "kill_parent",
        """
import os
try:
    os.kill(os.getppid(), 9)
    print('PWNED')
except OSError:
    pass
""",
    ),
    hostile(
        "stop_parent",
        """
import os
try:
    os.kill(os.getppid(), 19)
    print('PWNED')
except OSError:
    pass
""",
    ),
    # To kill one's own group is to kill oneself, at best.
    hostile(
        "kill_group",
        """
import os
try:
    os.killpg(0, 9)
except OSError:
    pass
""",
        "AC AC WA|RE|SV",
    ),
    hostile(
        "kill_pid_1",
        """
import os
try:
    os.kill(1, 0)
    print('PWNED')
except OSError:
    pass
""",
    ),
    # Signal 0 reaches whom signal 9 would, and hurts nobody.
    hostile(
        "kill_host",
        """
import os
try:
    os.kill(@HOST@, 0)
    print('PWNED')
except OSError:
    pass
""",
    ),
    hostile(
        "kill_parent_through_a_queue",
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if libc.sigqueue(os.getppid(), 9, ctypes.c_void_p(0)) == 0:
    print("PWNED", flush=True)
""",
    ),
    hostile(
        "kill_parent_through_a_descriptor",
        """
import os, signal
try:
    signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 9)
    print("PWNED", flush=True)
except OSError:
    pass
""",
        "AC AC WA|SV",
    ),
    # Whoever owns a descriptor gets the signal that says it is ready: any signal, if so asked.
    hostile(
        "kill_parent_as_owner_of_a_pipe",
        """
import fcntl, os
try:
    end, other = os.pipe()
    fcntl.fcntl(end, fcntl.F_SETOWN, os.getppid())
    print("PWNED", flush=True)
    fcntl.fcntl(end, 10, 9)  # F_SETSIG
    fcntl.fcntl(end, fcntl.F_SETFL, os.O_ASYNC)
    os.write(other, b"!")
except OSError:
    pass
""",
    ),
    hostile(
        "kill_parent_by_its_limits",
        """
import os, resource
try:
    resource.prlimit(os.getppid(), resource.RLIMIT_CPU, (0, 0))
    print("PWNED", flush=True)
except OSError:
    pass
""",
    ),
    hostile(
        "slow_parent_down",
        """
import os
for slow_down in (
    lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 19),
    lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
    lambda: os.sched_setscheduler(os.getppid(), os.SCHED_IDLE, os.sched_param(0)),
):
    try:
        slow_down()
        print("PWNED", flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "pin_parent_to_one_core",
        """
import os
try:
    os.sched_setaffinity(os.getppid(), {min(os.sched_getaffinity(0))})
    print("PWNED", flush=True)
except OSError:
    pass
""",
    ),
    hostile(
        "run_before_all_others",
        """
import os
for hurry in (
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
):
    try:
        hurry()
        print("PWNED", flush=True)
    except OSError:
        pass
""",
    ),
    hostile(
        "raise_own_limits",
        """
import resource
endless = (resource.RLIM_INFINITY,) * 2
for kind in resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE:
    try:
        resource.setrlimit(kind, endless)
        print("PWNED", flush=True)
    except (OSError, ValueError):
        pass
""",
    ),
    # Progress and reports travel through some descriptor: junk in all of them must neither prolong nor decide anything.
    hostile(
        "forge_progress",
        """
import os
for file in range(3, 64):
    for junk in b"\\0", b"\\n", b"0 0 0 0", bytes(64), b"\\xff" * 64:
        try:
            os.write(file, junk)
        except OSError:
            pass
""",
    ),
    Program(
        "forge_progress_for_ever",
        "ILE|TLE",
        """
import os, time
while True:
    for file in range(3, 64):
        try:
            os.set_blocking(file, False)
            os.write(file, b"\\0")
        except OSError:
            pass
    time.sleep(0.02)
""",
        limits=WAITING,
    ),
    # One that knows how ends are told may tell its own, but not instead of the kernel.
    Program("forge_a_good_end", "AC RE", HONEST + _FORGED + "if n == 1:\n    forge()\n    os._exit(1)\n"),
    # The first test may be said to be done before it is; the output is right by then, the end is not. Whoever imports
    # `os` in plain words finds nothing to say it in.
    Program(
        "forge_the_first_end",
        "RE",
        HONEST
        + """
import struct
hidden = print.__self__.__dict__["__imp" + "ort__"]("o" + "s")
forged = False
for file in range(3, 64):
    try:
        if hidden.fstat(file).st_size == 0:
            forged |= hidden.pwrite(file, struct.pack("=idd", 0, 0.0, 0.0), 0) > 0
    except OSError:
        pass
if forged:
    hidden.kill(hidden.getpid(), 19)
hidden._exit(1)
""",
    ),
    Program(
        "forge_a_short_time",
        "AC TLE",
        HONEST
        + _FORGED
        + """
import time
began = time.process_time()
while n == 1 and time.process_time() < began + 0.2:
    pass
if n == 1:
    forge()
    os._exit(0)
""",
        limits=WORKING,
    ),
    hostile(
        "forge_a_time_that_is_no_number",
        _FORGED + "if n == 1:\n    forge(float('nan'))\n    os._exit(0)\n",
    ),
    Program(
        "close_everything_and_wait",
        "ILE|RE",
        """
import os, time
os.closerange(0, 64)
time.sleep(60)
""",
        limits=WAITING,
    ),
    hostile("close_everything_but_output", "import os\nos.closerange(2, 64)\n"),
    # Not `WA`: a dump of 20 threads may fill more of standard error than is kept, and still be no crime.
    hostile("dump_all_threads", "import faulthandler\nfaulthandler.dump_traceback(all_threads=True)\n"),
)
