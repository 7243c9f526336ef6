from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console

from alphakata.experiments.compare import compact, compare, render
from alphakata.experiments.matching import BillsDiffer
from alphakata.experiments.records import Record

Played = Callable[..., list[Record]]


def test_a_row_holds_scores_and_paired_differences_at_one_bill(played: Played) -> None:
    records = played("sample", "1k", 1000, [[0, 0, 1, 1] * 10]) + played("puct", "1k", 1000, [[0, 1, 1, 1] * 10])
    (row,) = compare(records, "sample").rows
    sample, puct = row.cells
    assert (sample.setting, sample.score.value, sample.difference) == ("sample", 0.5, None)
    assert (puct.setting, puct.score.value, puct.num_tasks, puct.num_seeds) == ("puct", 0.75, 40, 1)
    assert puct.difference is not None
    assert 0 < puct.difference.low < puct.difference.value == 0.25 < puct.difference.high
    assert puct.differs


def test_the_bill_is_of_a_decision_not_of_an_episode(played: Played) -> None:
    records = played("sample", "64", 640, [[1, 0]], decisions=9) + played("puct", "64", 640, [[1, 1]], decisions=14)
    (row,) = compare(records, "sample").rows
    assert row.bill == 640
    assert row.cells[1].cost["seconds"] == 0.25


def test_unequal_bills_are_refused_unless_told_otherwise(played: Played) -> None:
    records = played("sample", "1k", 100, [[0, 1]]) + played("puct", "1k", 1000, [[1, 1]])
    with pytest.raises(BillsDiffer, match="'sample' 100 policy tokens and 'puct' 1,000"):
        compare(records, "sample")
    (row,) = compare(records, "sample", how="at_most").rows
    assert [(cell.setting, cell.matched) for cell in row.cells] == [("sample", False), ("puct", True)]


def test_differences_count_only_what_both_have_played(played: Played) -> None:
    records = played("sample", "1k", 1000, [[0, 0]]) + played("puct", "1k", 1000, [[0, 1, 1, 1], [1, 1, 1, 1]])
    (row,) = compare(records, "sample").rows
    assert row.cells[1].score.value == 0.875
    assert row.cells[1].difference is not None
    assert row.cells[1].difference.value == 0.5


def test_repeated_samples_of_a_task_are_averaged_before_tasks_are(played: Played) -> None:
    records = played("sample", "1k", 1000, [[0, 1]])
    once_more = [type(record)(*record.key[:5], 1, 1.0, 1, record.cost) for record in records]
    assert compare([*records, *once_more], "sample").rows[0].cells[0].score.value == 0.75


def test_rows_come_by_world_and_growing_bill_and_the_baseline_leads(played: Played) -> None:
    records = played("sample", "16k", 16000, [[1]]) + played("sample", "4k", 4000, [[1]], env="chess")
    records += played("beam", "4k", 4000, [[1]]) + played("sample", "4k", 4000, [[0]])
    table = compare(records, "sample")
    assert [(row.env, row.budget) for row in table.rows] == [("chess", "4k"), ("code", "4k"), ("code", "16k")]
    assert [cell.setting for cell in table.rows[1].cells] == ["sample", "beam"]


def test_the_summary_is_the_table_in_figures(played: Played) -> None:
    records = played("sample", "1k", 1000, [[0, 1]])
    (cell,) = compare(records, "sample").summary()
    figures = ["score", "low", "high", "difference", "difference_low", "difference_high"]
    assert list(cell) == ["env", "setting", "budget", *figures, "n", "seeds", "cost"]
    assert (cell["score"], cell["difference"], cell["n"], cell["seeds"]) == (0.5, None, 2, 1)
    assert cell["cost"]["policy_tokens"] == 1000


def test_a_wrong_name_is_refused_with_the_choices(played: Played) -> None:
    records = played("sample", "1k", 1000, [[0, 1]])
    with pytest.raises(ValueError, match="baseline='imitation' is unknown; choose one of sample"):
        compare(records, "imitation")
    with pytest.raises(ValueError, match="match='tokens' is unknown; choose one of policy_tokens, predictions"):
        compare(records, "sample", match="tokens")
    with pytest.raises(ValueError, match="no records to compare"):
        compare([], "sample")


def test_the_terminal_shows_a_line_a_cell_in_eighty_columns(played: Played) -> None:
    records = played("sample", "1k tokens", 112, [[0] * 50]) + played("puct", "1k tokens", 1000, [[1] * 50])
    shown = StringIO()
    Console(width=80, file=shown).print(render(compare(records, "sample", how="at_most")))
    assert [line.rstrip() for line in shown.getvalue().splitlines()] == [
        "                    score              - sample    tokens   seconds",
        "code, 1k tokens (50 tasks, 1 seed)",
        "sample  0.00 [0.00, 0.07]                           * 112      0.25",
        "puct    1.00 [0.93, 1.00]  +1.00 [+0.90, +1.00]        1k      0.25",
        "* spent fewer policy tokens a decision than the row allows. Intervals hold 95 %.",
    ]


def test_bills_are_written_in_three_digits() -> None:
    assert [compact(bill) for bill in (0, 0.0421, 7.5, 112, 999.6, 16_213, 3.4e6)] == [
        "0", "0.0421", "7.5", "112", "1k", "16.2k", "3.4M"
    ]  # fmt: skip
