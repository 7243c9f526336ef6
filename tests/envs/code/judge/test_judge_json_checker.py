"""JSON values compared as values: what a function returned, and not what it claims of itself."""

import pytest

from alphakata.envs.code.judge import Json


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        ("[1, 2]", "[1,2]\n", True),
        ('{"a": 1, "b": null}', '{"b": null, "a": 1}', True),
        ("1", "1.0", True),
        ("0.3", "0.30000000000000004", True),
        ("[0.0]", "[1e-7]", True),
        ("1e9", "1000000900", True),
        ("1.5", "1.6", False),
        ("1000000000000000001", "1000000000000000000", False),
        ("1", "true", False),
        ("0.0", "false", False),
        ("[]", "{}", False),
        ("[1]", "[1, 1]", False),
        ('{"a": 1}', '{"a": 1, "b": 1}', False),
        ('"a  b"', '"a b"', False),
        ('"A"', '"a"', False),
        ('"\\u00e9"', '"é"', True),
        ("1", "1 1", False),
        ("1", "", False),
        ("1.5", "NaN", False),
        ("1.5", "9" * 400, False),
        ("1", "9" * 5000, False),
        ("1", "[" * 1_000_000, False),
    ],
)
def test_values_are_the_same_or_not(expected: str, found: str, same: bool) -> None:
    assert Json()(expected.encode(), found.encode()) is same


def test_equal_bytes_are_the_same_whatever_they_are() -> None:
    assert Json()(b"\xff", b"\xff")
    assert not Json()(b"\xff", b"\xfe")


def test_nearness_can_be_chosen() -> None:
    assert Json(absolute=0.2)(b"1.5", b"1.6")
    assert not Json(absolute=0.0, relative=0.0)(b"0.3", b"0.30000000000000004")
