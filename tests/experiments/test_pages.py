"""Pages in a real browser: a replay is gone through with slider, keys and clicks, a report is opened."""

import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alphakata.experiments.cli import main

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Chromium reads commands from file 3 and answers to file 4.
LAUNCH = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no chromium here: .ci/chromium installs Debian's"),
]


class Browser:
    """Chromium without a window, driven through two pipes by the DevTools protocol.

    Attributes:
        requests: every address that was asked for.
        complaints: errors of scripts, and whatever the browser refused or warned of.
    """

    def __init__(self, profile: Path) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        # What is opened here are pages of our own, and a container rarely grants the browser a sandbox of its own.
        switches = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(commands), str(answers), str(BROWSER), *switches,
             f"--user-data-dir={profile}"],
            pass_fds=(commands, answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(commands)
        os.close(answers)
        self._unread, self._number, self._session = b"", 0, ""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def open(self, address: str) -> None:
        """Opens a page and waits until it stands."""
        self._call("Page.navigate", url=address)
        while self._message().get("method") != "Page.loadEventFired":
            pass

    def read(self, script: str) -> Any:
        """Returns what `script` says in the page."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Presses a key."""
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=key)

    def click(self, selector: str) -> None:
        """Clicks into the middle of the first element that `selector` finds."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.read(f"{found}.scrollIntoView({{block: 'center'}})")
        box = self.read(f"JSON.stringify({found}.getBoundingClientRect())")
        x, y, width, height = (json.loads(box)[name] for name in ("x", "y", "width", "height"))
        middle = {"x": x + width / 2, "y": y + height / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, **middle, button="left", clickCount=1)

    def close(self) -> None:
        """Ends the browser."""
        self._session = ""
        self._call("Browser.close")
        self._process.wait(30)
        os.close(self._commands)
        os.close(self._answers)

    def _call(self, method: str, **arguments: object) -> dict[str, Any]:
        self._number += 1
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": self._number, "method": method, "params": arguments, **session}
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._answers], [], [], 60)
            piece = os.read(self._answers, 1 << 16) if ready else b""
            assert piece, "the browser fell silent"
            self._unread += piece
        text, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        event, found = message.get("method"), message.get("params", {})
        if event == "Network.requestWillBeSent":
            self.requests.append(found["request"]["url"])
        elif event in ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"):
            self.complaints.append(json.dumps(found))
        return message


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(tmp_path / "profile")
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def skirmish(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Returns the address of a game of a search against a bot in fog."""
    file = tmp_path_factory.mktemp("replay") / "game.parquet"
    search = ["search=[puct]", "searches.puct.num_simulations=16", "searches.puct.outline={depth: 4, width: 4}"]
    assert (
        main(["play", "env=rts", "envs.rts.world.map.limit=60", "seats=[puct,opponent]", *search, f"record={file}"])
        == 0
    )
    assert main(["view", str(file)]) == 0
    return file.with_suffix(".html").as_uri()


def heading(browser: Browser) -> str:
    return str(browser.read("document.getElementById('heading').textContent"))


def texts(browser: Browser, selector: str) -> list[str]:
    return list(browser.read(f"[...document.querySelectorAll({json.dumps(selector)})].map((e) => e.textContent)"))


def test_slider_and_keys_go_through_the_decisions(browser: Browser, skirmish: str) -> None:
    browser.open(skirmish)
    last = int(browser.read("document.getElementById('slider').max"))
    assert heading(browser) == f"Decision 1 of {last}: puct, player 0"
    first = browser.read("document.getElementById('picture').innerHTML")

    browser.click("#slider")
    assert heading(browser).startswith(f"Decision {last // 2 + 1} of {last}")
    assert browser.read("document.getElementById('picture').innerHTML") != first
    browser.press("ArrowRight")
    assert heading(browser).startswith(f"Decision {last // 2 + 2} of {last}")
    browser.press("End")
    assert heading(browser).startswith("The end: puct ")
    browser.press("Home")
    assert browser.read("document.getElementById('picture').innerHTML") == first
    assert browser.read("location.hash") == "#0,0"


def test_the_fog_hides_the_other_side_until_everything_is_shown(browser: Browser, skirmish: str) -> None:
    browser.open(skirmish)
    assert texts(browser, "#views label") == [" everything", " as player 0, puct", " as player 1, opponent"]
    assert texts(browser, "#picture .side-1 text") == ["B0", "W1"]

    browser.click("#views label:nth-child(2)")
    assert texts(browser, "#picture .side-1 text") == []
    assert texts(browser, "#picture .side-0 text") == ["B0", "W1"]
    assert len(texts(browser, "#picture .fog")) == 1
    browser.press("f")
    assert texts(browser, "#picture .side-0 text") == []
    browser.press("f")
    assert texts(browser, "#picture .side-1 text") == ["B0", "W1"]


