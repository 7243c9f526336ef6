"""The host's end of the judge's processes: servers, started once, and the runners they fork, one a program.

Inputs and outputs travel through memory files that only this end rewinds; a runner reports how each child ended and
nothing else. This is no sandbox: it contains accidents, and a program that sets out to can read and write what its user
can, the server it was forked from included. It needs Linux.
"""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .limits import Limits

# All that -I means but deafness to PYTHONHASHSEED, without which the order of a set changes from run to run.
FLAGS = ("-s", "-S", "-P", "-X", "utf8")
# Imported, not run as a script, so that it is compiled once and not at every start.
BOOT = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import server; del sys.path[0]; server.main()"
ENVIRONMENT = {"PYTHONHASHSEED": "0"}
START_SECONDS = 30.0
GRACE_SECONDS = 5.0


class RunnerFailed(Exception):
    """The judge's own side failed, so nothing is known of the program."""


class ServerLost(RunnerFailed):
    """The server did not outlive the program, which may be the program's doing."""


class RunnerLost(Exception):
    """The runner died, fell silent or did not end as it should."""


@dataclass(frozen=True, slots=True)
class Report:
    """How the compilation or a test ended.

    Attributes:
        exit_code: what was returned; None where a signal ended it.
        signal: what ended it, or None.
        cpu_seconds: user and system time.
        wall_seconds: by the clock.
        overdue: True where the wall limit was reached.
    """

    exit_code: int | None
    signal: int | None
    cpu_seconds: float
    wall_seconds: float
    overdue: bool


class Server:
    """An interpreter that no program runs in; it forks a runner for one program after the other.

    Attributes:
        programs: runners asked for so far.
    """

    def __init__(self, python: str) -> None:
        """Starts the interpreter at the path `python`; OSError if the machine refuses."""
        self.programs = 0
        with ExitStack() as stack:
            self._control, servers_end = _sockets(stack)
            # Standard streams that can seek, as those of its forks can, and the place of its last words.
            self._file = _memory_file(stack)
            # Without preexec_fn this is a vfork, which does not copy the page tables of a process grown large.
            self._process = subprocess.Popen(
                [python, *FLAGS, "-c", BOOT, str(servers_end.fileno())],
                stdin=self._file,
                stdout=self._file,
                stderr=self._file,
                cwd="/",
                env=ENVIRONMENT,
                pass_fds=(servers_end.fileno(),),
                start_new_session=True,
            )
            servers_end.close()
            self._stack = stack.pop_all()

    def fork(self, limits: Limits, files: Sequence[int]) -> int:
        """Forks a runner and returns its process number, which stays its own until `reap`.

        Args:
            limits: what its program may use.
            files: its socket, standard input, output and error, and folder.

        Raises:
            RunnerFailed: if the server died or cannot fork.
        """
        self.programs += 1
        times = f"{limits.cpu_seconds} {limits.patience_seconds}"
        sizes = f"{limits.memory_bytes} {limits.output_bytes} {limits.threads}"
        try:
            socket.send_fds(self._control, [f"{times} {sizes}".encode()], files)
            return int(_hear(self._control, START_SECONDS))
        except (OSError, ValueError) as error:
            raise RunnerFailed(text_of(self._file, 1000) or f"the server fell silent: {error}") from error

    def reap(self) -> int:
        """Returns the exit code of the latest runner, which has ended; ServerLost if the server has too."""
        try:
            self._control.send(b"\n")
            return os.waitstatus_to_exitcode(int(_hear(self._control, GRACE_SECONDS)))
        except (OSError, ValueError) as error:
            raise ServerLost(text_of(self._file, 1000) or f"the server fell silent: {error}") from error

    def close(self) -> None:
        """Ends the interpreter."""
        with self._stack:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@dataclass(slots=True)
