"""Programs one edit away from a right one: an operator exchanged, a constant off by one, another function called."""

import ast
from collections.abc import Iterator
from copy import deepcopy

_OPERATORS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt,),
    ast.Eq: (ast.NotEq, ast.GtE),
    ast.NotEq: (ast.Eq,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Pow),
    ast.Mod: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mod,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sum": "max", "sorted": "list", "set": "list"}


def mutants(source: str) -> list[str]:
    """Returns every program that differs from `source` by one edit."""
    tree = ast.parse(source)
    return list(dict.fromkeys(ast.unparse(_edited(tree, *edit)) for edit in _edits(tree)))


def _edits(tree: ast.AST) -> Iterator[tuple[int, str, object]]:
    """Yields which node to change, in the order of a walk, and which of its fields to what."""
    for place, node in enumerate(ast.walk(tree)):
        match node:
            case ast.Compare(ops=[operator, *others]):
                for other in _OPERATORS.get(type(operator), ()):
                    yield place, "ops", [other(), *others]
            case ast.BinOp(op=operator) | ast.BoolOp(op=operator):
                for other in _OPERATORS.get(type(operator), ()):
                    yield place, "op", other()
            case ast.Constant(value=int(value)) if not isinstance(value, bool):
                yield place, "value", value + 1
                yield place, "value", value - 1
            case ast.Name(id=name) if name in _NAMES:
                yield place, "id", _NAMES[name]
            case ast.IfExp(test=test):
                yield place, "test", ast.UnaryOp(ast.Not(), test)


def _edited(tree: ast.AST, place: int, field: str, value: object) -> ast.AST:
    changed = deepcopy(tree)
    setattr(list(ast.walk(changed))[place], field, value)
    return ast.fix_missing_locations(changed)
