"""How this room's kernels are compiled: without the interpreter's lock, so that threads can share a batch, and kept.

numba keeps what it compiled until the function's own file changes. After a change to a table of `rules`, or to what
kernels of another file call, clear `envs/rts/__pycache__`.
"""

import numba

# numba's own type hints leave the options for wrappers out.
kernel = numba.njit(cache=True, nogil=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]
"""Of what Python calls, with arrays of many games."""

inner = numba.njit(cache=True, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)  # type: ignore[call-overload]
"""Of what only kernels call: leaving out the way in from Python saves a tenth of the time to compile."""

part = numba.njit(inline="always")
"""Of what one place calls, and what calls others itself: compiled within its caller.

At every level of calls all that lies below is compiled once more, so that a tenth of the time goes with a level.
"""
