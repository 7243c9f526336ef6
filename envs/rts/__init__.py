"""The strategy game: rules as tables and one page, states as records, kernels over many games, scripted players.

`rules` is where to begin; README.md has how the bots fare against each other. Kernels are imported by name, for they
bring numba.
"""

from .drawing import draw, from_drawing
from .maps import LARGE, MIDDLE, SMALL, MapSettings, new_game, new_games
from .state import GAME, Games, Unit, loads, order, with_units

__all__ = [
    "GAME",
    "LARGE",
    "MIDDLE",
    "SMALL",
    "Games",
    "MapSettings",
    "Unit",
    "draw",
    "from_drawing",
    "loads",
    "new_game",
    "new_games",
    "order",
    "with_units",
]
