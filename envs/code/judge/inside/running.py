"""How a child runs its program: on one test as an interpreter of its own would, or on several, one after the other.

On several the program has a `__main__`, streams and random numbers of its own for each, and the child says after each
in a file how far it is; what is said there can hasten a program's own failure, and nothing else. Where the first test
is run as if it were the only one, the child stops after it: whether that went right, only the host knows.
"""

import _signal  # type: ignore[import-not-found]
import _thread
import atexit
import builtins
import gc
import io
import os
import sys
import time

from .protocol import PROGRESS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType

# A program may put others in their place.
_exit = os._exit
NAME = "main.py"
# What may do something when the interpreter is taken apart, as it stands in a source.
_LAST_WORDS = (b"__del__", b"open", b" io", b",io")
# What is suspended here is closed then, and goes through one of these.
_SUSPENDING, _CLOSING = (b"yield", b"await"), (b"finally", b"except", b"with")


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
    main.__file__ = NAME
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
        and not (any(word in source for word in _SUSPENDING) and any(word in source for word in _CLOSING))
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
