"""How far a long piece of work has come: a bar on a terminal, a plain line every few seconds elsewhere."""

import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Meter:
    """Shows steps done, steps a second, the time left and a note of the caller's; on standard error."""

    def __init__(
        self, title: str, done: int, total: int, console: Console | None = None, every_seconds: float = 5.0
    ) -> None:
        """Starts the clock.

        Args:
            title: what is being done.
            done: steps that were done before.
            total: steps in all.
            console: where to show it.
            every_seconds: between two plain lines.
        """
        self._console = console or Console(stderr=True)
        self._title, self._total, self._first, self._every_seconds = title, total, done, every_seconds
        self._start = self._spoke = time.monotonic()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=self._console, disable=not self._console.is_terminal)
        self._task = self._bar.add_task(title, total=total, completed=done, note="")

    def __enter__(self) -> Self:
        """Shows the bar, where there is one."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves the last figures standing."""
        self._bar.stop()

    def show(self, done: int, note: str) -> None:
        """Says that `done` steps are done."""
        now = time.monotonic()
        rate = (done - self._first) / max(now - self._start, 1e-9)
        self._bar.update(self._task, completed=done, note=f"{rate:.2f}/s  {note}")
        if not self._console.is_terminal and (now - self._spoke >= self._every_seconds or done == self._total):
            left = timedelta(seconds=round((self._total - done) / rate)) if rate else "?"
            self._console.print(
                f"{self._title} {done}/{self._total}  {rate:.2f}/s  {left} left  {note}", highlight=False
            )
            self._spoke = now
