"""From a configuration to objects: each node is checked against the signature of what it builds.

A node is a mapping. Its `_target_` names a class or function; where the place it stands in wants a dataclass, none is
needed. `_partial_: true` leaves some arguments for later and builds a `functools.partial`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import partial
from inspect import Parameter, isclass, signature
from pydoc import ErrorDuringImport, locate
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from .configure import ConfigError, advice, groups_of_choices

Built = TypeVar("Built")
_SCALARS = (NoneType, bool, int, float, str)
_ANYTHING = (Any, object, Parameter.empty)

Make = Callable[[Callable[..., object], dict[str, object], bool, str], object]
"""Makes something of a target, its arguments, whether others are left for later, and its place in the configuration."""


def build(config: DictConfig, kind: type[Built]) -> Built:
    """Returns the object that `config` describes.

    Raises:
        ConfigError: for a key the signature does not know, a value of another type, a missing argument, or what the
            constructor itself refuses.
    """
    return _fit(_plain(config), kind, "", _call)  # type: ignore[no-any-return]


def complete(config: DictConfig, kind: type) -> DictConfig:
    """Returns `config`, checked as `build` checks it, with every target named and every plain default written out."""
    completed: dict[str, object] = _fit(_plain(config), kind, "", _describe)
    return OmegaConf.create(completed)


def _plain(config: DictConfig) -> object:
    try:
        return OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ConfigError(" ".join(str(error).split())) from error


def _fit(value: object, hint: Any, where: str, make: Make) -> Any:
    """Returns `value` with every node in it made; `ConfigError` where it is not what `hint` says."""
    for kind, item in _alternatives(_meant(value, hint, where)):
        if isinstance(value, Mapping):
            if is_dataclass(kind) or ("_target_" in value and kind not in _SCALARS):
                return _fit_node(value, kind, where, make)
            if _takes(Mapping, kind):
                return {key: _fit(child, item, _path(where, key), make) for key, child in value.items()}
        elif isinstance(value, list):
            if _takes(Sequence, kind):
                children = [_fit(child, item, f"{where}[{i}]", make) for i, child in enumerate(value)]
                return children if kind is list else tuple(children)
        elif _is_scalar(value, kind):
            return value
    raise ConfigError(f"{where or 'the configuration'}: found {value!r}, wanted {_name(hint)}")


def _meant(value: object, hint: Any, where: str) -> Any:
    """Returns which of several classes the target of a node is; `hint` itself where that is not said."""
    if not isinstance(value, Mapping) or "_target_" not in value or get_origin(hint) not in (Union, UnionType):
        return hint
    target = _locate(value["_target_"], where)
    fitting = [kind for kind in get_args(hint) if isclass(target) and isclass(kind) and _is_a(target, kind)]
    return fitting[0] if fitting else hint


def _fit_node(node: Mapping[Any, Any], wanted: Any, where: str, make: Make) -> Any:
    """Returns what is made of a node's target and its other keys."""
    target = _locate(node["_target_"], where) if "_target_" in node else wanted
    left_for_later = bool(node.get("_partial_", False))
    if not left_for_later and not _is_a(target, wanted):
        raise ConfigError(f"{where}: found {_path_of(target)}, wanted {_name(wanted)}")
    parameters = signature(target, eval_str=True).parameters
    arguments = {}
    for key in node:
        if key in ("_target_", "_partial_"):
            continue
        if key not in parameters:
            choices = dict.fromkeys([*parameters, *([] if where else groups_of_choices())])
            raise ConfigError(f"{_path(where, key)}: {_path_of(target)} takes no {key!r}{advice(key, [*choices])}")
        arguments[key] = _fit(node[key], parameters[key].annotation, _path(where, key), make)
    for key, parameter in parameters.items():
        if parameter.default is Parameter.empty and key not in arguments and not left_for_later:
            raise ConfigError(f"{_path(where, key)} is missing: {_path_of(target)} wants {_name(parameter.annotation)}")
    return make(target, arguments, left_for_later, where)


