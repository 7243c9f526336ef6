"""The bridge to rlax: torch tensors in, torch tensors out, gradients both ways. The only file that imports jax.

rlax makes targets, torch makes gradients. Values cross as numpy views on the way in and by DLPack on the way out, which
costs some 40 microseconds a call. jax is imported at the first call, so whoever makes no targets never pays for it.
A process that has made one must not fork and go on with jax in the child: that deadlocks.

Shapes: `B` rows, `T` time steps.
"""

import functools
import importlib
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.utils.dlpack import from_dlpack


class JaxOp:
    """A function of rlax, written there for one row, as a differentiable torch function of many rows.

    Each new shape is compiled once for each machine, at some 0.3 seconds: callers pad to a few shapes.
    """

    def __init__(self, name: str, **settings: Any) -> None:
        """Names the function; nothing is imported yet.

        Args:
            name: in rlax; its positional arguments are float arrays, its result an array or a tuple of arrays.
            settings: its keyword arguments, fixed.
        """
        self._name, self._settings = name, settings

    def __call__(self, *arguments: Tensor) -> tuple[Tensor, ...]:
        """Returns what the function says of each row, float32 and on the device of the first argument.

        Args:
            arguments: `[B, T]` tensors of any float type; gradients flow to those that want them.

        Raises:
            ImportError: if rlax or jax cannot be imported here.
        """
        results: tuple[Tensor, ...] = _Bridge.apply(self, *arguments)  # type: ignore[no-untyped-call]
        return results

    @functools.cached_property
    def forward(self) -> Callable[..., tuple[Any, ...]]:
        """The function over rows, compiled."""
        jax, rlax = _import_jax()
        row = functools.partial(getattr(rlax, self._name), **self._settings)

        def forward(*arguments: Any) -> tuple[Any, ...]:
            return tuple(jax.tree.leaves(jax.vmap(row)(*arguments)))

        return jax.jit(forward)  # type: ignore[no-any-return]

    @functools.cached_property
    def backward(self) -> Callable[..., tuple[Any, ...]]:
        """The gradient to each argument, given the arguments and the gradient of each result; compiled in one piece."""
        jax, _ = _import_jax()

        def backward(arguments: tuple[Any, ...], gradients: tuple[Any, ...]) -> tuple[Any, ...]:
            return jax.vjp(self.forward, *arguments)[1](gradients)  # type: ignore[no-any-return]

        return jax.jit(backward)  # type: ignore[no-any-return]


class _Bridge(torch.autograd.Function):
    """Runs a `JaxOp` inside torch's graph; torch itself notices arguments changed in place."""

    @staticmethod
    def forward(ctx: Any, op: JaxOp, *arguments: Tensor) -> tuple[Tensor, ...]:
        ctx.op = op
        ctx.save_for_backward(*arguments)
        return tuple(_to_torch(result, arguments[0].device) for result in op.forward(*map(_to_numpy, arguments)))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        arguments = ctx.saved_tensors
        results = ctx.op.backward(tuple(map(_to_numpy, arguments)), tuple(map(_to_numpy, gradients)))
        return (None, *(_to_torch(r, a.device).to(a.dtype) for r, a in zip(results, arguments, strict=True)))


def _to_numpy(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.detach().float().cpu().numpy()


def _to_torch(array: Any, device: torch.device) -> Tensor:
    return from_dlpack(array).to(device)


@functools.cache
def _import_jax() -> tuple[ModuleType, ModuleType]:
    """Returns jax and rlax; unless the environment says otherwise they use the processor and keep compiled code."""
    try:
        with warnings.catch_warnings():
            # What rlax's own dependencies find deprecated is not for our users to mend.
            warnings.simplefilter("ignore")
            jax, rlax = importlib.import_module("jax"), importlib.import_module("rlax")
    except (ImportError, AttributeError) as error:
        raise ImportError(
            f"learning needs rlax for its value targets, and importing it failed ({error}): install the tested set "
            "with `pip install -c constraints.txt alphakata`"
        ) from error
    if "JAX_PLATFORMS" not in os.environ:
        jax.config.update("jax_platforms", "cpu")
    if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "alphakata" / "jax"
        jax.config.update("jax_compilation_cache_dir", str(cache))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    return jax, rlax
