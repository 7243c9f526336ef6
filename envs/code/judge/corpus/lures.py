"""What hostile programs are tempted with: files to read and to spoil, doors to knock at; and what they left behind."""

import os
import socket
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

SENTINEL = "alphakata-pwned"
_PLACES = ("/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/usr", os.path.expanduser("~"))


class Lures:
    """A readable file, one that all may write, three listeners and a variable of the environment; a context manager."""

    def __init__(self) -> None:
        """Lays everything out; OSError where the machine refuses."""
        self._name = f"alphakata-lure-{os.getpid()}-{id(self)}"
        with ExitStack() as stack:
            self._folder = Path(stack.enter_context(TemporaryDirectory(prefix="alphakata-lures-")))
            self._folder.chmod(0o777)
            for file in ("readable", "victim"):
                (self._folder / file).write_text(self._name)
                (self._folder / file).chmod(0o666)
            path = str(self._folder / "socket")
            self._tcp = _listener(stack, socket.AF_INET, ("127.0.0.1", 0))
            self._listeners = {
                "TCP": self._tcp,
                "path": _listener(stack, socket.AF_UNIX, path),
                "name": _listener(stack, socket.AF_UNIX, f"\0{self._name}"),
            }
            os.chmod(path, 0o777)
            os.environ["ALPHAKATA_LURE"] = self._name
            stack.callback(os.environ.pop, "ALPHAKATA_LURE", None)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def fill(self, source: str) -> str:
        """Returns a source in which the names between at signs are those of what is laid out here."""
        for name, value in {
            "HOST": str(os.getpid()),
            "PORT": str(self._tcp.getsockname()[1]),
            "ABSTRACT": self._name,
            "LURE": self._name,
            "SOCKET": str(self._folder / "socket"),
            "READABLE": str(self._folder / "readable"),
            "VICTIM": str(self._folder / "victim"),
            "HOME": os.path.expanduser("~"),
            "CWD": os.getcwd(),
        }.items():
            source = source.replace(f"@{name}@", value)
        return source

    def touched(self) -> list[str]:
        """Returns what was done to the lures since the last call, and takes sentinels away."""
        return [*self._knocks(), *self._spoilt(), *_sentinels()]

    def _knocks(self) -> list[str]:
        knocks = []
        for name, listener in self._listeners.items():
            with suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
                    knocks.append(f"a connection to the listener on a {name}")
        return knocks

    def _spoilt(self) -> list[str]:
        victim = self._folder / "victim"
        if victim.is_file() and victim.read_text() == self._name and victim.stat().st_mode & 0o777 == 0o666:
            return []
        victim.write_text(self._name)
        victim.chmod(0o666)
        return ["a file deleted or changed"]


def _listener(stack: ExitStack, family: socket.AddressFamily, address: tuple[str, int] | str) -> socket.socket:
    listener = stack.enter_context(socket.socket(family))
    listener.bind(address)
    listener.listen()
    listener.setblocking(False)
    return listener


def _sentinels() -> list[str]:
    """Returns the sentinels found, which say by their name whose they are, and removes them."""
    found = []
    for place in {*_PLACES, os.getcwd()}:
        for file in Path(place).glob(f"{SENTINEL}*"):
            found.append(f"the file {file}")
            with suppress(OSError):
                file.rmdir() if file.is_dir() and not file.is_symlink() else file.unlink()
    return found
