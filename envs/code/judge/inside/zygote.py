"""The process that every program is forked from: it shuts itself in, then serves, and no program runs in it.

`host/process.py` starts it once for many programs. It has no threads, sees no byte of a program, an input or an output,
for these stay in memory files that it hands on, and knows no expected output. For each message on its socket it forks a
child, which runs the program on one test or on several (`program.py`), waits for it, kills what it left behind, and
reports how it ended; a child that stops after its first test goes on, or is ended, as the host says.

Arguments: the numbers of the socket, of the file with the source and of the one for progress; the layers that shut it
in, joined by commas; an empty folder; the language of the programs.
"""

# A fork costs what its process has in memory, so this imports no more than it must.
import _signal  # type: ignore[import-not-found]
import _socket
import _thread
import gc
import os
import resource
import sys
import time
from contextlib import suppress

from . import kernel, landlock, namespaces, seccomp
from .native import Native
from .program import LIMITS, Program
from .protocol import ASKS, FILES, FILES_A_MESSAGE, GO_ON, NO_FORK, READY, REPORT, REQUEST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_FILES = 128
_STACK_BYTES, _THREAD_STACK_BYTES = 64 << 20, 8 << 20
# More than its limit, so that the host sees by how much a program exceeds it.
_SLACK, _SLACK_SECONDS = 1.1, 0.05
_SHORTEST_WAIT_SECONDS = 0.002


def main() -> None:
    """Shuts itself in and serves until the host hangs up."""
    control, source, progress = map(int, sys.argv[1:4])
    layers, folder, language = sys.argv[4].split(","), sys.argv[5], sys.argv[6]
    host = _socket.socket(fileno=control)
    # What limits on tasks are compared with, unless they are counted anew in a namespace.
    tasks = os.open("/proc/loadavg", os.O_RDONLY | os.O_CLOEXEC)
    clear = leave_nothing_to_clear
    if "namespaces" in layers:
        tasks, clear, folder = -1 if enter_namespaces() else tasks, clear_world, namespaces.EMPTY_FOLDER
    else:
        if layers:
            # With root's, a program would write to its inputs, which the next program reads.
            kernel.drop_capabilities()
        if "seccomp" not in layers:
            kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
            clear = children_cleared()
    os.chdir(folder)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if "landlock" in layers:
        landlock.restrict([*namespaces.visible(), folder], namespaces.DEVICES)
    settle()
    program: Program | Native
    if language == "cpp":
        program = Native(source, layers)
    else:
        program = Program(source, progress, seccomp.InnerFilter() if "seccomp" in layers else None, layers)
        program.rehearse([resource.getrlimit(kind)[1] for kind in LIMITS])
    if "seccomp" in layers:
        seccomp.install_outer(layers != ["seccomp"], "cpp" if language == "cpp" else "python3")
    host.send(READY)
    Zygote(host, program, clear, tasks).serve()


def enter_namespaces() -> bool:
    """Goes on as the first process of a new world; returns True where its tasks are counted anew.

    What was started stays outside, waits and ends as it does.
    """
    namespaces.enter()
    namespaces.build_root("/tmp", namespaces.visible())
    if child := os.fork():
        os.closerange(0, _MOST_FILES)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    counted_anew = namespaces.drop_user()
    # After the change of user, which would undo it.
    kernel.prctl(kernel.PR_SET_PDEATHSIG, _signal.SIGKILL)
    return counted_anew


def settle() -> None:
    """Sets what is the same for all programs."""
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    # Waited for, not handled.
    _signal.pthread_sigmask(_signal.SIG_BLOCK, (_signal.SIGCHLD,))
    for kind, most in (resource.RLIMIT_NOFILE, _MOST_FILES), (resource.RLIMIT_CORE, 0):
        resource.setrlimit(kind, (most, most))
    _, hard = resource.getrlimit(resource.RLIMIT_STACK)
    resource.setrlimit(resource.RLIMIT_STACK, (_STACK_BYTES if hard < 0 else min(hard, _STACK_BYTES), hard))
    # The usual one follows the limit that the host was started with, and is taken from the program's memory.
    _thread.stack_size(_THREAD_STACK_BYTES)


def clear_world() -> None:
    """Ends every process of the namespace but this, its first."""
    if kernel.kill_others():
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)


def children_cleared() -> "Callable[[], None]":
    """Returns what ends the processes that a program left behind: they become this one's children, and then theirs."""
    children = os.open(f"/proc/self/task/{os.getpid()}/children", os.O_RDONLY | os.O_CLOEXEC)

    def clear() -> None:
        while strays := os.pread(children, 4096, 0).split():
            for stray in map(int, strays):
                os.kill(stray, _signal.SIGKILL)
                os.waitpid(stray, 0)

    return clear


