"""The trunks there are to choose from: one contract, two ways of remembering.

Each reads packed documents (`forward`), has `logits` and `value` on the same final state, and keeps notes of what it
read (`attention`, `recurrence`), by which the engine makes it a policy.
"""

import torch

from .attention import KeysAndValues
from .lstm import LSTM, LSTMConfig
from .memory import Notes
from .packed import Packed
from .recurrence import Cells
from .transformer import Transformer, TransformerConfig

Network = Transformer | LSTM
NetworkConfig = TransformerConfig | LSTMConfig

TRUNKS: dict[str, type[TransformerConfig] | type[LSTMConfig]] = {"transformer": TransformerConfig, "lstm": LSTMConfig}
"""By the name a checkpoint knows them by."""


def network(config: NetworkConfig, generator: torch.Generator) -> Network:
    """Returns a fresh network of this size, its weights drawn from `generator`."""
    return LSTM(config, generator) if isinstance(config, LSTMConfig) else Transformer(config, generator)


def trunk_of(config: NetworkConfig) -> str:
    """Returns the name of the trunk."""
    return next(name for name, kind in TRUNKS.items() if isinstance(config, kind))


def notes_of(model: Network, reading: Packed, writing: Packed) -> Notes:
    """Returns the empty notes of a trunk; a transformer reads and writes samples by these, an LSTM in float32."""
    return Cells(model) if isinstance(model, LSTM) else KeysAndValues(model, reading, writing)
