"""Mutated inputs."""

from alphakata.envs.code.inputs import made_inputs


def test_made_inputs_are_a_function_of_the_seed() -> None:
    assert made_inputs(["1 2 3"], 8, seed=4) == made_inputs(["1 2 3"], 8, seed=4)
    assert made_inputs(["1 2 3"], 8, seed=4) != made_inputs(["1 2 3"], 8, seed=5)
    assert made_inputs(["1 2 3"], 8, seed=4) != made_inputs(["1 2 3"], 8, seed=(1, 4))


def test_made_inputs_differ_from_each_other() -> None:
    made = made_inputs(["1 2 3", "hello"], 20, seed=0)
    assert len(set(made)) == len(made) == 20


def test_a_leading_count_stays_true() -> None:
    for text in made_inputs(["3\n5 6 7", "1\n4"], 30, seed=0):
        count, numbers = text.split("\n")
        assert int(count) == len(numbers.split())


def test_inputs_of_one_length_keep_it() -> None:
    assert all(len(text.split()) == 2 for text in made_inputs(["3 9", "1 4"], 20, seed=0))


def test_lists_of_different_lengths_grow_and_shrink() -> None:
    lengths = {len(text.split()) for text in made_inputs(["5 6 7", "1 2"], 30, seed=0)}
    assert min(lengths) < 2
    assert max(lengths) > 3


def test_integers_inside_a_word_move_and_letters_change() -> None:
    assert all(text.count("-") == 1 and text != "10-20" for text in made_inputs(["10-20"], 10, seed=1))
    assert all(text.isalpha() and text != "abc" for text in made_inputs(["abc"], 10, seed=1))


def test_bits_flip_and_rows_of_digits_keep_their_width() -> None:
    assert all(len(text) == 4 and text.isdigit() for text in made_inputs(["0972"], 10, seed=0))
    flipped = {"0110100"[:i] + "10"[int("0110100"[i])] + "0110100"[i + 1 :] for i in range(7)}
    assert flipped <= set(made_inputs(["0110100"], 60, seed=0))
