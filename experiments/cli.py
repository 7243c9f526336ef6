"""The command line: `alphakata <verb> [key=value ...]`.

Exit codes: 0 done, 1 failed, 2 asked wrongly, 130 interrupted. What a user can cause ends in one paragraph on standard
error; with -v its traceback comes first. Heavy imports wait until a verb needs them.
"""

import argparse
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from importlib import import_module
from pathlib import Path

from .allocation import keep_freed_memory

# Verb: what it does, where its body is, an example of what it takes.
VERBS = {
    "run": ("demonstrate, imitate, evaluate and report", "commands:run", "experiment=quickstart"),
    "train": ("demonstrate and imitate", "commands:train", "env=connect_four train.steps=2000"),
    "eval": ("evaluate a trained policy", "commands:evaluate", "checkpoint=DIR env=code search=[sample,alphacode]"),
    "compare": ("table of several runs at equal bills", "commands:compare", ""),
    "report": ("write a run's report again", "commands:report", ""),
    "view": ("write a page a replay, or one for each of a run", "view:main", ""),
    "play": ("play, or watch, in the terminal", "play:main", "env=connect_four seats=[person,puct] checkpoint=DIR"),
    "solve": ("search a program for one problem", "solve:main", "checkpoint=DIR file=problems.jsonl task=0"),
    "envs": ("list the worlds, or check one", "worlds:main", ""),
    "doctor": ("say what this machine has and lacks", "doctor:main", ""),
}

# What `matching.How` says, which would load numpy.
HOWS = ("strict", "at_most", "interpolate", "none")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code.

    Args:
        argv: what follows the program's name; None takes it from the process.
    """
    # Threads that go on spinning take the cores from the judge, and those that sleep at once are woken too late: so
    # they spin for about as long as another's part of a small operation takes. torch reads this when it is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "30000")
    keep_freed_memory()
    argv = list(sys.argv[1:] if argv is None else argv)
    arguments = _parse(argv)
    arguments.command = ["alphakata", *argv]
    level = logging.INFO if arguments.verbose else logging.ERROR if arguments.quiet else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s: %(message)s", force=True)
    # The terminal's own level: a run's log hears more.
    for handler in logging.getLogger().handlers:
        handler.setLevel(level)
    try:
        module, _, function = VERBS[arguments.verb][1].partition(":")
        code: int = getattr(import_module(f".{module}", __package__), function)(arguments)
        return code
    except KeyboardInterrupt as interrupt:
        print(f"alphakata: interrupted. {interrupt}", file=sys.stderr)
        return 130
    except Exception as error:
        blame = _blame(error)
        if blame is None:
            raise
        if arguments.verbose:
            traceback.print_exc()
        print(f"alphakata: {' '.join(_told(error).split())}", file=sys.stderr)
        return blame


def _blame(error: Exception) -> int | None:
    """Returns the exit code for what a user, a file or a machine can cause; None for what only we can."""
    from ..envs.code.judge import JudgeUnavailable
    from ..envs.requirements import ContractError
    from .configure import ConfigError

    if isinstance(error, ConfigError):
        return 2
    machine = OSError | ImportError | BrokenExecutor | JudgeUnavailable
    return 1 if isinstance(error, ValueError | ContractError | machine) else None


def _told(error: Exception) -> str:
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"{error.filename} does not exist: name a file or folder that does"
    return str(error)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    """Returns the arguments; every word that is none of them is an override, wherever it stands."""
    parser = _parser()
    arguments, overrides = parser.parse_known_args(argv)
    if getattr(arguments, "resume", None) and "=" in arguments.resume:
        overrides, arguments.resume = [arguments.resume, *overrides], ""
    unknown = [word for word in overrides if word.startswith("-") or not VERBS[arguments.verb][2]]
    if unknown:
        parser.error(f"{arguments.verb} takes no {unknown[0]!r}; see alphakata {arguments.verb} --help")
    arguments.overrides = overrides
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("alphakata", description="Agents that copy first, then search.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    for verb, (purpose, _, example) in VERBS.items():
        usage = f"alphakata {verb} [options] key=value ...   for example {example}" if example else None
        of = verbs.add_parser(verb, help=purpose, description=purpose, usage=usage, allow_abbrev=False)
        of.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")
        of.add_argument("-v", "--verbose", action="store_true", help="say more, and show tracebacks")
        if verb in ("run", "train", "eval"):
            of.add_argument("-m", "--multirun", action="store_true", help="one run for every a=x,y")
            of.add_argument("--dry-run", action="store_true", help="print the whole configuration and stop")
            of.add_argument("--resume", nargs="?", const="", metavar="DIR", help="go on with DIR, or the newest run")
            of.add_argument("--root", type=Path, default=Path("runs"), help="the folder of all runs (default: runs)")
        if verb in ("compare", "solve", "envs", "doctor"):
            of.add_argument("--json", action="store_true", help="print JSON")
        if verb == "doctor":
            of.add_argument("--corpus", action="store_true", help="give the judge all hostile programs, not a sample")
        if verb == "compare":
            of.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="a run's folder")
            of.add_argument("--baseline", help="the setting the others are held against")
            of.add_argument("--match", help="the unit in which bills must agree")
            of.add_argument("--how", choices=HOWS, help="what to do where they do not (default: strict)")
        if verb == "report":
            of.add_argument("run", type=Path, metavar="RUN", help="a run's folder")
        if verb == "view":
            of.add_argument("replay", type=Path, metavar="FILE_OR_RUN", help="what play recorded, or a run's folder")
        if verb == "envs":
            of.add_argument("action", choices=("ls", "check"), nargs="?", default="ls")
            of.add_argument("name", nargs="?", help="the world to check")
    return parser
