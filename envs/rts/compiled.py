"""How this room's kernels are compiled: without the interpreter's lock, so that threads can share a batch, and kept.

Scratch is `np.empty` and set by hand, which compiles sooner than `np.zeros`. numba keeps what it compiled until the
function's own file changes. After a change to a table of `rules`, or to what kernels of another file call, clear
`envs/rts/__pycache__`.
"""

import numba

# Left out to compile sooner: wrappers nobody calls, and numba's rewrites, of whole-array expressions, of constants and
# of dead branches such as `if x is None`, which no kernel has. numba's type hints do not know these options.
_LEAN = {"cache": True, "nogil": True, "no_cfunc_wrapper": True, "no_rewrites": True}

kernel = numba.njit(**_LEAN)  # type: ignore[call-overload]
"""Of what Python calls, with arrays of many games."""

inner = numba.njit(**_LEAN, no_cpython_wrapper=True)  # type: ignore[call-overload]
"""Of what only kernels call."""

part = numba.njit(inline="always")
"""Of what is called at one place, where that was measured to compile sooner: compiled within its caller.

LLVM optimises a function once more within each of its callers, and theirs, so that levels of calls cost time; types are
inferred for a whole function at once, so that long ones do too.
"""
