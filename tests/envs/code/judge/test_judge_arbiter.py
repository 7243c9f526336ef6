"""Checkers that are programs: what they see, how they answer, and what becomes of one that does not."""

from collections.abc import Iterator

import pytest

from alphakata.envs.code.judge import Case, CheckerFailed, CheckerProgram, Pool, TestSet, Verdict

READ = """import sys
sizes = map(int, sys.stdin.buffer.readline().split())
given, found, expected = (sys.stdin.buffer.read(size) for size in sizes)
"""
DIVISOR = READ + "sys.exit(int(given) % int(found) != 0 if found.strip() else 2)"


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(workers=1) as pool:
        yield pool


@pytest.mark.parametrize(
    ("source", "verdicts"),
    [
        ("print(3)", [Verdict.AC, Verdict.AC]),
        ("print(4)", [Verdict.AC, Verdict.WA]),
        ("print('three')", [Verdict.WA, Verdict.WA]),
        ("", [Verdict.PE, Verdict.PE]),
        ("print(3)\nexit(1)", [Verdict.RE, Verdict.RE]),
    ],
)
def test_a_checker_program_answers_by_its_exit_code(pool: Pool, source: str, verdicts: list[Verdict]) -> None:
    result = pool.run(source, TestSet((Case("12", ""), Case("15", "")), CheckerProgram(DIVISOR)), stop="never")
    assert [test.verdict for test in result.tests] == verdicts
    assert result.passed == verdicts.count(Verdict.AC)


def test_the_first_wrong_answer_stops_the_tests(pool: Pool) -> None:
    result = pool.run("print(4)", TestSet((Case("15", ""), Case("12", "")), CheckerProgram(DIVISOR)))
    assert [test.verdict for test in result.tests] == [Verdict.WA, Verdict.SKIPPED]


def test_a_checker_program_gets_every_byte_of_the_three_texts(pool: Pool) -> None:
    wanted = "(given, found, expected) == (b'1\\n\\xff', b'\\x00\\xfe\\n\\n', 'é'.encode())"
    tests = TestSet((Case("1\n\udcff", "é"),), CheckerProgram(f"{READ}sys.exit(not {wanted})"))
    result = pool.run("import sys; sys.stdout.buffer.write(b'\\x00\\xfe\\n\\n')", tests)
    assert result.verdict is Verdict.AC


def test_a_checker_program_sees_nothing_but_its_texts_and_remembers_nothing(pool: Pool) -> None:
    alone = READ + "import builtins\nif hasattr(builtins, 'seen') or sys.argv[1:] or sys.stdin.read(): sys.exit(3)\n"
    tests = TestSet((Case("1", ""), Case("2", "")), CheckerProgram(alone + "builtins.seen = found"))
    assert pool.run("print(input())", tests).verdict is Verdict.AC


@pytest.mark.parametrize(
    ("source", "ended"),
    [
        ("exit(3)", "exit code 3"),
        ("import signal\nsignal.raise_signal(9)", "signal 9"),
        ("while True: pass", "TLE"),
        ("[0] * 10**10", "MLE"),
        ("def", "CE .*SyntaxError"),
    ],
)
def test_a_checker_program_that_gives_no_answer_condemns_nobody(pool: Pool, source: str, ended: str) -> None:
    tests = TestSet((Case("1", "1"),), CheckerProgram(source, cpu_seconds=0.2))
    with pytest.raises(CheckerFailed, match=f"(?s)ended with {ended}.*wanted exit code 0, 1 or 2"):
        pool.run("print(1)", tests)
