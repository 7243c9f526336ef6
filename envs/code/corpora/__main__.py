"""`python -m alphakata.envs.code.corpora CORPUS [SOURCE] FILE`: makes a file of problems, and says why others are none.

Interrupted, it goes on where it was when it is called again.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import monotonic

from ..judge import JudgeUnavailable, Pool
from .apps import read_apps
from .code_contests import LANGUAGES, read_code_contests
from .code_io import CodeIO
from .doctests import make_doctests
from .files import build
from .human_eval import make_human_eval
from .rows import OnError, Row

SECONDS_BETWEEN_LINES = 5.0
PACKAGES = ("more_itertools", "toolz")
CORPORA = {
    "code_io": "3,002 Python programs with input generators, of the package reasoning-gym",
    "human_eval": "164 functions, of the package human-eval",
    "doctests": f"functions that show what they do, of the packages {' and '.join(PACKAGES)}",
    "code_contests": "a Parquet file of CodeContests",
    "apps": "a JSONL file of APPS",
}
FROM_FILES = ("code_contests", "apps")


def main() -> int:
    """Makes the file that is asked for; returns 130 where interrupted."""
    parser = argparse.ArgumentParser("python -m alphakata.envs.code.corpora", description=__doc__)
    parser.add_argument("corpus", choices=CORPORA, help="; ".join(f"{name}: {what}" for name, what in CORPORA.items()))
    parser.add_argument("source", nargs="?", help="the file to read, for code_contests and apps")
    parser.add_argument("file", help="the file to make")
    parser.add_argument(
        "--languages", nargs="+", choices=sorted(set(LANGUAGES)), default=["python3", "cpp"],
        help="of code_contests' solutions, the first first; what is to be run of them needs g++ for cpp",
    )  # fmt: skip
    parser.add_argument("--skip-bad", action="store_true", help="count rows that are not in the format, and go on")
    arguments = parser.parse_args()
    wanted = "SOURCE and FILE" if arguments.corpus in FROM_FILES else "FILE alone"
    if (arguments.source is not None) != (arguments.corpus in FROM_FILES):
        parser.error(f"{arguments.corpus} wants {wanted}")
    try:
        reasons = _build(arguments)
    except KeyboardInterrupt:
        print(f"interrupted; the same command goes on from {arguments.file}.part", file=sys.stderr)
        return 130
    except (ValueError, OSError, ImportError, JudgeUnavailable) as error:
        print(error, file=sys.stderr)
        return 1
    with open(arguments.file, "rb") as lines:
        print(f"{arguments.file}: {sum(1 for _ in lines):,} problems")
    for reason, count in reasons.most_common():
        print(f"{count:7,} rows: {reason}")
    return 0


def _build(arguments: argparse.Namespace) -> Counter[str]:
    on_error: OnError = "skip" if arguments.skip_bad else "raise"
    with Pool() as pool:

        def rows(start: int) -> Iterator[Row]:
            match arguments.corpus:
                case "code_io":
                    return CodeIO()(pool, start)
                case "human_eval":
                    return islice(make_human_eval(pool), start, None)
                case "doctests":
                    return islice(make_doctests(pool, PACKAGES), start, None)
                case "code_contests":
                    return islice(read_code_contests(arguments.source, arguments.languages, on_error), start, None)
            return islice(read_apps(arguments.source, on_error), start, None)

        return build(arguments.file, rows, _recipe(arguments), Progress())


def _recipe(arguments: argparse.Namespace) -> str:
    """Returns all that decides what is made; ValueError where the file to make is the one that is read."""
    if arguments.source is None:
        return str(arguments.corpus)
    source = Path(arguments.source)
    if source.exists() and Path(arguments.file).exists() and source.samefile(arguments.file):
        raise ValueError(f"{arguments.file} is the file to read, wanted another to make")
    read = f"{source}, {source.stat().st_size} bytes of {source.stat().st_mtime_ns}"
    languages = f" {' '.join(arguments.languages)}" if arguments.corpus == "code_contests" else ""
    return f"{arguments.corpus} {read}{languages}"


class Progress:
    """A line on standard error every few seconds: rows, problems, and how fast it goes."""

    def __init__(self) -> None:
        self._first = 0
        self._began = self._spoke = monotonic()

    def __call__(self, number: int, reasons: Counter[str]) -> None:
        """Says where things stand, if it is time to."""
        now = monotonic()
        # The first row of this call tells where it went on.
        self._first = self._first or number
        if now - self._spoke >= SECONDS_BETWEEN_LINES:
            self._spoke = now
            rate = (number - self._first + 1) / (now - self._began)
            print(f"{number:,} rows, {number - reasons.total():,} problems, {rate:.1f} rows/s", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
