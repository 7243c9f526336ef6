"""A policy for one world outside a run: trained here, imported, or, where there is none, one that knows nothing."""

from dataclasses import dataclass
from pathlib import Path

from ..agents.baselines import UniformPolicy
from ..agents.endpoint import Endpoint, EndpointConfig
from ..agents.types import Policy
from ..envs.types import Textual
from .configure import ConfigError
from .task import Task


@dataclass(frozen=True, slots=True)
class HuggingFace:
    """A causal language model of `transformers`; the world speaks its tokens.

    Attributes:
        path: a folder with the model and its tokenizer, or a name that `transformers` finds.
        dtype: what it computes in: auto (as it was saved), float32, bfloat16...
        block: samples written at once.
    """

    path: str
    dtype: str = "auto"
    block: int = 64


Imported = HuggingFace | EndpointConfig

UNTRAINED = "no checkpoint is named: the policy knows nothing; add checkpoint=DIR, a folder under a run's checkpoints/"
"""What to warn of where a policy without either is asked."""


@dataclass(frozen=True, slots=True)
class Acting:
    """A task, and a policy that speaks its world's dialect."""

    task: Task
    policy: Policy


def acting(task: Task, checkpoint: str | None, device: str = "auto", policy: Imported | None = None) -> Acting:
    """Returns `task` in the words of the policy in `checkpoint` or of an imported one; of a uniform one without both.

    Raises:
        ConfigError: if there are both.
        ValueError: if the checkpoint is broken, or the policy cannot speak for this world.
        ImportError: if an imported policy wants a package that is missing.
    """
    if checkpoint is not None and policy is not None:
        raise ConfigError(f"checkpoint={checkpoint} and policy= name a policy each: leave one of them out")
    # torch is loaded only where a network is.
    if policy is not None:
        return _imported(task, policy, device)
    if checkpoint is None:
        return Acting(task, UniformPolicy(task.world.codec.size))
    from .speaker import Speaker

    speaker = Speaker(trained(Path(checkpoint)), device)
    task = task.spoken(speaker.codecs())
    return Acting(task, speaker(task.world))


def trained(path: Path) -> Path:
    """Returns the newest checkpoint in `path`, the strongest where it holds iterations, or `path` where it is one.

    Raises:
        CheckpointError: if it is a whole run; names the policies there.
    """
    from ..agents.checkpoint import CheckpointError
    from ..learners.expert_iteration import strongest
    from ..learners.train import newest

    if (path / "config.yaml").is_file():
        there = [str(policy) for kind in ("checkpoints", "practice") for policy in sorted(path.glob(f"{kind}/seed_*"))]
        raise CheckpointError(f"{path} is a run, wanted one of its policies: {', '.join(there) or 'it has none yet'}")
    if any(path.glob("iteration_*")):
        return strongest(path)
    return newest(path) if any(path.glob("step_*")) else path


def _imported(task: Task, source: Imported, device: str) -> Acting:
    """Returns `task` in the words of a language model, and the model; an endpoint is not asked anything yet."""
    codec = task.world.codec
    if not isinstance(task.world, Textual):
        raise ValueError(
            f"a language model reads text, {type(task.world).__name__} speaks {codec.name!r}: choose env=code, or a "
            "policy that was trained on that world"
        )
    if isinstance(source, EndpointConfig):
        return Acting(task, Endpoint(source, codec.encode, codec.decode))
    from ..agents.causal import CausalLM, Tongue, load_tokenizer
    from .tokenizer_codec import TokenizerCodec

    words = TokenizerCodec(codec.name, load_tokenizer(source.path))
    tongue = Tongue(words.ids, words.written, words.opening)
    return Acting(task.spoken({codec.name: words}), CausalLM(source.path, tongue, device, source.dtype, source.block))
