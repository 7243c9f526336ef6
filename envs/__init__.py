"""Worlds: pure rules over immutable states, and what lets anybody play, copy and keep them. No torch here.

The contract is `types`, what flows upward is `trajectory`, and `check_env` holds a world to both. The faces `dm` and
`gym`, the worlds of others (`foreign`) and files (`shards`) are imported by name, for they bring their libraries.
"""

from .codec import BpeCodec, WordCodec, codec_from_json
from .demonstrations import Demonstrator, Expert, ExpertGames, UniformExpert
from .requirements import ContractError
from .testing import check_env
from .trajectory import Recorder, Trajectory, replay
from .types import Codec, SequentialEnv, State, ends_move, play

__all__ = [
    "BpeCodec",
    "Codec",
    "ContractError",
    "Demonstrator",
    "Expert",
    "ExpertGames",
    "Recorder",
    "SequentialEnv",
    "State",
    "Trajectory",
    "UniformExpert",
    "WordCodec",
    "check_env",
    "codec_from_json",
    "ends_move",
    "play",
    "replay",
]
