"""Everything that YAML offers can be built, and everything that can be chosen has its YAML."""

from collections.abc import Iterator
from importlib import import_module
from inspect import getmembers, isclass
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

import pytest
from omegaconf import DictConfig, OmegaConf

import alphakata.envs
import alphakata.search
from alphakata.experiments.build import build, complete
from alphakata.experiments.configure import ConfigError, choices, compose
from alphakata.experiments.play import PlayConfig
from alphakata.experiments.run import RunConfig
from alphakata.experiments.solve import SolveConfig

CONFIGS = Path(__file__).parents[1] / "configs"
GROUPS = ("env", "search", "agent", "learner", "experiment")


def classes(room: ModuleType) -> Iterator[type]:
    """Yields every public class that is defined in a room."""
    for info in walk_packages(room.__path__, f"{room.__name__}."):
        module = import_module(info.name)
        for name, found in getmembers(module, isclass):
            if found.__module__ == info.name and not name.startswith("_"):
                yield found


def targets(group: str) -> set[str]:
    """Returns every `_target_` in the YAML of a group."""
    texts = [path.read_text().replace(",", "\n").replace("}", "\n") for path in (CONFIGS / group).glob("*.yaml")]
    return {line.split("_target_:")[1].strip() for text in texts for line in text.splitlines() if "_target_:" in line}


@pytest.mark.parametrize(("group", "name"), [(group, name) for group in GROUPS for name in choices(group)])
def test_every_choice_builds(group: str, name: str) -> None:
    # A run holds every setting against the baseline.
    chosen = f"[{','.join(dict.fromkeys(('sample', name)))}]" if group == "search" else name
    config = build(compose([f"{group}={chosen}"]), RunConfig)

    assert config.envs
    assert config.searches


def test_every_yaml_file_belongs_to_a_group_or_a_verb() -> None:
    groups = {f"{group}/{name}.yaml" for group in (*GROUPS, "policy") for name in choices(group)}

    files = {str(path.relative_to(CONFIGS)) for path in CONFIGS.rglob("*.yaml")}

    assert files == groups | {"config.yaml", "play.yaml", "solve.yaml"}


def test_the_configurations_of_verbs_build() -> None:
    assert list(build(compose(name="play"), PlayConfig).envs) == ["connect_four"]
    assert list(build(compose(name="solve"), SolveConfig).searches) == ["alphacode"]


@pytest.mark.parametrize("override", ["policy.path=somewhere", "policy.url=http://localhost/v1"])
def test_every_imported_policy_builds_once_it_is_told_where(override: str) -> None:
    name = {"path": "hf", "url": "endpoint"}[override.split("=")[0].split(".")[1]]

    assert build(compose([f"policy={name}", override], "solve"), SolveConfig).policy


@pytest.mark.parametrize("group", ["env", "search"])
def test_every_choice_stands_under_its_own_name(group: str) -> None:
    plural = {"env": "envs", "search": "searches"}[group]

    assert {name: list(compose([f"{group}={name}"])[plural]) for name in choices(group)} == {
        name: [name] for name in choices(group)
    }


def test_every_search_can_be_chosen() -> None:
    searches = {
        f"{found.__module__}.{found.__name__}"
        for found in classes(alphakata.search)
        if "__call__" in vars(found) and not getattr(found, "_is_protocol", False)
    }

    # What an expert plays is an opponent's affair, not a setting's.
    assert searches - {"alphakata.search.scripted.Scripted"} == targets("search")


def test_every_world_can_be_chosen() -> None:
    worlds = {
        f"{found.__module__}.{found.__name__}"
        for found in classes(alphakata.envs)
        if {"init", "step", "model"} <= vars(found).keys() and not getattr(found, "_is_protocol", False)
    }

    assert worlds - targets("env") == {"alphakata.envs.foreign.Foreign"}


def test_a_task_names_only_searches_that_exist() -> None:
    named = {search for task in build(compose(), RunConfig).envs.values() for search in task.searches}

    assert named <= set(choices("search"))


def test_a_complete_configuration_survives_its_file(tmp_path: Path) -> None:
    config = complete(compose(["experiment=tiny"]), RunConfig)
    OmegaConf.save(config, tmp_path / "config.yaml")

    again = OmegaConf.load(tmp_path / "config.yaml")

    assert isinstance(again, DictConfig)
    assert complete(again, RunConfig) == config


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("searches.puct.num_simulation=3", "Puct takes no 'num_simulation' .* did you mean 'num_simulations'"),
        ("envs.code.budgets=[{tokens: 3}]", r"envs.code.budgets\[0\].tokens: .*Limits takes no 'tokens'"),
        ("train.steps=many", "train.steps: found 'many', wanted int"),
        ("serach=puct", "RunConfig takes no 'serach' .* did you mean 'search'"),
        ("envs.code.world._target_=alphakata.search.puct.Puct", "found .*Puct, wanted SequentialEnv"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(override: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        build(compose([override]), RunConfig)
