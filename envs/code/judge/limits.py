"""What a program on trial may use."""

from dataclasses import dataclass, fields

MOST_SECONDS = 10**6
MOST_BYTES = 2**48
"""Also of tasks; what is more does not fit into what the kernel is told."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one test, of what it writes and of the source itself.

    Attributes:
        cpu_seconds: user and system time; what a time limit means.
        wall_seconds: by the clock, for programs that wait instead of working; None for `3 * cpu_seconds + 1`, which a
            program that works reaches on a very busy machine alone, and then it is run again.
        memory_bytes: address space, the interpreter's own 13 MB included.
        output_bytes: standard output, and any file the program writes.
        stderr_bytes: how much of standard error is kept.
        threads: tasks the program may add to those of the machine; the kernel does not hold root to it.
        source_bytes: the program itself, in UTF-8.
        compile_seconds: CPU time of the compiler, for languages that have one; whole seconds count.
    """

    cpu_seconds: float = 2.0
    wall_seconds: float | None = None
    memory_bytes: int = 256 << 20
    output_bytes: int = 16 << 20
    stderr_bytes: int = 64 << 10
    threads: int = 64
    source_bytes: int = 256 << 10
    compile_seconds: float = 10.0

    def __post_init__(self) -> None:
        for item in fields(self):
            limit = getattr(self, item.name)
            may_lack = item.name == "wall_seconds" and limit is None
            if not may_lack and (isinstance(limit, bool) or not isinstance(limit, int | float)):
                raise TypeError(f"{item.name} is {limit!r}, it must be a number")
            if limit is not None and limit <= 0:
                raise ValueError(f"{item.name} is {limit}, it must be greater than 0")
            most = MOST_SECONDS if item.name.endswith("seconds") else MOST_BYTES
            if limit is not None and not limit <= most:
                raise ValueError(f"{item.name} is {limit}, it must be at most {most}, which is as good as no limit")
            if item.type is int and not isinstance(limit, int):
                raise TypeError(f"{item.name} is {limit!r}, it must be an int; write int({limit!r})")

    @property
    def patience_seconds(self) -> float:
        """The wall-clock limit in force."""
        return 3 * self.cpu_seconds + 1 if self.wall_seconds is None else self.wall_seconds
