"""What a generated problem is made of: operations on a typed value, each with its words and its Python.

A problem is a path: a frame reads a value, operations change it, the last one prints. An operation is data, so that
statement, programs and near misses are all read off the same tables (`integers`, `strings`, `shapes`, `walks`).

In code, `A` is the value, `X` one item of it and `K` the constant; in phrases, `ITEM` and `ITEMS` are the value's
nouns and `K` the constant. No other capital A, X or K stands in either.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np

Kind = Literal["keep", "each", "whole", "when", "then", "else", "print"]
Constants = tuple[int | str, ...]
Option = TypeVar("Option")

NOUNS = {
    "ints": ("number", "numbers"),
    "letters": ("letter", "letters"),
    "words": ("word", "words"),
    "pairs": ("interval", "intervals"),
    "rows": ("row", "rows"),
}
"""One item of each type of value, and many."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One step.

    Attributes:
        name: unique among operations that take the same type; it is what compositions are told apart by.
        kind: what its code is: a condition that `keep`s items, an expression for `each` item, one for the `whole`
            value or for what to `print`, or the parts `when`, `then` and `else` of a loop's body.
        takes: the types of value it applies to.
        gives: the type it leaves; "" where that is the type it took.
        code: expressions, all equal; a style picks one.
        phrases: ways to say it, all equal.
        lines: statements that do what `code` says; a style may pick one instead.
        constants: what `K` may be.
        group: operations of one group are easily taken for each other.
        hardness: what it adds to the rating, in hundreds.
        sloppy: an expression that forgets an edge case, or "".
        tag: what a solver would file it under, or "".
    """

    name: str
    kind: Kind
    takes: tuple[str, ...]
    gives: str
    code: tuple[str, ...]
    phrases: tuple[str, ...]
    lines: tuple[str, ...] = ()
    constants: Constants = ()
    group: str = ""
    hardness: int = 1
    sloppy: str = ""
    tag: str = ""


def keep(
    takes: str,
    name: str,
    code: str,
    *phrases: str,
    constants: Constants = (),
    group: str = "",
    hardness: int = 1,
    tag: str = "",
) -> Operation:
    """Returns the operation that keeps the items for which `code` holds; phrases follow "an ITEM that"."""
    kept = Operation(name, "keep", (takes,), "", (code,), phrases)
    return replace(kept, constants=constants, group=group, hardness=hardness, tag=tag)


def each(
    takes: str,
    gives: str,
    name: str,
    code: str,
    *phrases: str,
    constants: Constants = (),
    group: str = "",
    hardness: int = 1,
    tag: str = "",
) -> Operation:
    """Returns the operation that replaces every item by `code`; phrases follow "replace each ITEM by"."""
    changed = Operation(name, "each", (takes,), gives, (code,), phrases)
    return replace(changed, constants=constants, group=group, hardness=hardness, tag=tag)


def whole(
    takes: str,
    gives: str,
    name: str,
    code: str | tuple[str, ...],
    *phrases: str,
    lines: tuple[str, ...] = (),
    constants: Constants = (),
    group: str = "",
    hardness: int = 1,
    tag: str = "",
) -> Operation:
    """Returns the operation that replaces the whole value; `takes` may name several types; phrases are orders."""
    codes = (code,) if isinstance(code, str) else code
    changed = Operation(name, "whole", tuple(takes.split()), gives, codes, phrases, lines)
    return replace(changed, constants=constants, group=group, hardness=hardness, tag=tag)


def show(
    takes: str,
    name: str,
    code: str | tuple[str, ...],
    *phrases: str,
    sloppy: str = "",
    constants: Constants = (),
    group: str = "",
    hardness: int = 0,
    tag: str = "",
) -> Operation:
    """Returns the operation that prints `code`; `takes` may name several types; phrases follow "print"."""
    codes = (code,) if isinstance(code, str) else code
    shown = Operation(name, "print", tuple(takes.split()), "", codes, phrases)
    return replace(shown, sloppy=sloppy, constants=constants, group=group, hardness=hardness, tag=tag)


def counting(kept: Operation) -> Operation:
    """Returns the operation that prints how many items `kept` would keep."""
    condition = kept.code[0]
    return replace(
        kept,
        name=f"count {kept.name}",
        kind="print",
        code=(f"sum({condition} for X in A)", f"len([X for X in A if {condition}])"),
        phrases=tuple(f"how many ITEMS {plural(phrase)}" for phrase in kept.phrases),
        group=kept.group and f"count {kept.group}",
    )


def asking(kept: Operation, quantifier: Literal["any", "all"]) -> Operation:
    """Returns the operation that prints YES where any item, or all of them, would be kept, and NO otherwise."""
    some = "at least one ITEM" if quantifier == "any" else "every ITEM"
    return replace(
        kept,
        name=f"{quantifier} {kept.name}",
        kind="print",
        code=(f"'YES' if {quantifier}({kept.code[0]} for X in A) else 'NO'",),
        phrases=tuple(f"YES if {some} {phrase} and NO otherwise" for phrase in kept.phrases),
        group=f"ask {kept.group or kept.name}",
    )


def plural(phrase: str) -> str:
    """Returns `phrase`, which says something of one item, as said of many."""
    verb, _, rest = phrase.partition(" ")
    return f"{dict(_PLURALS).get(verb, verb[:-1])} {rest}"


def pick(rng: np.random.Generator, options: Sequence[Option]) -> Option:
    """Returns one of `options`, each as likely as the others."""
    return options[int(rng.random() * len(options))]


_PLURALS = (("is", "are"), ("has", "have"), ("does", "do"), ("reaches", "reach"))
