"""How this room's kernels are compiled: without the interpreter's lock, so that threads can share a batch, and kept.

numba keeps what it compiled until the function's own file changes. After a change to a table of `rules`, or to what
kernels of another file call, clear `envs/rts/__pycache__`.
"""

import numba

# What is left out saves time to compile: wrappers nobody calls, and rewrites of whole-array expressions, which are none
# here. numba's own type hints do not know of them.
_LEAN = {"cache": True, "nogil": True, "no_cfunc_wrapper": True, "no_rewrites": True}

kernel = numba.njit(**_LEAN)  # type: ignore[call-overload]
"""Of what Python calls, with arrays of many games."""

inner = numba.njit(**_LEAN, no_cpython_wrapper=True)  # type: ignore[call-overload]
"""Of what only kernels call."""

part = numba.njit(inline="always")
"""Of what one place calls, and what calls others itself: compiled within its caller.

At every level of calls all that lies below is compiled once more, so that a tenth of the time goes with a level.
"""
