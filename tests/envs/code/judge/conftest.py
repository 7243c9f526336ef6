"""A place to run what may get out: namespaces around the test, so that nothing that does reaches this machine."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import alphakata

NOBODY = 65534
NEEDED = tuple(Path(path).resolve() for path in (sys.base_prefix, sys.prefix, Path(alphakata.__file__).parent))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Callable[[str, str], str]:
    """Runs Python code as root or nobody, or as the user there is, with processes and places to write of its own."""
    is_root = os.geteuid() == 0
    if not all(map(shutil.which, ("unshare", "mount", "setpriv"))):
        pytest.skip("unshare, mount and setpriv (util-linux) are wanted")
    unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--ipc"]
    unshare += [] if is_root else ["--user", "--map-root-user"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("this machine allows no namespaces")
    setpriv = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups --inh-caps=-all"
    # An ordinary user becomes root of the outer namespace, to mount, and an ordinary user again in one within.
    again = f"unshare --user --map-user={NOBODY} --map-group={NOBODY}"

    def run(user: str, code: str) -> str:
        become = again if not is_root else setpriv if user == "nobody" else ""
        python = f"env -i {become} {shlex.quote(sys.executable)} -B -c {shlex.quote(code)}"
        script = "\n".join(["set -e", *(opened(tmp_path) if is_root else ()), *emptied(), "cd /", f"exec {python}"])
        done = subprocess.run([*unshare, "sh", "-c", script], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    return run


def opened(staging: Path) -> list[str]:
    """Returns commands that show what a test needs at its usual place, where homes of others are closed to nobody."""
    closed = {path: [parent for parent in (path, *path.parents) if not parent.stat().st_mode & 1] for path in NEEDED}
    hidden = {path: parents[-1] for path, parents in closed.items() if parents}
    commands = []
    for number, path in enumerate(hidden):
        commands += [f"mkdir {staging}/{number}", f"mount --bind {path} {staging}/{number}"]
    commands += [f"mount -t tmpfs -o mode=755 tmpfs {parent}" for parent in sorted(set(hidden.values()))]
    for number, path in enumerate(hidden):
        commands += [f"mkdir -p {path}", f"mount --move {staging}/{number} {path}"]
    return commands


def emptied() -> list[str]:
    """Returns commands that give everybody's folders to this world alone, but where a test needs what is in them."""
    places = ("/tmp", "/var/tmp", "/dev/shm")
    return [
        f"mount -t tmpfs -o mode=1777 tmpfs {place}"
        for place in places
        if not any(path.is_relative_to(place) for path in NEEDED)
    ]
