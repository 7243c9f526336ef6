"""Tries each layer that can shut a program in, in a child, and prints as JSON what came of it."""

import json
import os
import sys

from . import kernel, landlock, namespaces, seccomp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Tries all."""
    tries = {"namespaces": _namespaces, "landlock": _landlock, "seccomp": _seccomp}
    print(json.dumps([(layer, *_in_a_child(attempt)) for layer, attempt in tries.items()]))


def _in_a_child(attempt: "Callable[[], str]") -> tuple[bool, str]:
    """Returns whether `attempt` succeeds in a child, and what it says or how it fails."""
    reader, writer = os.pipe()
    if not os.fork():
        try:
            works, text = True, attempt()
        except Exception as error:
            works, text = False, str(error) or type(error).__name__
        os.write(writer, json.dumps((works, text)).encode())
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as answer:
        said = answer.read()
    _, status = os.wait()
    works, text = json.loads(said) if said else (False, f"the try ended with status {status}")
    return works, text


def _namespaces() -> str:
    namespaces.enter()
    namespaces.build_root("/tmp", namespaces.visible())
    if child := os.fork():
        if status := os.waitpid(child, 0)[1]:
            raise OSError(f"the first process in them ended with status {status}")
        return "user, process, mount, network, ipc and uts"
    try:
        namespaces.drop_user()
        os._exit(0 if os.getpid() == 1 and os.listdir("/box") == [] else 1)
    finally:
        # A copy of its parent must not go on as that.
        os._exit(2)


def _landlock() -> str:
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    folder = sys.path[-1]
    landlock.restrict([folder])
    os.listdir(folder)
    try:
        os.listdir("/")
    except PermissionError:
        return f"version {landlock.version()}"
    raise OSError("it was installed, and forbids nothing")


def _seccomp() -> str:
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    own_filter = seccomp.InnerFilter()
    seccomp.install_outer(may_open=False)
    own_filter.aim(os.getpid())
    own_filter.install()
    try:
        os.listdir("/")
    except PermissionError:
        return f"filters for {os.uname().machine}"
    raise OSError("it was installed, and forbids nothing")
