"""C++: finds the compiler, shuts it in, and remembers what it made.

Programs are linked with all they use, so that nothing else needs to be visible where they run. Most time goes into
reading the standard library, so it is read once for each machine and compiler and kept, as a precompiled header of some
100 MB, in `$XDG_CACHE_HOME/alphakata/cpp`. The compiler takes it for sources that include <bits/stdc++.h> before all
else, where it changes nothing but the time.
"""

import fcntl
import logging
import os
import shutil
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import cache
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory

from .compilation import Compiled, Order, Running, carry_out
from .fleet import JudgeUnavailable

FLAGS = ("-O2", "-std=c++17", "-w", "-fmax-errors=5", "-fdiagnostics-color=never")
LINKING = ("-static", "-s")
HEADER = "bits/stdc++.h"
MOST_BYTES = 256 << 20
"""Of what is remembered."""

_COMPILER_BYTES, _MADE_BYTES = 1 << 30, 64 << 20
_HEADER_SECONDS, _HEADER_BYTES, _HEADER_COMPILER_BYTES = 120.0, 512 << 20, 4 << 30
_ENTRY_BYTES = 1 << 10
_PLACES = ("bin", "include", "lib", "lib32", "lib64", "libexec")
_OTHERS = ("/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
_TRIAL = b"#include <iostream>\nint main() { std::cout << 1; }\n"
_log = logging.getLogger(__name__)


class Compiler:
    """Makes programs of sources, each once; safe with several threads.

    Attributes:
        compilations: sources compiled so far.
    """

    def __init__(self, python: str, layers: Callable[[], Sequence[str]], most_bytes: int = MOST_BYTES) -> None:
        """Makes a compiler of which nothing has started.

        Args:
            python: path of the interpreter that starts it.
            layers: says what shuts it in; asked when it is used.
            most_bytes: of what is remembered.
        """
        self.compilations = 0
        self._python, self._layers, self._most_bytes = python, layers, most_bytes
        self._lock, self._first, self._running = threading.Lock(), threading.Lock(), Running()
        self._made: OrderedDict[bytes, Future[Compiled]] = OrderedDict()
        self._bytes = 0
        self._header: Path | None = None
        self._is_ready = False

    def compiled(self, source: bytes, cpu_seconds: float) -> Compiled:
        """Returns what comes of `source` in `cpu_seconds`; what it took is what it took the first time.

        Raises:
            JudgeUnavailable: where there is no compiler, or nothing that shuts it in.
            ZygoteFailed: if it could not be run, so that nothing is known of the source.
            OSError: if the machine refuses a process or a file.
        """
        self._prepare()
        key = blake2b(repr((FLAGS, LINKING, cpu_seconds)).encode() + source, digest_size=20).digest()
        with self._lock:
            future = self._made.get(key)
            if is_new := future is None:
                future = self._made[key] = Future()
            self._made.move_to_end(key)
        if not is_new:
            return future.result()
        try:
            made = self._compile(source, cpu_seconds)
        except BaseException as error:
            with self._lock:
                del self._made[key]
            future.set_exception(error)
            raise
        future.set_result(made)
        self._make_room(_size(made))
        return made

    def abandon(self) -> None:
        """Ends what is being compiled, and compiles no more."""
        self._running.abandon()

    def _make_room(self, size: int) -> None:
        """Forgets what was asked for longest ago, for `size` more bytes."""
        with self._lock:
            self.compilations += 1
            self._bytes += size
            for key in [key for key, future in self._made.items() if future.done()][:-1]:
                if self._bytes <= self._most_bytes:
                    return
                self._bytes -= _size(self._made.pop(key).result())

    def _compile(self, source: bytes, cpu_seconds: float) -> Compiled:
        include = [] if self._header is None else ["-I", str(self._header)]
        command = [found(), *FLAGS, *include, *LINKING]
        return self._carry_out(command, source, cpu_seconds, _COMPILER_BYTES, _MADE_BYTES)

    def _carry_out(
        self, command: Sequence[str], source: bytes, cpu_seconds: float, memory_bytes: int, made_bytes: int
    ) -> Compiled:
        layers, visible = self._layers(), toolchain(command[0])
        visible += [str(self._header)] if self._header else []
        order = Order(tuple(command), tuple(visible), cpu_seconds, memory_bytes, made_bytes)
        return carry_out(self._python, layers, order, source, self._running)

    def _prepare(self) -> None:
        """Sees to it, once, that there is a compiler that works, and the header."""
        with self._first:
            if self._is_ready:
                return
            layers = self._layers()
            if "seccomp" in layers and not {"namespaces", "landlock"}.intersection(layers):
                raise JudgeUnavailable(
                    "C++ needs namespaces or Landlock, for nothing else keeps the compiler from other files, and "
                    f"this judge has {', '.join(layers)} alone; leave programs in C++ out"
                )
            folder = header_folder()
            if not os.path.exists(folder):
                self._try()
            try:
                self._make_header(folder)
            except OSError as error:
                _log.warning("%s cannot be made (%s), so that C++ takes longer to compile", folder, error)
            else:
                self._header = folder
            self._is_ready = True

    def _try(self) -> None:
        """Raises `JudgeUnavailable` if the compiler cannot make the simplest program."""
        tried = self._compile(_TRIAL, _HEADER_SECONDS)
        if not tried.program:
            raise JudgeUnavailable(
                f"{found()} made no program that is linked with all it uses: {tried.complaint.strip()[-500:]}; "
                "install the standard library's archives, on Debian: apt install g++"
            )

    def _make_header(self, folder: Path) -> None:
        """Sees to it that the header is at `folder`, whole or not at all, whoever else does so at the same time."""
        if folder.exists():
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        with open(folder.parent / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return
            command = [found(), *FLAGS, "-x", "c++-header"]
            source = f"#include <{HEADER}>\n".encode()
            made = self._carry_out(command, source, _HEADER_SECONDS, _HEADER_COMPILER_BYTES, _HEADER_BYTES)
            if not made.program:
                raise OSError(f"{found()} made no header: {made.complaint.strip()[-500:]}")
            with TemporaryDirectory(dir=folder.parent) as temporary:
                part = Path(temporary) / "part"
                (part / HEADER).parent.mkdir(parents=True)
                (part / f"{HEADER}.gch").write_bytes(made.program)
                part.rename(folder)


def _size(made: Compiled) -> int:
    # What is remembered of a source that is refused is not nothing either.
    return len(made.program) + len(made.complaint) + _ENTRY_BYTES


def found() -> str:
    """Returns the path of the compiler.

    Raises:
        JudgeUnavailable: if there is none.
    """
    if path := shutil.which("g++"):
        return os.path.realpath(path)
    raise JudgeUnavailable(
        "a program in C++ is to be judged, and no g++ is on the path; install it, on Debian: apt install g++"
    )


def toolchain(compiler: str) -> list[str]:
    """Returns the folders and files that a compiler may need, none inside another."""
    prefixes = dict.fromkeys(("/usr", str(Path(compiler).parent.parent)))
    return [
        path
        for path in (*_OTHERS, *(f"{prefix}/{place}" for prefix in prefixes for place in _PLACES))
        if os.path.exists(path)
    ]


def header_folder() -> Path:
    """Returns where the header for this compiler is, or is to be."""
    kept = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "alphakata" / "cpp"
    return kept / blake2b(repr((version(found()), FLAGS)).encode(), digest_size=8).hexdigest()


@cache
def version(compiler: str) -> str:
    """Returns what a compiler says of itself, its path first."""
    said = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    return f"{compiler}: {said}"
