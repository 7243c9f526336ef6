"""A function with all it needs of its package, as a program that stands alone.

Packages are read, never imported. What a function needs is followed by name: through the file it stands in, and through
files of the same package that this one imports names from.
"""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Home = tuple[Path, str]
"""A file, and a name that it binds at its top level."""


@dataclass(frozen=True, slots=True)
class Module:
    """A file of a package.

    Attributes:
        path: where it is.
        lines: its text, line breaks kept.
        statements: what binds each name at its top level.
        elsewhere: the file and name behind each name that is imported from the same package.
    """

    path: Path
    lines: list[str]
    statements: dict[str, ast.stmt] = field(default_factory=dict)
    elsewhere: dict[str, Home] = field(default_factory=dict)


def read_modules(folder: Path) -> dict[Path, Module]:
    """Returns every module that lies directly in the folder of a package."""
    return {path: _read(path) for path in sorted(folder.glob("*.py"))}


def functions(module: Module) -> Iterator[ast.FunctionDef]:
    """Yields the public functions of a module."""
    for name, statement in module.statements.items():
        if isinstance(statement, ast.FunctionDef) and not name.startswith("_"):
            yield statement


def signature(module: Module, function: ast.FunctionDef) -> str:
    """Returns a function's lines up to its body."""
    return "".join(module.lines[function.lineno - 1 : function.body[0].lineno - 1])


def excerpt(modules: dict[Path, Module], home: Home) -> str:
    """Returns a program that defines what `home` names, and before it all that it needs; docstrings are left out.

    Raises:
        LookupError: if something is needed of a file that is not in `modules`.
    """
    needed: dict[Home, None] = {}
    _follow(modules, home, set(), needed)
    imports: dict[str, None] = {}
    definitions: dict[tuple[Path, int], str] = {}
    for path, name in needed:
        statement = modules[path].statements[name]
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imports[_import(statement, name)] = None
        else:
            definitions[path, statement.lineno] = _without_docstring(modules[path], statement)
    return "\n\n\n".join(filter(None, ["\n".join(imports), "\n\n".join(definitions.values())]))


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    module = Module(path, text.splitlines(keepends=True))
    for statement in ast.parse(text).body:
        for name in _bound(statement):
            sibling = _sibling(path, statement, name)
            if sibling is None:
                module.statements[name] = statement
            else:
                module.elsewhere[name] = sibling
    return module


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yields the names that a statement binds where it stands."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Import() | ast.ImportFrom():
            yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
        case _:
            nodes = [node for node in ast.walk(statement) if node is not statement]
            yield from (node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
            definitions = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
            yield from (name for node in nodes if isinstance(node, definitions) for name in _bound(node))


def _sibling(path: Path, statement: ast.stmt, name: str) -> Home | None:
    """Returns the home of a name that a statement imports from the same package, if it does."""
    if not isinstance(statement, ast.ImportFrom):
        return None
    module = statement.module or ""
    package, _, inside = module.partition(".")
    if statement.level == 1:
        inside = module
    elif package != path.parent.name:
        return None
    return path.with_name(f"{inside or '__init__'}.py"), _alias(statement, name).name


def _follow(modules: dict[Path, Module], home: Home, seen: set[Home], needed: dict[Home, None]) -> None:
    """Adds to `needed` what `home` needs, and then `home`."""
    path, name = home
    if home in seen:
        return
    seen.add(home)
    if path not in modules:
        raise LookupError(f"{path}, which defines {name}, is not among the files that were read")
    module = modules[path]
    if name in module.elsewhere:
        _follow(modules, module.elsewhere[name], seen, needed)
    elif name in module.statements:
        loaded = {node.id for node in ast.walk(module.statements[name]) if isinstance(node, ast.Name)}
        for other in sorted(loaded & (module.statements.keys() | module.elsewhere.keys())):
            _follow(modules, (path, other), seen, needed)
        needed[home] = None
    elif name not in vars(builtins):
        raise LookupError(f"{path} defines no {name}")


def _import(statement: ast.Import | ast.ImportFrom, name: str) -> str:
    """Returns an import of one of the names that `statement` imports."""
    alias = _alias(statement, name)
    if isinstance(statement, ast.Import):
        return ast.unparse(ast.Import([alias]))
    return ast.unparse(ast.ImportFrom(statement.module, [alias], statement.level))


def _alias(statement: ast.Import | ast.ImportFrom, name: str) -> ast.alias:
    return next(alias for alias in statement.names if (alias.asname or alias.name.partition(".")[0]) == name)


def _without_docstring(module: Module, statement: ast.stmt) -> str:
    """Returns a statement's lines, less the docstring of a function or class, which shows how it is used."""
    first = min([statement.lineno, *(node.lineno for node in getattr(statement, "decorator_list", []))])
    lines = dict(enumerate(module.lines[first - 1 : statement.end_lineno], first))
    if isinstance(statement, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(statement) is not None:
        docstring = statement.body[0]
        for number in range(docstring.lineno, (docstring.end_lineno or 0) + 1):
            del lines[number]
    return "".join(lines.values())
