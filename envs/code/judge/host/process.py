"""A zygote as its host sees it: started once, and handed program after program.

Sources, inputs and outputs travel in memory files that are made with the zygote and used again for every program. No
program can write to an input, and none is left when an output is read. Reports are the kernel's word on how a child
ended. It needs Linux.
"""

import os
import select
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Literal

from ..inside.protocol import ASKS, END, FILES, GO_ON, NO_FORK, NOT_SET_UP, READY, REPORT, REQUEST, SAMPLE_INPUT
from ..limits import Limits
from .boot import ENVIRONMENT, boot
from .machine import kills_for_memory
from .runs import Child, Run, endings_of

Language = Literal["python3", "cpp"]
"""What programs are written in, in the words of CodeContests."""

# All that -I means but deafness to PYTHONHASHSEED, without which the order of a set changes from run to run.
FLAGS = ("-s", "-S", "-P", "-X", "utf8")
START_SECONDS = 30.0
GRACE_SECONDS = 10.0
FAREWELL_SECONDS = 0.5
MOST_TOGETHER = 24
"""Tests that one child runs at most, so that few files stay open."""


class ZygoteFailed(Exception):
    """The judge's own side failed, so nothing is known of the program."""


class StartFailed(ZygoteFailed):
    """A zygote did not come to serve."""


