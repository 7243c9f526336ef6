import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from alphakata.experiments.compare import Table, compare
from alphakata.experiments.records import Record
from alphakata.experiments.report import Origin, report, verdicts, write_report

Played = Callable[..., list[Record]]

ORIGIN = Origin("quickstart <1>", "seeds: [0, 1]\n", ["make run"], {"versions": {"torch": "2.13.0"}, "processors": 2})


@pytest.fixture(scope="module")
def records(played: Played) -> list[Record]:
    """Returns two settings on two seeds of twenty problems, and on three games."""
    told = {"handed_in": 10, "first": "print('</pre>' & 1)", "solved_at": None}
    rows = played("sample", "1k", 1000, [[0, 0, 1, 0] * 5] * 2, outcome=told)
    rows += played("puct", "1k", 1000, [[0, 1, 1, 1] * 5] * 2, outcome=told)
    return (
        rows + played("sample", "64", 64, [[0, 0.5, 1]], env="go") + played("puct", "64", 64, [[0, 0.5, 1]], env="go")
    )


@pytest.fixture(scope="module")
def compared(records: list[Record]) -> Table:
    return compare(records, "sample")


@pytest.fixture(scope="module")
def page(records: list[Record], compared: Table) -> str:
    return report(records, compared, ORIGIN)


class Balanced(HTMLParser):
    """Fails on a tag that is not closed where it should be, and keeps what would be fetched or jumped to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open += [] if tag == "meta" else [tag]
        self.handle_startendtag(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_verdict_is_a_sentence_a_world_made_of_the_figures(compared: Table) -> None:
    code, go = verdicts(compared)
    assert code.startswith("code: puct beats sample by 0.50 [")
    assert code.endswith("(0.75 against 0.25; 20 tasks, 2 training seeds), both spending 1k policy tokens a decision.")
    assert go.startswith("go: nothing surely beats sample; puct comes nearest, +0.00 [")


def test_a_verdict_over_unequal_bills_says_both(played: Played) -> None:
    records = played("sample", "1k", 112, [[0] * 20]) + played("puct", "1k", 1000, [[1] * 20])
    (verdict,) = verdicts(compare(records, "sample", how="at_most"))
    assert verdict.endswith("spending 1k against 112 policy tokens a decision.")


def test_a_baseline_alone_gets_no_verdict_but_its_score(played: Played) -> None:
    (verdict,) = verdicts(compare(played("sample", "1k", 112, [[0, 1] * 10]), "sample"))
    assert verdict == "code: sample scores 0.50 [0.30, 0.70], spending 112 policy tokens a decision."


def test_the_page_is_well_formed_and_asks_for_nothing_from_outside(page: str) -> None:
    assert all(address.startswith("#") for address in Balanced(page).addresses)


def test_the_page_holds_every_section_that_has_material(page: str) -> None:
    titles = ["Score against bill", "At equal bills", "Problems failed", "How to get these figures again"]
    assert all(f"<h2>{title}</h2>" in page for title in titles)
    assert "Score by rating" not in page


def test_whatever_a_program_or_a_name_says_stays_text(page: str) -> None:
    assert "print(&#x27;&lt;/pre&gt;&#x27; &amp; 1)" in page
    assert "<title>quickstart &lt;1&gt;</title>" in page


def test_the_page_says_where_it_comes_from(page: str) -> None:
    assert "<pre>make run</pre>" in page
    assert "seeds: [0, 1]" in page
    assert "<td>versions torch</td><td>2.13.0</td>" in page


def test_equal_records_write_equal_bytes_in_whatever_order(records: list[Record], compared: Table, page: str) -> None:
    assert report(records[::-1], compared, ORIGIN) == page


def test_the_summary_beside_the_report_is_the_table(tmp_path: Path, records: list[Record], compared: Table) -> None:
    write_report(tmp_path / "report.html", records, compared, ORIGIN)
    assert json.loads((tmp_path / "summary.json").read_text()) == compared.summary()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "summary.json"]
