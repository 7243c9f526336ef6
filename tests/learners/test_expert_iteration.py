"""The loop of expert iteration: what it leaves, how it goes on, and that it learns."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from alphakata.agents.checkpoint import load, save
from alphakata.agents.engine import Engine, Voice
from alphakata.agents.transformer import Transformer, TransformerConfig
from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.board.tictactoe import TicTacToe
from alphakata.envs.trajectory import Trajectory
from alphakata.learners.dataset import BatchConfig, Mixture
from alphakata.learners.expert_iteration import ExpertIteration, ExpertIterationConfig, Seams, matches, strongest
from alphakata.learners.imitation import Imitation, ImitationConfig
from alphakata.learners.practice import match, practise
from alphakata.search import Gumbel

ENV = TicTacToe()
CODEC = ENV.codec
VOCABULARY = Vocabulary.of({CODEC.name: (CODEC.size, CODEC.fingerprint())})
NETWORK = TransformerConfig(VOCABULARY.size, d_model=32, num_layers=2, num_heads=2, d_ff=64, max_length=32)
SEARCH = Gumbel(12, by_rounds=True)
CONFIG = ExpertIterationConfig(iterations=3, episodes=8, episodes_per_chunk=4, window=2, updates=4, match_episodes=4)


class KilledError(Exception):
    """Stands for whatever ends a process."""


@dataclass
class Dojo:
    """Everything the loop is handed for tic-tac-toe; it keeps count, and breaks off where it is told to.

    Attributes:
        killed_after: calls until it breaks off; None never does.
    """

    folder: Path
    killed_after: int | None = None
    calls: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, config: ExpertIterationConfig = CONFIG) -> Path:
        model = Transformer(NETWORK, torch.Generator().manual_seed(0))
        steps = config.iterations * config.updates
        learner = Imitation(model, ImitationConfig(steps, warmup_steps=2, learning_rate=0.005))

        def export(path: Path) -> None:
            save(path, NETWORK, model.state_dict(), VOCABULARY, {CODEC.name: CODEC.to_json()})

        def batches(trajectories: Sequence[Trajectory], iteration: int) -> object:
            self._called(f"learn {iteration}")
            return Mixture({"play": trajectories}, VOCABULARY, BatchConfig(32, 32), iteration).batch

        seams = Seams(self._play, batches, self._match, export, lambda number, path: None)  # type: ignore[arg-type]
        return ExpertIteration(learner, seams, config, self.folder / "loop", self.folder / "tb").run()

    def _play(self, champion: Path, chunks: Sequence[range]) -> Iterator[tuple[range, list[Trajectory]]]:
        for chunk in chunks:
            self._called(f"play {champion.parent.name} {chunk.start}")
            yield chunk, practise(ENV, SEARCH, speak(champion), chunk)

    def _match(self, candidate: Path, champion: Path, seeds: range) -> list[float]:
        self._called(f"match {candidate.parent.name} {champion.parent.name}")
        return match(ENV, SEARCH, speak(candidate), speak(champion), seeds)

    def _called(self, what: str) -> None:
        # Two threads call where play is ahead.
        with self.lock:
            self.calls.append(what)
            if len(self.calls) == self.killed_after:
                raise KilledError


def speak(folder: Path) -> Voice:
    return Engine(load(folder).model, VOCABULARY).speak(VOCABULARY.dialects[CODEC.name])


def weights(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("loop/iteration_*/policy/model.safetensors"))]


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> Dojo:
    """A loop that nothing disturbed."""
    dojo = Dojo(tmp_path_factory.mktemp("straight"))
    dojo.run()
    return dojo


def test_every_iteration_plays_learns_and_matches_in_turn(straight: Dojo) -> None:
    assert [call.split()[0] for call in straight.calls] == ["play", "play", "learn", "match"] * 3
    assert [int(call.split()[2]) for call in straight.calls if call.startswith("play")] == [0, 4, 8, 12, 16, 20]
    assert len(weights(straight.folder)) == 4


@pytest.mark.parametrize("killed_after", [2, 3, 8])
def test_a_loop_that_is_broken_off_goes_on_to_the_same_weights(
    straight: Dojo, tmp_path: Path, killed_after: int
) -> None:
    with pytest.raises(KilledError):
        Dojo(tmp_path, killed_after).run()

    resumed = Dojo(tmp_path)
    resumed.run()

    assert resumed.calls == straight.calls[killed_after - 1 :]
    assert weights(tmp_path) == weights(straight.folder)
    assert matches(tmp_path / "loop") == matches(straight.folder / "loop")


@pytest.mark.parametrize("killed_after", [None, 5, 7, 9])
def test_played_ahead_each_round_is_by_the_strongest_of_a_round_before(
    tmp_path: Path, killed_after: int | None
) -> None:
    ahead = replace(CONFIG, play_ahead=True)
    whole = Dojo(tmp_path / "whole")
    whole.run(ahead)

    plays = [call.split() for call in whole.calls if call.startswith("play")]
    played = {first: who for _, who, first in plays}
    older = strongest(whole.folder / "loop", before=2).parent.name
    assert played == dict.fromkeys(["0", "4", "8", "12"], "iteration_0000") | dict.fromkeys(["16", "20"], older)
    if killed_after:
        with pytest.raises(KilledError):
            Dojo(tmp_path / "broken", killed_after).run(ahead)
        # A process that ends takes them along.
        for thread in [thread for thread in threading.enumerate() if thread.name.startswith("play")]:
            thread.join()
        Dojo(tmp_path / "broken").run(ahead)
        assert weights(tmp_path / "broken") == weights(whole.folder)


def test_a_finished_loop_does_nothing_more(straight: Dojo) -> None:
    again = Dojo(straight.folder)
    assert again.run() == strongest(straight.folder / "loop")
    assert again.calls == []


def test_who_loses_the_match_does_not_play_on(tmp_path: Path) -> None:
    dojo = Dojo(tmp_path)
    impossible = ExpertIterationConfig(2, 4, 4, updates=1, match_episodes=20, match_score=1.0)
    assert dojo.run(impossible).parent.name == "iteration_0000"
    assert [call.split()[1] for call in dojo.calls if call.startswith("play")] == ["iteration_0000"] * 2
    assert not any(result["accepted"] for result in matches(tmp_path / "loop"))


def test_without_a_match_whoever_learnt_last_plays_on(tmp_path: Path) -> None:
    assert Dojo(tmp_path).run(ExpertIterationConfig(2, 4, 4, updates=1, match_episodes=0)).parent.name == (
        "iteration_0002"
    )
    assert json.loads((tmp_path / "loop/iteration_0002/match.json").read_text())["score"] is None


@pytest.mark.parametrize("wrong", [{"iterations": 0}, {"updates": 0}, {"match_score": 1.5}])
def test_numbers_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        ExpertIterationConfig(**wrong)


@pytest.mark.slow
def test_from_nothing_it_learns_to_beat_what_it_was(tmp_path: Path) -> None:
    config = ExpertIterationConfig(5, episodes=128, episodes_per_chunk=128, updates=80, match_episodes=0)
    last = Dojo(tmp_path).run(config)
    scores = match(ENV, Gumbel(0), speak(last), speak(tmp_path / "loop/iteration_0000/policy"), range(200))
    assert sum(scores) > 0.6 * len(scores)