class Zygote:
    """An interpreter that no program runs in; it forks one child for each program or group of tests.

    Attributes:
        programs: programs loaded so far.
    """

    def __init__(self, python: str, layers: Sequence[str], language: Language = "python3") -> None:
        """Starts the interpreter at the path `python`, shut in by `layers`, for programs in `language`.

        Raises:
            StartFailed: if it does not come to serve.
            OSError: if the machine refuses a process or a file.
        """
        self.programs = 0
        self._source_bytes = 0
        self._inputs: list[int] = []
        self._outputs: list[int] = []
        self._given: list[bytes] = []
        self._hangup = select.poll()
        self._kills = kills_for_memory()
        with ExitStack() as stack:
            self._control, far = _sockets(stack)
            self._source, self._progress, self._stderr = (_memory_file(stack) for _ in range(3))
            self._folder = None if "namespaces" in layers else stack.enter_context(_folder())
            self._is_open = not layers
            self._stack = stack
            stdin, stdout = self._add_slot()
            started = stack.enter_context(ExitStack())
            started.callback(os.close, stdin)
            self._give(0, SAMPLE_INPUT)
            numbers = far.fileno(), self._source, self._progress
            settings = ",".join(layers), self._folder or "/", language
            # Without preexec_fn this is a vfork, which does not copy the page tables of a process grown large.
            self._process = subprocess.Popen(
                [python, *FLAGS, "-c", boot("zygote.main"), *map(str, numbers), *settings],
                stdin=stdin,
                stdout=stdout,
                stderr=self._stderr,
                cwd="/",
                env=ENVIRONMENT,
                pass_fds=numbers,
                start_new_session=True,
            )
            stack.callback(self._end)
            started.close()
            far.close()
            self._hangup.register(self._control, 0)
            if self._hear(START_SECONDS, StartFailed) != READY:
                raise StartFailed("it did not say that it was ready")
            self._stack = stack.pop_all()

    @property
    def is_alive(self) -> bool:
        """Whether it still listens, as far as the kernel knows."""
        return not self._hangup.poll(0)

    def load(self, source: bytes) -> None:
        """Takes the program that the next runs are of: a source in Python, an executable in C++."""
        self.programs += 1
        self._source_bytes = len(source)
        self._write(self._source, source)

    def run(self, inputs: Sequence[bytes], limits: Limits, goes_on: Callable[[Run], bool] | None = None) -> Child:
        """Runs the program in one child on one input after the other; with none, only compiles it.

        Args:
            inputs: of each test.
            limits: what it may use in each.
            goes_on: is asked, of several tests, whether the first ended so that the others shall follow. It is run as
                if it were the only one, and is, where nobody knows whether a program has ended before its process has.
                Where this is None, all are run, the first as those that follow.

        Raises:
            ZygoteFailed: if the zygote died, fell silent or cannot fork.
        """
        os.truncate(self._source, self._source_bytes)
        asks = goes_on is not None and len(inputs) > 1
        first = 0 if len(inputs) < 2 or asks else 1
        for place, given in enumerate(inputs, first):
            self._give(place, given)
        times = limits.cpu_seconds, limits.patience_seconds
        # The file of the source grows by a byte once it is compiled, and the limit is on every file.
        sizes = limits.memory_bytes, max(limits.output_bytes, self._source_bytes), limits.threads
        self._tell(REQUEST.pack(*times, *sizes, len(inputs), asks))
        patience = max(1, len(inputs)) * limits.patience_seconds + GRACE_SECONDS
        report = self._hear(patience)
        status, cpu_seconds, wall_seconds, *_ = REPORT.unpack_from(report)
        if status != ASKS or goes_on is None:
            return self._child(report, len(inputs), first, limits)
        alone = Run(0, None, cpu_seconds, wall_seconds, False, *self._taken(0, limits.output_bytes))
        follows = goes_on(alone)
        self._tell(GO_ON if follows else END)
        child = self._child(self._hear(patience), len(inputs), first, limits)
        return replace(child, runs=(alone, *(child.runs[1:] if follows else ())))

    def _child(self, report: bytes, tests: int, first: int, limits: Limits) -> Child:
        """Returns what the last report on a child says, and takes what it wrote from the files from `first` on."""
        status, cpu_seconds, wall_seconds, peak, page_faults, overdue = REPORT.unpack_from(report)
        if status == NO_FORK:
            raise ZygoteFailed("the zygote cannot fork; is the machine out of memory or processes?")
        code = os.waitstatus_to_exitcode(status)
        compiled = os.fstat(self._source).st_size > self._source_bytes
        if code == NOT_SET_UP and not compiled:
            raise ZygoteFailed(f"a child could not be set up: {self._said(4096)}")
        if code == -signal.SIGKILL and kills_for_memory() != self._kills:
            raise ZygoteFailed("the machine killed a process for want of memory while a program ran")
        endings = endings_of(report[REPORT.size :], tests, (code, cpu_seconds, wall_seconds))
        runs = tuple(
            Run(*ending, bool(overdue) and ending is endings[-1], *self._taken(place, limits.output_bytes))
            for place, ending in enumerate(endings, first)
        )
        # Nor may what was written for tests that it did not come to be found by the next program.
        for place in range(first + len(runs), first + tests):
            self._taken(place, 0)
        if self._is_open:
            self._tidy()
        ended_well = code == 0 and len(runs) == tests
        stderr = self._said(limits.stderr_bytes)
        return Child(runs, cpu_seconds, wall_seconds, peak << 10, page_faults, compiled, ended_well, stderr)

    def close(self) -> None:
        """Ends the interpreter and whatever it runs."""
        self._stack.close()

    def kill(self) -> None:
        """Kills the interpreter and so what it runs; whoever waits for it hears that, and closes it."""
        self._process.kill()

    def memory_bytes(self) -> int:
        """Returns what it holds of the machine's memory; 0 where it has ended."""
        with suppress(OSError), open(f"/proc/{self._process.pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return 0

    def _add_slot(self) -> tuple[int, int]:
        """Makes the files of one more test and returns them as a program may have them."""
        given, written = _memory_file(self._stack), _memory_file(self._stack)
        # Not to be opened for writing either, by who finds its name.
        os.fchmod(given, 0o400)
        self._inputs.append(given)
        self._outputs.append(written)
        self._given.append(b"")
        return os.open(f"/proc/self/fd/{given}", os.O_RDONLY | os.O_CLOEXEC), written

    def _give(self, place: int, given: bytes) -> None:
        """Makes `given` the input at `place`, which it often is already, from the program before."""
        while place >= len(self._given):
            slot = self._add_slot()
            try:
                socket.send_fds(self._control, [REQUEST.pack(0, 0, 0, 0, 0, FILES, False)], slot)
            except OSError as error:
                raise ZygoteFailed(f"the zygote hung up: {error}") from error
            finally:
                os.close(slot[0])
        if self._given[place] != given:
            self._write(self._inputs[place], given)
            self._given[place] = given

    def _taken(self, place: int, limit: int) -> tuple[bytes, int]:
        """Empties an output and returns what it held, as far as the limit, and how much."""
        file = self._outputs[place]
        if not (written := os.fstat(file).st_size):
            return b"", 0
        output = os.pread(file, min(written, limit), 0)
        os.truncate(file, 0)
        return output, written

    def _said(self, limit: int) -> str:
        """Empties standard error and returns its beginning."""
        if not (written := os.fstat(self._stderr).st_size):
            return ""
        text = os.pread(self._stderr, min(written, limit), 0)
        os.truncate(self._stderr, 0)
        return text.decode(errors="replace")

    def _tell(self, message: bytes) -> None:
        try:
            self._control.send(message)
        except OSError as error:
            raise ZygoteFailed(f"the zygote hung up: {error}") from error

    def _hear(self, patience_seconds: float, failure: type[ZygoteFailed] = ZygoteFailed) -> bytes:
        """Returns the zygote's next message; raises `failure`, with the zygote's last words, if it has none."""
        try:
            self._control.settimeout(patience_seconds)
            if message := self._control.recv(4096):
                return message
            reason = "it hung up"
        except OSError as error:
            reason = str(error)
        words = self._said(4096).strip().rpartition("\n")[2]
        raise failure(f"the zygote fell silent: {words or reason}")

    def _tidy(self) -> None:
        """Empties the folder that programs may write to."""
        assert self._folder is not None
        for entry in os.scandir(self._folder):
            with suppress(OSError):
                rmtree(entry) if entry.is_dir(follow_symlinks=False) else os.remove(entry)

    def _end(self) -> None:
        """Lets the interpreter go, or makes it go."""
        self._control.close()
        try:
            self._process.wait(FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    @staticmethod
    def _write(file: int, data: bytes) -> None:
        os.truncate(file, len(data))
        os.pwrite(file, data, 0)


def _folder() -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix="alphakata-", ignore_cleanup_errors=True)


def _memory_file(stack: ExitStack) -> int:
    file = os.memfd_create("judge")
    stack.callback(os.close, file)
    return file


def _sockets(stack: ExitStack) -> tuple[socket.socket, socket.socket]:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return stack.enter_context(near), stack.enter_context(far)
