"""What becomes of memory that was freed: glibc gives large pieces back to the system at once, and asks for new ones.

Each pass of a network and each update takes the same few megabytes that the one before it freed. Fresh pages are filled
with zeros by the kernel, one fault each.
"""

import ctypes

KEPT_BYTES, LARGEST_BYTES = 2**30, 2**25
"""What is kept for the next allocation, and the largest piece that is taken from it, the most that glibc allows."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def keep_freed_memory() -> bool:
    """Has this process keep what it frees, up to `KEPT_BYTES`; returns False where the C library is not glibc."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    # In this order: the second alone would leave every large piece to the system for ever.
    return bool(mallopt(_M_MMAP_THRESHOLD, LARGEST_BYTES) and mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES))
