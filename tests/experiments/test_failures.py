from collections.abc import Callable

from alphakata.experiments.failures import failures
from alphakata.experiments.records import Record

Played = Callable[..., list[Record]]


def attempt(solved_at: int | None, rating: int = 800) -> dict[str, object]:
    return {"solved_at": solved_at, "handed_in": 10, "rating": rating, "name": "sum", "first": "print(1 < 2)"}


def test_a_failure_unfolds_to_what_was_handed_in_and_a_success_says_when(played: Played) -> None:
    records = played("sample", "1k", 1000, [[0]], outcome=attempt(None))
    records += played("puct", "1k", 1000, [[1]], outcome=attempt(3))
    html = failures(records, "policy_tokens")
    assert "<td>sum</td><td>800</td>" in html
    assert "<details><summary>failed, 10 handed in</summary><pre>print(1 &lt; 2)</pre></details>" in html
    assert "<td>solved at 3</td>" in html


def test_seeds_are_counted(played: Played) -> None:
    records = played("sample", "1k", 1000, [[0], [0], [0]], outcome=attempt(None))
    assert "<summary>0 of 3 solved</summary>" in failures(records, "policy_tokens")


def test_what_everybody_solved_is_not_listed(played: Played) -> None:
    html = failures(played("sample", "1k", 1000, [[1, 1]], outcome=attempt(1)), "policy_tokens")
    assert "0 of 2 problems were failed by some setting." in html
    assert "sum" not in html[html.index("<tbody>") :]


def test_a_failure_at_a_smaller_budget_is_forgiven(played: Played) -> None:
    records = played("sample", "1k", 1000, [[0]], outcome=attempt(None))
    records += played("sample", "4k", 4000, [[1]], outcome=attempt(1))
    assert "0 of 1 problems were failed" in failures(records, "policy_tokens")


def test_games_have_no_problems_to_list(played: Played) -> None:
    assert failures(played("sample", "64", 64, [[0]], outcome={"opponent": "random"}), "policy_tokens") == ""
