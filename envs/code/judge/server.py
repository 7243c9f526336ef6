"""Runs programs, each in processes of its own: all of the judge that is on the programs' side.

`process.py` starts it once for many programs, as a server, in which no program ever runs. For each message on its
socket it forks a runner. That compiles one program, its first standard input, and then, for each message on a socket of
its own, forks a child to whom standard input is whatever it holds by then. Of the compilation and of every child the
runner reports wait status, CPU seconds, wall seconds and whether the wall limit was reached. Nobody here knows an
expected output.

Argument: the server's socket.
"""

# A fork costs what its process has in memory, so this imports no more than it must.
import _signal  # type: ignore[import-not-found]
import _socket
import builtins
import gc
import posix
import resource
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, TracebackType

FORBIDDEN = ("execv", "execve", "fork", "forkpty", "kill", "killpg", "posix_spawn", "posix_spawnp", "system")
"""What starts or signals processes. Taking it away stops accidents; it is no lock, `ctypes` opens it."""

PRELOADED = {"bisect", "collections", "copy", "datetime", "decimal", "fractions", "functools", "heapq", "itertools"}
PRELOADED |= {"math", "operator", "os", "random", "re", "string", "typing"}
"""Modules imported once for all tests where the program names them."""

DESCRIPTORS = 64
"""More than the server has open, and the most a program may have."""

fork, kill, killpg = posix.fork, posix.kill, posix.killpg


def serve(host: _socket.socket) -> tuple[int, list[bytes]]:
    """Forks a runner for every message of the host; returns in each, with the runner's socket and the message."""
    while True:
        message, rights, _, _ = host.recvmsg(256, _socket.CMSG_SPACE(5 * 4))
        if not message:
            posix._exit(0)
        files = memoryview(rights[0][2]).cast("i").tolist()
        if not (runner := fork()):
            host.detach()
            settle(*files)
            return files[0], message.split()
        for file in files:
            posix.close(file)
        host.send(b"%d" % runner)
        # Not reaped before the host has done with it, so that its number stays its own till then.
        if not host.recv(1):
            killpg(runner, _signal.SIGKILL)
            posix._exit(0)
        host.send(b"%d" % posix.waitpid(runner, 0)[1])


def settle(control: int, stdin: int, stdout: int, stderr: int, folder: int) -> None:
    """Makes a fork of the server a process on its own, which holds nothing of the server's."""
    posix.setsid()
    posix.fchdir(folder)
    for number, file in enumerate((stdin, stdout, stderr)):
        posix.dup2(file, number)
    posix.closerange(3, control)
    posix.closerange(control + 1, DESCRIPTORS)


def prepare(control: int, cpu: float, wall: float, memory: int, output: int, threads: int) -> "CodeType":
    """Compiles, then answers every message on `control`; returns in each child, with the program to run."""
    limit(memory, output, threads)
    code = compiled(control, cpu)
    for name in PRELOADED.intersection(names(code)):
        __import__(name)
    gc.freeze()
    report(control, 0, time.process_time())
    while posix.read(control, 1):
        began = time.perf_counter()
        if not (child := fork()):
            posix.close(control)
            limit_time(cpu)
            return code
        overdue = wait(child, wall)
        _, status, usage = posix.wait4(child, 0)
        report(control, status, usage.ru_utime + usage.ru_stime, time.perf_counter() - began, overdue)
    posix._exit(0)


def limit(memory: int, output: int, threads: int) -> None:
    """Limits what this process and its children may use, time aside."""
    with open("/proc/loadavg", "rb", buffering=0) as loadavg:
        tasks = int(loadavg.read(256).split()[3].partition(b"/")[2])
    for kind, wanted in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, output + 1),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
        (resource.RLIMIT_NPROC, tasks + threads),
        (resource.RLIMIT_STACK, 64 << 20),
    ):
        set_limit(kind, wanted)


def limit_time(cpu: float) -> None:
    """Ends this process a little beyond `cpu` seconds; the host decides what was too long."""
    _signal.setitimer(_signal.ITIMER_PROF, 1.1 * cpu + 0.05)
    # For the program that stops that timer; this one counts in whole seconds.
    set_limit(resource.RLIMIT_CPU, int(cpu) + 2)


