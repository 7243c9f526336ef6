from html.parser import HTMLParser

import pytest

from alphakata.experiments.figures import Curve, score_curves, to_svg
from alphakata.experiments.statistics import Estimate

CURVES = {
    "sample": Curve([112], [Estimate(0.15, 0.09, 0.23)]),
    "puct": Curve([1e3, 4e3, 16e3], [Estimate(0.2, 0.1, 0.3), Estimate(0.4, 0.3, 0.5), Estimate(0.6, 0.5, 0.7)]),
}
STYLES = {"sample": 0, "puct": 1}


def svg(curves: dict[str, Curve]) -> str:
    return to_svg(score_curves(curves, STYLES, "policy tokens", "score"), "score <against> bill")


class Texts(HTMLParser):
    """Collects what is written in a figure."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.found += [data.strip()] if data.strip() else []


def test_equal_curves_draw_equal_bytes() -> None:
    assert svg(CURVES) == svg(CURVES)


def test_every_curve_is_named_and_every_axis_says_what_it_counts() -> None:
    assert {"sample", "puct", "score", "policy tokens a decision", "100", "1k", "10k"} <= set(Texts(svg(CURVES)).found)


def test_colours_are_left_to_the_page() -> None:
    drawn = svg(CURVES)
    assert "var(--series-1)" in drawn
    assert "currentColor" in drawn
    assert "#0072b2" not in drawn


def test_a_figure_is_described_to_those_who_cannot_see_it() -> None:
    assert "<title>score &lt;against&gt; bill</title>" in svg(CURVES)


@pytest.mark.parametrize("bill", [1.0, 16_000.0])
def test_a_single_bill_still_has_a_labelled_tick(bill: float) -> None:
    ticks = {"1", "2", "500m", "0.5", "1k", "2k", "5k", "10k", "20k"}
    drawn = svg({"sample": Curve([bill], [Estimate(0.5, 0.4, 0.6)])})
    assert ticks & set(Texts(drawn).found)
