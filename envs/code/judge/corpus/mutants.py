"""Programs that are nearly another: wrong in the small ways in which programs are wrong.

Many of them are right all the same, some never end, some crash: what a policy writes looks like that.
"""

import ast
from collections.abc import Callable, Iterator

import numpy as np

_SWAPPED: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.FloorDiv),
    ast.FloorDiv: (ast.Mod, ast.Div),
    ast.Mod: (ast.FloorDiv,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
Change = Callable[[], None]


def mutants(source: str, num_mutants: int, rng: np.random.Generator) -> list[str]:
    """Returns at most `num_mutants` programs, all different, each `source` with one to three changes.

    The changes: another operator or comparison, a constant off by one, a condition denied, a statement left out or done
    twice, a name taken for another.

    Raises:
        SyntaxError: if `source` is no program.
    """
    found = dict.fromkeys([ast.unparse(ast.parse(source))])
    # Where a program is short there may not be so many.
    for _ in range(4 * num_mutants):
        tree = ast.parse(source)
        for _ in range(int(rng.choice((1, 1, 1, 2, 3)))):
            if changes := [*_changes(tree, rng)]:
                changes[rng.integers(len(changes))]()
        found[ast.unparse(ast.fix_missing_locations(tree))] = None
        if len(found) > num_mutants:
            break
    return [*found][1:]


def _changes(tree: ast.Module, rng: np.random.Generator) -> Iterator[Change]:
    """Yields what can be changed in a tree."""
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in _SWAPPED:
            yield _set(node, "op", _swapped(node.op, rng))
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPPED:
            yield _set(node, "ops", [_swapped(node.ops[0], rng), *node.ops[1:]])
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            yield _set(node, "value", node.value + int(rng.choice((-1, 1))))
        elif isinstance(node, ast.If | ast.While | ast.IfExp):
            yield _set(node, "test", ast.UnaryOp(ast.Not(), node.test))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield _set(node, "id", str(rng.choice(names)))
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block:
                yield from _of_block(block, int(rng.integers(len(block))))


def _of_block(block: list[ast.stmt], place: int) -> Iterator[Change]:
    """Yields what can be changed in the order of statements."""
    statement = block[place]
    yield lambda: block.__setitem__(place, ast.Pass())
    if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield lambda: block.insert(place, statement)
    if place:
        yield lambda: block.insert(place - 1, block.pop(place))


def _set(node: ast.AST, field: str, value: object) -> Change:
    return lambda: setattr(node, field, value)


def _swapped(operator: ast.AST, rng: np.random.Generator) -> ast.AST:
    others = _SWAPPED[type(operator)]
    return others[rng.integers(len(others))]()
