"""Results that outlive a run: one SQLite file that several processes may share.

A result is kept under everything that can change it: the job (source, tests, limits and whatever else it says), the
level of isolation, the interpreter, and the judge's own code. What tells of more than the program is not kept: a
failure of the judge, a result that took more than one attempt, a run within a hair of its time limit.
"""

import json
import logging
import sqlite3
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, fields
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Self, TypeVar

from . import checkers, json_checker
from .job import Job
from .verdict import Result, TestResult, Verdict

Answer = TypeVar("Answer")

# How long one process waits while another writes.
_PATIENCE_SECONDS = 60.0
# What passes: another holds the file, or there is no room on the disk.
_PASSING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_PURE = (checkers.__name__, json_checker.__name__)
_log = logging.getLogger(__name__)


class ResultCache:
    """Results by key, in a file; safe with several threads and processes, each row written whole or not at all.

    Where the file is held by another for a minute, or the disk is full, programs are judged without it, and a warning
    is logged.

    Attributes:
        path: the file; it is made with the first result.
        hits: results found so far.
        misses: results looked for in vain.
    """

    def __init__(self, path: str | Path) -> None:
        """Names the file; nothing is opened before it is used."""
        self.path = Path(path)
        self.hits = self.misses = 0
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def get(self, key: str | None) -> Result | None:
        """Returns the result kept under `key`, or None.

        Raises:
            ValueError: if the file is no cache.
        """
        if key is None:
            return None
        row = self._with_or_without(lambda connection: connection.execute(_SELECT, (key,)).fetchone())
        with self._lock:
            self.hits += row is not None
            self.misses += row is None
        return None if row is None else _result(row[0])

    def put(self, key: str | None, result: Result) -> None:
        """Keeps a result, if it says something of its program; ValueError if the file is no cache."""
        if key is not None and _is_lasting(result):
            self._with_or_without(lambda connection: connection.execute(_INSERT, (key, json.dumps(asdict(result)))))

    def __len__(self) -> int:
        """Returns how many results the file holds."""
        count: int = self._with(lambda connection: connection.execute("SELECT count(*) FROM results").fetchone()[0])
        return count

    def close(self) -> None:
        """Closes the file; another use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[type["ResultCache"], tuple[Path]]:
        """Sends a cache to another process as one that is not open."""
        return ResultCache, (self.path,)

    def _with_or_without(self, use: Callable[[sqlite3.Connection], Answer]) -> Answer | None:
        """Returns what `use` makes of the open file; None where it cannot be used at the moment."""
        try:
            return self._with(use)
        except ValueError as error:
            cause = error.__cause__
            if not isinstance(cause, sqlite3.Error) or cause.sqlite_errorcode & 0xFF not in _PASSING:
                raise
            _log.warning("%s is not used for this program: %s", self.path, cause)
            return None

    def _with(self, use: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """Returns what `use` makes of the open file."""
        try:
            with self._lock:
                if self._connection is None:
                    self._connection = self._open()
                return use(self._connection)
        except sqlite3.DatabaseError as error:
            raise ValueError(f"{self.path} cannot hold results ({error}); name another file, or delete it") from error

    def _open(self) -> sqlite3.Connection:
        # Each statement is a transaction of its own, and the lock keeps threads apart.
        connection = sqlite3.connect(self.path, _PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # With WAL a crash of the machine may lose the latest rows, but tears none.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, result TEXT NOT NULL)")
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection


def key_of(job: Job, isolation: str, python: str = sys.executable) -> str | None:
    """Returns what a job's result is kept under; None where it must not be, because its checker is a function.

    Args:
        job: everything it says counts, so that settings added later do too.
        isolation: the level at which it runs.
        python: path of the interpreter that runs it.
    """
    checker = job.tests.checker
    if type(checker).__module__ not in _PURE or isinstance(checker, checkers.Special):
        return None
    said = [(item.name, getattr(job, item.name)) for item in fields(job) if item.name != "tests"]
    parts = (said, job.tests.digest(), isolation, python, sys.version, _judge_version())
    return blake2b(repr(parts).encode(errors="surrogatepass"), digest_size=20).hexdigest()


@lru_cache(maxsize=1)
def _judge_version() -> str:
    """Returns a digest of the judge's own code, so that no verdict outlives a change of it."""
    digest = blake2b(digest_size=16)
    home = Path(__file__).parent
    for path in sorted(home.rglob("*.py")):
        digest.update(bytes(path.relative_to(home)) + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _is_lasting(result: Result) -> bool:
    marginal = any(test.marginal for test in result.tests)
    return result.verdict is not Verdict.IE and result.attempts == 1 and not marginal


def _result(text: str) -> Result:
    row = json.loads(text)
    tests = tuple(TestResult(**{**test, "verdict": Verdict(test["verdict"])}) for test in row["tests"])
    return Result(**{**row, "verdict": Verdict(row["verdict"]), "tests": tests})


_SELECT = "SELECT result FROM results WHERE key = ?"
_INSERT = "INSERT OR IGNORE INTO results VALUES (?, ?)"
