"""The report's list of problems that some setting failed, with what each handed in."""

from collections import defaultdict
from collections.abc import Sequence

from .markup import Markup, folded, section, table
from .points import by_env, dearest
from .records import Record

MOST_SHOWN = 200


def failures(records: Sequence[Record], unit: str) -> Markup:
    """Returns a line for each problem that some setting failed at its dearest budget in `unit`; easiest first."""
    attempted = [record for record in records if "solved_at" in record.outcome]
    parts = {}
    for env, found in by_env(dearest(attempted, unit)).items():
        settings = list(dict.fromkeys(record.setting for record in found))
        problems: dict[int, list[Record]] = defaultdict(list)
        for record in found:
            problems[record.task].append(record)
        failed = [problem for problem in problems.values() if not all(map(_solved, problem))]
        failed.sort(key=lambda problem: (problem[0].outcome.get("rating") or 0, problem[0].task))
        rest = f"; the first {MOST_SHOWN} are shown" if len(failed) > MOST_SHOWN else ""
        parts[env] = table(
            ["problem", "rating", *settings],
            [[_line(problem, settings) for problem in failed[:MOST_SHOWN]]],
            2 + len(settings),
            f"{len(failed)} of {len(problems)} problems were failed by some setting{rest}.",
        )
    note = "Every setting at its dearest budget. Unfold a failure to read its program."
    return section("Problems failed", parts, note)


def _line(problem: Sequence[Record], settings: Sequence[str]) -> list[object]:
    told = problem[0].outcome
    attempts = ([record for record in problem if record.setting == setting] for setting in settings)
    return [told.get("name", problem[0].task), told.get("rating", ""), *map(_attempts, attempts)]


def _attempts(group: Sequence[Record]) -> Markup | str:
    """Returns how one setting fared with one problem under all seeds, and a program of the first that failed."""
    failed = [record for record in group if not _solved(record)]
    if len(group) != 1:
        told = f"{len(group) - len(failed)} of {len(group)} solved" if group else ""
    elif failed:
        told = f"failed, {failed[0].outcome['handed_in']} handed in"
    else:
        told = f"solved at {group[0].outcome['solved_at']}"
    return folded(told, failed[0].outcome["first"]) if failed and "first" in failed[0].outcome else told


def _solved(record: Record) -> bool:
    return record.outcome["solved_at"] is not None