def _call(target: Callable[..., object], arguments: dict[str, object], left_for_later: bool, where: str) -> object:
    if left_for_later:
        return partial(target, **arguments)
    try:
        return target(**arguments)
    except ValueError as error:
        raise ConfigError(f"{where or 'the configuration'}: {error}") from error


def _describe(target: Callable[..., object], arguments: dict[str, object], left_for_later: bool, where: str) -> object:
    node: dict[str, object] = {"_target_": _path_of(target), **({"_partial_": True} if left_for_later else {})}
    made = {item.name: item.default_factory for item in fields(target)} if is_dataclass(target) else {}
    for key, parameter in signature(target).parameters.items():
        factory = made.get(key, MISSING)
        default = parameter.default if factory is MISSING else factory()
        if key in arguments:
            node[key] = arguments[key]
        elif default not in ((), {}) and _is_plain(default):
            node[key] = _spelled(default)
    return node


def _is_plain(default: object) -> bool:
    if isinstance(default, tuple):
        return all(map(_is_plain, default))
    if is_dataclass(default) and not isclass(default):
        return all(item.init and _is_plain(getattr(default, item.name)) for item in fields(default))
    return type(default) in _SCALARS or default == {}


def _spelled(default: object) -> object:
    """Returns a plain default as a configuration says it."""
    if isinstance(default, tuple):
        return tuple(map(_spelled, default))
    if is_dataclass(default) and not isclass(default):
        values = {item.name: _spelled(getattr(default, item.name)) for item in fields(default)}
        return {"_target_": _path_of(type(default)), **values}
    return default


def _locate(name: object, where: str) -> Any:
    try:
        target = locate(str(name))
    except ErrorDuringImport as error:
        raise ConfigError(f"{where}._target_: {error}") from error
    if not callable(target):
        raise ConfigError(f"{where}._target_: found no class or function {name!r}; is the package it is in installed?")
    return target


def _is_a(target: Any, wanted: Any) -> bool:
    """Returns False where the class `target` is none of `wanted`, or lacks a method of that protocol."""
    if not isclass(target) or not isclass(wanted) or wanted in _ANYTHING:
        return True
    if not getattr(wanted, "_is_protocol", False):
        return issubclass(target, wanted)
    methods = [name for name, member in vars(wanted).items() if callable(member) and _is_interface(name)]
    return all(any(method in vars(base) for base in target.__mro__) for method in methods)


def _is_interface(name: str) -> bool:
    return name == "__call__" or not name.startswith("_")


def _alternatives(hint: Any) -> Iterator[tuple[Any, Any]]:
    """Yields each kind that `hint` allows, and the kind of what it holds."""
    for member in get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,):
        origin = get_origin(member) or member
        items = [item for item in get_args(member) if item is not Ellipsis]
        yield (member, Any) if origin is Literal else (origin, items[-1] if items else Any)


def _takes(container: type, kind: Any) -> bool:
    return kind in _ANYTHING or (isclass(kind) and kind is not str and issubclass(kind, container))


def _is_scalar(value: object, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    if kind is float and type(value) is int:
        return True
    return kind in _ANYTHING or (kind in _SCALARS and type(value) is kind)


def _name(hint: Any) -> str:
    """Returns how an error calls what `hint` allows."""
    if get_origin(hint) is Literal:
        return " or ".join(map(repr, get_args(hint)))
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(map(_name, get_args(hint)))
    kind, item = next(_alternatives(hint))
    if kind is NoneType:
        return "null"
    if item is not Any and _takes(Sequence, kind):
        return f"a list of {_name(item)}"
    if item is not Any and _takes(Mapping, kind):
        return f"names, each with {_name(item)}"
    return "anything" if kind in _ANYTHING else getattr(kind, "__name__", str(kind))


def _path_of(target: Callable[..., object]) -> str:
    return f"{target.__module__}.{target.__qualname__}"


def _path(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
