"""The host's end of a runner: one subprocess that holds one program and runs it on input after input.

Inputs and outputs travel through memory files that only this end rewinds; the runner reports how each child ended and
nothing else. This is no sandbox: it contains accidents, and a program that sets out to can read and write what its user
can. It needs Linux.
"""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from .limits import Limits

# All that -I means but deafness to PYTHONHASHSEED, without which the order of a set changes from run to run.
FLAGS = ("-s", "-S", "-P", "-X", "utf8")
# Imported, not run as a script, so that it is compiled once and not at every start.
BOOT = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import runner; del sys.path[0]; runner.main()"
ENVIRONMENT = {"PYTHONHASHSEED": "0"}
START_SECONDS = 30.0
GRACE_SECONDS = 2.0


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


@dataclass(frozen=True, slots=True)
class Runner:
    """A runner at work.

    Attributes:
        process: the runner.
        control: carries a message to it for each test and a report back.
        stdin: memory file: the source at first, then each test's input.
        stdout: memory file.
        stderr: memory file.
        limits: what holds for the program.
    """

    process: subprocess.Popen[bytes]
    control: socket.socket
    stdin: int
    stdout: int
    stderr: int
    limits: Limits

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
        """Lets the runner go; RunnerLost if it was not waiting for that in silence, or leaves company behind."""
        self.control.shutdown(socket.SHUT_WR)
        if self._hear(GRACE_SECONDS) or self.process.wait() != 0:
            raise RunnerLost("the runner did not end as it should")
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
            raise RunnerLost("the program left processes behind")

    def kill(self) -> int:
        """Ends the runner and its process group, whatever the program left there; returns the runner's exit code."""
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def _report(self, patience_seconds: float) -> Report:
        try:
            status, cpu, wall, overdue = self._hear(patience_seconds).split()
            code = os.waitstatus_to_exitcode(int(status))
            returned, killed_by = (code, None) if code >= 0 else (None, -code)
            return Report(returned, killed_by, float(cpu), float(wall), overdue == b"1")
        except ValueError:
            raise RunnerLost("the runner ended") from None

    def _hear(self, patience_seconds: float) -> bytes:
        self.control.settimeout(patience_seconds)
        try:
            return self.control.recv(256)
        except OSError as error:
            raise RunnerLost(f"the runner fell silent: {error}") from error


@contextmanager
def started(python: str, source: bytes, limits: Limits) -> Iterator[Runner]:
    """Runs a runner in a folder of its own; on leaving, neither folder nor process is left.

    Args:
        python: path of the interpreter.
        source: the program.
        limits: what it may use.

    Raises:
        OSError: if the machine refuses a file, a folder or a process.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="alphakata-", ignore_cleanup_errors=True))
        stdin, stdout, stderr = files = [os.memfd_create(name) for name in ("stdin", "stdout", "stderr")]
        for file in files:
            stack.callback(os.close, file)
        os.pwrite(stdin, source, 0)
        control, runners_end = map(stack.enter_context, socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        arguments = (
            runners_end.fileno(),
            limits.cpu_seconds,
            limits.patience_seconds,
            limits.memory_bytes,
            limits.output_bytes,
            limits.threads,
        )
        # Without preexec_fn this is a vfork, which does not copy the page tables of a process grown large.
        process = subprocess.Popen(
            [python, *FLAGS, "-c", BOOT, *map(str, arguments)],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=folder,
            env=ENVIRONMENT,
            pass_fds=(runners_end.fileno(),),
            start_new_session=True,
        )
        runner = Runner(process, control, stdin, stdout, stderr, limits)
        stack.callback(runner.kill)
        runners_end.close()
        yield runner
