"""Trained networks on disk: one folder with the weights, the sizes and the vocabulary, written whole or not at all."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from .engine import resolve_device
from .networks import TRUNKS, Network, NetworkConfig, network, trunk_of
from .vocabulary import Dialect, Vocabulary

FORMAT = 1
_WEIGHTS, _CONFIG, _VOCABULARY = "model.safetensors", "config.json", "vocabulary.json"


class CheckpointError(ValueError):
    """Raised when a folder does not hold one whole checkpoint; names the file, what was found and what was wanted."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a folder held.

    Attributes:
        model: the network, weights loaded.
        vocabulary: the joint tokens it reads and writes.
        codecs: dialect to the JSON text its world wrote, unread.
        metadata: JSON values saved beside it.
    """

    model: Network
    vocabulary: Vocabulary
    codecs: Mapping[str, str]
    metadata: Mapping[str, Any]


def save(
    folder: Path,
    config: NetworkConfig,
    weights: Mapping[str, Tensor],
    vocabulary: Vocabulary,
    codecs: Mapping[str, str],
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Writes a checkpoint in place of what `folder` held; inside `whole`, other files may go beside it.

    Args:
        folder: made with its parents where missing.
        config: the network's sizes.
        weights: its `state_dict()`.
        vocabulary: the joint tokens.
        codecs: dialect to its codec as JSON text.
        metadata: JSON values to keep beside it.
    """
    dialects = [asdict(dialect) for dialect in vocabulary.dialects.values()]
    with whole(folder) as new:
        save_file({name: weight.detach().cpu().contiguous() for name, weight in weights.items()}, new / _WEIGHTS)
        _write_json(
            new / _CONFIG,
            {"format": FORMAT, "trunk": trunk_of(config), "model": asdict(config), "metadata": dict(metadata or {})},
        )
        _write_json(new / _VOCABULARY, {"dialects": dialects, "codecs": dict(codecs)})


def load(folder: Path, device: str = "cpu") -> Checkpoint:
    """Returns the checkpoint in `folder`, its network on `device`.

    Raises:
        CheckpointError: if a file is missing, broken or does not fit the others.
    """
    folder = settled(folder)
    config_json, vocabulary_json = _read_json(folder / _CONFIG), _read_json(folder / _VOCABULARY)
    if (found := config_json.get("format")) != FORMAT:
        raise CheckpointError(f"{folder / _CONFIG} has format {found}, this version reads {FORMAT}: train again")
    # Before there was a choice, every trunk was a transformer.
    trunk = config_json.get("trunk", "transformer")
    if trunk not in TRUNKS:
        raise CheckpointError(f"{folder / _CONFIG} has a trunk {trunk!r}, this version knows {', '.join(TRUNKS)}")
    try:
        config = TRUNKS[trunk](**config_json["model"])
        vocabulary = Vocabulary({d["name"]: Dialect(**d) for d in vocabulary_json["dialects"]})
        codecs, metadata = vocabulary_json["codecs"], config_json["metadata"]
    except (KeyError, TypeError, ValueError) as error:
        wanted = ", ".join(item.name for item in fields(TRUNKS[trunk]))
        raise CheckpointError(
            f"{folder} does not describe a network ({error}): {_CONFIG} wants a model with {wanted}, "
            f"{_VOCABULARY} dialects and codecs; it was written by another version or changed by hand"
        ) from None
    if vocabulary.size != config.vocab_size:
        raise CheckpointError(
            f"{folder / _VOCABULARY} has {vocabulary.size} tokens, {_CONFIG} says {config.vocab_size}: "
            "take both files from one checkpoint"
        )
    model = network(config, torch.Generator())
    model.load_state_dict(_read_weights(folder / _WEIGHTS, model.state_dict()))
    return Checkpoint(model.to(resolve_device(device)), vocabulary, codecs, metadata)


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """Yields an empty folder to write into, which then takes the place of `folder` unless the block raises.

    Killed at any moment, either the old folder or the new one is there, whole; read it through `settled`.
    """
    old, new = _aside(folder), folder.with_name(f".{folder.name}.new")
    if settled(folder) == old:
        os.replace(old, folder)
    for left_by_a_killed_writer in (old, new):
        shutil.rmtree(left_by_a_killed_writer, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        yield new
        for path in new.rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        if folder.exists():
            os.replace(folder, old)
        os.replace(new, folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def settled(folder: Path) -> Path:
    """Returns `folder`, or where its files are if a writer died between moving the old one aside and the new one in."""
    return _aside(folder) if _aside(folder).exists() and not folder.exists() else folder


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _missing(path) from None
    except ValueError as error:
        raise CheckpointError(
            f"{path} is no JSON ({error}): it was cut short or changed; use another checkpoint"
        ) from None
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} holds a {type(value).__name__}, an object was wanted; use another checkpoint")
    return value


def _read_weights(path: Path, wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns the weights in `path`, having checked that names and shapes are those of `wanted`."""
    try:
        weights = load_file(path)
    except FileNotFoundError:
        raise _missing(path) from None
    except SafetensorError as error:
        size = path.stat().st_size
        raise CheckpointError(
            f"{path} ({size} bytes) is no whole safetensors file ({error}): it was cut short; use another checkpoint"
        ) from None
    for name in sorted(weights.keys() | wanted.keys()):
        found, want = (_shape(tensors.get(name)) for tensors in (weights, wanted))
        if found != want:
            raise CheckpointError(
                f"{path} has {name} {found}, {_CONFIG} beside it wants {want}: take both files from one checkpoint"
            )
    return weights


def _shape(tensor: Tensor | None) -> str:
    return "absent" if tensor is None else f"of shape {list(tensor.shape)}"


def _missing(path: Path) -> CheckpointError:
    return CheckpointError(
        f"{path} is missing: a checkpoint is a folder with {_WEIGHTS}, {_CONFIG} and {_VOCABULARY}; "
        "check the path, or train one"
    )
