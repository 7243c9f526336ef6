"""Imitation: copy the actions of demonstrations, or what a search made of them, and learn what they earned.

Shapes: `B` rows, `T` tokens of a row, `N` trajectories, `A` actions of the longest.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..agents.networks import Network
from ..agents.precision import Precision, resolve_precision
from .crew import ALONE, Crew, share_like, whole
from .dataset import Batch
from .losses import divergence_loss, token_loss, value_loss
from .targets import lambda_returns


@dataclass(frozen=True, slots=True)
class ImitationConfig:
    """How imitation learns.

    Attributes:
        steps: updates until the learning rate reaches its floor.
        learning_rate: of AdamW, at its peak.
        learning_rate_floor: part of the peak that is left at the end.
        warmup_steps: updates until the peak.
        beta1: decay of AdamW's mean gradient.
        beta2: decay of AdamW's mean squared gradient.
        weight_decay: of matrices; norms have none.
        max_gradient_norm: longer gradients are scaled down to it.
        accumulate: parts of a batch read one after the other, for batches too large to be read at once; the gradient is
            that of the whole, but for values that `lambda_` would mix in from another part.
        precision: what matrix products are computed in.
        value_weight: of the value loss beside the policy loss.
        discount: what the next move's earnings count, once a move however many tokens it has.
        lambda_: 1 sums rewards to the end; less mixes in, move by move, what a search expected at the next one, or the
            network where none said and that move is in the batch.
        tempering: see `losses.token_loss`.
        gold_alpha: see `losses.token_loss`.
        legal_only: True where the choice is learnt among legal tokens alone, which is how it is made in play; else the
            network learns what is legal too.
    """

    steps: int = 2000
    learning_rate: float = 2e-3
    learning_rate_floor: float = 0.1
    warmup_steps: int = 100
    beta1: float = 0.9
    beta2: float = 0.95
    weight_decay: float = 0.1
    max_gradient_norm: float = 1.0
    accumulate: int = 1
    precision: Precision = "float32"
    value_weight: float = 0.5
    discount: float = 1.0
    lambda_: float = 1.0
    tempering: float = 1.0
    gold_alpha: float = 0.0
    legal_only: bool = False

    def __post_init__(self) -> None:
        if self.precision not in get_args(Precision):
            raise ValueError(f"precision: found {self.precision!r}, wanted {', '.join(get_args(Precision))}")
        if self.accumulate < 1:
            raise ValueError(f"accumulate must be at least 1, got {self.accumulate}")
        for name in ("learning_rate", "max_gradient_norm"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: found {getattr(self, name)}, wanted more than 0")
        for name in ("warmup_steps", "weight_decay", "value_weight"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name}: found {getattr(self, name)}, wanted 0 or more")
        for name in ("learning_rate_floor", "discount", "lambda_"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: found {getattr(self, name)}, wanted 0 to 1")
        for name in ("beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name}: found {getattr(self, name)}, wanted 0 or more and less than 1")


def learning_rate(step: int, config: ImitationConfig) -> float:
    """Returns the rate of update `step`, from 0 on: a straight rise, then half a cosine down to the floor."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    done = min(1.0, (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps))
    floor = config.learning_rate_floor
    return config.learning_rate * (floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2)


