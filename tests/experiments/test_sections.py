import re
from collections.abc import Callable

from alphakata.experiments.compare import compare
from alphakata.experiments.records import Record
from alphakata.experiments.sections import built_as_told, equal_bills, ratings, sampling, score_against_bill, score_by

Played = Callable[..., list[Record]]


def cells(html: str) -> list[list[str]]:
    """Returns the text of a table's body, a list a line."""
    lines = re.findall(r"<tr>(.*?)</tr>", html[html.index("<tbody>") :], flags=re.DOTALL)
    return [[re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<td.*?>(.*?)</td>", line)] for line in lines]


def test_the_table_leaves_out_units_nobody_spent_and_marks_who_spent_less(played: Played) -> None:
    records = played("sample", "1k", 112, [[0] * 50]) + played("puct", "1k", 1000, [[1] * 50])
    html = equal_bills(compare(records, "sample", how="at_most"))
    assert re.findall(r"<th.*?>(.*?)</th>", html)[6:] == ["policy tokens", "samples", "seconds"]
    sample, puct = cells(html)
    assert sample == ["1k", "sample", "0.00 [0.00, 0.07]", "", "50", "1", "* 112", "4", "0.25"]
    assert puct == ["", "puct", "1.00 [0.93, 1.00]", "+1.00 [+0.90, +1.00]", "50", "1", "1k", "4", "0.25"]


def test_scores_are_told_apart_by_rating_at_the_dearest_budget(played: Played) -> None:
    records = played("puct", "1k", 1000, [[0] * 20], outcome={"rating": 800})
    records += played("puct", "4k", 4000, [[1] * 20], outcome={"rating": 800})
    hard = played("puct", "4k", 4000, [[0] * 20 + [0] * 20], outcome={"rating": 1600})[20:]
    assert cells(score_by("rating", records + hard, "policy_tokens")) == [
        ["800", "20", "1.00 [0.84, 1.00]"],
        ["1600", "20", "0.00 [0.00, 0.16]"],
    ]


def test_many_ratings_are_drawn_together_in_at_most_eight_bands(played: Played) -> None:
    records = [
        record
        for task in range(20)
        for record in played("puct", "1k", 1000, [[1] * (task + 1)], outcome={"rating": 100 * task})[task:]
    ]
    bands = [line[0] for line in cells(score_by("rating", records, "policy_tokens"))]
    assert (bands[0], bands[-1], len(bands)) == ("0 to 200", "1800 to 1900", 7)


def test_a_world_with_one_opponent_is_not_told_apart(played: Played) -> None:
    assert score_by("opponent", played("puct", "64", 64, [[1, 0]], outcome={"opponent": "random"}), "seconds") == ""


def test_whoever_met_several_opponents_is_rated_among_them(played: Played) -> None:
    records = played("puct", "64", 64, [[1] * 10], outcome={"opponent": "weak"})
    records += played("puct", "64", 64, [[1, 0] * 5], outcome={"opponent": "strong"})
    lines = cells(ratings(records, "seconds"))
    assert [name for name, _ in lines] == ["puct", "strong", "weak"]
    assert sum(float(rating) for _, rating in lines[1:]) == 0
    assert ratings(records[:10], "seconds") == ""


def test_of_the_samples_that_pass_some_are_wrong(played: Played) -> None:
    counts = {"samples": 16, "passing": 4, "solving": 3}
    (line,) = cells(sampling(played("alphacode", "1k", 1000, [[1, 1]], outcome=counts)))
    # pass@10 = 1 - C(13, 10) / C(16, 10) = 1 - 286 / 8008.
    assert line == ["alphacode", "1k", "16", "25%", "25%", "19%", "96%"]


def test_what_too_few_samples_cannot_tell_is_a_dash(played: Played) -> None:
    records = played("alphacode", "1k", 1000, [[1]], outcome={"samples": 16, "passing": 0, "solving": 0})
    records += played("alphacode", "4k", 4000, [[1]], outcome={"samples": 100, "passing": 10, "solving": 10})
    small, large = cells(sampling(records))
    assert small[4:] == ["–", "0%", "0%", "–", "–"]
    assert large[4:] == ["0%", "10%", "67%", "100%", "100%"]


def test_a_unit_that_somebody_did_not_spend_has_no_log_axis(played: Played) -> None:
    records = played("sample", "1k", 0, [[0, 1]]) + played("puct", "1k", 1000, [[1, 1]])
    html = score_against_bill(records, "sample", "policy_tokens")
    assert "seconds a decision" in html
    assert "policy tokens a decision" not in html


def test_what_was_built_stands_beside_what_was_told(played: Played) -> None:
    outcomes = [{"told": "turtle", "built": built} for built in ("turtle", "economy")]
    records = [record for o in outcomes for record in played("sample", "1", 1, [[1]], outcome=o)]
    assert cells(built_as_told(records)) == [["sample", "turtle", "2", "50%", "50%"]]
    assert built_as_told(played("sample", "1", 1, [[1]])) == ""
