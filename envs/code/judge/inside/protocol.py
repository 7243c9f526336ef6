"""The messages between host and zygote, the same on both ends."""

import struct

REQUEST = struct.Struct("=ddqqqi?")
"""CPU and wall seconds a test, bytes of memory, bytes of output, threads; tests: 0 to compile, `FILES` to get files.

Last, of several tests, whether the child asks for leave after the first.
"""
REPORT = struct.Struct("=iddqqi")
"""Wait status, CPU and wall seconds, peak resident kilobytes, page faults, whether the wall limit was reached."""
PROGRESS = struct.Struct("=idd")
"""What a child says after each of several tests: exit code, CPU and wall seconds since it began."""

FILES = -1
"""In place of a count of tests: the message brings files for further tests."""
NO_FORK = -1
"""In place of a wait status: no process could be forked."""
ASKS = -2
"""In place of a wait status: the child has run its first test, and is stopped until it is told `GO_ON` or `END`."""
GO_ON, END = b"go on", b"end"
NOT_SET_UP = 70
"""Exit code of a child that did not come to compile its program."""
NOT_STARTED = 71
"""Exit code in place of a compiler's that could not be started."""
FILES_A_MESSAGE = 64
READY = b"ready"
SAMPLE_INPUT = b"3\n1 2\n3 4\n5\n"
"""What a zygote rehearses on."""
