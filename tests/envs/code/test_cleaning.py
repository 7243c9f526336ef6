"""Which submissions and tests are dropped, and which problems have several right answers."""

from dataclasses import replace

import pytest

from alphakata.envs.code import Problem, Solution
from alphakata.envs.code.cleaning import Kept, cleaned, disputed, is_covered, kept, spelling
from alphakata.envs.code.judge import Case, Floats, Pool, Result, TestResult, Verdict

LETTERS = {"A": Verdict.AC, "W": Verdict.WA, "R": Verdict.RE, "T": Verdict.TLE, "-": Verdict.WA}


def results(*rows: str) -> list[Result]:
    """Returns a result a row and a test a letter: accepted, wrong, failed, out of time, or nothing printed."""
    return [
        Result(
            verdict=Verdict.WA,
            passed=row.count("A"),
            total=len(row),
            tests=tuple(TestResult(LETTERS[letter], output_head="" if letter in "-RT" else "x") for letter in row),
        )
        for row in rows
    ]


def test_submissions_that_pass_no_test_are_dropped() -> None:
    assert kept(results("AA", "WW", "RA", "TR")) == Kept(submissions=(0, 2), tests=(0, 1))


def test_tests_for_which_hardly_a_submission_prints_anything_are_dropped() -> None:
    assert kept(results(*["A-"] * 10, "AA")).tests == (0,)
    assert kept(results(*["A-"] * 9, "AW")).tests == (0, 1), "a tenth is enough"


def test_who_passes_nothing_does_not_count_among_those_who_print() -> None:
    assert kept(results(*["A-"] * 10, "RW", "RW")).tests == (0,)


def test_submissions_that_pass_hardly_a_test_are_dropped_last() -> None:
    assert kept(results("A" * 11, "A" + "W" * 10)).submissions == (0,)
    assert kept(results("A" * 10, "A" + "W" * 9)).submissions == (0, 1), "a tenth is enough"
    rare = results(*["A" * 10 + "-"] * 10, "W" * 10 + "A")
    assert kept(rare) == Kept(tuple(range(10)), tuple(range(10))), "its one passed test went before"


def test_where_nobody_passes_anything_all_tests_stay() -> None:
    assert kept(results("WR", "TW")) == Kept((), (0, 1))
    assert kept([]) == Kept((), ())


def printing(*columns: str) -> list[Result]:
    """Returns the results of correct solutions that print a letter a test; an `A` is accepted, a `.` failed."""
    verdicts = {"A": Verdict.AC, ".": Verdict.RE}
    return [
        Result(
            Verdict.WA,
            0,
            len(row),
            tuple(TestResult(verdicts.get(letter, Verdict.WA), output_digest=letter) for letter in row),
        )
        for row in zip(*columns, strict=True)
    ]


@pytest.mark.parametrize(
    ("column", "several"),
    [("AAAAA", 0), ("AAAAB", 0), ("AAABB", 1), ("ABCD.", 0), ("ABCDE", 1), ("AA...", 0), ("BBCC.", 1)],
)
def test_a_test_is_disputed_by_five_outputs_or_by_two_that_are_printed_twice(column: str, several: int) -> None:
    assert disputed(printing("AAAAA", column)) == (1,) * several


def test_a_problem_is_covered_by_five_tests_with_two_answers() -> None:
    cases = tuple(Case(str(n), str(n % 2)) for n in range(5))
    problem = Problem("p", "", (Case("9", "1"),), hidden=cases[:3], generated=cases[3:])
    assert is_covered(problem)
    assert not is_covered(replace(problem, generated=cases[3:4])), "the player sees the example"
    assert not is_covered(replace(problem, hidden=tuple(Case(c.input, " 1 ") for c in cases), generated=(cases[1],)))


def test_doubles_differ_in_white_space_alone() -> None:
    assert spelling("a = 1\n\tb") == spelling("a=1 b") != spelling("a = 1\nB")


RIGHT = ("print(int(input()) * 2)", "n = int(input())\nprint(n + n)")
MESSY = Problem(
    name="double",
    statement="",
    examples=(Case("1", "2"),),
    hidden=(Case("2", "4"), Case("x", "nothing")),
    generated=(Case("3", "6"),),
    solutions=tuple(Solution("python3", source) for source in (*RIGHT, "print(int(input())*2)", "print('?')")),
    incorrect_solutions=(
        Solution("python3", "print( int(input()) * 2 )"),
        Solution("python3", "print(int(input()) + 1)"),
        Solution("python3", "1 / 0"),
        Solution("java", "class A {}"),
    ),
)


def test_a_cleaned_problem_has_no_doubles_and_nothing_that_tells_nothing() -> None:
    with Pool(workers=1) as pool:
        problem = cleaned(MESSY, pool)
    assert problem.tests == (Case("1", "2"), Case("2", "4"), Case("3", "6"))
    assert [solution.source for solution in problem.solutions] == [*RIGHT]
    assert [solution.source for solution in problem.incorrect_solutions] == ["print(int(input()) + 1)", "class A {}"]
    assert not problem.several_answers


def test_correct_solutions_that_disagree_flag_the_problem_unless_its_checker_sees_no_difference() -> None:
    sources = ("print(1 / 3)", "print(1/3)  # again", "print('0.3333333')", "print('0.3333333')  # again")
    thirds = Problem("third", "", (Case("", "0.333333333"),), solutions=tuple(Solution("python3", s) for s in sources))
    with Pool(workers=1) as pool:
        # Nobody passes the example by its tokens; one more test lets all of them stay.
        strict = replace(thirds, hidden=(Case("", str(1 / 3)), Case("", "0.3333333")))
        assert cleaned(strict, pool).several_answers
        assert not cleaned(replace(strict, checker=Floats()), pool).several_answers
