"""What a child of the zygote does: it takes its limits upon itself, compiles one program and runs it.

Standard input, output and error are memory files already. A program on one test ends as any Python program does. On
several it runs once for each, with a `__main__`, streams and random numbers of its own, and says after each in a file
how far it is; what it says there can hasten its own failure, and nothing else. Where the first of them is run as if it
were the only one, the child stops after it: whether that went right, only the host knows.
"""

import _signal  # type: ignore[import-not-found]
import _thread
import atexit
import builtins
import gc
import io
import os
import resource
import sys
import time

from . import kernel, seccomp
from .protocol import NOT_SET_UP, PROGRESS
from .rehearsal import SAMPLE, preload

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, TracebackType
    from typing import NoReturn

    Gaps = Sequence[tuple[int, int]]

# A program may put others in their place.
_exit = os._exit
LIMITS = (resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC)
_NAME = "main.py"
# What may do something when the interpreter is taken apart, as it stands in a source.
_LAST_WORDS = (b"__del__", b"open", b" io", b",io")
_ROUNDS = 12
_NOTHING = ((1 << 19, 1 << 20),) * 2  # No file has such a number.


def hide_judge(kind: type[BaseException], error: BaseException, trace: "TracebackType | None") -> None:
    """Prints an uncaught exception as one of the program alone."""
    while trace and trace.tb_frame.f_code.co_filename != _NAME:
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
        sys.argv = [_NAME]
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
        if asks:
            main = run_alone(code, source, self._callbacks)
            ask(self.progress_file, began)
            vars(main).clear()
        run_each(code, slots, self.progress_file, int(asks), began, restore)

    def _source_text(self) -> bytes:
        return os.pread(self._source, os.lseek(self._source, 0, os.SEEK_END), 0)

    def _compiled(self, source: bytes) -> "CodeType":
        code = compile(source, _NAME, "exec", dont_inherit=True)
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


def run_alone(code: "CodeType", source: bytes, usual_callbacks: int) -> object:
    """Runs `code` as a new interpreter would run `python main.py`.

    Returns its `__main__` where it has ended well, and with nothing left to do that could be seen.
    """
    main = fresh_main()
    exec(code, vars(main))
    if not may_leave_at_once(source, usual_callbacks):
        raise SystemExit
    sys.stdout.flush()
    return main


def ask(progress: int, began: float) -> None:
    """Says that one test is done, and stops until the zygote lets this process go on, or ends it."""
    try:
        if "signal" in sys.modules:
            # One may be on its way.
            _exit(0)
        os.pwrite(progress, PROGRESS.pack(0, time.process_time(), time.perf_counter() - began), 0)
        os.kill(os.getpid(), _signal.SIGSTOP)
    except BaseException:
        # The test itself has ended well.
        _exit(0)


def fresh_main() -> object:
    """Returns a new `__main__`."""
    main = sys.modules["__main__"] = type(sys)("__main__")
    main.__file__ = _NAME
    return main


def may_leave_at_once(source: bytes, usual_callbacks: int) -> bool:
    """Returns True where nobody can tell whether the interpreter is taken apart, which takes longer than most programs.

    It would attend to threads, functions registered for the end, last words of objects, and unflushed files.
    """
    stdout = sys.__stdout__
    return (
        stdout is not None
        and stdout is sys.stdout
        and not stdout.closed
        and not _thread._count()
        and atexit._ncallbacks() == usual_callbacks
        and not any(word in source for word in _LAST_WORDS)
    )


def restorer(source: bytes) -> "Callable[[], None]":
    """Returns what undoes what a program may have changed for the next, where it names what it changes."""
    names, depth = vars(builtins), sys.getrecursionlimit()
    # To copy the names writes to a hundred pages, where each is counted, and a seed to twenty.
    kept = names.copy() if b"builtins" in source else None
    draws = b"random" in source

    def restore() -> None:
        if kept:
            names.clear()
            names.update(kept)
        if draws:
            sys.modules["random"].seed(0)
        sys.setrecursionlimit(depth)
        gc.enable()

    return restore


def run_each(
    code: "CodeType", slots: "Sequence[int]", progress: int, done: int, began: float, restore: "Callable[[], None]"
) -> None:
    """Runs `code` once for each pair of `slots`, and says so in `progress`, where `done` tests stand already."""
    for place in range(0, len(slots), 2):
        restore()
        os.dup2(slots[place], 0)
        os.dup2(slots[place + 1], 1)
        os.lseek(0, 0, os.SEEK_SET)
        os.lseek(1, 0, os.SEEK_SET)
        # Of a stream that is file 0, `input()` asks the kernel each time whether it is a terminal.
        stdin, stdout = io.open(slots[place], closefd=False), io.open(1, "w", closefd=False)  # noqa: SIM115, UP020
        sys.stdin, sys.stdout = sys.__stdin__, sys.__stdout__ = stdin, stdout  # type: ignore[misc]
        exit_code = run_one_of_many(code)
        said = PROGRESS.pack(exit_code, time.process_time(), time.perf_counter() - began)
        os.pwrite(progress, said, (done + place // 2) * PROGRESS.size)


def run_one_of_many(code: "CodeType") -> int:
    """Returns the exit code of one run, of which nothing may be left."""
    exit_code, main = 0, fresh_main()
    try:
        exec(code, vars(main))
    except SystemExit as end:
        exit_code = end.code & 0xFF if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        exit_code = 1
    if _thread._count() or "signal" in sys.modules:
        # Nothing less than its own end is sure to be the end of these.
        raise SystemExit(exit_code)
    atexit._run_exitfuncs()
    try:
        vars(main).clear()
        sys.stdout.flush()
    except (OSError, ValueError):
        exit_code = 120
    return exit_code
