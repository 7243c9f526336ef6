"""Runs a compiler once, shut in: a source may ask it for any file, and for more time and memory than there is.

It may read and execute its own files, and write to a folder that is gone with it. What it made is copied to a memory
file of the host, which hears how it ended. Standard input is the source, standard error what the compiler says.

Argument: an order of `host/compilation.py`, as JSON.
"""

import _signal  # type: ignore[import-not-found]
import json
import os
import resource
import sys
import time

from . import kernel, landlock, namespaces, seccomp
from .protocol import NOT_STARTED, REPORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_SOURCE, _MADE = "main.cpp", "made"
_MOST_FILES, _MOST_TASKS = 64, 16
_CHUNK_BYTES = 1 << 30


def main() -> None:
    """Shuts itself in, runs the compiler and reports."""
    order = json.loads(sys.argv[1])
    for file in order["report"], order["made"]:
        os.set_inheritable(file, False)
    if "namespaces" in order["layers"]:
        enter_namespaces(order)
    os.chdir(order["folder"])
    with open(_SOURCE, "wb") as file, open(0, "rb") as given:
        file.write(given.read())
    began = time.perf_counter()
    if not (compiler := os.fork()):
        become_compiler(order)
    _, status, usage = os.wait4(compiler, 0)
    if status == 0:
        copy(order["made"], order["made_bytes"])
    seconds = time.perf_counter() - began
    spent = usage.ru_utime + usage.ru_stime, seconds, usage.ru_maxrss, usage.ru_minflt
    os.write(order["report"], REPORT.pack(status, *spent, 0))


def enter_namespaces(order: "dict[str, Any]") -> None:
    """Goes on as the first process of a new world, with a folder to write to; what was started waits outside."""
    order["folder"] = namespaces.EMPTY_FOLDER
    namespaces.enter()
    namespaces.build_root("/tmp", order["visible"])
    size = f"mode=777,size={2 * order['made_bytes']}"
    kernel.mount("tmpfs", order["folder"], "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, size)
    if child := os.fork():
        os.closerange(0, _MOST_FILES)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    order["counted_anew"] = namespaces.drop_user()
    # After the change of user, which would undo it.
    kernel.prctl(kernel.PR_SET_PDEATHSIG, _signal.SIGKILL)


def become_compiler(order: "dict[str, Any]") -> "NoReturn":
    """Gives up what a compiler does not need, and becomes it."""
    try:
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        if "landlock" in order["layers"]:
            landlock.restrict((), namespaces.DEVICES, order["visible"], [order["folder"]])
        limits = {resource.RLIMIT_AS: order["memory_bytes"], resource.RLIMIT_FSIZE: order["made_bytes"]}
        limits |= {resource.RLIMIT_CORE: 0, resource.RLIMIT_NOFILE: _MOST_FILES}
        if order.get("counted_anew"):
            limits[resource.RLIMIT_NPROC] = _MOST_TASKS
        for kind, most in limits.items():
            resource.setrlimit(kind, (most, most))
        # At the first the compiler is told, and can say so; at the second it is killed.
        resource.setrlimit(resource.RLIMIT_CPU, (order["cpu_seconds"], order["cpu_seconds"] + 1))
        if "seccomp" in order["layers"]:
            seccomp.install_outer(True, "compiler")
        path = os.pathsep.join((os.path.dirname(order["command"][0]), "/usr/bin", "/bin"))
        command, environment = [*order["command"], _SOURCE, "-o", _MADE], {"PATH": path, "TMPDIR": order["folder"]}
        os.execve(command[0], command, environment)
    finally:
        sys.excepthook(*sys.exc_info())
        os._exit(NOT_STARTED)


def copy(target: int, most: int) -> None:
    """Copies what the compiler made."""
    made = os.open(_MADE, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    left = min(os.fstat(made).st_size, most)
    while left > 0 and (copied := os.sendfile(target, made, None, min(left, _CHUNK_BYTES))):
        left -= copied
