"""C++ in the judge: the verdicts of honest, broken and hostile programs, and a compiler that is one of the suspects."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from alphakata.envs.code.judge import Case, Job, JudgeUnavailable, Limits, Pool, TestSet, Verdict
from alphakata.envs.code.judge.host.cpp import Compiler, header_folder
from alphakata.envs.code.judge.host.probe import Level, missing
from alphakata.envs.code.judge.host.process import ZygoteFailed

if not shutil.which("g++"):
    pytest.skip("g++ is wanted, on Debian: apt install g++", allow_module_level=True)

SUMS = TestSet((Case("2\n3 4\n", "7\n"), Case("1\n5\n", "5\n")))
LIMITS = Limits(cpu_seconds=1.0)
SPECIAL = {
    Verdict.CE: replace(LIMITS, compile_seconds=1.0),
    Verdict.TLE: replace(LIMITS, cpu_seconds=0.2),
    Verdict.ILE: replace(LIMITS, wall_seconds=0.5),
}
PROGRAMS = [
    pytest.param(Verdict(verdict), source, id=f"{verdict} {name}")
    for verdict, name, source in re.findall(
        r"^#### (\w+) (.+)\n((?s:.*?))(?=^####|\Z)",
        Path(__file__).with_name("programs_cpp.txt").read_text(),
        re.MULTILINE,
    )
]
HONEST = """#include <cstdio>
int main() { int n, x, sum = 0; scanf("%d", &n); while (n--) scanf("%d", &x), sum += x; printf("%d", sum); }
"""
ANYWHERE = """
from alphakata.envs.code.judge import Case, Pool, TestSet
tests = TestSet((Case("2\\n3 4\\n", "7\\n"), Case("1\\n5\\n", "5\\n")))
sources = [{honest!r}, '#include "/etc/passwd"', "#include <unistd.h>\\nint main() {{ fork(); for (;;) {{}} }}"]
with Pool(1, isolation={isolation!r}) as pool:
    for source in sources:
        result = pool.run(source, tests, language="cpp")
        print(result.verdict, result.isolation, "root:" in result.stderr_head)
"""


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(workers=2) as pool:
        yield pool


def compiler(layers: tuple[str, ...] = (), most_bytes: int = 1 << 30) -> Compiler:
    return Compiler(os.path.realpath(sys.executable), lambda: layers, most_bytes)


@pytest.mark.parametrize(("verdict", "source"), PROGRAMS)
def test_a_program_gets_the_verdict_it_deserves(pool: Pool, verdict: Verdict, source: str) -> None:
    result = pool.run(source, SUMS, SPECIAL.get(verdict, LIMITS), language="cpp")
    assert result.verdict is verdict, result
    assert (result.passed == 2) == (verdict is Verdict.AC)
    assert "root:" not in result.stderr_head
    assert pool.run(HONEST, SUMS, LIMITS, language="cpp").verdict is Verdict.AC


@pytest.mark.parametrize("isolation", ["full", "no-ns", "none"])
def test_every_level_that_can_shut_a_compiler_in_judges_it(isolation: Level) -> None:
    if missing(os.path.realpath(sys.executable), isolation):
        pytest.skip("this machine has no such level")
    with Pool(1, isolation=isolation) as pool:
        results = [pool.run(source, SUMS, LIMITS, language="cpp") for source in (HONEST, "int main() {}", "int")]
        assert [result.verdict for result in results] == [Verdict.AC, Verdict.WA, Verdict.CE]
        assert {result.isolation for result in results} == {isolation}


@pytest.mark.parametrize("isolation", ["full", "no-ns"])
@pytest.mark.parametrize("user", ["root", "nobody"])
def test_any_user_has_cpp_judged(elsewhere: Callable[[str, str], str], user: str, isolation: str) -> None:
    said = elsewhere(user, ANYWHERE.format(honest=HONEST, isolation=isolation))
    assert said.split("\n")[:3] == [f"AC {isolation} False", f"CE {isolation} False", f"TLE {isolation} False"]


def test_a_level_that_lets_the_compiler_at_every_file_is_refused() -> None:
    with pytest.raises(JudgeUnavailable, match="C\\+\\+ needs namespaces or Landlock"):
        compiler(("seccomp",)).compiled(HONEST.encode(), 4.0)


def test_where_there_is_no_compiler_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(JudgeUnavailable, match="apt install g\\+\\+"):
        compiler().compiled(HONEST.encode(), 4.0)


def test_a_source_is_compiled_once_and_billed_every_time(pool: Pool) -> None:
    source, before = HONEST + "// once", pool._compiler.compilations
    first, second = (pool.run(source, TestSet(SUMS.cases[:n]), LIMITS, language="cpp") for n in (1, 2))
    assert pool._compiler.compilations - before == 1
    assert min(first.cpu_seconds, second.cpu_seconds) > 5 * sum(test.cpu_seconds for test in second.tests)


def test_what_is_asked_for_again_is_remembered_longest() -> None:
    made = compiler(most_bytes=1)
    sources = [b"int main() {}", b"int main() { return 1; }"]
    assert made.compiled(sources[0], 4.0) is made.compiled(sources[0], 4.0)
    for source in (*sources, *sources):
        made.compiled(source, 4.0)
    assert made.compilations == 4


def test_without_a_place_for_the_header_programs_are_compiled_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    assert compiler().compiled(b"int main() {}", 4.0).program.startswith(b"\x7fELF")
    assert "takes longer to compile" in caplog.text


def test_a_compiler_that_is_abandoned_ends_at_once_and_none_begins() -> None:
    endless = b"template <int N> int f() { return f<N + 1>() + f<N + 2>(); }\nint main() { return f<0>(); }\n"
    abandoned = compiler()
    assert abandoned.compiled(HONEST.encode(), 10.0).program
    with ThreadPoolExecutor(1) as thread:
        made = thread.submit(abandoned.compiled, b'#pragma GCC diagnostic ignored "-w"\n' + endless, 1000.0)
        while not abandoned._running._processes:
            pass
        abandoned.abandon()
        with pytest.raises(ZygoteFailed):
            made.result(timeout=30)
    with pytest.raises(ZygoteFailed):
        abandoned.compiled(b"int main() {}", 10.0)


def test_a_program_may_be_longer_than_what_it_may_write(pool: Pool) -> None:
    limits = replace(LIMITS, output_bytes=1 << 10)
    assert pool.run(HONEST, SUMS, limits, language="cpp").verdict is Verdict.AC


def test_an_interpreter_that_does_not_start_is_no_compile_error() -> None:
    with pytest.raises((OSError, ZygoteFailed)):
        Compiler("/bin/false", lambda: ()).compiled(b"int main() {}", 4.0)


@pytest.mark.slow
def test_the_header_is_made_whole_by_whoever_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    source = b"#include <bits/stdc++.h>\nint main() { std::cout << 1; }\n"
    with ThreadPoolExecutor() as threads:
        made = list(threads.map(lambda _: compiler().compiled(source, 20.0), range(4)))
    assert len({each.program for each in made}) == 1
    assert [path.name for path in header_folder().parent.glob("*/bits/*")] == ["stdc++.h.gch"]


def test_a_job_in_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"language is 'java', it must be one of \('python3', 'cpp'\)"):
        Job("", SUMS, language="java")  # type: ignore[arg-type]