def set_limit(kind: int, wanted: int) -> None:
    """Sets a limit to what is wanted, or to what is allowed if that is less."""
    _, hard = resource.getrlimit(kind)
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (value, value))


def forbid() -> None:
    """Takes `FORBIDDEN` away before any module copies it."""

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(1, "a judged program may not start or signal processes")

    for name in FORBIDDEN:
        setattr(posix, name, forbidden)
    subprocess_core = sys.modules["_posixsubprocess"] = type(sys)("_posixsubprocess")
    subprocess_core.fork_exec = forbidden  # type: ignore[attr-defined]


def compiled(control: int, cpu: float) -> "CodeType":
    """Returns the source as code, or reports that it is none and ends."""
    _signal.setitimer(_signal.ITIMER_PROF, 1.1 * cpu + 0.05)
    try:
        return compile(posix.read(0, posix.fstat(0).st_size), "main.py", "exec", dont_inherit=True)
    except Exception as error:
        posix.write(2, f"{type(error).__name__}: {error}".encode(errors="replace"))
        report(control, 1 << 8, time.process_time())
        posix._exit(0)
    finally:
        _signal.setitimer(_signal.ITIMER_PROF, 0)


def names(code: "CodeType") -> "Iterator[str]":
    """Yields every global, attribute and module that `code` names."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            yield from names(constant)


def wait(child: int, wall: float) -> bool:
    """Waits until `child` ends, which is at most `wall` seconds; returns True where it had to be made to."""
    overdue = False

    def end(*_: object) -> None:
        nonlocal overdue
        overdue = True
        kill(child, _signal.SIGKILL)

    _signal.signal(_signal.SIGALRM, end)
    _signal.setitimer(_signal.ITIMER_REAL, wall)
    # Not reaped yet, so that its number stays its own while the timer runs.
    posix.waitid(posix.P_PID, child, posix.WEXITED | posix.WNOWAIT)
    _signal.setitimer(_signal.ITIMER_REAL, 0)
    _signal.signal(_signal.SIGALRM, _signal.SIG_DFL)
    return overdue


def report(control: int, status: int, cpu: float, wall: float = 0.0, overdue: bool = False) -> None:
    """Tells the host how the compilation or a child ended."""
    posix.write(control, f"{status} {cpu:.6f} {wall:.6f} {overdue:d}".encode())


def run(program: "CodeType") -> None:
    """Runs `program` as a new interpreter would run `python main.py`."""
    main = sys.modules["__main__"] = type(sys)("__main__")
    main.__file__ = "main.py"
    sys.argv = ["main.py"]
    sys.excepthook = hide_runner
    builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]
    if "random" in sys.modules:
        sys.modules["random"].seed(0)
    exec(program, vars(main))
    if may_leave_at_once(program):
        sys.stdout.flush()
        posix._exit(0)


def may_leave_at_once(program: "CodeType") -> bool:
    """Returns True where nobody can tell whether the interpreter is taken apart, which takes longer than most programs.

    It would attend to threads, functions registered for the end, last words of objects, and unflushed files.
    """
    stdout = sys.__stdout__
    return (
        stdout is not None
        and stdout is sys.stdout
        and not stdout.closed
        and not sys.modules.keys() & {"atexit", "threading"}
        and {"__del__", "fdopen", "io", "open"}.isdisjoint(names(program))
    )


def hide_runner(kind: type[BaseException], error: BaseException, trace: "TracebackType | None") -> None:
    """Prints an uncaught exception as one of the program alone."""
    while trace and trace.tb_frame.f_code.co_filename != "main.py":
        trace = trace.tb_next
    sys.__excepthook__(kind, error.with_traceback(trace), None)


def main() -> None:
    """Serves, and in each child of a runner runs the program."""
    forbid()
    # The first compilation sets up what all forks then share: a quarter of a short program's time.
    compile("", "main.py", "exec")
    gc.freeze()
    control, (cpu, wall, memory, output, threads) = serve(_socket.socket(fileno=int(sys.argv[1])))
    run(prepare(control, float(cpu), float(wall), int(memory), int(output), int(threads)))
