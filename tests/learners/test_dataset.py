"""The data set: what stands where in a batch, and that a batch depends on its number alone."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.trajectory import Trajectory
from alphakata.learners.dataset import Batch, BatchConfig, Mixture

VOCABULARY = Vocabulary.of({"words": (10, "w"), "board": (5, "b")})  # words 1..10, board 12..16, openings 0 and 11


def episode(
    written: str, rewards: list[float] | None = None, codec: str = "words", copy_weight: float = 1.0
) -> Trajectory:
    """Returns the trajectory of `written`: read digits plain, written ones behind a `!`, streams between `|`."""
    tokens: list[tuple[int, bool, int]] = []
    for segment, part in enumerate(written.split("|")):
        for place, character in enumerate(part):
            if character != "!":
                tokens.append((int(character), place > 0 and part[place - 1] == "!", segment))
    values, is_action, segments = zip(*tokens, strict=True)
    return Trajectory(
        codec=codec,
        tokens=np.array(values, np.int32),
        is_action=np.array(is_action, np.bool_),
        segment=np.array(segments, np.int32),
        rewards=np.array(rewards if rewards is not None else [0.0] * sum(is_action), np.float32),
        copy_weight=copy_weight,
        source="me",
    )


def one_row(*trajectories: Trajectory, length: int = 12) -> Batch:
    """Returns the only row there is."""
    return Mixture({"words": trajectories}, VOCABULARY, BatchConfig(rows=1, length=length), seed=0).batch(0)


def test_a_document_opens_with_its_dialect_and_is_numbered_from_zero() -> None:
    batch = one_row(episode("34!0!2", codec="board"), length=6)
    assert batch.tokens.tolist() == [[11, 15, 16, 12, 14, 0]]
    assert batch.positions.tolist() == [[0, 1, 2, 3, 4, 0]]
    assert batch.documents.tolist() == [[0, 0, 0, 0, 0, -1]]


def test_an_action_is_chosen_one_place_before_it_stands() -> None:
    batch = one_row(episode("34!0!2"), length=6)
    assert batch.actions.tolist() == [[-1, -1, 1, 3, -1, -1]]
    assert batch.copy_weights.tolist() == [[0, 0, 0.5, 0.5, 0, 0]]


def test_values_stand_where_actions_are_chosen_and_where_a_move_ends() -> None:
    batch = one_row(episode("3!1!2" + "4!5", [0.0, 1.0, 2.0]), length=7)  # reads 3, writes 1 2, reads 4, writes 5
    assert batch.foretells.tolist() == [[-1, 0, 1, 1, 2, 2, -1]]
    assert batch.ends_move.tolist() == [[False, True, True]]
    assert batch.rewards.tolist() == [[0, 1, 2]]
    assert_array_equal(batch.value_weights, np.where(batch.foretells >= 0, np.float32(0.2), 0))


def test_rewards_of_later_streams_are_kept_with_the_earlier() -> None:
    batch = one_row(episode("3!1|4!2", [0.0, 7.0]))
    assert batch.rewards.tolist() == [[0, 7]]
    assert sorted(batch.foretells[batch.foretells >= 0].tolist()) == [0, 0, 1, 1]
    assert sorted(set(batch.documents.ravel().tolist())) == [-1, 0, 1]


def test_what_teaches_the_value_alone_is_not_copied() -> None:
    batch = one_row(episode("3!1", copy_weight=0.0), episode("3!2", copy_weight=2.0))
    assert batch.actions[batch.copy_weights > 0].tolist() == [3]
    assert batch.copy_weights.sum() == 1
    assert (batch.foretells >= 0).sum() == 4


def test_what_was_legal_stands_at_the_places_where_it_was_so() -> None:
    legal = np.array([[0, 1, 1, 0, 0], [0, 0, 1, 1, 0]], np.bool_)
    noted = replace(episode("3!1!2", codec="board"), legal=legal)
    sources = {"words": [episode("3!1")], "board": [noted]}
    batch = Mixture(sources, VOCABULARY, BatchConfig(rows=2, length=6), seed=0).batch(0)

    bits = np.unpackbits(batch.legal, axis=1, count=VOCABULARY.size)
    found = dict(zip(batch.actions[batch.copy_weights > 0].tolist(), bits.tolist(), strict=True))
    # Nobody wrote down what the first could have said.
    assert found.pop(2) == [1] * VOCABULARY.size
    assert {action: np.flatnonzero(row).tolist() for action, row in found.items()} == {13: [13, 14], 14: [14, 15]}


def test_where_one_token_alone_was_legal_nothing_is_copied() -> None:
    legal = np.array([[0, 1, 1, 0, 0], [0, 0, 1, 0, 0]], np.bool_)
    forced = replace(episode("3!1!2", codec="board"), legal=legal)
    batch = Mixture({"board": [forced]}, VOCABULARY, BatchConfig(rows=1, length=6), seed=0).batch(0)

    assert batch.actions[batch.copy_weights > 0].tolist() == [13]
    assert batch.copy_weights.sum() == 1
    assert np.count_nonzero(batch.foretells >= 0) > 1


def test_what_a_search_weighed_stands_at_the_places_it_was_weighed_at() -> None:
    weights = np.array([[0, 0.5, 0, 0.5, 0], [0, 0, 1, 0, 0]], np.float32)
    searched = replace(episode("3!1|4!2", codec="board"), weights=weights)
    batch = one_row(searched, episode("3!0", codec="board"))
    told = {
        int(action): dict(zip(choices[shares > 0].tolist(), shares[shares > 0].tolist(), strict=True))
        for action, choices, shares in zip(
            batch.actions[batch.copy_weights > 0], batch.choices, batch.shares, strict=True
        )
    }
    assert told == {13: {13: 0.5, 15: 0.5}, 14: {14: 1.0}, 12: {}}


def test_where_nobody_searched_there_is_nothing_to_choose_among() -> None:
    assert one_row(episode("3!1!2")).choices.shape == (2, 0)


def test_a_trajectory_too_long_for_a_row_is_refused_with_both_numbers() -> None:
    with pytest.raises(ValueError, match=r"has 6 tokens, a row holds 5: .* batch.length=8"):
        one_row(episode("3454!0"), length=5)


@pytest.mark.parametrize("nothing", [(), (episode("345"),)])
def test_a_data_set_without_actions_is_named_and_refused(nothing: tuple[Trajectory, ...]) -> None:
    with pytest.raises(ValueError, match=f"the data set 'words' has {len(nothing)} trajectories and no action"):
        one_row(*nothing)


def test_tokens_outside_the_vocabulary_are_refused() -> None:
    with pytest.raises(ValueError, match="tokens from 3 to 9, 'board' has 5"):
        one_row(episode("3!9", codec="board"))
    with pytest.raises(ValueError, match="speaks 'chess', the vocabulary knows words, board"):
        one_row(episode("3!1", codec="chess"))


def test_a_weight_for_a_source_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="for each of words wanted, got wrods=1"):
        Mixture({"words": [episode("3!1")]}, VOCABULARY, BatchConfig(weights={"wrods": 1}), 0)


def two_sources(rows: int = 8) -> Mixture:
    """Returns programs of four tokens and boards of one, three rows to one."""
    words = [episode(f"{n}!1!2!3!4") for n in range(10)] * 7
    boards = [episode(f"{n}!1", codec="board") for n in range(5)] * 20
    config = BatchConfig(rows=rows, length=13, weights={"words": 3, "board": 1})
    return Mixture({"words": words, "board": boards}, VOCABULARY, config, seed=1)


def test_rows_and_loss_are_shared_in_proportion() -> None:
    for step in range(20):
        batch = two_sources().batch(step)
        is_board = batch.tokens[:, 0] == 11
        assert is_board.sum() == 2
        for weights in (batch.copy_weights, batch.value_weights):
            np.testing.assert_allclose(weights[is_board].sum(), 0.25, rtol=1e-6)
            np.testing.assert_allclose(weights.sum(), 1, rtol=1e-6)


def test_every_document_is_drawn_once_before_any_is_drawn_twice() -> None:
    words = [episode(f"{first}{second}!1") for first in range(10) for second in range(6)]
    mixture = Mixture({"words": words}, VOCABULARY, BatchConfig(rows=5, length=12), seed=3)  # three documents a row
    for epoch in range(3):
        batches = [mixture.batch(step) for step in range(4 * epoch, 4 * epoch + 4)]
        drawn = np.concatenate([batch.documents[batch.actions >= 0] for batch in batches])
        assert sorted(drawn.tolist()) == list(range(60))


def test_each_epoch_shuffles_anew() -> None:
    words = [episode(f"{first}!{second}") for first in range(10) for second in range(6)]
    mixture = Mixture({"words": words}, VOCABULARY, BatchConfig(rows=60, length=3), seed=3)
    assert (mixture.batch(0).tokens != mixture.batch(1).tokens).any()


def test_behind_the_end_of_a_trajectory_nothing_is_earned_and_no_move_ends() -> None:
    batch = one_row(episode("3!1", [5.0]), episode("3!1!2!3", [1.0, 0.0, 0.0]))
    assert sorted(batch.rewards.tolist()) == [[1, 0, 0], [5, 0, 0]]
    assert sorted(batch.ends_move.tolist()) == [[False, False, True], [True, False, False]]
    assert sorted(batch.num_actions.tolist()) == [1, 3]


def test_a_mixture_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="a mixture of no data sets"):
        Mixture({}, VOCABULARY, BatchConfig(), seed=0)


def test_a_batch_depends_on_its_number_alone() -> None:
    fresh, used = two_sources(), two_sources()
    for step in (5, 0, 3):
        used.batch(step)
    assert_array_equal(fresh.batch(3).tokens, used.batch(3).tokens)
    assert (fresh.batch(3).tokens != fresh.batch(4).tokens).any()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.integers(1, 8), min_size=1, max_size=3), min_size=1, max_size=20), st.integers(0, 9))
def test_packing_loses_no_document_and_mixes_none(segments: list[list[int]], seed: int) -> None:
    trajectories = [
        episode("|".join("".join(f"{token}" for token in range(size)) + "!9" for size in sizes)) for sizes in segments
    ]
    mixture = Mixture({"words": trajectories}, VOCABULARY, BatchConfig(rows=64, length=10), seed)
    batch = mixture.batch(0)
    seen = {}
    for number in set(batch.documents.ravel().tolist()) - {-1}:
        rows, places = np.nonzero(batch.documents == number)
        first = rows == rows[0]
        assert_array_equal(batch.positions[rows[first], places[first]], np.arange(first.sum()))
        seen[number] = batch.tokens[rows[first], places[first]].tolist()
    assert [seen[number] for number in sorted(seen)] == [
        [0, *range(1, size + 1), 10] for sizes in segments for size in sizes
    ]
