"""What a problem says, and what it leaves for its examples to tell."""

from collections.abc import Iterator, Sequence

import numpy as np

from .composition import Composition, Step
from .operations import NOUNS, pick, plural


def state(rng: np.random.Generator, composition: Composition, hidden_rule: float) -> tuple[str, int]:
    """Returns a statement in English and how many steps it leaves out.

    Args:
        rng: picks the words.
        composition: what the problem asks.
        hidden_rule: probability that a step is hinted at at most. One step is always said; of a single step and the
            question, the question is.
    """
    *steps, last = composition.steps
    told = rng.random(len(composition.steps)) >= hidden_rule
    if len(steps) == 1:
        told[-1] = True
    elif not told[:-1].any():
        told[int(rng.integers(len(steps)))] = True
    orders = list(_orders(rng, steps, told.tolist()))
    answer = _said(rng, last) if told[-1] else pick(rng, _SECRET_ANSWERS)
    text = f"{pick(rng, composition.frame.intros)} {_joined(rng, orders, answer)}"
    return text, int((~told).sum())


def _orders(rng: np.random.Generator, steps: Sequence[Step], told: Sequence[bool]) -> Iterator[str]:
    """Yields one order a step; a loop's parts make one order together."""
    walk = ""
    for step, is_told in zip(steps, told, strict=False):
        item, items = _nouns(step)
        said = _said(rng, step)
        match step.operation.kind:
            case "keep":
                said = pick(rng, _KEEPING).format(items=items, which=plural(said), each=said, item=item)
                yield said if is_told else _secret(rng, pick(rng, _SECRET_KEEPING), items, item)
            case "each":
                said = pick(rng, _CHANGING).format(item=item, by=said)
                yield said if is_told else _secret(rng, pick(rng, _SECRET_CHANGING), items, item)
            case "whole":
                yield said if is_told else _secret(rng, pick(rng, _SECRET_REWORKING), items, item)
            case "when":
                start = pick(rng, _COUNTERS if step.gives == "counter-if" else _PILES)
                walk = f"{start}; for each number: if it {said if is_told else 'has a certain property'},"
            case "then":
                walk += f" {said if is_told else pick(rng, _SECRET_ACTIONS)}"
            case "else":
                walk += f", {pick(rng, _OTHERWISE)} {said if is_told else pick(rng, _SECRET_ACTIONS)}"
    if walk:
        yield walk


def _said(rng: np.random.Generator, step: Step) -> str:
    """Returns one phrase of an operation, nouns and constant put in."""
    item, items = _nouns(step)
    phrase = pick(rng, step.operation.phrases).replace("ITEMS", items).replace("ITEM", item)
    return phrase if step.constant is None else phrase.replace("K", str(step.constant))


def _nouns(step: Step) -> tuple[str, str]:
    """Returns what one item and many are called; what is no list is of numbers."""
    return NOUNS.get(step.takes, NOUNS["ints"])


def _secret(rng: np.random.Generator, hint: str, items: str, item: str) -> str:
    """Returns the hint, or half of the time nothing but that there is a step."""
    return (hint if rng.random() < 0.5 else pick(rng, _SECRET_STEPS)).format(items=items, item=item)


def _joined(rng: np.random.Generator, orders: Sequence[str], answer: str) -> str:
    """Returns the orders and what to print as sentences."""
    asked = pick(rng, _ASKING).format(answer)
    match int(rng.integers(4)):
        case 0:
            return f"{_capital(', then '.join(orders))}. {asked}."
        case 1:
            return f"{_capital('. Then '.join(orders))}. {asked}."
        case 2:
            numbered = " ".join(f"{i}) {order}" for i, order in enumerate(orders, 1))
            return f"Do this: {numbered}. {asked}."
    return f"{asked} after these steps: {'; '.join(orders)}."


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


_KEEPING = (
    "keep only the {items} that {which}",
    "remove all {items} but those that {which}",
    "select the {items} that {which}",
    "throw away each {item} unless it {each}",
)
_CHANGING = (
    "replace each {item} by {by}",
    "turn every {item} into {by}",
    "change each {item} to {by}",
    "write, for each {item}, {by}",
)
_ASKING = ("Print {}", "Output {}", "Write {}", "Report {}")
_COUNTERS = ("start with s = 0", "let s be 0", "a counter s begins at 0")
_PILES = ("start with an empty pile", "a pile is empty at first")
_OTHERWISE = ("otherwise", "if not,", "else")
_SECRET_STEPS = ("apply the hidden rule", "do what the examples show", "one step is left for you to find")
_SECRET_KEEPING = ("keep only some of the {items}", "throw away some {items} by a hidden rule")
_SECRET_CHANGING = ("change every {item} by a hidden rule", "turn each {item} into something else")
_SECRET_REWORKING = ("rework the {items} by a hidden rule", "treat the {items} as the examples do")
_SECRET_ACTIONS = ("do something", "act by a hidden rule")
_SECRET_ANSWERS = ("the answer", "what the examples show")
