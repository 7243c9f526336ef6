import numpy as np
import pytest

from alphakata.agents.baselines import UniformPolicy
from alphakata.envs.board.experts import PerfectTicTacToe
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.search import Plan, Player, Puct, Root, Sample, Scheduler, Scripted, rollout

ENV = TicTacToe()
POLICY = UniformPolicy(ENV.codec.size)


def test_perfect_players_always_draw() -> None:
    player = Player("perfect", Scripted(PerfectTicTacToe()), POLICY)
    episodes = Scheduler().run(rollout(ENV, seed, [player, player]) for seed in range(5))
    assert all(episode.returns == (0.0, 0.0) for episode in episodes)


def test_trajectories_hold_what_each_side_read_and_wrote() -> None:
    player = Player("random", Sample(), POLICY)
    (episode,) = Scheduler().run([rollout(ENV, 3, [player, player])])
    first, second = episode.trajectories
    assert first.is_action.sum() + second.is_action.sum() == len(episode.turns)
    assert (first.returns, second.returns) == episode.returns
    written = [turn.decision.moves[0][0] for turn in episode.turns if turn.player == 0]
    assert first.tokens[first.is_action].tolist() == written


def test_the_bill_of_a_player_is_the_sum_over_its_turns() -> None:
    player = Player("random", Sample(), POLICY)
    (episode,) = Scheduler().run([rollout(ENV, 0, [player, player])])
    assert episode.bill(0).samples == len([turn for turn in episode.turns if turn.player == 0])


def test_the_same_seeds_play_the_same_game_whatever_runs_beside_it() -> None:
    player = Player("random", Sample(), POLICY)
    (alone,) = Scheduler().run([rollout(ENV, 7, [player, player])])
    crowd = Scheduler().run(rollout(ENV, seed, [player, player]) for seed in range(20))
    assert [turn.decision.moves for turn in crowd[7].turns] == [turn.decision.moves for turn in alone.turns]


def test_an_empty_seat_is_refused_with_both_numbers() -> None:
    with pytest.raises(ValueError, match="TicTacToe seats 2 players, got 1"):
        Scheduler().run([rollout(ENV, 0, [Player("alone", Sample(), POLICY)])])


def test_every_decision_is_told_how_many_went_before_it() -> None:
    told: list[int] = []

    def observing(root: Root, rng: np.random.Generator) -> Plan:
        told.append(root.turn)
        return (yield from Sample()(root, rng))

    player = Player("observing", observing, POLICY)
    (episode,) = Scheduler().run([rollout(ENV, 0, [player, player])])

    assert told == list(range(len(episode.turns)))


def test_what_a_search_weighed_and_expected_is_written_down_beside_the_move() -> None:
    player = Player("puct", Puct(12), POLICY)
    (episode,) = Scheduler().run([rollout(ENV, 0, [player, player])])
    decisions = [turn.decision for turn in episode.turns if turn.player == 1]
    (_, trajectory) = episode.trajectories
    assert trajectory.weights is not None
    assert trajectory.values is not None
    assert (trajectory.weights == np.array([decision.weights for decision in decisions])).all()
    assert (trajectory.values == np.array([decision.value for decision in decisions], np.float32)).all()


def test_who_expects_nothing_leaves_no_values() -> None:
    player = Player("expert", Scripted(PerfectTicTacToe()), POLICY)
    (episode,) = Scheduler().run([rollout(ENV, 0, [player, player])])
    assert all(trajectory.values is None for trajectory in episode.trajectories)
