"""How a promise of a world is held to: what was found against what was wanted, and an error that says both."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from .types import State


class ContractError(AssertionError):
    """A world breaks its contract; the message names the world, what was found, what was wanted and the way out."""


def require(env: object, holds: bool, what: str, found: object, wanted: object, way_out: str) -> None:
    """Raises ContractError unless `holds`."""
    if not holds:
        raise ContractError(message(env, what, found, wanted, way_out))


def message(env: object, what: str, found: object, wanted: object, way_out: str) -> str:
    """Returns the paragraph."""
    return f"{type(env).__name__}: {what}: found {found}, wanted {wanted}. {way_out}".strip()


def require_array(env: object, name: str, array: object, dtype: np.dtype[Any], length: int | None) -> None:
    """Raises ContractError unless `array` is a vector of that kind and length."""
    found = f"{array.shape} {array.dtype}" if isinstance(array, np.ndarray) else type(array).__name__
    fit = isinstance(array, np.ndarray) and array.dtype == dtype and array.ndim == 1 and length in (None, len(array))
    wanted = f"({'any length' if length is None else length},) {dtype}"
    require(env, fit, f"state.{name}", found, wanted, f"Make it np.array(..., dtype=np.{dtype}).")


def require_same(env: object, what: str, found: State[Any], wanted: State[Any], names: Sequence[str]) -> None:
    """Raises ContractError unless both states agree in the fields `names`."""
    for name in names:
        one, other = getattr(found, name), getattr(wanted, name)
        way_out = "A world has no memory of its own: all that follows must lie in the state, the token and the seed."
        require(env, alike(one, other, set()), f"{what}: state.{name}", one, other, way_out)


def require_untouched(env: object, what: str, state: State[Any], kept: State[Any]) -> None:
    """Raises ContractError unless `state` still equals the copy made of it."""
    for field in fields(state):
        one, other = getattr(state, field.name), getattr(kept, field.name)
        way_out = "Copy before you change: searches keep states and come back to them."
        require(env, alike(one, other, set()), f"{what} changed state.{field.name} in place", one, other, way_out)


def alike(one: object, other: object, met: set[tuple[int, int]]) -> bool:
    """Returns True where two objects hold the same, however deep; `met` ends the walk around a circle."""
    if one is other or (id(one), id(other)) in met:
        return True
    met.add((id(one), id(other)))
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if is_dataclass(one):
        return all(alike(getattr(one, f.name), getattr(other, f.name), met) for f in fields(one))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(alike(one[key], other[key], met) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(alike(a, b, met) for a, b in zip(one, other, strict=True))
    if type(one).__eq__ is object.__eq__:
        return alike(getattr(one, "__dict__", None), getattr(other, "__dict__", None), met)
    return bool(one == other)
