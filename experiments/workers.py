"""Processes that work beside a run: they leave Ctrl-C to it and end with it, whatever ends it."""

import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from .allocation import keep_freed_memory
from .task import Task


@contextmanager
def workers(count: int, start: Callable[..., None] | None = None, *arguments: object) -> Iterator[ProcessPoolExecutor]:
    """Yields `count` processes that each call `start(*arguments)` first; where the block fails they stop at once."""
    context = get_context("forkserver")
    # Loaded once, for all of them; it starts no threads before it computes.
    context.set_forkserver_preload(["torch"])
    leash, held = context.Pipe(duplex=False)
    executor = ProcessPoolExecutor(count, context, initializer=_begin, initargs=(leash, start, arguments))
    try:
        yield executor
        executor.shutdown()
    finally:
        held.close()
        executor.shutdown(cancel_futures=True)
        leash.close()


def require_portable(name: str, task: Task) -> None:
    """Raises `ValueError`, naming the world, where `task` cannot be sent to another process."""
    try:
        pickle.dumps(task)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ValueError(
            f"envs.{name}: {type(task.classroom).__name__}, its demonstrator and its opponent are sent to other "
            f"processes, found what cannot be ({error}): define classes and functions at the top of a module, and hold "
            "no open files"
        ) from error


def _begin(leash: Connection, start: Callable[..., None] | None, arguments: tuple[object, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_freed_memory()
    threading.Thread(target=_end_with, args=(leash,), daemon=True).start()
    if start is not None:
        start(*arguments)


def _end_with(leash: Connection) -> None:
    """Ends this process as soon as nobody holds the other end of its leash."""
    leash.poll(None)
    os._exit(1)