class Imitation:
    """The learner: one AdamW update a batch, on the device where the network is, alone or in a crew.

    Args:
        model: the network; it is taken over: its weights change with every update.
        config: how it learns.
        crew: the processes that learn together, each from its share of a batch's rows.
    """

    def __init__(self, model: Network, config: ImitationConfig, crew: Crew = ALONE) -> None:
        self.model, self._config, self._crew, self._step = model, config, crew, 0
        self._reader = crew.shared(_Reader(model))
        self._weights = [*model.parameters()]
        self._is_half = resolve_precision(config.precision, self._weights[0].device) == "bfloat16"
        self._optimizer = torch.optim.AdamW(
            [
                {"params": [w for w in self._weights if w.ndim > 1], "weight_decay": config.weight_decay},
                {"params": [w for w in self._weights if w.ndim <= 1], "weight_decay": 0.0},
            ],
            betas=(config.beta1, config.beta2),
            fused=True,
        )

    def update(self, batch: Batch) -> Mapping[str, float]:
        """Learns from one batch; returns its losses before the update, accuracy, learning rate and gradient's norm.

        Raises:
            ValueError: if a batch has fewer rows than it is to be cut into.
        """
        rate = learning_rate(self._step, self._config)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.zero_grad()
        figures: list[Tensor] = []
        parts = self._parts(batch)
        for number, part in enumerate(parts, 1):
            with self._crew.summing(self._reader, now=number == len(parts)):
                loss, losses = self._losses(part)
                # A crew averages gradients; the weights of a batch's losses are made to be summed.
                (loss * self._crew.size).backward()  # type: ignore[no-untyped-call]
            figures.append(losses)
        norm = torch.nn.utils.clip_grad_norm_(self._weights, self._config.max_gradient_norm)
        self._optimizer.step()
        self._step += 1
        return self._told(figures) | {"learning_rate": rate, "gradient_norm": whole(norm).item()}

    @torch.no_grad()
    def evaluate(self, batch: Batch) -> Mapping[str, float]:
        """Returns losses and accuracy on a batch, and learns nothing."""
        return self._told([self._losses(part)[1] for part in self._parts(batch)])

    def state_dict(self) -> dict[str, Any]:
        """Returns weights, optimiser and step, the same in a crew as alone; all of a crew must ask together."""
        return {
            "model": whole(self.model.state_dict()),
            "optimizer": whole(self._optimizer.state_dict()),
            "step": self._step,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Puts back what `state_dict` returned."""
        now = self.model.state_dict()
        self.model.load_state_dict({n: share_like(w, now[n]) if n in now else w for n, w in state["model"].items()})
        weights = [weight for group in self._optimizer.param_groups for weight in group["params"]]
        moments = {
            i: {name: share_like(value, weights[i]) for name, value in values.items()}
            for i, values in state["optimizer"]["state"].items()
        }
        self._optimizer.load_state_dict({**state["optimizer"], "state": moments})
        self._step = state["step"]

    def _parts(self, batch: Batch) -> list[Batch]:
        """Returns this process's rows of a batch, in as many parts as gradients are accumulated from."""
        rows, parts = np.arange(len(batch.tokens)), self._config.accumulate
        if len(rows) < parts * self._crew.size:
            raise ValueError(
                f"a batch of {len(rows)} rows is too small for {self._crew.size} processes that accumulate {parts} "
                "parts each: raise batch.rows, or lower learner.accumulate"
            )
        return [batch.part(part) for part in np.array_split(rows[self._crew.rank :: self._crew.size], parts)]

    def _told(self, figures: list[Tensor]) -> dict[str, float]:
        """Returns the figures of all parts of all processes by name."""
        return dict(zip(_FIGURES, self._crew.sum(torch.stack(figures).sum(0)).tolist(), strict=True))

    def _losses(self, batch: Batch) -> tuple[Tensor, Tensor]:
        config, device = self._config, self._weights[0].device

        def tensor(array: np.ndarray[Any, Any]) -> Tensor:
            return torch.from_numpy(array).to(device)

        is_copied, is_valued = batch.copy_weights > 0, batch.foretells >= 0
        with torch.autocast(device.type, torch.bfloat16, enabled=self._is_half):
            read = tensor(batch.tokens), tensor(batch.positions), tensor(batch.documents)
            logits, values = self._reader(*read, tensor(is_copied), tensor(is_valued))
        if config.legal_only:
            banned = np.unpackbits(~batch.legal, axis=1, count=logits.shape[1]).view(np.bool_)
            logits = logits.masked_fill(tensor(banned), _NEVER)
        actions, weights = tensor(batch.actions[is_copied]), tensor(batch.copy_weights[is_copied])
        policy = self._policy_loss(logits, actions, weights, tensor(batch.choices), tensor(batch.shares))
        returns = foretold_returns(batch, values.detach().cpu(), config.discount, config.lambda_).to(device)
        value = value_loss(values, returns, tensor(batch.value_weights[is_valued]))
        loss = policy + config.value_weight * value
        accuracy = (weights * (logits.argmax(-1) == actions)).sum()
        return loss, torch.stack((loss, policy, value, accuracy)).detach()

    def _policy_loss(self, logits: Tensor, actions: Tensor, weights: Tensor, choices: Tensor, shares: Tensor) -> Tensor:
        """Returns the loss of copying: searched places by their shares, all others by their actions."""
        config, taught = self._config, shares.sum(-1) > 0
        if not taught.any():
            return token_loss(logits, actions, weights, config.tempering, config.gold_alpha)
        told = divergence_loss(logits[taught], choices[taught], shares[taught], weights[taught], config.tempering)
        rest = ~taught
        return told + token_loss(logits[rest], actions[rest], weights[rest], config.tempering, config.gold_alpha)


# A logit that leaves no probability, yet is finite, so that nothing times it is still nothing.
_NEVER = -1e9

_FIGURES = ("loss", "policy_loss", "value_loss", "accuracy")


class _Reader(nn.Module):
    """All that training asks of a network, in one call, so that a crew sees where it begins and ends."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, tokens: Tensor, positions: Tensor, documents: Tensor, is_copied: Tensor, is_valued: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Returns logits where an action is copied, and values where there is one."""
        hidden = self.network(tokens, positions, documents)
        return self.network.logits(hidden[is_copied]), self.network.value(hidden[is_valued]).float()


def foretold_returns(batch: Batch, values: Tensor, discount: float, lambda_: float) -> Tensor:
    """Returns `[M]` lambda-returns, what the value at each of the batch's `M` valued places should have been.

    Time passes move by move: inside a move nothing is discounted and nothing bootstrapped. What a search expected
    stands before what the network does. Where no search said, and the next move stands in a document outside the
    batch, its value is not known either, and the rewards go on being summed.

    Args:
        batch: with `M` places where `foretells` is not -1, row by row.
        values: `[M]` the network's values there.
        discount: what the next move's earnings count.
        lambda_: how much the rewards count beside the next move's value.
    """
    is_valued = batch.foretells >= 0
    foretells = torch.from_numpy(batch.foretells[is_valued])
    chooses = torch.from_numpy(batch.actions[is_valued] >= 0)
    own = torch.full(batch.rewards.shape, torch.nan)
    own.view(-1)[foretells[chooses]] = values[chooses]
    # Not a number: no value known.
    searched = torch.from_numpy(batch.values)
    v_tm1 = torch.where(searched.isnan(), own, searched)
    v_t = functional.pad(v_tm1[:, 1:], (0, 1), value=torch.nan)
    ends_move = torch.from_numpy(batch.ends_move)
    returns = lambda_returns(
        torch.from_numpy(batch.rewards),
        torch.where(ends_move, discount, 1.0),
        v_t.nan_to_num(0.0),
        torch.where(ends_move & ~v_t.isnan(), lambda_, 1.0),
        lengths=torch.from_numpy(batch.num_actions),
    )
    return returns.view(-1)[foretells]
