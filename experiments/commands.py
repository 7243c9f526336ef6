"""What the verbs that make and read runs do: run, train, eval, compare, report.

What was chosen is composed before torch is loaded, so that a wrong word is answered at once.
"""

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from json import dumps
from pathlib import Path
from types import ModuleType
from typing import Any

from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from .acting import trained
from .build import build, complete
from .configure import ConfigError, advice, compose, sweep
from .folder import RunFolder
from .records import Record, read_records

Stage = Callable[[ModuleType, Any, RunFolder, Any], None]
"""What to do with the module `run`, a `RunConfig`, its folder and a `Crew`."""


def run(arguments: Namespace) -> int:
    """Demonstrates, imitates, evaluates and reports."""
    return _each(arguments, lambda stages, config, folder, crew: stages.run(config, folder, crew))


def train(arguments: Namespace) -> int:
    """Demonstrates and imitates."""
    return _each(arguments, lambda stages, config, folder, crew: stages.train(config, folder, crew))


def evaluate(arguments: Namespace) -> int:
    """Evaluates the policy in `checkpoint=DIR`, and reports."""
    if arguments.resume is None:
        from ..agents.checkpoint import load

        # Before there is a folder, so that what is refused leaves none.
        load(_checkpoint(arguments.overrides))
    return _each(
        arguments,
        lambda stages, config, folder, _: stages.evaluate(config, folder, _checkpoint(folder.overrides)),
    )


def compare(arguments: Namespace) -> int:
    """Prints the table of several runs."""
    from .compare import compare, render
    from .points import UNITS

    folders = [RunFolder.open(path) for path in arguments.runs]
    records, config = _together(folders), folders[0].config
    # Where two runs have a setting of that name, the first run's is meant.
    known = {record.setting for record in records}
    own = config.baseline if config.baseline in known else _apart(config.baseline, folders[0])
    baseline = _one_of("baseline", arguments.baseline or own, sorted(known))
    unit = _one_of("match", arguments.match or config.match, UNITS)
    table = compare(records, baseline, unit, arguments.how or "strict")
    if arguments.json:
        print(dumps(table.summary(), indent=2))
    else:
        Console().print(render(table))
    return 0


def report(arguments: Namespace) -> int:
    """Writes the report of a run again."""
    from .run import RunConfig, report

    folder = RunFolder.open(arguments.run)
    report(build(folder.config, RunConfig), folder)
    return 0


def _each(arguments: Namespace, stage: Stage) -> int:
    """Goes through `stage` once, or for every combination of a sweep."""
    if not arguments.multirun:
        return _one(arguments, arguments.overrides, stage)
    if arguments.resume is not None:
        raise ConfigError("a sweep is many runs: resume them one by one with --resume DIR and without -m")
    for overrides in sweep(arguments.overrides):
        Console(stderr=True).rule(" ".join(overrides), align="left")
        _one(arguments, overrides, stage)
    return 0


def _one(arguments: Namespace, overrides: Sequence[str], stage: Stage) -> int:
    folder = None if arguments.resume is None else _reopened(arguments, overrides)
    config = _compose(overrides) if folder is None else folder.config
    from ..agents.engine import resolve_device
    from ..learners.crew import joined
    from . import run as stages
    from .evaluate import tell_left_out

    # Built before there is a folder, so that what is refused leaves none.
    built = build(config, stages.RunConfig)
    device = resolve_device(built.device)
    chosen = overrides if folder is None else folder.overrides
    tell = partial(tell_left_out, built.envs, built.searches, any(word.startswith("search=") for word in chosen))
    if arguments.dry_run:
        tell()
        print(OmegaConf.to_yaml(config), end="")
        return 0
    # Only training is shared; the first of a crew does the rest.
    with joined(built.parallel if arguments.verb != "eval" else "alone", device) as crew:
        if crew.is_first:
            folder = folder or RunFolder.create(config, overrides, arguments.command, arguments.root)
        folder = crew.tell(folder)
        assert folder is not None
        with folder.writing() if crew.is_first else nullcontext():
            if crew.is_first:
                tell()
            try:
                stage(stages, built, folder, crew)
            except KeyboardInterrupt:
                raise KeyboardInterrupt(f"Go on with: alphakata {arguments.verb} --resume {folder.path}") from None
    return 0


def _compose(overrides: Sequence[str]) -> DictConfig:
    config = compose([override for override in overrides if not override.startswith("checkpoint=")])
    from .run import RunConfig

    return complete(config, RunConfig)


def _checkpoint(overrides: Sequence[str]) -> Path:
    for override in overrides:
        if override.startswith("checkpoint="):
            return trained(Path(override.removeprefix("checkpoint=")))
    raise ConfigError("eval wants a policy: add checkpoint=DIR, a folder under a run's checkpoints/")


def _reopened(arguments: Namespace, overrides: Sequence[str]) -> RunFolder:
    """Returns the run to go on with; `ConfigError` where `overrides`, if any, choose another configuration."""
    if arguments.resume:
        folder = RunFolder.open(Path(arguments.resume))
    else:
        root = arguments.root / _compose(overrides).name if overrides else arguments.root
        folder = RunFolder.newest(root, arguments.verb)
    if folder.verb != arguments.verb:
        raise ConfigError(
            f"{folder.path} was started by alphakata {folder.verb}, found {arguments.verb}: "
            f"alphakata {folder.verb} --resume {folder.path}, or start a new run without --resume"
        )
    if not overrides:
        return folder
    # What is not said again stands as it was chosen at the start.
    changed = {_key(override) for override in overrides}
    wanted = _compose([*(override for override in folder.overrides if _key(override) not in changed), *overrides])
    own, other = _settings(folder.config), _settings(wanted)
    for key in sorted(own.keys() | other.keys()):
        if own.get(key) != other.get(key):
            raise ConfigError(
                f"{folder.path} was started with {key} {own.get(key)!r}, found {other.get(key)!r}: "
                "a run keeps its configuration; resume it without overrides, or start a new run without --resume"
            )
    return folder


def _key(override: str) -> str:
    return override.partition("=")[0].lstrip("+")


def _one_of(option: str, found: str, choices: Sequence[str]) -> str:
    if found not in choices:
        raise ConfigError(f"--{option}: there is no {found!r}{advice(found, choices)}")
    return found


def _settings(config: object, path: str = "") -> dict[str, object]:
    """Returns every value of `config` by its dotted path."""
    if isinstance(config, DictConfig):
        config = OmegaConf.to_container(config)
    if isinstance(config, Mapping):
        children = {f"{path}.{key}".strip("."): child for key, child in config.items()}
    elif isinstance(config, list):
        children = {f"{path}[{i}]": child for i, child in enumerate(config)}
    else:
        return {path: config}
    return {key: value for child in children for key, value in _settings(children[child], child).items()}


def _together(folders: Sequence[RunFolder]) -> list[Record]:
    """Returns the records of all runs; settings that several runs played alike are told apart by their folders."""
    if empty := [str(folder.path) for folder in folders if not folder.records.exists()]:
        raise ValueError(f"{', '.join(empty)} holds no records yet: go on with it by --resume, or leave it out")
    records = [(folder, record) for folder in folders for record in read_records(folder.records)]
    if len({record.key for _, record in records}) == len(records):
        return [record for _, record in records]
    return [replace(record, setting=_apart(record.setting, folder)) for folder, record in records]


def _apart(setting: str, folder: RunFolder) -> str:
    return f"{setting} in {folder.path.name}"
