"""What the strategy game's kernels are measured against: the same rules in C, and microRTS in Java."""

import ctypes
import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alphakata.envs.rts import Games, MapSettings, rules

Orders = NDArray[np.int16]
Step = Callable[[Games, Orders], object]
HERE = Path(__file__).parent


def compile_c(folder: Path) -> Step:
    """Returns the tick in C, its tables written from `rules`."""
    lines = [f"enum {{ NUM_KINDS = {rules.NUM_KINDS}, GATHER_TICKS = {rules.GATHER_TICKS} }};"]
    for name in ["COST", "HEALTH", "RANGE", "MOVE_TICKS", "ATTACK_TICKS", "MAKE_TICKS", "DAMAGE", "MAKES", "NEIGHBOUR"]:
        table = getattr(rules, name)
        shape = "".join(f"[{length}]" for length in table.shape)
        rows = json.dumps(table.astype(int).tolist()).replace("[", "{").replace("]", "}")
        lines.append(f"static const unsigned char {name}{shape} = {rows};")
    source, library = folder / "rts.c", folder / "rts.so"
    source.write_text("\n".join([*lines, (HERE / "rts.c").read_text()]))
    command = ["gcc", "-O3", "-march=native", "-shared", "-fPIC", "-o", str(library), str(source)]
    subprocess.run(command, check=True)
    function = ctypes.CDLL(str(library)).step
    function.argtypes, function.restype = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64], None
    return lambda games, orders: function(games.ctypes.data, orders.ctypes.data, len(games))


def microrts(folder: Path, settings: MapSettings, pair: Sequence[str], seconds: float) -> float:
    """Returns the ticks per CPU-second of two of microRTS's own bots on its map of that size.

    Args:
        folder: the unpacked directory that holds `microrts.jar`.
        settings: for the size.
        pair: the bots, by our names.
        seconds: of CPU time to play for, once to let Java compile and once to measure.
    """
    size = f"{settings.size}x{settings.size}"
    world = folder / "maps" / size / f"basesWorkers{size}.xml"
    jars = f"{folder / 'microrts.jar'}:{folder / 'lib'}/*"
    command = ["java", "-cp", jars, str(HERE / "MicroRts.java"), str(world), *pair, str(seconds)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(printed.split()[-1])
