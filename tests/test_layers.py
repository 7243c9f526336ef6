"""A room knows only the rooms below it, and heavy libraries stay where they belong."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
BELOW = {
    "envs": set(),
    "agents": set(),
    "search": {"envs", "agents"},
    "learners": {"envs", "agents", "search"},
    "experiments": {"envs", "agents", "search", "learners", "configs"},
}
JAX = {"jax", "jaxlib", "rlax"}
FORBIDDEN = {
    "envs": {"torch", *JAX},
    "agents": JAX,
    "search": {"torch", *JAX},
    "learners": JAX,
    "experiments": JAX,
}
# Of the judge's processes: what their host's end may know of the library, and what they may know of it themselves.
JUDGE = Path("envs/code/judge")
OF_ITS_PROCESSES = {
    JUDGE / "host": {(*JUDGE.parts, "host"), (*JUDGE.parts, "inside", "protocol"), (*JUDGE.parts, "limits")},
    JUDGE / "inside": {(*JUDGE.parts, "inside")},
}
FILES = [path.relative_to(HOUSE) for room in BELOW for path in sorted((HOUSE / room).rglob("*.py"))]


def imports(file: Path) -> Iterator[tuple[str, ...]]:
    """Yields what `file` imports; a relative import as the path in the house, led by an empty string."""
    for node in ast.walk(ast.parse((HOUSE / file).read_text())):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield tuple((node.module or "").split("."))
        elif isinstance(node, ast.ImportFrom):
            home = file.parts[: len(file.parts) - node.level]
            tail = (node.module or "").split(".") if node.module else ()
            yield from (("", *home, *tail, alias.name) for alias in node.names)


def test_a_room_imports_only_rooms_below_it() -> None:
    upwards = [
        f"{file} imports {'.'.join(path)}"
        for file in FILES
        for path in imports(file)
        if path[0] == "" and path[1] not in BELOW[file.parts[0]] | {file.parts[0]}
    ]

    assert upwards == []


def test_inside_the_library_imports_are_relative() -> None:
    ours = {"alphakata", "configs", *BELOW}

    assert [f"{file} imports {path}" for file in FILES for path in imports(file) if path[0] in ours] == []


def test_torch_and_jax_stay_in_their_rooms() -> None:
    strays = [
        f"{file} imports {path[0]}"
        for file in FILES
        if file != Path("learners/bridge.py")
        for path in imports(file)
        if path[0] in FORBIDDEN[file.parts[0]]
    ]

    assert strays == []


@pytest.mark.parametrize("folder", OF_ITS_PROCESSES, ids=str)
def test_no_expected_output_is_known_where_the_judge_handles_its_processes(folder: Path) -> None:
    known = {("", *path) for path in OF_ITS_PROCESSES[folder]} | {(name,) for name in sys.stdlib_module_names}
    files = [file for file in FILES if file.is_relative_to(folder)]

    assert len(files) > 5
    assert [
        f"{file} imports {'.'.join(path)}"
        for file in files
        for path in imports(file)
        if not any(path[: len(start)] == start for start in known)
    ] == []


@pytest.mark.parametrize("room", ["envs", "search", "experiments.cli"])
def test_rooms_that_need_no_network_load_none(room: str) -> None:
    code = f"import sys, alphakata.{room}; print({{'torch', 'jax'}} & set(sys.modules))"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/").stdout

    assert printed.strip() == "set()"
