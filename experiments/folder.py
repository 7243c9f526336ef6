"""The folder of a run: everything it reads back and leaves behind, `runs/<name>/<time>_<hash>/`.

It is made whole, with a configuration that never changes: whoever reopens it goes on with the same. While one process
writes into it, no other may.
"""

import fcntl
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from .configure import ConfigError
from .files import write_whole
from .origin import origin


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run on disk.

    Attributes:
        path: the folder.
    """

    path: Path

    @staticmethod
    def create(config: DictConfig, overrides: Sequence[str], command: Sequence[str], root: Path) -> "RunFolder":
        """Returns a new folder under `root`, or none at all where this is interrupted.

        Args:
            config: complete; its `name` is the folder's parent.
            overrides: what was chosen.
            command: what was typed: the program, its verb and the rest.
            root: the folder of all runs.
        """
        text = OmegaConf.to_yaml(config)
        path = root / config.name / f"{datetime.now():%Y-%m-%d_%H-%M-%S}_{sha256(text.encode()).hexdigest()[:6]}"
        new = path.with_name(f".{path.name}.{os.getpid()}")
        meta = {**origin(command), "seeds": list(config.seeds)}
        try:
            write_whole(new / "config.yaml", text)
            write_whole(new / "overrides.yaml", OmegaConf.to_yaml(OmegaConf.create(list(overrides))))
            write_whole(new / "meta.json", json.dumps(meta, indent=2) + "\n")
            os.rename(new, path)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        return RunFolder(path)

    @staticmethod
    def open(path: Path) -> "RunFolder":
        """Returns the run in `path`; `ConfigError` where there is none."""
        if not (path / "config.yaml").is_file():
            lack = "it has no config.yaml" if path.exists() else "there is no such folder"
            raise ConfigError(f"{path} is no run: {lack}; wanted runs/<name>/<time>_<hash>")
        return RunFolder(path)

    @staticmethod
    def newest(root: Path, verb: str) -> "RunFolder":
        """Returns the newest run of `verb` anywhere under `root`; `ConfigError` where there is none."""
        folders = [RunFolder(path.parent) for path in root.rglob("[!.]*/config.yaml")]
        runs = [folder for folder in folders if folder.verb == verb]
        if not runs:
            raise ConfigError(f"{root} holds no run of alphakata {verb} to go on with: start one without --resume")
        return max(runs, key=lambda folder: folder.path.name)

    @property
    def config(self) -> DictConfig:
        """The run's own configuration; `ConfigError` where the file is broken."""
        path = self.path / "config.yaml"
        try:
            config = OmegaConf.load(path)
        except (YAMLError, OmegaConfBaseException, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{path} is no configuration ({' '.join(str(error).split())}): start a new run"
            ) from error
        if not isinstance(config, DictConfig):
            raise ConfigError(f"{path} holds a list, wanted names and values: start a new run")
        return config

    @property
    def meta(self) -> dict[str, Any]:
        """Seeds, versions, git commit, host and command of the first start, and what was settled since."""
        meta: dict[str, Any] = json.loads((self.path / "meta.json").read_text())
        return meta

    def settled(self, name: str, choose: Callable[[], str]) -> str:
        """Returns what the run settled on when it was first asked for `name`; `choose` says it then, for good."""
        meta = self.meta
        if name not in meta:
            meta[name] = choose()
            write_whole(self.path / "meta.json", json.dumps(meta, indent=2) + "\n")
        return str(meta[name])

    @property
    def verb(self) -> str:
        """The verb that started it, and alone may go on."""
        return str(self.meta["command"][1])

    @property
    def overrides(self) -> list[str]:
        """What was chosen on the command line."""
        return [str(override) for override in OmegaConf.load(self.path / "overrides.yaml")]

    @property
    def trajectories(self) -> Path:
        """The folder of demonstrations, and of the codecs they are told in."""
        return self.path / "trajectories"

    @property
    def records(self) -> Path:
        """The file of everything evaluated."""
        return self.path / "records.jsonl"

    @property
    def replays(self) -> Path:
        """The folder of episodes to look at."""
        return self.path / "replays"

    @property
    def report(self) -> Path:
        """The page that tells the result; `summary.json` lies beside it."""
        return self.path / "report.html"

    def checkpoint(self, seed: int) -> Path:
        """Returns the folder of the policy trained from `seed`."""
        return self.path / "checkpoints" / f"seed_{seed}"

    def practice(self, seed: int) -> Path:
        """Returns the folder of the iterations by which the policy trained from `seed` went on by itself."""
        return self.path / "practice" / f"seed_{seed}"

    def tensorboard(self, seed: int) -> Path:
        """Returns the folder of the curves of training from `seed`."""
        return self.path / "tb" / f"seed_{seed}"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keeps other processes out and the log in `log`: stages, warnings, and the traceback of what ends it early.

        Raises:
            ConfigError: if another process is writing.
        """
        library = logging.getLogger(__name__.partition(".")[0])
        with open(self.path / "lock", "a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                raise ConfigError(
                    f"process {lock.read()} is writing into {self.path}: wait for it, or start another run"
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            handler = logging.FileHandler(self.path / "log")
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
            library.addHandler(handler)
            level = library.level
            library.setLevel(logging.INFO)
            try:
                yield
            except BaseException as error:
                # For the file alone: the terminal is told in one line.
                told = (type(error), error, error.__traceback__)
                handler.handle(library.makeRecord(library.name, logging.ERROR, __file__, 0, "broken off", (), told))
                raise
            finally:
                library.setLevel(level)
                library.removeHandler(handler)
                handler.close()
