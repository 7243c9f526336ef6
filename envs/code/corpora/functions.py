"""A function as a contest problem: JSON arguments on standard input, JSON result on standard output.

So a function is judged as any program is. What it returns reaches the judge as text and is compared there as a JSON
value: nothing the program defines, be it an `__eq__` that always agrees, takes part in the comparison, and no expected
value is ever where the program could find it.
"""

import json

from ..judge import Json

CHECKER = Json()

# Programs give names such as `input` to what is their own.
_END = """

import json
import sys

print(json.dumps({}({}json.load(sys.stdin))))
"""


def by_position(entry_point: str) -> str:
    """Returns the end of a program that defines `entry_point` and is given a list of arguments."""
    return _END.format(entry_point, "*")


def by_name(entry_point: str) -> str:
    """Returns the end of a program that defines `entry_point` and is given an object of named arguments."""
    return _END.format(entry_point, "**")


def is_json(text: str) -> bool:
    """Returns True where `text` is one JSON value; NaN and infinity, which Python prints too, are none."""
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(word: str) -> object:
    raise ValueError(word)
