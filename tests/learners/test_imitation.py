"""Imitation: what values should have been, and that copying copies."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from alphakata.agents.precision import Precision
from alphakata.agents.transformer import Transformer, TransformerConfig
from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.trajectory import Trajectory
from alphakata.learners.dataset import Batch, BatchConfig, Mixture
from alphakata.learners.imitation import Imitation, ImitationConfig, foretold_returns, learning_rate

VOCABULARY = Vocabulary.of({"words": (8, "w")})


def episode(tokens: Sequence[int], actions: str, segments: str, rewards: Sequence[float]) -> Trajectory:
    """Returns a trajectory; `actions` marks what was written with `!`."""
    return Trajectory(
        codec="words",
        tokens=np.array(tokens, np.int32),
        is_action=np.array([mark == "!" for mark in actions]),
        segment=np.array([int(segment) for segment in segments], np.int32),
        rewards=np.array(rewards, np.float32),
    )


def one_row(*trajectories: Trajectory) -> Batch:
    return Mixture({"all": trajectories}, VOCABULARY, BatchConfig(rows=1, length=16), seed=0).batch(0)


def network() -> Transformer:
    config = TransformerConfig(vocab_size=9, d_model=16, num_layers=1, num_heads=2, d_ff=32, max_length=16)
    return Transformer(config, torch.Generator().manual_seed(0))


# Reads 1, writes 2 3, reads 4, writes 5: values stand before 2, before 3, after 3, before 5 and after 5.
TWO_MOVES = episode([1, 2, 3, 4, 5], ".!!.!", "00000", [0.0, 1.0, 4.0])


def test_returns_sum_what_is_still_to_come() -> None:
    returns = foretold_returns(one_row(TWO_MOVES), torch.zeros(5), discount=1.0, lambda_=1.0)
    assert returns.tolist() == [5, 5, 5, 4, 4]


def test_discounts_count_moves_not_tokens() -> None:
    returns = foretold_returns(one_row(TWO_MOVES), torch.zeros(5), discount=0.5, lambda_=1.0)
    assert returns.tolist() == [1 + 0.5 * 4, 1 + 0.5 * 4, 1 + 0.5 * 4, 4, 4]


def test_lambda_mixes_in_the_value_where_the_next_move_is_chosen() -> None:
    values = torch.tensor([100.0, 100.0, 100.0, 8.0, 100.0])
    returns = foretold_returns(one_row(TWO_MOVES), values, discount=1.0, lambda_=0.25)
    mixed = 1 + 0.75 * 8 + 0.25 * 4
    assert returns.tolist() == [mixed, mixed, mixed, 4, 4]


def test_what_a_search_expected_stands_before_what_the_network_does() -> None:
    # Of the first move's second token nobody said anything, as a search does not.
    searched = replace(TWO_MOVES, values=np.array([7.0, np.nan, 2.0], np.float32))
    returns = foretold_returns(one_row(searched), torch.full((5,), 100.0), discount=1.0, lambda_=0.25)
    mixed = 1 + 0.75 * 2 + 0.25 * 4
    assert returns.tolist() == [mixed, mixed, mixed, 4, 4]


def test_a_search_knows_the_value_of_a_stream_that_is_not_in_the_batch() -> None:
    restarted = replace(episode([1, 2, 3, 4], ".!.!", "0011", [0.0, 6.0]), values=np.array([1.0, 3.0], np.float32))
    mixture = Mixture({"all": [restarted]}, VOCABULARY, BatchConfig(rows=1, length=3), seed=0)
    batch = next(batch for batch in map(mixture.batch, range(2)) if 2 in batch.tokens)
    assert foretold_returns(batch, torch.full((2,), 100.0), 1.0, 0.5).tolist() == [0.5 * 3 + 0.5 * 6] * 2


def test_rewards_of_a_stream_that_is_not_in_the_batch_are_summed() -> None:
    restarted = episode([1, 2, 3, 4], ".!.!", "0011", [0.0, 6.0])
    mixture = Mixture({"all": [restarted]}, VOCABULARY, BatchConfig(rows=1, length=3), seed=0)
    batch = next(batch for batch in map(mixture.batch, range(2)) if 2 in batch.tokens)  # the first of the two streams
    assert foretold_returns(batch, torch.full((2,), 100.0), 0.5, 0.0).tolist() == [3, 3]


def test_the_next_move_may_stand_in_another_document_of_the_batch() -> None:
    batch = one_row(episode([1, 2, 3, 4], ".!.!", "0011", [1.0, 6.0]))
    chooses_next = (batch.foretells == 1) & (batch.actions >= 0)
    values = torch.from_numpy(np.where(chooses_next, 10.0, 0.0)[batch.foretells >= 0]).float()
    returns = foretold_returns(batch, values, discount=0.5, lambda_=0.0)
    assert sorted(returns.tolist()) == [1 + 0.5 * 10, 1 + 0.5 * 10, 6, 6]


def test_the_learning_rate_rises_straight_and_falls_along_half_a_cosine() -> None:
    config = ImitationConfig(steps=12, warmup_steps=2, learning_rate=1.0, learning_rate_floor=0.1)
    assert_allclose([learning_rate(step, config) for step in (0, 1, 2, 7, 12, 99)], [0.5, 1, 1, 0.55, 0.1, 0.1])


def test_a_packed_batch_has_the_loss_of_its_documents_one_by_one() -> None:
    episodes = [TWO_MOVES, episode([6, 7], ".!", "00", [2.0]), episode([0, 3, 3], "!.!", "000", [1.0, 0.0])]
    model = network()
    learner = Imitation(model, ImitationConfig(value_weight=0.5))
    surprises: list[float] = []
    errors: list[float] = []
    for one in episodes:
        tokens = torch.tensor([[0, *(one.tokens + 1)]])
        hidden = model(tokens, torch.arange(tokens.shape[1])[None], torch.zeros_like(tokens))[0]
        log_probs, values = model.logits(hidden).log_softmax(-1), model.value(hidden)
        earned = list(one.rewards[::-1].cumsum()[::-1])
        for action, place in enumerate(np.flatnonzero(one.is_action)):
            surprises.append(-log_probs[place, tokens[0, place + 1]].item())
            is_last = place + 1 == len(one.tokens) or not one.is_action[place + 1]
            for at in (place, place + 1) if is_last else (place,):
                errors.append((values[at].item() - earned[action]) ** 2)
    metrics = learner.evaluate(one_row(*episodes))
    assert_allclose(metrics["policy_loss"], np.mean(surprises), rtol=1e-5)
    assert_allclose(metrics["value_loss"], np.mean(errors), rtol=1e-5)
    assert_allclose(metrics["loss"], np.mean(surprises) + 0.5 * np.mean(errors), rtol=1e-5)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_it_learns_to_act_as_shown_and_what_that_earns(precision: Precision) -> None:
    shown = [episode([n, 7 - n], ".!", "00", [earned]) for n in range(8) for earned in (0.0, float(n))]
    config = ImitationConfig(steps=150, learning_rate=0.03, warmup_steps=10, weight_decay=0.0, precision=precision)
    learner = Imitation(network(), config)
    batch = Mixture({"all": shown}, VOCABULARY, BatchConfig(rows=4, length=12), 0).batch(0)
    for _ in range(150):
        metrics = learner.update(batch)
    assert metrics["accuracy"] == pytest.approx(1.0)
    # The mean return of opening `n` is n / 2, and no guess errs less: mean of n^2 / 4 over 0..7.
    assert metrics["value_loss"] == pytest.approx(17.5 / 4, rel=0.03)


def test_where_a_search_looked_its_weights_are_learnt_and_not_the_action() -> None:
    weights = np.zeros((3, 8), np.float32)
    weights[0, [3, 6]], weights[1, 3], weights[2, 5] = (0.25, 0.75), 1, 1
    searched = replace(TWO_MOVES, weights=weights)
    config = ImitationConfig(steps=150, learning_rate=0.03, warmup_steps=10, weight_decay=0.0)
    learner, batch = Imitation(network(), config), one_row(searched)
    for _ in range(150):
        metrics = learner.update(batch)
    hidden = learner.model(torch.tensor([[0, 2]]), torch.arange(2)[None], torch.zeros(1, 2, dtype=torch.long))
    said = learner.model.logits(hidden)[0, 1].softmax(-1)
    assert said[[4, 7]].tolist() == pytest.approx([0.25, 0.75], abs=0.02)
    assert metrics["policy_loss"] == pytest.approx(0, abs=0.01)


def test_a_batch_teaches_what_was_searched_and_what_was_shown_together() -> None:
    model, weights = network(), np.full((3, 8), 1 / 8, np.float32)
    both = Imitation(model, ImitationConfig()).evaluate(one_row(replace(TWO_MOVES, weights=weights), TWO_MOVES))
    each = [
        Imitation(model, ImitationConfig()).evaluate(one_row(trajectory))["policy_loss"]
        for trajectory in (replace(TWO_MOVES, weights=weights), TWO_MOVES)
    ]
    assert both["policy_loss"] == pytest.approx(np.mean(each), rel=1e-5)


def test_among_legal_tokens_alone_the_loss_is_that_of_the_choice_that_was_left() -> None:
    legal = np.zeros((3, 8), np.bool_)
    legal[0, [2, 6]] = legal[1, 3] = legal[2, [0, 5]] = True
    batch = one_row(replace(TWO_MOVES, legal=legal))
    model = network()
    found = Imitation(model, ImitationConfig(legal_only=True)).evaluate(batch)["policy_loss"]

    hidden = model(*(torch.from_numpy(column) for column in (batch.tokens, batch.positions, batch.documents)))
    logits = model.logits(hidden)[torch.from_numpy(batch.copy_weights > 0)].detach()
    # Joint tokens are one more than the codec's; in the second place there was nothing to choose.
    wanted = sum(torch.logaddexp(row[[a]], row[[b]]) - row[a] for row, a, b in ((logits[0], 3, 7), (logits[1], 6, 1)))
    assert found == pytest.approx(float(wanted) / 2, rel=1e-5)


def test_weights_that_are_not_copied_leave_the_policy_alone() -> None:
    wrong = Trajectory(
        **{name: getattr(TWO_MOVES, name) for name in ("codec", "tokens", "is_action", "segment", "rewards")},
        copy_weight=0.0,
    )
    metrics = Imitation(network(), ImitationConfig()).update(one_row(wrong))
    assert metrics["policy_loss"] == 0
    assert metrics["value_loss"] > 0


def test_an_unknown_precision_is_refused() -> None:
    with pytest.raises(ValueError, match="precision: found 'fp8', wanted auto, float32, bfloat16"):
        ImitationConfig(precision="fp8")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"learning_rate": -1.0}, "learning_rate: found -1.0, wanted more than 0"),
        ({"value_weight": -0.5}, "value_weight: found -0.5, wanted 0 or more"),
        ({"beta2": 1.0}, "beta2: found 1.0, wanted 0 or more and less than 1"),
        ({"lambda_": 1.1}, "lambda_: found 1.1, wanted 0 to 1"),
    ],
)
def test_a_senseless_number_is_refused(setting: dict[str, float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        ImitationConfig(**setting)  # type: ignore[arg-type]


def test_a_batch_in_parts_teaches_what_was_searched_all_the_same() -> None:
    weights = np.full((3, 8), 1 / 8, np.float32)
    episodes = [replace(TWO_MOVES, weights=weights), TWO_MOVES, TWO_MOVES, replace(TWO_MOVES, weights=weights)]
    batch = Mixture({"all": episodes}, VOCABULARY, BatchConfig(rows=4, length=7), seed=0).batch(0)
    whole, parts = (Imitation(network(), ImitationConfig(accumulate=count)).update(batch) for count in (1, 3))

    assert parts == pytest.approx(whole, rel=1e-5)