def leave_nothing_to_clear() -> None:
    """Does nothing, where programs cannot fork."""


class Zygote:
    """Serves one host."""

    def __init__(
        self, host: _socket.socket, program: "Program | Native", clear: "Callable[[], None]", tasks: int
    ) -> None:
        """Serves on `host`.

        Args:
            host: the socket.
            program: what a child does.
            clear: ends what a program left behind.
            tasks: /proc/loadavg, open, where limits on tasks count all of the machine's; or -1.
        """
        self._host, self._program, self._clear, self._tasks = host, program, clear, tasks
        _, most = resource.getrlimit(resource.RLIMIT_NPROC)
        self._most_tasks = most if most >= 0 else sys.maxsize
        self._slots: list[int] = []
        self._gaps = program.gaps(())

    def serve(self) -> None:
        """Answers every message; in each child, runs the program instead and does not return."""
        for name in [name for name in sys.modules if name.partition(".")[0] == __name__.partition(".")[0]]:
            del sys.modules[name]
        gc.collect()
        gc.freeze()
        while True:
            message, rights, _, _ = self._host.recvmsg(REQUEST.size, _socket.CMSG_SPACE(FILES_A_MESSAGE * 4))
            if not message:
                return
            cpu, wall, memory, output, threads, tests, asks = REQUEST.unpack(message)
            if tests == FILES:
                self._slots += memoryview(rights[0][2]).cast("i")
            else:
                limits = memory, output + 1, min(threads + 1 + self._other_tasks(), self._most_tasks)
                self._host.send(self._run(cpu, wall, limits, tests, asks))

    def _other_tasks(self) -> int:
        """Returns how many tasks count towards a program's limit beside its own."""
        if self._tasks < 0:
            return 1
        return int(os.pread(self._tasks, 256, 0).split()[3].partition(b"/")[2])

    def _run(self, cpu: float, wall: float, limits: "tuple[int, int, int]", tests: int, asks: bool) -> bytes:
        """Returns the report on a new child."""
        slots = self._slots[: 2 * (tests - asks)] if tests > 1 else ()
        spare = self._program.gaps((self._program.progress_file, *slots)) if slots else self._gaps
        began, parent = time.perf_counter(), os.getpid()
        try:
            child = kernel.fork()
        except OSError:
            return REPORT.pack(NO_FORK, 0.0, 0.0, 0, 0, 0)
        if not child:
            self._host.detach()
            self._program.run(parent, limits, spare, slots, tests, asks)
        overdue, status, usage = self._wait(child, cpu, wall, tests, asks)
        report = packed(status, usage, time.perf_counter() - began, overdue)
        self._clear()
        return report + self._program.take_progress(tests) if tests > 1 else report

    def _wait(
        self, child: int, cpu: float, wall: float, tests: int, asks: bool
    ) -> "tuple[bool, int, resource.struct_rusage]":
        """Returns whether `child` had to be ended by the clock, its wait status and what it used."""
        finished, cpu_before, wall_before = 0, 0.0, time.perf_counter()
        most = _SLACK * cpu + _SLACK_SECONDS
        patience = min(most, wall)
        while True:
            _signal.sigtimedwait((_signal.SIGCHLD,), max(patience, _SHORTEST_WAIT_SECONDS))
            ended, status, usage = os.wait4(child, os.WNOHANG | os.WUNTRACED if asks else os.WNOHANG)
            if ended and not os.WIFSTOPPED(status):
                return False, status, usage
            # The CPU clock of another process, numbered as clock_getcpuclockid does it.
            used, now = time.clock_gettime(~child << 3 | 2), time.perf_counter()
            if ended and self._program.progress(tests):
                asks = False
                self._ask(child, packed(ASKS, usage, now - wall_before, False))
                finished, cpu_before, wall_before = 1, used, (now := time.perf_counter())
            elif tests > 1 and (done := self._program.progress(tests)) > finished:
                # A program can lie about it, and then gains no more than the time of its own tests.
                finished, cpu_before, wall_before = done, used, now
            if used - cpu_before >= most or now - wall_before >= wall:
                os.kill(child, _signal.SIGKILL)
                return used - cpu_before < most, *os.wait4(child, 0)[1:]
            patience = min(most - (used - cpu_before), wall - (now - wall_before))

    def _ask(self, child: int, report: bytes) -> None:
        """Has the host decide whether `child`, which is stopped, shall go on."""
        self._host.send(report)
        os.kill(child, _signal.SIGCONT if self._host.recv(len(GO_ON)) == GO_ON else _signal.SIGKILL)


def packed(status: int, usage: "resource.struct_rusage", wall_seconds: float, overdue: bool) -> bytes:
    """Returns a report."""
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return REPORT.pack(status, cpu_seconds, wall_seconds, usage.ru_maxrss, usage.ru_minflt, overdue)