class Runner:
    """A process that holds one program and runs it on input after input.

    Attributes:
        server: what forked it.
        process: its number and that of its session and process group.
        control: carries a message to it for each test and a report back.
        stdin: memory file: the source at first, then each test's input.
        stdout: memory file.
        stderr: memory file.
        limits: what holds for the program.
        exit_code: what it returned, once it has been reaped.
    """

    server: Server
    process: int
    control: socket.socket
    stdin: int
    stdout: int
    stderr: int
    limits: Limits
    exit_code: int | None = None

    def compiled(self) -> Report:
        """Returns how the compilation ended; RunnerLost if the runner did not come so far."""
        return self._report(START_SECONDS)

    def test(self, given: bytes) -> Report:
        """Returns how the program ended on the input `given`; RunnerLost if it took the runner with it."""
        for file in (self.stdin, self.stdout, self.stderr):
            os.ftruncate(file, 0)
            os.lseek(file, 0, os.SEEK_SET)
        os.pwrite(self.stdin, given, 0)
        with suppress(BrokenPipeError):
            self.control.send(b"\n")
        return self._report(self.limits.patience_seconds + GRACE_SECONDS)

    def dismiss(self) -> None:
        """Lets the runner go.

        Raises:
            RunnerLost: if it was not waiting for that in silence, or leaves company behind.
            ServerLost: if the server is gone.
        """
        self.control.shutdown(socket.SHUT_WR)
        if self._hear(GRACE_SECONDS) or self._reaped() != 0:
            raise RunnerLost("the runner did not end as it should")
        with suppress(ProcessLookupError):
            os.killpg(self.process, signal.SIGKILL)
            raise RunnerLost("the program left processes behind")

    def kill(self) -> int:
        """Ends the runner and its process group and returns its exit code; ServerLost if the server is gone."""
        with suppress(ProcessLookupError):
            os.killpg(self.process, signal.SIGKILL)
        return self._reaped() if self.exit_code is None else self.exit_code

    def _reaped(self) -> int:
        # Asked once, though the server may not live to answer.
        self.exit_code = -signal.SIGKILL
        self.exit_code = self.server.reap()
        return self.exit_code

    def _report(self, patience_seconds: float) -> Report:
        try:
            status, cpu, wall, overdue = self._hear(patience_seconds).split()
            code = os.waitstatus_to_exitcode(int(status))
            returned, killed_by = (code, None) if code >= 0 else (None, -code)
            return Report(returned, killed_by, float(cpu), float(wall), overdue == b"1")
        except ValueError:
            raise RunnerLost("the runner ended") from None

    def _hear(self, patience_seconds: float) -> bytes:
        try:
            return _hear(self.control, patience_seconds)
        except OSError as error:
            raise RunnerLost(f"the runner fell silent: {error}") from error


@contextmanager
def started(server: Server, source: bytes, limits: Limits) -> Iterator[Runner]:
    """Runs a runner in a folder of its own; on leaving, neither folder nor process is left.

    Args:
        server: what forks it.
        source: the program.
        limits: what it may use.

    Raises:
        RunnerFailed: if the server died, be it later, or cannot fork.
        OSError: if the machine refuses a file or a folder.
    """
    with ExitStack() as stack:
        path = stack.enter_context(TemporaryDirectory(prefix="alphakata-", ignore_cleanup_errors=True))
        folder = os.open(path, os.O_PATH)
        stack.callback(os.close, folder)
        stdin, stdout, stderr = (_memory_file(stack) for _ in range(3))
        os.pwrite(stdin, source, 0)
        control, runners_end = _sockets(stack)
        process = server.fork(limits, (runners_end.fileno(), stdin, stdout, stderr, folder))
        runner = Runner(server, process, control, stdin, stdout, stderr, limits)
        stack.callback(runner.kill)
        runners_end.close()
        yield runner


def text_of(file: int, size: int) -> str:
    """Returns the first `size` bytes of a memory file as text."""
    return os.pread(file, min(size, os.fstat(file).st_size), 0).decode(errors="replace")


def _memory_file(stack: ExitStack) -> int:
    file = os.memfd_create("judge")
    stack.callback(os.close, file)
    return file


def _sockets(stack: ExitStack) -> tuple[socket.socket, socket.socket]:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return stack.enter_context(near), stack.enter_context(far)


def _hear(control: socket.socket, patience_seconds: float) -> bytes:
    control.settimeout(patience_seconds)
    return control.recv(256)
