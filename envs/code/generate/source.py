"""Python programs for a composition, in somebody's style."""

import re

from .composition import Composition, Step
from .operations import Operation
from .styles import Style


def program(composition: Composition, style: Style) -> str:
    """Returns the text of a program that does what `composition` asks."""
    *steps, last = composition.steps
    reads = composition.frame.reads[style.reading % len(composition.frame.reads)]
    shown = _choice(last, style)
    inner = _expression(steps[-1], style) if steps else ""
    if style.inline and inner and shown.count("A") == 1 and "X" not in shown:
        shown, steps = shown.replace("A", inner), steps[:-1]
    body = [line for step in steps for line in _lines(step, style)]
    lines = _with_helper(reads, body, shown, style) if style.helper and body else [*reads, *body, f"print({shown})"]
    return _spelt("\n".join(lines), style)


def _with_helper(reads: tuple[str, ...], body: list[str], shown: str, style: Style) -> list[str]:
    """Puts `body` into a function of what was read; a starred result stays starred outside."""
    star, value = ("*", shown[1:]) if shown.startswith("*") else ("", shown)
    *before, final = reads
    imports = [line for line in before if line.startswith("import")]
    others = [line for line in before if not line.startswith("import")]
    function = [f"def {style.helper}(A):", *(f"    {line}" for line in body), f"    return {value}"]
    return [*imports, *function, *others, f"print({star}{style.helper}({final.removeprefix('A = ')}))"]


def _lines(step: Step, style: Style) -> list[str]:
    """Returns the statements of one step."""
    operation = step.operation
    match operation.kind:
        case "when":
            return [*operation.lines, "for X in A:", f"    if {_choice(step, style)}:"]
        case "then":
            return [f"        {_filled(operation.lines[0], step)}"]
        case "else":
            first, *closing = operation.lines
            return ["    else:", f"        {_filled(first, step)}", *closing]
        case "keep" if style.form == "loop":
            return ["b = []", "for X in A:", f"    if {_choice(step, style)}:", "        b.append(X)", "A = b"]
        case "each" if style.form == "loop":
            return ["b = []", "for X in A:", f"    b.append({_choice(step, style)})", "A = b"]
    ways = len(operation.code) + bool(operation.lines)
    if operation.lines and style.choice % ways == ways - 1:
        return [_filled(line, step) for line in operation.lines]
    return [f"A = {_expression(step, style)}"]


def _expression(step: Step, style: Style) -> str:
    """Returns the value after a step as an expression of the value before it, "" where it takes statements."""
    operation: Operation = step.operation
    if not operation.code or operation.kind in ("when", "then", "else"):
        return ""
    code = _choice(step, style)
    match operation.kind, style.form:
        case "keep", "map":
            return f"list(filter(lambda X: {code}, A))"
        case "keep", _:
            return f"[X for X in A if {code}]"
        case "each", "map":
            return f"list(map(lambda X: {code}, A))"
        case "each", _:
            return f"[{code} for X in A]"
    return code


def _choice(step: Step, style: Style) -> str:
    """Returns one of the operation's equal expressions."""
    codes = step.operation.code
    return _filled(step.operation.sloppy if step.sloppy else codes[style.choice % len(codes)], step)


def _filled(code: str, step: Step) -> str:
    """Puts the constant in."""
    return code if step.constant is None else code.replace("K", str(step.constant))


def _spelt(text: str, style: Style) -> str:
    """Puts the style's names, indentation and spacing in."""
    text = text.replace("A", style.value).replace("X", style.item)
    if style.indent != "    ":
        text = text.replace("    ", style.indent)
    return text if style.spaced else re.sub(r" ([-+*/%<>=!]{1,2}) |(,) ", r"\1\2", text)
