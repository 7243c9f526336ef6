"""Programs that look for an expected output, wherever it may have been left."""

from .program import TAKING_THEIR_TIME, Program, spy

SPIES: tuple[Program, ...] = (
    spy(
        "frames_searched",
        """
import gc, sys
def search(value, depth):
    if isinstance(value, str):
        tell(value)
    elif isinstance(value, (bytes, bytearray)):
        tell(value.decode("latin-1"))
    elif isinstance(value, dict) and depth:
        for item in [*value.items()]:
            search(item, depth - 1)
    elif isinstance(value, (list, tuple, set, frozenset)) and depth:
        for item in [*value]:
            search(item, depth - 1)
frame = sys._getframe()
while frame := frame.f_back:
    search(dict(frame.f_locals), 6), search(frame.f_globals, 6)
for thing in gc.get_objects():
    search(thing, 3)
""",
    ),
    # A pipe refuses what is not mapped and nobody dies of it, so all of the heap can be read.
    spy(
        "heap_searched",
        """
import ctypes, os
libc, page = ctypes.CDLL(None), 1 << 12
out, into = os.pipe()
buffer = ctypes.create_string_buffer(page)
for start in {place & -page for place in (id(object()), id(os), id(None), ctypes.addressof(buffer))}:
    for address in range(start - (8 << 20), start + (8 << 20), page):
        if libc.write(into, ctypes.c_void_p(address), page) == page:
            tell(os.read(out, page).decode("latin-1"))
""",
        TAKING_THEIR_TIME,
    ),
    spy(
        "memory_searched",
        """
import os
for process in "self", os.getppid(), @HOST@:
    try:
        maps = [line.split()[0].split("-") for line in open(f"/proc/{process}/maps")]
        memory = open(f"/proc/{process}/mem", "rb")
    except OSError:
        continue
    for low, high in maps:
        try:
            memory.seek(int(low, 16))
            tell(memory.read(min(int(high, 16) - int(low, 16), 1 << 25)).decode("latin-1"))
        except (OSError, OverflowError, ValueError):
            pass
""",
    ),
    spy(
        "descriptors_searched",
        """
import os
for file in range(64):
    try:
        tell(os.pread(file, 1 << 16, 0).decode("latin-1"))
    except OSError:
        pass
""",
    ),
    spy(
        "files_searched",
        """
import os
for folder in ".", "..", "/", "/tests", "/problem", "/tmp", "/run", "/dev/shm", "/proc/self/fd":
    try:
        names = os.listdir(folder)
    except OSError:
        continue
    for name in names:
        try:
            tell(os.read(os.open(f"{folder}/{name}", os.O_RDONLY | os.O_NONBLOCK), 1 << 16).decode("latin-1"))
        except OSError:
            pass
""",
    ),
    spy(
        "environment_searched",
        """
import os, sys
for word in [*os.environ, *os.environ.values(), *sys.argv, *sys.orig_argv, *map(str, sys._xoptions.items())]:
    tell(word)
    if "@LURE@" in word:
        print("PWNED")
""",
    ),
)
