"""The report of a run: one HTML file that needs nothing else, and its table in figures beside it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from .compare import Row, Table, compact
from .failures import failures
from .files import write_whole
from .markup import Markup, folded, markup, section, table
from .points import UNITS, by_env
from .records import Record
from .sections import built_as_told, equal_bills, ratings, sampling, score_against_bill, score_by

NOTHING = Markup("")
TEMPLATE = Path(__file__).with_name("report.html")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a report's figures come from, and how to get them again.

    Attributes:
        name: of the experiment.
        config: its whole configuration, as YAML.
        commands: what to type, in order.
        metadata: versions, seeds, host...
    """

    name: str
    config: str
    commands: Sequence[str]
    metadata: Mapping[str, object]


def write_report(
    path: Path, records: Sequence[Record], compared: Table, origin: Origin, practice: Markup = NOTHING
) -> None:
    """Writes the report to `path` and `summary.json` beside it, each whole or not at all.

    Equal arguments write equal bytes.

    Args:
        path: of the HTML file.
        records: every episode.
        compared: what `compare` made of them.
        origin: of the records.
        practice: a section on how the policy came to be, where it practised.
    """
    write_whole(path, report(records, compared, origin, practice))
    write_whole(path.with_name("summary.json"), json.dumps(compared.summary(), indent=2) + "\n")


def report(records: Sequence[Record], compared: Table, origin: Origin, practice: Markup = NOTHING) -> str:
    """Returns the report as one HTML page."""
    unit = compared.matching.unit
    records = sorted(records, key=lambda record: (record.setting != compared.baseline, record.key))
    sections = [
        score_against_bill(records, compared.baseline, unit),
        equal_bills(compared),
        practice,
        score_by("rating", records, unit),
        score_by("opponent", records, unit),
        ratings(records, unit),
        built_as_told(records),
        sampling(records),
        failures(records, unit),
        _origin(origin),
    ]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=markup(origin.name),
        digest=markup(_digest(records)),
        verdicts="\n".join(f"<li>{markup(verdict)}</li>" for verdict in verdicts(compared)),
        sections="\n".join(sections),
    )


def verdicts(compared: Table) -> list[str]:
    """Returns a sentence a world: what the best setting gains over the baseline at the dearest bill both stand at."""
    found = []
    for rows in by_env(compared.rows).values():
        told = [row for row in rows if any(cell.difference for cell in row.cells)]
        found.append(_verdict(told[-1] if told else rows[-1], compared))
    return found


def _verdict(row: Row, compared: Table) -> str:
    baseline, unit = row.cells[0], compared.matching.unit
    rivals = [(cell.difference, cell) for cell in row.cells if cell.difference is not None]
    spends = f"{compact(baseline.cost[unit])} {unit.replace('_', ' ')} a decision"
    if not rivals:
        return f"{row.env}: {baseline.setting} scores {baseline.score:.2f}, spending {spends}."
    gain, best = max(rivals, key=lambda rival: rival[0].value)
    if gain.low > 0:
        claim = f"{best.setting} beats {baseline.setting} by {gain:.2f}"
    else:
        claim = f"nothing surely beats {baseline.setting}; {best.setting} comes nearest, {gain:+z.2f}"
    equal = compared.matching.agree(best.cost[unit], baseline.cost[unit])
    bills = f"both spending {spends}" if equal else f"spending {compact(best.cost[unit])} against {spends}"
    chosen = f"the best of {len(rivals)} settings; " if len(rivals) > 1 else ""
    scores = f"{best.score.value:.2f} against {baseline.score.value:.2f}"
    played = f"{best.num_tasks} tasks, {_count(best.num_seeds, 'training seed')}"
    return f"{row.env}: {claim} ({scores}; {chosen}{played}), {bills}."


def _origin(origin: Origin) -> Markup:
    parts = {
        "Commands": Markup(f"<pre>{markup(chr(10).join(origin.commands))}</pre>"),
        "Configuration": folded("everything that can be set, as YAML", origin.config),
        "Made with": table(["", ""], [list(_flat(origin.metadata))], 2),
    }
    return section("How to get these figures again", parts, "The same commands give the same records, times aside.")


def _flat(values: Mapping[str, object], above: str = "") -> Iterator[tuple[str, str]]:
    """Yields a line for each value, those of inner mappings named after both."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name} ")
        elif isinstance(value, list):
            yield above + name, " ".join(map(str, value))
        else:
            yield above + name, str(value)


def _digest(records: Sequence[Record]) -> str:
    """Returns how much was played and what it cost in all."""
    bill = {unit: sum(record.cost.get(unit, 0) for record in records) for unit in UNITS}
    counts = {name: len({getattr(record, name) for record in records}) for name in ("env", "setting", "seed")}
    played = ", ".join(_count(count, name) for name, count in counts.items())
    spent = ", ".join(f"{compact(amount)} {unit.replace('_', ' ')}" for unit, amount in bill.items() if amount)
    return f"{len(records):,} episodes: {played}. Spent in all: {spent}."


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"
