"""Distillation: a student comes nearer to its teachers than by copying what they did."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from alphakata.agents.transformer import Transformer, TransformerConfig
from alphakata.agents.vocabulary import Vocabulary
from alphakata.envs.trajectory import Trajectory
from alphakata.learners.dataset import Batch, BatchConfig, Mixture
from alphakata.learners.distillation import Distillation, DistillationConfig
from alphakata.learners.imitation import Imitation, ImitationConfig

SIZE = 8
VOCABULARY = Vocabulary.of({"words": (SIZE, "w")})
STUDENT = ImitationConfig(steps=60, learning_rate=0.01, warmup_steps=5, weight_decay=0.0, value_weight=0.0)


def network(seed: int, d_model: int = 16, loudness: float = 1.0) -> Transformer:
    config = TransformerConfig(SIZE + 1, d_model, num_layers=1, num_heads=2, d_ff=32, max_length=16)
    model = Transformer(config, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        model.embedding.mul_(loudness)
    return model


def opinionated(seed: int) -> Transformer:
    """Returns a teacher that is far from uniform."""
    return network(seed, d_model=32, loudness=5.0)


@torch.no_grad()
def opinions(model: Transformer) -> torch.Tensor:
    """Returns `[8, 8]`, which word a network says after each single word."""
    tokens = torch.stack((torch.zeros(SIZE, dtype=torch.long), torch.arange(1, SIZE + 1)), 1)
    hidden = model(tokens, torch.arange(2).expand(SIZE, 2), torch.zeros_like(tokens))
    return model.logits(hidden[:, 1])[:, 1:].softmax(-1)


def samples(teacher: Transformer, count: int) -> list[Trajectory]:
    """Returns `count` words the teacher said to each word."""
    rng = np.random.default_rng(0)
    said = opinions(teacher).double().numpy()
    return [
        Trajectory(
            codec="words",
            tokens=np.array([word, rng.choice(SIZE, p=said[word] / said[word].sum())], np.int32),
            is_action=np.array([False, True]),
            segment=np.zeros(2, np.int32),
            rewards=np.zeros(1, np.float32),
        )
        for word in range(SIZE)
        for _ in range(count)
    ]


def batch(trajectories: Sequence[Trajectory]) -> Batch:
    return Mixture({"all": trajectories}, VOCABULARY, BatchConfig(rows=12, length=12), 0).batch(0)


def distance(teacher: torch.Tensor, student: Transformer) -> float:
    """Returns the mean divergence of what the student says from what the teacher does."""
    return float((teacher * (teacher / opinions(student)).log()).sum(-1).mean())


def distilled(teachers: Sequence[Transformer], shown: Batch, config: DistillationConfig) -> Transformer:
    student = network(seed=5)
    learner = Distillation(student, teachers, config)
    for _ in range(60):
        learner.update(shown)
    return student


def test_a_small_student_comes_nearer_by_the_teacher_s_logits_than_by_as_many_samples() -> None:
    teacher = opinionated(1)
    shown = batch(samples(teacher, 2))
    copying = network(seed=5)
    learner = Imitation(copying, STUDENT)
    for _ in range(60):
        learner.update(shown)

    student = distilled([teacher], shown, DistillationConfig(STUDENT))

    assert distance(opinions(teacher), student) < 0.5 * distance(opinions(teacher), copying)


def test_from_a_search_to_the_policy_what_was_weighed_is_learnt_and_not_what_was_played() -> None:
    weighed = opinions(opinionated(0))
    played = [
        replace(trajectory, weights=weighed[trajectory.tokens[:1]].numpy())
        for trajectory in samples(opinionated(0), count=1)
    ]
    student = network(seed=5)
    before, learner = distance(weighed, student), Imitation(student, STUDENT)
    for _ in range(60):
        learner.update(batch(played))
    assert distance(weighed, student) < 0.1 * before


def test_of_several_teachers_it_learns_the_mean() -> None:
    teachers = [opinionated(1), opinionated(2)]
    mean = torch.stack([opinions(teacher) for teacher in teachers]).mean(0)

    student = distilled(teachers, batch(samples(teachers[0], 2)), DistillationConfig(STUDENT))

    assert distance(mean, student) < 0.5 * min(distance(opinions(teacher), student) for teacher in teachers)


def test_at_a_higher_temperature_the_student_learns_the_same_logits() -> None:
    teacher = opinionated(1)
    shown = batch(samples(teacher, 2))
    student = distilled([teacher], shown, DistillationConfig(STUDENT, temperature=3.0))
    assert distance(opinions(teacher), student) < 0.5 * distance(opinions(teacher), network(seed=5))


def test_with_one_token_kept_the_teacher_s_favourite_is_all_there_is() -> None:
    teacher = opinionated(1)
    student = distilled([teacher], batch(samples(teacher, 2)), DistillationConfig(STUDENT, top_k=1))
    assert opinions(student).argmax(-1).tolist() == opinions(teacher).argmax(-1).tolist()
    assert opinions(student).max(-1).values.mean() > opinions(teacher).max(-1).values.mean()


def test_teachers_stay_as_they_are_and_the_student_goes_on_where_it_was() -> None:
    teacher = opinionated(1)
    before, shown = teacher.embedding.clone(), batch(samples(teacher, 2))
    one = Distillation(network(seed=5), [teacher], DistillationConfig(STUDENT))
    one.update(shown)
    other = Distillation(network(seed=6), [teacher], DistillationConfig(STUDENT))
    other.load_state_dict(one.state_dict())
    assert one.update(shown) == other.update(shown)
    assert torch.equal(teacher.embedding, before)


def test_a_teacher_of_another_vocabulary_is_refused() -> None:
    stranger = Transformer(TransformerConfig(5, 16, 1, 2, 1, 32, 16), torch.Generator())
    with pytest.raises(ValueError, match=r"teachers of .5. tokens, the student has 9"):
        Distillation(network(0), [stranger], DistillationConfig())


@pytest.mark.parametrize("wrong", [{"temperature": 0.0}, {"top_k": -1}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="temperature > 0 and top_k >= 0 wanted"):
        DistillationConfig(**wrong)  # type: ignore[arg-type]
