"""Maps by seed: their own mirror image, left to right or by a half turn, with a base and a worker for each side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rules import NEIGHBOUR, SPAN
from .state import FREE, GAME, PATCH, WALL, Games, starting_units, with_units


@dataclass(frozen=True, slots=True)
class MapSettings:
    """What maps are drawn from.

    Attributes:
        size: rows and columns, 8 to 16.
        near: patches beside each base, where a worker reaches both without a step.
        far: further patches a side, anywhere in its half.
        loads: what each patch holds.
        wall_share: about this share of the cells is wall.
        stock: what each side begins with.
        limit: ticks until a game is decided by what the units cost.
    """

    size: int = 8
    near: int = 2
    far: int = 1
    loads: int = 12
    wall_share: float = 0.08
    stock: int = 4
    limit: int = 400

    def __post_init__(self) -> None:
        if not 8 <= self.size <= SPAN:
            raise ValueError(f"maps have 8 to {SPAN} rows, not {self.size}")
        if not 0 <= self.wall_share <= 0.5:
            raise ValueError(f"wall_share {self.wall_share}: wanted 0 to 0.5, or no path is left between the sides")
        if self.stock < 0 or not 1 <= self.limit < 1 << 16:
            raise ValueError(f"a stock of 0 or more and a limit of 1 to 65535 ticks, not {self.stock} and {self.limit}")
        if not 1 <= self.near <= 3 or not 0 <= self.far <= 4:
            raise ValueError(f"a side has 1 to 3 near and 0 to 4 far patches, not {self.near} and {self.far}")
        most = self.stock + 2 * (self.near + self.far) * self.loads
        if self.loads < 1 or most > 255:
            raise ValueError(f"a side may come by up to 255 loads, not {most}, of at least 1 a patch, not {self.loads}")


SMALL = MapSettings()
MIDDLE = MapSettings(size=12, near=2, far=2, loads=16, limit=600)
LARGE = MapSettings(size=16, near=2, far=3, loads=16, limit=800)


def new_game(settings: MapSettings, seed: int) -> Games:
    """Returns `[1]` game at tick 0, on the map of this seed."""
    rng = np.random.default_rng(seed)
    while True:
        games = _draw(settings, rng)
        if games is not None:
            return games


def new_games(settings: MapSettings, seeds: "range | list[int]") -> Games:
    """Returns `[B]` games at tick 0, one a seed."""
    return np.concatenate([new_game(settings, seed) for seed in seeds])


def _draw(settings: MapSettings, rng: np.random.Generator) -> Games | None:
    """Returns a game on a map drawn at random, or None where its two sides cannot meet."""
    size = settings.size
    half_turn = bool(rng.random() < 0.5)
    home = np.array([rng.integers(1, size // 4 + 1), rng.integers(1, size // 4)])
    if rng.random() < 0.5:
        home[0] = size - 1 - home[0]
    ground = np.zeros((size, size), np.uint8)

    def mirrored(place: NDArray[np.int64]) -> NDArray[np.int64]:
        """Returns the cell that is to the other side what `place` is to this one."""
        return np.array([size - 1 - place[0] if half_turn else place[0], size - 1 - place[1]])

    def take(places: NDArray[np.int64], count: int, what: int) -> list[NDArray[np.int64]]:
        """Puts `what` and its image into up to `count` of the free `places`, and returns those."""
        taken: list[NDArray[np.int64]] = []
        for place in rng.permutation(places):
            inside = bool((place >= 0).all() and place[0] < size and place[1] < size // 2)
            if len(taken) < count and inside and not ground[tuple(place)]:
                ground[tuple(place)] = ground[tuple(mirrored(place))] = what
                taken.append(place)
        return taken

    take(home[None], 1, _HOME)
    worker = take(home + _BESIDE, 1, _WORKER)
    # What lies two steps from the base and one from the worker is gathered without a step.
    patches = take(np.concatenate([worker[0] + _BESIDE]), settings.near, _PATCH)
    everywhere = np.argwhere(np.ones((size, size)))
    apart = np.abs(everywhere - home).sum(1) >= size // 2
    patches += take(everywhere[apart], settings.far, _PATCH)
    take(everywhere, round(settings.wall_share * size * size / 2), _WALL)
    pairs = [(place, mirrored(place)) for place in [home, worker[0], *patches]]
    cells = [[int(SPAN * place[0] + place[1]) for place in pair] for pair in pairs]
    games = _on_ground(settings, ground, cells)
    return games if _connected(games, cells) else None


_HOME, _WORKER, _PATCH, _WALL = range(1, 5)
_BESIDE = np.array([[-1, 0], [0, 1], [1, 0], [0, -1]])


def _on_ground(settings: MapSettings, ground: NDArray[np.uint8], cells: list[list[int]]) -> Games:
    """Returns `[1]` game on this ground; `cells` are both sides' homes, workers and patches, side by side."""
    games = np.zeros(1, GAME)
    game = games[0]
    game["height"] = game["width"] = settings.size
    game["limit"], game["winner"], game["home"] = settings.limit, -1, cells[0]
    game["grid"][:] = WALL
    grid = game["grid"].reshape(SPAN, SPAN)[: settings.size, : settings.size]
    grid[...] = np.where(ground == _WALL, WALL, FREE)
    for patch, cell in enumerate(cell for pair in cells[2:] for cell in pair):
        game["grid"][cell] = PATCH + patch
        game["patch_cell"][patch], game["patch_loads"][patch] = cell, settings.loads
    return with_units(games, starting_units(*cells[:2]), [settings.stock] * 2)


def _connected(games: Games, cells: list[list[int]]) -> bool:
    """Returns True where one can walk from one worker to the other base and to every patch."""
    grid = games[0]["grid"]
    reached, border = set(cells[1][:1]), cells[1][:1]
    while border:
        border = [int(n) for cell in border if not PATCH <= grid[cell] < WALL for n in NEIGHBOUR[cell]]
        border = list({cell for cell in border if grid[cell] != WALL} - reached)
        reached.update(border)
    return reached.issuperset(cell for pair in cells for cell in pair)
