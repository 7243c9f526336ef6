"""What a child of the zygote does: it takes its limits upon itself, compiles one program and runs it.

Standard input, output and error are memory files already. How it runs, on one test or several, is told in `running.py`.
"""

import _signal  # type: ignore[import-not-found]
import atexit
import builtins
import io
import os
import resource
import sys
import time

from . import kernel, seccomp
from .protocol import NOT_SET_UP, PROGRESS
from .rehearsal import SAMPLE, preload
from .running import NAME, ask, fresh_main, may_leave_at_once, restorer, run_alone, run_each

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, TracebackType
    from typing import NoReturn

    Gaps = Sequence[tuple[int, int]]

# A program may put others in their place.
_exit = os._exit
LIMITS = (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC)
# How a program comes to files that it did not open, as it stands in a source.
_FILES = b" os|,os|posix|fcntl|mmap|ctypes|socket|select|process|import_|importlib".split(b"|")
_ROUNDS = 12
_NOTHING = ((1 << 19, 1 << 20),) * 2  # No file has such a number.


def hide_judge(kind: type[BaseException], error: BaseException, trace: "TracebackType | None") -> None:
    """Prints an uncaught exception as one of the program alone."""
    while trace and trace.tb_frame.f_code.co_filename != NAME:
        trace = trace.tb_next
    sys.__excepthook__(kind, error.with_traceback(trace), None)


class Program:
    """Whatever program the source file holds."""

    def __init__(
        self, source: int, progress: int, own_filter: "seccomp.InnerFilter | None", layers: "Sequence[str]"
    ) -> None:
        """Prepares for programs.

        Args:
            source: file with the source; made longer once it is compiled.
            progress: file for what is said after each of several tests.
            own_filter: what each program installs.
            layers: what shuts the zygote in.
        """
        self._source, self.progress_file, self.own_filter = source, progress, own_filter
        # With a process namespace, the zygote's end is its children's.
        self._is_alone, self._may_open = "namespaces" in layers, list(layers) != ["seccomp"]
        self._callbacks = 0

    def progress(self, tests: int) -> int:
        """Returns how many of `tests` tests are said to be done."""
        return min(os.fstat(self.progress_file).st_size // PROGRESS.size, tests)

    def take_progress(self, tests: int) -> bytes:
        """Returns all that was said, which is said no more."""
        said = os.pread(self.progress_file, PROGRESS.size * tests, 0)
        os.ftruncate(self.progress_file, 0)
        return said

    def run(
        self, parent: int, limits: "Sequence[int]", spare: "Gaps", slots: "Sequence[int]", tests: int, asks: bool
    ) -> "NoReturn":
        """Compiles the program and runs it.

        Args:
            parent: the zygote.
            limits: what `LIMITS` are to be.
            spare: what the zygote has open and a program must not have, as ranges of numbers.
            slots: files of standard input and output of each of several tests, but for a first that is run alone.
            tests: how many; with 0 it is only compiled.
            asks: True where the first is run as if it were the only one, and then leave is asked for to run the others.
        """
        try:
            self.enter(parent, limits, spare)
            source = self._source_text()
            if self.own_filter:
                self.own_filter.install()
        except Exception as error:
            end(NOT_SET_UP, error)
        try:
            code = self._compiled(source)
        except Exception as error:
            end(1, error)
        os.close(self._source)
        if b"/dev/std" in source:
            map_standard_streams()
        if tests == 1:
            run_alone(code, source, self._callbacks)
        elif tests:
            self._run_several(code, source, slots, asks)
        _exit(0)

    def rehearse(self, limits: "Sequence[int]") -> None:
        """Does what children do, within the `limits` there are, so that they find it done and have less to write to."""
        # After-fork hooks would touch a hundred pages in every child.
        os.register_at_fork = lambda **_: None
        preload(self._may_open)
        self._callbacks = atexit._ncallbacks()
        sys.argv = [NAME]
        sys.excepthook = hide_judge
        builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]
        del sys.orig_argv[:]
        for _ in range(_ROUNDS):
            os.pwrite(self._source, SAMPLE, 0)
            os.ftruncate(self._source, len(SAMPLE))
            self.enter(os.getppid(), limits, _NOTHING)
            source = self._source_text()
            exec(self._compiled(source), vars(fresh_main()))
            may_leave_at_once(source, self._callbacks)
            sys.stdout.flush()
            sys.stdin.seek(0)
        sys.modules["random"].seed(0)
        for file in 1, self._source:
            os.ftruncate(file, 0)

    def gaps(self, files: "Sequence[int]") -> "Gaps":
        """Returns the ranges of numbers of files that are neither standard streams nor the source nor in `files`."""
        keep = sorted({self._source, *files})
        return [(first + 1, last) for first, last in zip((2, *keep), (*keep, 1 << 20), strict=True)]

    def enter(self, parent: int, limits: "Sequence[int]", spare: "Gaps") -> None:
        """Gives up what the zygote has and a program must not have; the arguments are those of `run`."""
        if not self._is_alone:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, _signal.SIGKILL)
            if os.getppid() != parent:
                _exit(1)
        for first, last in spare:
            os.closerange(first, last)
        for kind, most in zip(LIMITS, limits):  # noqa: B905
            resource.setrlimit(kind, (most, most))
        for stream in 0, 1, 2:
            os.lseek(stream, 0, os.SEEK_SET)
        if self.own_filter:
            self.own_filter.aim(os.getpid())

    def _run_several(self, code: "CodeType", source: bytes, slots: "Sequence[int]", asks: bool) -> None:
        """Runs `code` on each test; the arguments are those of `run`."""
        restore, began = restorer(source), time.perf_counter()
        if asks and any(word in source for word in _FILES):
            # Whoever may look for files must find none but its own.
            for first, last in self.gaps(()):
                os.closerange(first, last)
            run_alone(code, source, self._callbacks)
            _exit(0)
        if asks:
            main = run_alone(code, source, self._callbacks)
            ask(self.progress_file, began)
            vars(main).clear()
        run_each(code, slots, self.progress_file, int(asks), began, restore)

    def _source_text(self) -> bytes:
        return os.pread(self._source, os.lseek(self._source, 0, os.SEEK_END), 0)

    def _compiled(self, source: bytes) -> "CodeType":
        code = compile(source, NAME, "exec", dont_inherit=True)
        # Whoever runs has no way to say that it was never compiled, nor the other way round.
        os.ftruncate(self._source, len(source) + 1)
        return code


def end(exit_code: int, error: Exception) -> "NoReturn":
    """Ends before the program has begun."""
    os.write(2, f"{type(error).__name__}: {error}".encode(errors="replace"))
    _exit(exit_code)


def map_standard_streams() -> None:
    """Lets programs open /dev/stdin and the like where there is no /proc."""
    plain, numbers = io.open, {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}

    def opened(file: "str | int", *arguments: object, **settings: object) -> object:
        number = numbers.get(file) if isinstance(file, str) else None
        return plain(file if number is None else os.dup(number), *arguments, **settings)  # type: ignore[call-overload]

    builtins.open = io.open = opened  # type: ignore[assignment]
