"""What a linter cannot say of how the code reads."""

import ast
from pathlib import Path

HOUSE = Path(__file__).parents[1]
ROOMS = ("agents", "configs", "envs", "experiments", "learners", "search")
FILES = [path.relative_to(HOUSE) for room in ROOMS for path in sorted((HOUSE / room).rglob("*.py"))]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def body_lines(function: Function) -> int:
    """Returns how many lines a function has below its docstring."""
    body = function.body[bool(ast.get_docstring(function)) :]
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_a_file_has_at_most_300_lines() -> None:
    lengths = {str(file): len((HOUSE / file).read_text().splitlines()) for file in FILES}

    assert {file: length for file, length in lengths.items() if length > 300} == {}


def test_a_function_fits_on_a_screen() -> None:
    functions = [
        (f"{file}: {node.name}", body_lines(node))
        for file in FILES
        for node in ast.walk(ast.parse((HOUSE / file).read_text()))
        if isinstance(node, Function)
    ]

    assert [(name, lines) for name, lines in functions if lines > 40] == []


def test_every_module_and_everything_public_in_it_is_explained() -> None:
    modules = {str(file): ast.parse((HOUSE / file).read_text()) for file in FILES}
    public = [
        (f"{file}: {node.name}", node)
        for file, module in modules.items()
        for node in module.body
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_")
    ]

    assert [name for name, node in [*modules.items(), *public] if not ast.get_docstring(node)] == []
