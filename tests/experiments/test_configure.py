"""Choices become one configuration, and a wrong word is answered with the right ones."""

import pytest

from alphakata.experiments.configure import ConfigError, choices, compose, sweep


def test_several_worlds_and_searches_can_be_chosen_at_once() -> None:
    config = compose(["env=[tictactoe,connect_four]", "search=[sample,puct]"])

    assert list(config.envs) == ["tictactoe", "connect_four"]
    assert list(config.searches) == ["sample", "puct"]


def test_a_field_that_yaml_does_not_mention_can_be_set() -> None:
    assert compose(["searches.puct.num_simulations=128"]).searches.puct.num_simulations == 128


def test_an_experiment_says_less_than_the_command_line() -> None:
    config = compose(["experiment=tiny", "env=connect_four", "train.steps=7"])

    assert config.name == "tiny"
    assert config.train.steps == 7
    assert list(config.envs) == ["connect_four"]


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("env=conect_four", "there is no env 'conect_four' (known: chess, code, code_file, connect_four, "),
        ("env=conect_four", "did you mean 'connect_four'?"),
        ("search=[sample,putc]", "did you mean 'puct'?"),
        ("envs.tictac.weight=2", "envs.tictac is set, but no env 'tictac' is chosen (known: code, connect_four)"),
        ("train.steps=1,2", "train.steps=1,2 asks for several runs: say so with -m"),
        ("train.steps", "an override is key=value, for example env=code"),
        ("env=null", "env=null: Config group override must be a string or a list"),
    ],
)
def test_a_wrong_word_is_named(override: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        compose([override])

    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_a_worlds_setting_is_none_of_another_whose_name_begins_alike() -> None:
    config = compose(["experiment=tiny", "env=code_file", "envs.code_file.weight=2"])

    assert list(config.envs) == ["code_file"]


def test_a_sweep_is_every_combination_and_a_list_is_no_sweep() -> None:
    found = list(sweep(["env=code,tictactoe", "train.steps=range(2)", "seeds=[0,1]", "name=x"]))

    assert found == [
        ["env=code", "train.steps=0", "seeds=[0,1]", "name=x"],
        ["env=code", "train.steps=1", "seeds=[0,1]", "name=x"],
        ["env=tictactoe", "train.steps=0", "seeds=[0,1]", "name=x"],
        ["env=tictactoe", "train.steps=1", "seeds=[0,1]", "name=x"],
    ]


def test_choices_are_the_files_of_a_group() -> None:
    assert {"sample", "best_of_n", "alphacode", "beam", "puct"} <= set(choices("search"))


def test_another_kind_of_agent_is_one_override_whatever_the_experiment_had_in_mind() -> None:
    tiny = compose(["experiment=tiny", "agent=lstm", "agent.d_model=48"])

    assert dict(tiny.agent) == {"_target_": "alphakata.agents.lstm.LSTMConfig", "vocab_size": 0, "d_model": 48}
    assert compose(["experiment=tiny", "agent=transformer"]).agent.d_model == 32
