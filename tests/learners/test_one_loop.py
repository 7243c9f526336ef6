"""One loop for every kind of world: the board games are in `test_expert_iteration.py`, here are the others."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from alphakata.agents.baselines import NGramPolicy
from alphakata.agents.checkpoint import load, save
from alphakata.agents.engine import Engine, Voice
from alphakata.agents.transformer import Transformer, TransformerConfig
from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.code import CodeContest, Problem, Solution
from alphakata.envs.code.judge import Case
from alphakata.envs.rts.env import Skirmish
from alphakata.envs.rts.maps import MapSettings
from alphakata.envs.shards import read_shard
from alphakata.envs.trajectory import Trajectory
from alphakata.envs.types import SequentialEnv
from alphakata.learners.dataset import Batch, BatchConfig, Mixture
from alphakata.learners.expert_iteration import ExpertIteration, ExpertIterationConfig, Seams, matches
from alphakata.learners.imitation import Imitation, ImitationConfig
from alphakata.learners.practice import filtered_moves, match, practise
from alphakata.search import AlphaCode, Playouts, Sample, Search

World = SequentialEnv[Any]
Play = Callable[[Voice, range], list[Trajectory]]


def practised(folder: Path, world: World, play: Play, search: Search) -> list[Trajectory]:
    """Returns what two iterations of the loop played; `search` plays the matches."""
    codec = world.codec
    vocabulary = Vocabulary.of({codec.name: (codec.size, codec.fingerprint())})
    config = TransformerConfig(vocabulary.size, d_model=16, num_layers=1, num_heads=2, d_ff=32, max_length=512)
    model = Transformer(config, torch.Generator().manual_seed(0))

    def speak(path: Path) -> Voice:
        return Engine(load(path).model, vocabulary).speak(vocabulary.dialects[codec.name])

    def played(champion: Path, chunks: Sequence[range]) -> Iterator[tuple[range, list[Trajectory]]]:
        for chunk in chunks:
            yield chunk, play(speak(champion), chunk)

    def batches(trajectories: Sequence[Trajectory], iteration: int) -> Callable[[int], Batch]:
        return Mixture({"play": trajectories}, vocabulary, BatchConfig(2, 512), iteration).batch

    seams = Seams(
        played,
        batches,
        lambda new, old, seeds: match(world, search, speak(new), speak(old), seeds),
        lambda path: save(path, config, model.state_dict(), vocabulary, {codec.name: codec.to_json()}),
        lambda iteration, path: None,
    )
    length = ExpertIterationConfig(iterations=2, episodes=2, episodes_per_chunk=2, updates=2, match_episodes=2)
    learner = Imitation(model, ImitationConfig(4))
    ExpertIteration(learner, seams, length, folder / "loop", folder / "tb").run()
    assert [result["episodes"] for result in matches(folder / "loop")] == [2, 2]
    return [t for path in sorted(folder.glob("loop/iteration_*/play_*")) for t in read_shard(path)]


def test_the_strategy_game_is_practised_by_every_side(tmp_path: Path) -> None:
    world = Skirmish(MapSettings(limit=20))
    search = Playouts(num_candidates=2, num_rounds=1, horizon=4)

    trajectories = practised(tmp_path, world, lambda policy, seeds: practise(world, search, policy, seeds), search)

    assert len(trajectories) == 2 * 2 * world.num_players
    assert all(trajectory.values is not None for trajectory in trajectories)


def test_of_code_the_loop_learns_the_programs_that_passed_the_filter(tmp_path: Path) -> None:
    right, wrong = "print(int(input())*2)", "print("
    double = Problem(
        name="double",
        statement="Print twice the number.",
        examples=(Case("2", "4"),),
        hidden=(Case("3", "6"),),
        solutions=(Solution("python3", right),),
    )
    world = CodeContest((double,), attempts=1)
    programs = [[*world.codec.encode(program).tolist(), world.end] for program in (right, wrong)]
    prompt = world.init(0).tokens.tolist()
    # Who has not imitated yet writes no program that passes, so somebody else writes them here.
    writer = NGramPolicy(10, world.codec.size).fit([prompt + program for program in programs * 20])

    trajectories = practised(
        tmp_path,
        world,
        lambda policy, seeds: practise(world, AlphaCode(40), writer, seeds, filtered_moves),
        Sample(),
    )

    learnt = {world.codec.decode(t.tokens[t.is_action][:-1].tolist()) for t in trajectories}
    assert right in learnt
    assert wrong not in learnt
    assert all(trajectory.returns == 1 for trajectory in trajectories)
