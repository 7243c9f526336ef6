"""When an output counts as the expected one."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphakata.envs.code.judge import (
    Case,
    Checker,
    CodeContests,
    Exact,
    Floats,
    Special,
    TestSet,
    Tokens,
    Trimmed,
    YesNo,
)

COLUMNS: dict[str, Checker] = {
    "exact": Exact(),
    "trimmed": Trimmed(),
    "tokens": Tokens(),
    "yes_no": YesNo(),
    "codecontests": CodeContests(),
    "floats": Floats(),
}

# found, expected, and which of the columns pass it.
TABLE = [
    (b"6\n", b"6\n", "exact trimmed tokens yes_no codecontests floats"),
    (b"6\n", b"6", "trimmed tokens yes_no codecontests floats"),
    (b"6 \r\n", b"6\n", "trimmed tokens yes_no codecontests floats"),
    (b"6\n\n\n", b"6\n", "trimmed tokens yes_no codecontests floats"),
    (b" 6", b"6", "tokens yes_no codecontests floats"),
    (b"1 2 3", b"1\n2\n3", "tokens yes_no codecontests floats"),
    (b"YES", b"yes", "yes_no codecontests"),
    (b"1000000000000000001", b"1000000000000000000", "codecontests"),
    (b"0.000009", b"0", "codecontests"),
    (b"0.00001", b"0", ""),
    (b"12345678901.5", b"12345678901.4", "floats"),
    (b"0.3333333", b"0.3333334", "codecontests floats"),
    (b"0.5", b"0.500", "codecontests floats"),
    (b"1e9", b"1000000000", "codecontests floats"),
    (b"007", b"7", "codecontests"),
    (b"+7", b"7", "codecontests"),
    (b"1_0", b"10", ""),
    (b"0x10", b"16", ""),
    (b"nan", b"5", ""),
    (b"nan 1", b"nan 1.0", "floats"),
    (b"inf 1", b"inf 1.0", "floats"),
    (b"Infinity", b"inf", ""),
    (b"6 6", b"6", ""),
    (b"", b"6", ""),
    (b"6\x00", b"6", ""),
    (b"6\xc2\xa0", b"6", ""),
    (b"6\f", b"6.0", "codecontests floats"),
    (b"a\fb", b"a b", "tokens yes_no floats"),
    (b"\xff\xfe", b"6", ""),
]


@pytest.mark.parametrize(("found", "expected", "passing"), TABLE)
def test_each_checker_passes_what_its_column_says(found: bytes, expected: bytes, passing: str) -> None:
    assert [name for name, checker in COLUMNS.items() if checker(expected, found)] == passing.split()


def test_floats_compares_with_the_tolerances_it_was_given() -> None:
    assert Floats(absolute=0.25, relative=0)(b"1.0", b"1.25")
    assert not Floats(absolute=0.125, relative=0)(b"1.0", b"1.25")
    assert Floats(absolute=0, relative=0.125)(b"-100.0", b"-112.5")
    assert not Floats(absolute=9, relative=9)(b"100", b"101"), "integers are exact"


def is_divisor(given: str, expected: str, found: str) -> bool:
    return found.isdigit() and int(given) % int(found) == 0 and expected == "any"


def test_a_special_checker_reads_the_input_too() -> None:
    assert Special(is_divisor)(b"any", b"3", given=b"12")
    assert not Special(is_divisor)(b"any", b"5", given=b"12")
    assert not Special(is_divisor)(b"any", b"\xff", given=b"12")


@given(st.lists(st.text("ab1.", min_size=1)), st.text(" \n\t\r\v\f"), st.text(" \n\t\r\v\f", min_size=1))
def test_tokens_sees_no_white_space(tokens: list[str], around: str, between: str) -> None:
    assert Tokens()(" ".join(tokens).encode(), (around + between.join(tokens) + around).encode())


@pytest.mark.parametrize("checker", [*COLUMNS.values(), Special(is_divisor)])
def test_a_test_set_survives_pickling_with_its_checker(checker: Checker) -> None:
    tests = TestSet((Case("1", "2"),), checker)
    assert pickle.loads(pickle.dumps(tests)) == tests
    assert pickle.loads(pickle.dumps(tests)).digest() == tests.digest()


def test_the_digest_tells_test_sets_apart() -> None:
    sets = [
        TestSet(()),
        TestSet((Case("1", "2"),)),
        TestSet((Case("12", ""),)),
        TestSet((Case("1", "2"),), Exact()),
        TestSet((Case("1", "2"),), Floats()),
        TestSet((Case("1", "2"),), Floats(absolute=1e-9)),
    ]
    assert len({tests.digest() for tests in sets}) == len(sets)
