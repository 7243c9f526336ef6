"""What is installed is what stands in the house."""

import tomllib
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import alphakata

HOUSE = Path(__file__).parents[1]
ROOMS = ("agents", "configs", "envs", "experiments", "learners", "search")
PROJECT = tomllib.loads((HOUSE / "pyproject.toml").read_text())
SETUPTOOLS = PROJECT["tool"]["setuptools"]
FILES = [
    path.relative_to(HOUSE)
    for room in ROOMS
    for path in sorted((HOUSE / room).rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts
]


def test_every_folder_with_a_module_is_a_listed_package() -> None:
    folders = {".".join(("alphakata", *file.parent.parts)) for file in FILES if file.suffix == ".py"}

    assert folders | {"alphakata"} == set(SETUPTOOLS["packages"])


def test_every_package_has_a_sign() -> None:
    for package in SETUPTOOLS["packages"]:
        assert (HOUSE.joinpath(*package.split(".")[1:]) / "__init__.py").is_file(), package


@pytest.mark.parametrize("file", [file for file in FILES if file.suffix != ".py"], ids=str)
def test_every_other_file_is_shipped(file: Path) -> None:
    shipped = [
        Path(*package.split(".")[1:], pattern.replace("**/", "*"))
        for package, patterns in SETUPTOOLS["package-data"].items()
        for pattern in patterns
    ]

    assert any(fnmatch(str(file), str(pattern)) for pattern in shipped)


def test_types_are_shipped() -> None:
    assert (HOUSE / "py.typed").is_file()
    assert "py.typed" in SETUPTOOLS["package-data"]["alphakata"]


def test_version_is_told_once() -> None:
    assert alphakata.__version__ == PROJECT["project"]["version"] == version("alphakata")


def test_constraints_name_a_fitting_version_of_every_dependency() -> None:
    lines = (HOUSE / "constraints.txt").read_text().splitlines()
    pins = {canonicalize_name(name): pin for name, _, pin in (line.partition("==") for line in lines if "==" in line)}
    optional = PROJECT["project"]["optional-dependencies"].values()

    for text in [*PROJECT["project"]["dependencies"], *(text for extra in optional for text in extra)]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), text
