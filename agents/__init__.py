"""Agents: what reads streams and continues them. No agent knows a world; tokens are all it ever sees.

`types` is the contract, `stream` what is read, `vocabulary` the joint tokens. `transformer` is the network, `engine`
makes it a policy, with `memory` for trees of streams and `copies` for many samples of one prompt, which `packed` and
`suffix` compute; `checkpoint` keeps it on disk. `writing` is the loop by which every policy writes, token by token as
`sampling` draws them; `baselines` are policies without a network, `causal` and `endpoint` language models from
elsewhere, and `recall` lets equal questions share their samples.
"""

from .baselines import NGramPolicy, UniformPolicy
from .stream import Stream
from .types import Completion, Grammar, Policy, Prediction, Sampling
from .vocabulary import Dialect, Vocabulary

__all__ = [
    "Completion",
    "Dialect",
    "Grammar",
    "NGramPolicy",
    "Policy",
    "Prediction",
    "Sampling",
    "Stream",
    "UniformPolicy",
    "Vocabulary",
]