def test_candidates_stand_most_visited_first_and_a_node_opens(browser: Browser, skirmish: str) -> None:
    browser.open(skirmish)
    assert texts(browser, "#candidates th") == ["move", "visits", "q", "prior"]
    visits = [int(cell) for cell in texts(browser, "#candidates td:nth-child(2)")]
    assert visits == sorted(visits, reverse=True)
    assert sum(visits) == 16

    roots = texts(browser, "#tree > details > summary")
    assert [int(words.split()[1]) for words in roots] == visits[: len(roots)]
    below = "document.querySelector('#tree > details > :not(summary)').checkVisibility()"
    assert browser.read(below) is False
    browser.click("#tree > details > summary")
    assert browser.read(below) is True


@pytest.mark.parametrize(
    ("env", "search", "settings", "columns"),
    [
        ("connect_four", "puct", ["num_simulations=40"], ["move", "visits", "q", "prior"]),
        (
            "rts",
            "sampled_tree",
            ["num_simulations=40", "num_candidates=3", "num_deals=1"],
            ["move", "visits", "q", "prior"],
        ),
        ("code", "pgtd", ["num_simulations=12"], ["move", "earned"]),
    ],
    ids=["board", "moves", "tokens"],
)
def test_trees_of_tokens_of_boards_and_of_whole_moves_are_gone_down_by_clicks(
    browser: Browser, tmp_path: Path, env: str, search: str, settings: list[str], columns: list[str]
) -> None:
    file = tmp_path / "game.parquet"
    seats = f"[{search}]" if env == "code" else f"[{search},opponent]"
    few = ["envs.rts.world.map.limit=60"] if env == "rts" else []
    sets = [f"searches.{search}.{setting}" for setting in (*settings, "outline={depth: 4, width: 4}")]
    assert main(["play", f"env={env}", f"seats={seats}", f"search=[{search}]", *sets, *few, f"record={file}"]) == 0
    assert main(["view", str(file)]) == 0

    browser.open(file.with_suffix(".html").as_uri())
    assert texts(browser, "#candidates th") == columns
    branches = texts(browser, "#tree > details > summary")
    visits = [int(words.rpartition(" visits, Q ")[0].split()[-1]) for words in branches]
    assert visits == sorted(visits, reverse=True)
    below = "document.querySelector('#tree > details > :not(summary)').checkVisibility()"
    assert browser.read(below) is False
    browser.click("#tree > details > summary")
    assert browser.read(below) is True
    assert all(" visits, Q " in words for words in texts(browser, "#tree > details > details > summary"))
    assert browser.complaints == []


def test_a_page_fetches_nothing_and_no_script_complains(browser: Browser, skirmish: str) -> None:
    browser.open(skirmish)
    for key in ("ArrowRight", "f", "End"):
        browser.press(key)

    assert {address for address in browser.requests if not address.startswith("data:")} == {skirmish}
    assert browser.complaints == []


def test_what_a_replay_brings_along_is_never_run(browser: Browser, skirmish: str, tmp_path: Path) -> None:
    page = Path(skirmish.removeprefix("file://")).read_text()
    planted = page.replace(
        '"pictures":["\\u003csvg', '"pictures":["\\u003cimg src=x onerror=\\"window.ran=1\\">\\u003csvg', 1
    )
    assert planted != page
    (tmp_path / "planted.html").write_text(planted)

    browser.open((tmp_path / "planted.html").as_uri())

    assert browser.read("document.querySelector('#picture img') !== null && window.ran === undefined")
    assert "Content Security Policy" in "".join(browser.complaints)


def test_a_whole_run_leaves_a_report_and_replays_that_open(browser: Browser, tmp_path: Path) -> None:
    assert main(["run", "experiment=tiny", "--root", str(tmp_path)]) == 0
    (run,) = (tmp_path / "tiny").iterdir()
    assert main(["view", str(run)]) == 0

    browser.open((run / "report.html").as_uri())
    assert {"Score against bill", "At equal bills", "How to get these figures again"} <= set(texts(browser, "h2"))
    assert len(texts(browser, "figure svg")) > 0
    pages = sorted((run / "replays").glob("*.html"))
    assert len(pages) == 4
    for page in pages:
        browser.open(page.as_uri())
        browser.press("End")
        assert heading(browser).startswith("The end: ")
    assert browser.complaints == []
