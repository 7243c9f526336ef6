"""Simulation: a loop over integers that changes a counter or a pile, one way or another.

A walk is three operations: `when` opens the loop, `then` acts where the condition holds, `else` where it does not.
A counter's loop may do without the last; a pile's may not, and leaves the pile as a list of integers.
"""

from collections.abc import Iterator
from dataclasses import replace

from .integers import CONDITIONS
from .operations import Operation, show

_Actions = tuple[tuple[str, str, tuple[str, ...], tuple[int, ...], int], ...]

_ON_A_COUNTER: _Actions = (
    ("add it", "s += X", ("add it to s", "increase s by it"), (), 1),
    ("take it", "s -= X", ("subtract it from s", "decrease s by it"), (), 1),
    ("step up", "s += 1", ("add 1 to s", "increase s by one"), (), 1),
    ("step down", "s -= 1", ("subtract 1 from s", "decrease s by one"), (), 1),
    ("leap", "s += K", ("add K to s", "increase s by K"), (2, 3, 5), 2),
    ("double", "s *= 2", ("double s", "multiply s by two"), (), 1),
    ("flip", "s = -s", ("change the sign of s", "negate s"), (), 2),
    ("reset", "s = 0", ("set s back to 0", "reset s"), (), 2),
    ("become", "s = X", ("set s to it", "replace s by it"), (), 2),
    ("grow", "s = max(s, X)", ("raise s to it if s is less", "set s to the larger of both"), (), 3),
)

_ON_A_PILE: _Actions = (
    ("push", "b = b + [X]", ("put it at the end of the pile", "append it to the pile"), (), 2),
    ("slip", "b = [X] + b", ("put it in front of the pile", "insert it before the pile"), (), 2),
    ("pop", "b = b[:-1]", ("take the last one off the pile", "remove the end of the pile"), (), 2),
    ("shift", "b = b[1:]", ("take the first one off the pile", "remove the front of the pile"), (), 2),
    ("turn", "b = b[::-1]", ("reverse the pile", "turn the pile over"), (), 2),
    ("clear", "b = []", ("empty the pile", "throw the pile away"), (), 2),
    ("stamp", "b = b + [K]", ("append K to the pile", "put a K at the end of the pile"), (0, 1, 7), 2),
    ("oppose", "b = b + [-X]", ("append its negative to the pile", "put it, negated, at the end of the pile"), (), 2),
)

_LOOPS: tuple[tuple[str, str, _Actions, str, tuple[str, ...]], ...] = (
    ("counter", "s = 0", _ON_A_COUNTER, "counter", ()),
    ("pile", "b = []", _ON_A_PILE, "ints", ("A = b",)),
)


def _parts(loop: str, start: str, actions: _Actions, final: str, closing: tuple[str, ...]) -> Iterator[Operation]:
    """Yields the three parts of one kind of loop; the first line of an action stands in the loop, the rest after it."""
    opened, half = f"{loop}-if", f"{loop}-then"
    easiest = min(hardness for *_, hardness in actions)
    for condition in CONDITIONS:
        name, hardness = f"{loop} if {condition.name}", max(easiest, condition.hardness)
        yield replace(condition, kind="when", name=name, gives=opened, lines=(start,), hardness=hardness)
    for name, line, phrases, constants, hardness in actions:
        act = Operation(f"then {name}", "then", (opened,), half, (), phrases, (line,), constants, hardness=hardness)
        yield act
        yield replace(act, kind="else", name=f"else {name}", takes=(half,), gives=final, lines=(line, *closing))


WALKS: tuple[Operation, ...] = (
    *(part for loop in _LOOPS for part in _parts(*loop)),
    show("counter counter-then", "counter", "s", "s", "the final s", "the value of s at the end"),
)
