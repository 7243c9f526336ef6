"""A run's folder is made whole, keeps its configuration and lets in one writer."""

import logging
import os
from pathlib import Path

import pytest
from omegaconf import DictConfig, OmegaConf

from alphakata.experiments.configure import ConfigError
from alphakata.experiments.folder import RunFolder


@pytest.fixture
def config() -> DictConfig:
    return OmegaConf.create({"name": "first", "seeds": [3], "train": {"steps": 5}})


@pytest.fixture
def folder(config: DictConfig, tmp_path: Path) -> RunFolder:
    return RunFolder.create(config, ["train.steps=5"], ["alphakata", "run", "train.steps=5"], tmp_path)


def test_a_new_folder_says_what_was_chosen_and_where_it_comes_from(folder: RunFolder, config: DictConfig) -> None:
    assert folder.config == config
    assert folder.overrides == ["train.steps=5"]
    assert folder.meta["seeds"] == [3]
    assert folder.meta["command"] == ["alphakata", "run", "train.steps=5"]
    assert folder.meta["versions"]["numpy"]
    assert folder.path.parent.name == "first"


def test_what_a_run_settled_on_stays(folder: RunFolder) -> None:
    assert folder.settled("learner_precision", lambda: "bfloat16") == "bfloat16"
    assert RunFolder.open(folder.path).settled("learner_precision", lambda: "float32") == "bfloat16"
    assert folder.meta["seeds"] == [3]


def test_nothing_is_left_of_a_folder_that_could_not_be_made(config: DictConfig, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        RunFolder.create(config, [], [b"no text"], tmp_path)  # type: ignore[list-item]

    assert list(tmp_path.rglob("*.yaml")) == []


def test_the_newest_run_of_a_verb_is_found_by_its_time(tmp_path: Path, config: DictConfig) -> None:
    for name in ("a/2026-01-02_00-00-00_b", "a/2026-01-03_00-00-00_a", "b/2026-01-01_00-00-00_c"):
        (tmp_path / name).mkdir(parents=True)
        OmegaConf.save(config, tmp_path / name / "config.yaml")
        verb = "train" if name.endswith("_a") else "run"
        (tmp_path / name / "meta.json").write_text(f'{{"command": ["alphakata", "{verb}"]}}')

    assert RunFolder.newest(tmp_path, "train").path == tmp_path / "a/2026-01-03_00-00-00_a"
    assert RunFolder.newest(tmp_path, "run").path == tmp_path / "a/2026-01-02_00-00-00_b"
    assert RunFolder.newest(tmp_path / "b", "run").path == tmp_path / "b/2026-01-01_00-00-00_c"


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no run"):
        RunFolder.open(tmp_path)
    with pytest.raises(ConfigError, match="holds no run of alphakata eval to go on with"):
        RunFolder.newest(tmp_path, "eval")


@pytest.mark.parametrize("text", ["name: [", "- a", b"\xff\xfe\x00"])
def test_a_broken_configuration_is_named(folder: RunFolder, text: str | bytes) -> None:
    path = folder.path / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(ConfigError, match=str(path)):
        _ = folder.config


def test_two_writers_are_one_too_many(folder: RunFolder) -> None:
    with folder.writing(), pytest.raises(ConfigError, match=f"process {os.getpid()} is writing"), folder.writing():
        pass

    with folder.writing():
        pass


def test_the_log_is_kept_in_the_folder(folder: RunFolder) -> None:
    with folder.writing():
        logging.getLogger("alphakata.experiments.run").warning("all is well")

    assert "all is well" in (folder.path / "log").read_text()


def test_what_breaks_a_run_off_is_in_its_log_with_its_traceback(folder: RunFolder) -> None:
    with pytest.raises(ValueError, match="no bread"), folder.writing():
        raise ValueError("no bread")

    assert "Traceback" in (folder.path / "log").read_text()
    assert "ValueError: no bread" in (folder.path / "log").read_text()
