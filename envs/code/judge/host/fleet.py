"""The zygotes of a pool: started when they are needed, lent to one thread at a time, replaced when lost or old."""

import os
import threading
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import SubprocessError
from typing import get_args

from .probe import LAYERS, Isolation, Level, best_level, findings, missing
from .process import Language, StartFailed, Zygote

PROGRAMS_A_ZYGOTE = 20_000
FAILED_STARTS = 5


class JudgeUnavailable(RuntimeError):
    """The judge itself failed again and again, or is not to be had as asked, so that a program was not judged."""


class Fleet:
    """Zygotes at one level of isolation.

    Attributes:
        python: path of the interpreter.
        starts: zygotes started so far, by language.
    """

    def __init__(self, python: str, isolation: Isolation, without: frozenset[str] = frozenset()) -> None:
        """Makes a fleet of which nothing has started.

        Args:
            python: path of the interpreter.
            isolation: the level; "auto" for the best this machine allows.
            without: layers to leave out all the same, to see what each is good for.
        """
        self.python, self.starts = python, Counter[Language]()
        self._isolation, self._without = isolation, without
        self._lock, self._level_lock = threading.Lock(), threading.Lock()
        self._level: Level | None = None
        self._failed_starts = 0
        self._is_abandoned = False
        self._lent: set[Zygote] = set()
        self._idle: dict[Language, list[Zygote]] = {language: [] for language in get_args(Language)}
        self.close = weakref.finalize(self, _close, self._idle)

    @property
    def isolation(self) -> str:
        """What stands between a program and the machine, as results say it; what was asked for before it is known."""
        without = f" without {' and '.join(sorted(self._without))}" if self._without else ""
        return (self._level or self._isolation) + without

    def check(self) -> None:
        """Raises `JudgeUnavailable` where there is no more hope of a zygote."""
        self._refuse_abandoned()
        if self._failed_starts >= FAILED_STARTS:
            raise JudgeUnavailable(
                f"{self.python} failed {self._failed_starts} times to start the judge; make a new pool"
            )

    @contextmanager
    def lent(self, language: Language = "python3") -> Iterator[Zygote]:
        """Lends an idle zygote or a new one; it is kept unless the borrower fails or it has served its time.

        Args:
            language: of the programs that it runs.

        Raises:
            JudgeUnavailable: if this machine does not allow the level.
            StartFailed: if a zygote does not start.
            OSError: if the machine refuses a process or a file.
        """
        self._refuse_abandoned()
        zygote = self._waiting(language) or self._started(language)
        try:
            with self._lock:
                self._lent.add(zygote)
            # It may have been abandoned while the zygote started, and so have killed only the others.
            self._refuse_abandoned()
            yield zygote
        except BaseException:
            zygote.close()
            raise
        finally:
            with self._lock:
                self._lent.discard(zygote)
        # As long as one serves there is hope of others, whether it was started for this or had been idle.
        self._failed_starts = 0
        if zygote.programs < PROGRAMS_A_ZYGOTE:
            self._idle[language].append(zygote)
        else:
            zygote.close()

    def abandon(self) -> None:
        """Kills what is lent, whatever it runs, and lends no more."""
        with self._lock:
            self._is_abandoned = True
            for zygote in self._lent:
                zygote.kill()

    def memory_bytes(self) -> int:
        """Returns the most memory that an idle zygote holds."""
        with self._lock:
            return max((zygote.memory_bytes() for idle in self._idle.values() for zygote in idle), default=0)

    def layers(self) -> list[str]:
        """Returns what shuts programs in; raises as `lent` does."""
        return [layer for layer in LAYERS[self.settled()] if layer not in self._without]

    def settled(self) -> Level:
        """Returns the level, found out once; raises as `lent` does."""
        with self._level_lock:
            if self._level is None:
                self._level = _level(self.python, self._isolation)
            return self._level

    def _refuse_abandoned(self) -> None:
        if self._is_abandoned:
            raise JudgeUnavailable(
                "the pool was interrupted, or its block left by an exception, so its programs end; make a new pool"
            )

    def _waiting(self, language: Language) -> Zygote | None:
        """Takes an idle zygote; those that died while they waited are let go, for no program's fault."""
        with self._lock:
            while self._idle[language]:
                zygote = self._idle[language].pop()
                if zygote.is_alive:
                    return zygote
                zygote.close()
        return None

    def _started(self, language: Language) -> Zygote:
        try:
            zygote = Zygote(self.python, self.layers(), language)
        except (StartFailed, OSError):
            with self._lock:
                self._failed_starts += 1
            raise
        with self._lock:
            self.starts[language] += 1
            self._failed_starts = 0
        return zygote


def _level(python: str, isolation: Isolation) -> Level:
    if isolation == "none":
        return "none"
    try:
        level = best_level(python) if isolation == "auto" else isolation
        lacking = missing(python, level)
    except SubprocessError as error:
        raise StartFailed(f"it did not try what the machine allows: {error}") from error
    if lacking:
        raise JudgeUnavailable(
            f"isolation {isolation!r} needs {', '.join(lacking)}; pass isolation='auto' for what this machine allows"
        )
    if level == "none":
        refusals = ", ".join(f"{finding.layer} ({finding.detail})" for finding in findings(python))
        raise JudgeUnavailable(
            f"nothing shuts programs in on this machine, {os.uname().sysname}: {refusals}; "
            "pass isolation='none' to run them with the rights of this user"
        )
    return level


def _close(idle: dict[Language, list[Zygote]]) -> None:
    for zygotes in idle.values():
        while zygotes:
            zygotes.pop().close()
