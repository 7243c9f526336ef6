"""When an output counts as the expected one."""

import pickle
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphakata.envs.code.judge import (
    Case,
    Checker,
    CheckerProgram,
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
    (b"123456789.5", b"123456789", "floats"),
    (b"123456788", b"123456789", ""),
    (b"1", b"1e999", ""),
    (b"1e999", b"1.0", ""),
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
    (b"\x1c6", b"6", ""),
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


@pytest.mark.parametrize("checker", COLUMNS.values(), ids=COLUMNS)
def test_a_long_output_is_read_but_once(checker: Checker) -> None:
    # Read once for each of its digits, such an output would take hours.
    for output in (b"1" * 10**6 + b"x", b"1." + b"1" * 10**6 + b"x", b"nan(" + b"a" * 10**6, b" " * 10**6 + b"\fx"):
        assert not checker(b"5.5", output)


def is_divisor(given: str, expected: str, found: str) -> bool:
    return found.isdigit() and int(given) % int(found) == 0 and expected == "any"


def test_a_special_checker_reads_the_input_too() -> None:
    assert Special(is_divisor)(b"any", b"3", given=b"12")
    assert not Special(is_divisor)(b"any", b"5", given=b"12")
    assert not Special(is_divisor)(b"any", b"\xff", given=b"12")


TOKENS = st.lists(st.text("aA01.-e", min_size=1).map(str.encode), max_size=4)
# A form feed separates no tokens for CodeContests' tool.
SPACE, GAP = (st.text(" \n\t\r\v", min_size=size).map(str.encode) for size in (0, 1))


@given(TOKENS, SPACE, GAP, SPACE)
def test_only_exact_and_trimmed_see_white_space(tokens: list[bytes], before: bytes, gap: bytes, after: bytes) -> None:
    spread = before + gap.join(tokens) + after
    for name in ("tokens", "yes_no", "codecontests", "floats"):
        assert COLUMNS[name](b" ".join(tokens), spread), name
    assert Exact()(spread, spread)
    assert Trimmed()(b"\n".join(tokens), b" \r\n".join(tokens) + b"\n" + b" " * len(tokens))


@given(TOKENS, TOKENS, GAP, GAP)
def test_a_stricter_checker_passes_nothing_that_a_milder_one_fails(
    wanted: list[bytes], written: list[bytes], one_gap: bytes, other_gap: bytes
) -> None:
    expected, found = one_gap.join(wanted), other_gap.join(written)
    passed = {name: bool(checker(expected, found)) for name, checker in COLUMNS.items()}
    assert passed["exact"] <= passed["trimmed"] <= passed["tokens"] <= min(passed["floats"], passed["yes_no"])
    assert passed["tokens"] == (wanted == written)
    assert passed["yes_no"] <= passed["codecontests"]


@given(st.integers(), st.integers())
def test_integers_are_never_near_for_floats(wanted: int, written: int) -> None:
    assert Floats()(str(wanted).encode(), str(written).encode()) == (wanted == written)


@pytest.mark.parametrize("checker", [*COLUMNS.values(), Special(is_divisor), CheckerProgram("exit(1)")])
def test_a_test_set_survives_pickling_with_its_checker(checker: Checker | CheckerProgram) -> None:
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
        TestSet((Case("1", "2"),), CheckerProgram("")),
        TestSet((Case("1", "2"),), CheckerProgram("exit(1)")),
    ]
    assert len({tests.digest() for tests in sets}) == len(sets)


@pytest.mark.parametrize("checker", [Trimmed(), Tokens(), Floats(), YesNo(), CodeContests()], ids=repr)
def test_a_million_tokens_where_one_is_wanted_take_no_time_and_no_memory(checker: Checker) -> None:
    much = b"7\n" * (1 << 20)
    tracemalloc.start()
    assert not checker(b"7\n", much)
    assert tracemalloc.get_traced_memory()[1] < 4 * len(much)
    tracemalloc.stop()


@pytest.mark.parametrize("checker", [Tokens(), Floats(), YesNo(), CodeContests()], ids=repr)
@pytest.mark.parametrize("found", [b"7\n8 \n\n", b"  7 8", b"7\t8\x0b"])
def test_white_space_at_either_end_is_no_token(checker: Checker, found: bytes) -> None:
    assert checker(b"7 8", found)
    assert not checker(b"7", found)
    assert not checker(b"7 8 9", found)
    assert not checker(b"", found)
    assert checker(b"", b" \n")
