"""Progress: a bar where somebody watches, plain lines where a file does."""

from io import StringIO

from rich.console import Console

from alphakata.learners.progress import Meter


def shown(console: Console, every_seconds: float) -> str:
    """Returns what two of four steps look like, one of them done before."""
    with Meter("train", 1, 4, console, every_seconds) as meter:
        meter.show(2, "loss 1.5")
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_file_gets_a_plain_line() -> None:
    line = shown(Console(file=StringIO(), width=120), every_seconds=0.0)
    assert line.startswith("train 2/4  ")
    assert line.endswith("left  loss 1.5\n")


def test_lines_keep_their_distance() -> None:
    assert shown(Console(file=StringIO()), every_seconds=1e9) == ""


def test_a_terminal_gets_a_bar() -> None:
    screen = shown(Console(file=StringIO(), width=120, force_terminal=True), every_seconds=1e9)
    assert "2/4" in screen
    assert "loss 1.5" in screen
