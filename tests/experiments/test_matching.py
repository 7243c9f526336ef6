from collections.abc import Callable

import pytest

from alphakata.experiments.matching import BillsDiffer, How, Matching
from alphakata.experiments.points import Point, points
from alphakata.experiments.records import Record

Played = Callable[..., list[Record]]


@pytest.fixture
def curves(played: Played) -> dict[str, list[Point]]:
    """Returns two searches that grow with their budget and a sample that does not."""
    records = played("sample", "1k", 100, [[0, 0]])
    records += played("beam", "1k", 1000, [[0, 0]]) + played("beam", "4k", 4000, [[1, 0]])
    records += played("puct", "1k", 1010, [[0, 1]]) + played("puct", "4k", 3000, [[1, 1]])
    found: dict[str, list[Point]] = {}
    for point in points(records):
        found.setdefault(point.setting, []).append(point)
    return found


def bills(curves: dict[str, list[Point]], budget: str, how: How) -> dict[str, float]:
    row, _ = Matching(how=how).row(curves, budget)
    return {setting: point.cost["policy_tokens"] for setting, point in row.items()}


def test_bills_within_two_per_cent_are_equal() -> None:
    assert Matching().agree(1000, 1020)
    assert not Matching().agree(1021, 1000)


def test_a_row_of_unequal_bills_is_refused_with_both_sides_and_the_ways_out(curves: dict[str, list[Point]]) -> None:
    with pytest.raises(BillsDiffer) as refused:
        bills(curves, "4k", "strict")
    assert str(refused.value) == (
        "code, budget '4k': a decision costs 'puct' 3,000 policy tokens and 'beam' 4,000, which differ by more than "
        "2.0%. Evaluate both under the same limit, match in another unit, or set how=at_most to let the cheaper stand "
        "there, marked with its own bill, or how=interpolate to read both curves at one bill, or how=none to see the "
        "bills side by side"
    )


def test_a_unit_in_which_they_agree_makes_the_same_row_fair(curves: dict[str, list[Point]]) -> None:
    row, bill = Matching(unit="samples").row(curves, "4k")
    assert (sorted(row), bill) == (["beam", "puct"], 4)


def test_at_most_fills_a_row_with_the_dearest_that_fits_its_bill(curves: dict[str, list[Point]]) -> None:
    assert bills(curves, "4k", "at_most") == {"beam": 4000, "puct": 3000, "sample": 100}


def test_at_most_never_lets_a_dearer_budget_in(curves: dict[str, list[Point]]) -> None:
    alone = {"sample": curves["sample"], "beam": [point for point in curves["beam"] if point.budget == "4k"]}
    assert bills(alone, "1k", "at_most") == {"sample": 100}


def test_none_takes_bills_as_they_are(curves: dict[str, list[Point]]) -> None:
    assert bills(curves, "1k", "none") == {"beam": 1000, "puct": 1010, "sample": 100}


def test_interpolation_reads_every_curve_at_the_dearest_bill_they_all_reach(curves: dict[str, list[Point]]) -> None:
    row, bill = Matching(how="interpolate").row(curves, "4k")
    assert bill == 3000
    assert "sample" not in row
    assert row["puct"].scores.tolist() == [[1.0, 1.0]]
    # beam spends 3000 on average where it plays 1k in one episode of three and 4k in the others.
    assert row["beam"].cost["policy_tokens"] == pytest.approx(3000)
    assert row["beam"].scores[0] == pytest.approx([2 / 3, 0])


def test_interpolation_never_goes_beyond_a_curves_end(curves: dict[str, list[Point]]) -> None:
    with pytest.raises(BillsDiffer, match="one of the curves does not reach the other's bill"):
        bills(curves, "1k", "interpolate")
