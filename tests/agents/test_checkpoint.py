import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from alphakata.agents.checkpoint import CheckpointError, load, save, whole
from alphakata.agents.transformer import Transformer
from alphakata.agents.vocabulary import Vocabulary


@pytest.fixture
def folder(tmp_path: Path, model: Transformer, vocabulary: Vocabulary) -> Path:
    save(tmp_path / "runs" / "best", model.config, model.state_dict(), vocabulary, {"words": "{}"}, {"step": 7})
    return tmp_path / "runs" / "best"


def test_what_was_saved_is_loaded(folder: Path, model: Transformer, vocabulary: Vocabulary) -> None:
    found = load(folder)

    assert found.model.config == model.config
    assert all(torch.equal(weight, model.state_dict()[name]) for name, weight in found.model.state_dict().items())
    assert (found.vocabulary, found.codecs, found.metadata) == (vocabulary, {"words": "{}"}, {"step": 7})


def test_a_checkpoint_is_three_files_and_leaves_nothing_beside_it(folder: Path) -> None:
    assert sorted(os.listdir(folder)) == ["config.json", "model.safetensors", "vocabulary.json"]
    assert os.listdir(folder.parent) == ["best"]


def test_saving_again_takes_the_place_of_the_old(folder: Path, model: Transformer, vocabulary: Vocabulary) -> None:
    save(folder, model.config, model.state_dict(), vocabulary, {}, {"step": 8})

    assert load(folder).metadata == {"step": 8}
    assert os.listdir(folder.parent) == ["best"]


def test_other_files_may_be_written_with_it(folder: Path, model: Transformer, vocabulary: Vocabulary) -> None:
    with whole(folder) as new:
        save(new / "policy", model.config, model.state_dict(), vocabulary, {})
        torch.save({"step": 9}, new / "learner.pt")

    assert load(folder / "policy").metadata == {}
    assert torch.load(folder / "learner.pt") == {"step": 9}


def test_a_writer_that_raises_changes_nothing(folder: Path) -> None:
    def give_up() -> None:
        with whole(folder) as new:
            (new / "config.json").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert load(folder).metadata == {"step": 7}
    assert os.listdir(folder.parent) == ["best"]


@pytest.mark.parametrize("deadly", range(2))
def test_a_writer_killed_between_two_renames_loses_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, deadly: int
) -> None:
    replace, renames = os.replace, []

    def die(source: Path, target: Path) -> None:
        renames.append(target)
        if len(renames) > deadly:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", die)
    with pytest.raises(KeyboardInterrupt), whole(folder) as new:
        (new / "config.json").write_text("{}")
    monkeypatch.undo()

    assert load(folder).metadata == {"step": 7}
    with whole(folder) as new:
        (new / "note").write_text("fresh")
    assert os.listdir(folder.parent) == ["best"]
    assert os.listdir(folder) == ["note"]


def test_what_a_killed_writer_left_is_in_nobodys_way(folder: Path) -> None:
    (folder.parent / ".best.new").mkdir()
    (folder.parent / ".best.new" / "config.json").write_text("half")
    (folder.parent / ".best.old").mkdir()

    with whole(folder) as new:
        (new / "note").write_text("fresh")
    assert os.listdir(folder.parent) == ["best"]
    assert os.listdir(folder) == ["note"]


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "vocabulary.json"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()

    with pytest.raises(CheckpointError, match=f"{file} is missing: a checkpoint is a folder with"):
        load(folder)


@pytest.mark.parametrize("size", [0, 4, 100, -1])
def test_weights_cut_short_are_refused(folder: Path, size: int) -> None:
    data = (folder / "model.safetensors").read_bytes()[:size]
    (folder / "model.safetensors").write_bytes(data)

    with pytest.raises(CheckpointError, match=rf"model.safetensors \({len(data)} bytes\) is no whole safetensors file"):
        load(folder)


@pytest.mark.parametrize("file", ["config.json", "vocabulary.json"])
@pytest.mark.parametrize(("text", "found"), [('{"format": 1', "is no JSON"), ("[1]", "holds a list, an object")])
def test_a_broken_description_is_refused(folder: Path, file: str, text: str, found: str) -> None:
    (folder / file).write_text(text)

    with pytest.raises(CheckpointError, match=f"{file} {found}"):
        load(folder)


def test_a_description_without_what_it_needs_is_refused(folder: Path) -> None:
    (folder / "vocabulary.json").write_text("{}")

    with pytest.raises(CheckpointError, match="does not describe a network \\('dialects'\\)"):
        load(folder)


def test_another_format_is_refused(folder: Path) -> None:
    edit(folder / "config.json", format=2)

    with pytest.raises(CheckpointError, match="has format 2, this version reads 1"):
        load(folder)


def test_weights_of_another_shape_are_refused_with_both_sides(folder: Path) -> None:
    model = json.loads((folder / "config.json").read_text())["model"]
    edit(folder / "config.json", model={**model, "d_model": 40})

    with pytest.raises(
        CheckpointError, match=r"has blocks.0.\w+ of shape \[.*\], config.json beside it wants of shape \[.*\]"
    ):
        load(folder)


def test_weights_of_another_network_are_refused_with_both_sides(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["value_head"]
    save_file(weights, folder / "model.safetensors")

    with pytest.raises(CheckpointError, match="has value_head absent"):
        load(folder)


def test_a_vocabulary_of_another_size_is_refused_with_both_sides(folder: Path) -> None:
    edit(folder / "vocabulary.json", dialects=[])

    with pytest.raises(CheckpointError, match=r"has 0 tokens, config.json says 19"):
        load(folder)


def edit(path: Path, **changes: object) -> None:
    """Rewrites the JSON object in `path` with `changes`."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
