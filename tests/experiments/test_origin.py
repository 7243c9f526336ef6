"""Results say where they come from."""

import subprocess
from pathlib import Path

from alphakata.experiments.origin import commit, origin, versions


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    return subprocess.run(["git", "-C", folder, *who, *arguments], capture_output=True, text=True, check=True).stdout


def test_a_checkout_says_its_commit_and_whether_it_was_changed(tmp_path: Path) -> None:
    assert commit(tmp_path) is None
    git(tmp_path, "init")
    assert commit(tmp_path) is None
    git(tmp_path, "commit", "--allow-empty", "-m", "Begin")
    sha = git(tmp_path, "rev-parse", "HEAD").strip()

    assert commit(tmp_path) == {"sha": sha, "dirty": False}
    (tmp_path / "new").touch()
    assert commit(tmp_path) == {"sha": sha, "dirty": True}


def test_versions_and_command_are_told() -> None:
    assert versions()["torch"]
    assert origin(["alphakata", "run"])["command"] == ["alphakata", "run"]
