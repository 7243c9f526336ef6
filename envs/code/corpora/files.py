"""A corpus in a file: made row by row, so that an interruption costs little, and read when it is first asked for.

Rows go to `FILE.part` until all are there; whoever makes the same file again goes on after the last whole row.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import Literal, get_args

from ..problem import Problem, read_problems
from .rows import Rejected, Row

Part = Literal["all", "train", "test"]

# One problem in ten is for testing.
_TEST_PART = 0.1


@dataclass(frozen=True, slots=True)
class ProblemFile:
    """The problems of a JSONL file, or a part of them, as a list that is read at the first question.

    Attributes:
        path: what `write_problems` or `python -m alphakata.envs.code.corpora` wrote.
        part: "train" and "test" share no problem; a problem's name decides, so that it stays where it is as files grow.
    """

    path: str
    part: Part = "all"

    def __len__(self) -> int:
        return len(_read(self.path, self.part))

    def __iter__(self) -> Iterator[Problem]:
        return iter(_read(self.path, self.part))

    def __getitem__(self, index: int) -> Problem:
        """Returns problem `index`.

        Raises:
            FileNotFoundError: if there is no such file, with the way to make it.
            ValueError: if it is not one of problems, or none is of this part.
        """
        return _read(self.path, self.part)[index]


def build(
    path: str | Path,
    rows: Callable[[int], Iterator[Row]],
    recipe: str,
    on_row: Callable[[int, Counter[str]], None] = lambda number, reasons: None,
) -> Counter[str]:
    """Writes the problems of a corpus to a file, going on where an earlier call was interrupted.

    Args:
        path: appears only when it is whole, and `PATH.rejected`, in JSONL too, with it.
        rows: called with a number, yields the rows from there on.
        recipe: says what is made and how.
        on_row: called after each row with how many there are, and the reasons against those that are no problems.

    Returns:
        How many rows are no problems, by reason.

    Raises:
        ValueError: if an unfinished file was begun by another recipe, or `path` is a folder.
    """
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"{path} is a folder, wanted the name of a file to make")
    unfinished = path.with_name(path.name + ".part")
    done = _resumed(unfinished, recipe)
    reasons = Counter(row["reason"] for row in map(json.loads, done) if "reason" in row)
    rest = rows(len(done))
    # Asked for before there is a file: a corpus that fails at once leaves none that would block the next.
    first = list(islice(rest, 1))
    with open(unfinished, "a", encoding="utf-8") as out:
        if not out.tell():
            out.write(_head(recipe))
        for number, row in enumerate(chain(first, rest), len(done) + 1):
            if isinstance(row, Rejected):
                reasons[row.reason] += 1
            out.write(_line(row))
            out.flush()
            on_row(number, reasons)
    _finish(unfinished, path)
    return reasons


@lru_cache(maxsize=8)
def _read(path: str, part: Part) -> tuple[Problem, ...]:
    if part not in get_args(Part):
        raise ValueError(f"part is {part!r}, it must be one of {get_args(Part)}")
    if not Path(path).exists():
        made = f"`python -m alphakata.envs.code.corpora code_io {path}` makes one of CodeI/O's problems"
        raise FileNotFoundError(f"{path}, a file of problems, does not exist: {made}; or name another")
    problems = read_problems(path)
    chosen = tuple(problem for problem in problems if part == "all" or _is_for_testing(problem) == (part == "test"))
    if not chosen:
        raise ValueError(f"{path}: none of its {len(problems)} problems is in the part {part!r}; take a longer file")
    return chosen


def _is_for_testing(problem: Problem) -> bool:
    digest = blake2b(problem.name.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) < _TEST_PART * 2**64


def _resumed(unfinished: Path, recipe: str) -> list[str]:
    """Returns the rows of an unfinished file, none where there is no file, having cut off a torn one."""
    head = _head(recipe)
    # Not `splitlines`, to which more than a line break ends a line.
    lines: list[str] = []
    if unfinished.exists():
        with open(unfinished, encoding="utf-8") as file:
            lines = list(file)
    whole = [line for line in lines if line.endswith("\n")]
    if whole and whole[0] != head:
        raise ValueError(f"{unfinished} was begun as {whole[0].strip()}, wanted {head.strip()}; delete it or finish it")
    if len(whole) < len(lines):
        unfinished.write_text("".join(whole), encoding="utf-8")
    return whole[1:]


def _head(recipe: str) -> str:
    return json.dumps({"recipe": recipe}) + "\n"


def _line(row: Row) -> str:
    return (json.dumps(asdict(row)) if isinstance(row, Rejected) else row.to_json()) + "\n"


def _finish(unfinished: Path, path: Path) -> None:
    """Sorts the lines of a file that is whole into problems and others."""
    made, rejected = (path.with_name(path.name + ending) for ending in (".new", ".rejected"))
    with open(unfinished, "rb") as lines, open(made, "wb") as good, open(rejected, "wb") as others:
        next(lines)
        for line in lines:
            (others if "reason" in json.loads(line) else good).write(line)
    os.replace(made, path)
    unfinished.unlink()
