import pytest

from alphakata.agents.vocabulary import Vocabulary


def test_dialects_lie_side_by_side_each_behind_the_token_that_opens_it(vocabulary: Vocabulary) -> None:
    assert [(d.start, d.first, d.size) for d in vocabulary.dialects.values()] == [(0, 1, 5), (6, 7, 12)]
    assert vocabulary.size == 19


def test_a_dialect_is_found_by_what_its_tokens_mean(vocabulary: Vocabulary) -> None:
    assert vocabulary.dialect("words", 12, "b2") is vocabulary.dialects["words"]


def test_an_unknown_dialect_is_refused_with_those_known(vocabulary: Vocabulary) -> None:
    with pytest.raises(ValueError, match="this policy speaks moves, words, not 'chess'"):
        vocabulary.dialect("chess", 5, "a1")


@pytest.mark.parametrize(("size", "fingerprint"), [(11, "b2"), (12, "c3")])
def test_a_dialect_that_means_something_else_is_refused_with_both_sides(
    vocabulary: Vocabulary, size: int, fingerprint: str
) -> None:
    with pytest.raises(ValueError, match=f"12 tokens and fingerprint b2, the world's has {size} and {fingerprint}"):
        vocabulary.dialect("words", size, fingerprint)
