"""The policy in a checkpoint, in the dialect of whatever world asks; sent to another process it is loaded there."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from ..agents.checkpoint import Checkpoint, load
from ..agents.engine import Engine, Voice
from ..agents.precision import Precision
from ..envs.codec import codec_from_json
from ..envs.types import Codec, SequentialEnv


class Speaker:
    """Loads a checkpoint when it is first needed.

    Args:
        path: the checkpoint.
        device: a torch device, or "auto".
        precision: what samples are computed in.
    """

    def __init__(self, path: Path, device: str = "auto", precision: Precision = "float32") -> None:
        self._arguments = path, device, precision

    def __call__(self, world: SequentialEnv[object]) -> Voice:
        """Returns the policy that speaks the world's dialect.

        Raises:
            CheckpointError: if it is no whole checkpoint.
            ValueError: if the policy never learnt this dialect.
        """
        codec = world.codec
        return self._engine.speak(self._checkpoint.vocabulary.dialect(codec.name, codec.size, codec.fingerprint()))

    def __reduce__(self) -> tuple[type["Speaker"], tuple[object, ...]]:
        """Sends the path and the settings alone."""
        return Speaker, self._arguments

    def codecs(self) -> Mapping[str, Codec]:
        """Returns the codecs it was trained on, by name."""
        return {name: codec_from_json(text) for name, text in self._checkpoint.codecs.items()}

    @cached_property
    def _checkpoint(self) -> Checkpoint:
        path, device, _ = self._arguments
        return load(path, device)

    @cached_property
    def _engine(self) -> Engine:
        _, device, precision = self._arguments
        return Engine(self._checkpoint.model, self._checkpoint.vocabulary, device, precision)
