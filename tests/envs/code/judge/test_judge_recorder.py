"""Learning what a program prints."""

from alphakata.envs.code.judge import Case, Pool, Recorder, TestSet

CASES = (Case("1", ""), Case("0", ""), Case("2\udcff", ""), Case("\n", ""))
INVERSE = "text = input()\nprint(1 / int(text[:1])) if text[:1].isdigit() else print(end='')"


def test_a_recorder_tells_all_that_was_printed_and_none_where_the_program_failed() -> None:
    recorder = Recorder()
    with Pool(workers=1) as pool:
        result = pool.run(INVERSE, TestSet(CASES, recorder), stop="never")
    assert recorder.tell(CASES, result) == (b"1.0\n", None, b"0.5\n", b"")


def test_a_recorder_forgets_what_it_told() -> None:
    recorder, case = Recorder(), Case("1", "")
    with Pool(workers=1) as pool:
        result = pool.run("print('x' * 1000)", TestSet((case,), recorder))
    assert recorder.tell((case,), result) == (b"x" * 1000 + b"\n",)
    assert not recorder._found


def test_no_recorder_is_taken_for_another() -> None:
    one, other = TestSet(CASES, Recorder()), TestSet(CASES, Recorder())
    assert one != other
    assert one.digest() != other.digest()
