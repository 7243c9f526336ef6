"""What a child of the zygote does for a program of the machine's own code: it takes its limits and lets the program in.

The program is what the source file holds, and the kernel starts it from there, so nothing needs to be visible that can
be executed. The filter knows that one start by an address that no program learns, and so refuses every other.
"""

import _signal  # type: ignore[import-not-found]
import ctypes
import os
import resource
import struct

from . import kernel, seccomp
from .program import Program, end
from .protocol import NOT_SET_UP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from .program import Gaps

# The rest is for what threads and the heap take: with a limit on the stack, threads get stacks of that size.
_PART_FOR_STACK = 0.5
_LEAST_STACK_BYTES = 1 << 20
_HEADER, _SEGMENT = struct.Struct("<32xQ14xHH"), struct.Struct("<I36xQ8x")
_LOADED = 1


class Native:
    """Whatever executable the source file holds; it has one test at a time."""

    def __init__(self, source: int, layers: "Sequence[str]") -> None:
        """Prepares for programs.

        Args:
            source: file with the program; made longer once that is let in.
            layers: what shuts the zygote in.
        """
        self.progress_file = source
        self._name = ctypes.c_char_p(b"main")
        self._arguments = (ctypes.c_char_p * 2)(self._name, None)
        self._secret = ctypes.addressof(self._arguments)
        own_filter = seccomp.InnerFilter(self._secret) if "seccomp" in layers else None
        self._source, self._program = source, Program(source, source, own_filter, layers)
        os.set_inheritable(source, False)
        # An interpreter ignores them, and programs would inherit that.
        for number in _signal.SIGPIPE, _signal.SIGXFSZ:
            _signal.signal(number, _signal.SIG_DFL)

    def run(
        self, parent: int, limits: "Sequence[int]", spare: "Gaps", slots: "Sequence[int]", tests: int, asks: bool
    ) -> "NoReturn":
        """Becomes the program; the arguments are those of `Program.run`."""
        try:
            length = os.fstat(self._source).st_size
            needed = image_bytes(self._source) + _LEAST_STACK_BYTES
            if needed > limits[0]:
                os.ftruncate(self._source, length + 1)
                end(1, MemoryError(f"{needed} bytes before it begins, {limits[0]} are allowed"))
            if not tests:
                os.ftruncate(self._source, length + 1)
                os._exit(0)
            _, hard = resource.getrlimit(resource.RLIMIT_STACK)
            stack = max(int(limits[0] * _PART_FOR_STACK), _LEAST_STACK_BYTES)
            stack = stack if hard < 0 else min(stack, hard)
            resource.setrlimit(resource.RLIMIT_STACK, (stack, stack))
            _signal.pthread_sigmask(_signal.SIG_SETMASK, ())
            self._program.enter(parent, limits, spare)
            if self._program.own_filter:
                self._program.own_filter.install()
            os.ftruncate(self._source, length + 1)
            try:
                kernel.execveat(self._source, self._secret, seccomp.AT_EMPTY_PATH)
            except OSError:
                os.ftruncate(self._source, length)
                raise
        except Exception as error:
            end(NOT_SET_UP, error)
        raise AssertionError("the program is in this one's place")

    def progress(self, tests: int) -> int:
        """Returns 0: nothing is said between tests."""
        return 0

    def take_progress(self, tests: int) -> bytes:
        """Returns nothing."""
        return b""

    def gaps(self, files: "Sequence[int]") -> "Gaps":
        """Returns what `Program.gaps` does."""
        return self._program.gaps(files)


def image_bytes(file: int) -> int:
    """Returns how much memory an executable needs before it begins, most of it for static arrays."""
    table, size, count = _HEADER.unpack(os.pread(file, _HEADER.size, 0))
    segments = os.pread(file, size * count, table)
    return sum(
        needed for kind, needed in (_SEGMENT.unpack_from(segments, size * i) for i in range(count)) if kind == _LOADED
    )
