import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from alphakata.experiments.workers import workers

# Says who works for it, then is killed while they are busy.
PARENT = """
import os, signal, sys, time
from alphakata.experiments.workers import workers
if __name__ == "__main__":
    with workers(2) as pool:
        print(*{pool.submit(os.getpid).result() for _ in range(20)}, flush=True)
        pool.submit(time.sleep, 60)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def gone(process: int, within_seconds: float = 10.0) -> bool:
    """Returns whether a process ends in time; one that nobody waits for counts as ended."""
    end = time.monotonic() + within_seconds
    while time.monotonic() < end:
        try:
            if "\nState:\tZ" in Path(f"/proc/{process}/status").read_text():
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True)
    numbers = [int(number) for number in ended.stdout.split()]
    assert numbers
    assert all(map(gone, numbers))


def test_a_block_that_fails_does_not_wait_for_its_workers() -> None:
    start = time.monotonic()
    with suppress(KeyboardInterrupt), workers(1) as pool:
        pool.submit(time.sleep, 60)
        raise KeyboardInterrupt
    assert time.monotonic() - start < 30


def test_what_a_worker_raises_is_raised_here() -> None:
    with pytest.raises(FileNotFoundError), workers(1) as pool:
        pool.submit(os.stat, "/nowhere").result()
