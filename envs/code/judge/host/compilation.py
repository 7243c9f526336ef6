"""The host's end of one compilation: starts what shuts a compiler in, waits, takes what it made."""

import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from math import ceil
from shutil import disk_usage
from tempfile import TemporaryDirectory

from ..inside.protocol import NOT_STARTED, REPORT
from .boot import ENVIRONMENT, boot
from .machine import kills_for_memory
from .process import FAREWELL_SECONDS, ZygoteFailed

COMPLAINT_BYTES = 64 << 10
# A compiler does not wait, so whoever reaches this is kept from the processor; by the clock, for each CPU second.
_PATIENCE, _LEAST_PATIENCE_SECONDS = 10.0, 60.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to run.

    Attributes:
        command: the compiler and its arguments, but for the source and where to put what it makes.
        visible: folders and files that it may read and execute.
        cpu_seconds: what it may take, and any program that it calls; whole seconds count.
        memory_bytes: address space of each of them.
        made_bytes: the most that it may make.
    """

    command: tuple[str, ...]
    visible: tuple[str, ...]
    cpu_seconds: float
    memory_bytes: int
    made_bytes: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """What came of a source.

    Attributes:
        program: what was made; empty where it is none.
        complaint: what the compiler said.
        cpu_seconds: its time.
    """

    program: bytes
    complaint: str
    cpu_seconds: float


class Running:
    """The compilers that run now; another thread may end them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._is_abandoned = False

    @contextmanager
    def until_done(self, process: "subprocess.Popen[bytes]") -> Iterator[None]:
        """Sees to it that nothing is left of the session of `process` after the block."""
        with self._lock:
            self._processes.add(process)
            if self._is_abandoned:
                _kill(process)
        try:
            yield
        finally:
            with self._lock:
                self._processes.remove(process)
            _end(process)

    def abandon(self) -> None:
        """Ends what runs, and whatever would begin later."""
        with self._lock:
            self._is_abandoned = True
            for process in self._processes:
                _kill(process)


def carry_out(python: str, layers: Sequence[str], order: Order, source: bytes, running: Running) -> Compiled:
    """Returns what came of an order.

    Raises:
        ZygoteFailed: if nothing is known of the source, because the compiler was not started, hardly came to run, or
            was killed, by the machine or by who abandoned it.
        OSError: if the machine refuses a process or a file.
    """
    kills = kills_for_memory()
    with ExitStack() as stack:
        given, said, made = (_memory_file(stack, name) for name in ("source", "said", "made"))
        os.pwrite(given, source, 0)
        near, far = (stack.enter_context(end) for end in socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        folder = stack.enter_context(TemporaryDirectory(prefix="alphakata-", ignore_cleanup_errors=True))
        text = json.dumps(
            asdict(order)
            | {"cpu_seconds": ceil(order.cpu_seconds), "layers": [*layers], "folder": folder}
            | {"report": far.fileno(), "made": made}
        )
        process = subprocess.Popen(
            [python, "-I", "-S", "-X", "utf8", "-c", boot("compiling.main"), text],
            stdin=given,
            stdout=subprocess.DEVNULL,
            stderr=said,
            cwd="/",
            env=ENVIRONMENT,
            pass_fds=(far.fileno(), made),
            start_new_session=True,
        )
        stack.enter_context(running.until_done(process))
        far.close()
        report = _reported(near, max(_LEAST_PATIENCE_SECONDS, _PATIENCE * order.cpu_seconds))
        complaint = os.pread(said, COMPLAINT_BYTES, 0).decode(errors="replace")
        if not report:
            raise ZygoteFailed(f"the compiler could not be shut in: {complaint.strip()[-500:]}")
        status, cpu_seconds, *_ = REPORT.unpack(report)
        if os.waitstatus_to_exitcode(status) == NOT_STARTED:
            raise ZygoteFailed(f"the compiler could not be started: {complaint.strip()[-500:]}")
        if status and "namespaces" not in layers and disk_usage(folder).free < order.made_bytes:
            raise ZygoteFailed(f"{folder} has too little room for a compiler; free some, or set TMPDIR")
        if status and kills_for_memory() != kills:
            raise ZygoteFailed("the machine killed a process for want of memory while the compiler ran")
        program = os.pread(made, os.fstat(made).st_size, 0) if status == 0 else b""
        return Compiled(program, complaint or "the compiler made nothing", cpu_seconds)


def _reported(control: socket.socket, patience_seconds: float) -> bytes:
    control.settimeout(patience_seconds)
    try:
        return control.recv(REPORT.size)
    except TimeoutError:
        raise ZygoteFailed(
            f"the compiler was kept from the processor for most of {patience_seconds:.0f} seconds"
        ) from None


def _memory_file(stack: ExitStack, name: str) -> int:
    file = os.memfd_create(name)
    stack.callback(os.close, file)
    return file


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends what is left, all of it in one session."""
    try:
        process.wait(FAREWELL_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(process)
        process.wait()


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
