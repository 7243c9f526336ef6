"""Prepares a file of problems: `python -m alphakata.experiments.prepare SOURCE.jsonl TARGET.jsonl`.

Doubles are dropped, submissions and tests cleaned, tests added on which correct solutions agree. Broken off, it goes on
where it was when it is called again.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command; what a user can cause ends it with one line on standard error."""
    options = _options().parse_args(arguments)
    try:
        _prepare(options)
    except KeyboardInterrupt:
        print("prepare: broken off; the same command goes on from here", file=sys.stderr)
        raise SystemExit(130) from None
    except (ValueError, OSError) as error:
        raise SystemExit(f"prepare: {error}") from None
    except RuntimeError as error:
        from ..envs.code.judge import JudgeUnavailable

        if not isinstance(error, JudgeUnavailable):
            raise
        raise SystemExit(f"prepare: {error}") from None


def _prepare(options: argparse.Namespace) -> None:
    # Loaded here, where Ctrl-C is listened to: it takes a while.
    from ..envs.code.augmentation import Augmentation
    from ..envs.code.preparation import Preparation, prepare_file
    from ..learners.progress import Meter

    if options.workers is not None and options.workers < 1:
        raise ValueError(f"--workers: found {options.workers}, wanted 1 or more")
    if options.tests < 0 or not options.cpu_hours > 0:
        raise ValueError(
            f"--tests 0 or more and --cpu-hours above 0 wanted, found {options.tests} and {options.cpu_hours}"
        )
    if options.target.exists() and options.target.samefile(options.source):
        raise ValueError(f"{options.target} is the file to read, wanted another to write")
    more = None
    if options.tests:
        seconds = 3600 * options.cpu_hours
        more = Augmentation(options.agreeing, num_tests=options.tests, cpu_seconds=seconds, seed=options.seed)
    settings = Preparation(more, only_covered=not options.keep_uncovered)
    with options.source.open("rb") as lines:
        total = sum(1 for line in lines if line.strip())
    outcomes: Counter[str] = Counter()
    num_made, num_solutions = 0, []
    with Meter("preparing", 0, total) as meter:
        for done, outcome in enumerate(prepare_file(options.source, options.target, settings, options.workers), 1):
            outcomes[outcome.reason or "kept"] += 1
            num_made += outcome.num_made
            if outcome.num_solutions is not None:
                num_solutions.append(outcome.num_solutions)
            meter.show(done, f"{outcomes['kept']} kept, {num_made} tests made")
    print(f"{total} problems: " + ", ".join(f"{count} {what}" for what, count in outcomes.most_common()))
    if num_solutions and max(num_solutions) < options.agreeing:
        print(f"no tests made: no problem has {options.agreeing} correct solutions; see --agreeing")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("source", type=Path, help="problems, one JSON object a line")
    parser.add_argument("target", type=Path, help="where to write them; added to where it exists")
    parser.add_argument("--agreeing", type=int, default=30, help="correct solutions that must agree on an output")
    parser.add_argument("--tests", type=int, default=200, help="generated tests a problem may have; 0 makes none")
    parser.add_argument("--cpu-hours", type=float, default=10.0, help="after which a problem gets no more tests")
    parser.add_argument("--keep-uncovered", action="store_true", help="keep problems with few tests, for training")
    parser.add_argument("--workers", type=int, help="programs judged at a time; one a core without it")
    parser.add_argument("--seed", type=int, default=0, help="decides which inputs are made")
    return parser


if __name__ == "__main__":
    main()
