"""`alphakata view`: a replay as one page that needs nothing else and fetches nothing.

The page may do no more than its own script does: its security policy names that script by its hash, so nothing that a
replay brings along is ever run.
"""

import json
from argparse import Namespace
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from string import Template

from .configure import ConfigError
from .files import write_whole
from .folder import RunFolder
from .markup import markup
from .replay import Replay, read_replay

TEMPLATE = Path(__file__).with_name("view.html")


def main(arguments: Namespace) -> int:
    """Writes a page beside every replay that was asked for."""
    for path in _replays(arguments.replay):
        found = path.with_suffix(".html")
        write_whole(found, page(read_replay(path)))
        print(f"Page: {found.resolve()}")
    return 0


def page(replay: Replay) -> str:
    """Returns the page; equal replays give equal bytes."""
    template = TEMPLATE.read_text(encoding="utf-8")
    script = template.partition("<script>")[2].partition("</script>")[0]
    # Two sides that decide at once see the same board: every picture is told once, and frames say its number.
    pictures = list(dict.fromkeys(picture for frame in replay.frames for picture in frame["views"]))
    number = {picture: i for i, picture in enumerate(pictures)}
    frames = [{**frame, "views": [number[picture] for picture in frame["views"]]} for frame in replay.frames]
    told = {**asdict(replay), "pictures": pictures, "frames": frames}
    # A "<" in what somebody wrote must not end the element that holds it.
    data = json.dumps(told, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return Template(template).substitute(
        title=markup(f"{replay.env}, episode {replay.seed}: {' against '.join(replay.seats)}"),
        script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        last=len(replay.frames) - 1,
        replay=data,
    )


def _replays(path: Path) -> Sequence[Path]:
    """Returns `path`, or the replays in it where it is a run."""
    if path.is_file():
        with open(path, "rb") as file:
            if file.read(4) != b"PAR1":
                raise ConfigError(
                    f"{path} is no Parquet: name a file that alphakata play recorded (record=FILE), or a run's folder"
                )
        return [path]
    if not path.exists():
        raise ConfigError(f"{path} does not exist: name a file that alphakata play recorded, or a run's folder")
    found = sorted(RunFolder.open(path).replays.glob("*.parquet"))
    if not found:
        raise ConfigError(
            f"{path} holds no replays: evaluate with replays=1 or more, or play with record=FILE and view that file"
        )
    return found
