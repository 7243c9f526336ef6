"""A configuration becomes objects, or one paragraph says where it cannot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import pytest
from omegaconf import DictConfig, OmegaConf

from alphakata.experiments.build import build, complete
from alphakata.experiments.configure import ConfigError


class Instrument(Protocol):
    def play(self) -> str: ...


@dataclass(frozen=True)
class Bell:
    pitch: int = 440
    loudness: float = 1.0
    overtones: Mapping[int, float] = field(default_factory=dict)
    metal: Literal["bronze", "brass"] = "bronze"

    def __post_init__(self) -> None:
        if self.pitch <= 0:
            raise ValueError(f"pitch {self.pitch} is not positive")

    def play(self) -> str:
        return "dong"


@dataclass(frozen=True)
class Room:
    pass


@dataclass(frozen=True)
class Tower:
    name: str
    bells: Mapping[str, Instrument]
    clock: Bell = field(default_factory=Bell)
    hours: Sequence[int] = (6, 12)
    guest: Instrument | None = None
    founder: Callable[..., Bell] | None = None
    spares: Sequence[Bell] = (Bell(),)


def configuration(text: str) -> DictConfig:
    config = OmegaConf.create(text)
    assert isinstance(config, DictConfig)
    return config


def found(text: str) -> Tower:
    return build(configuration(text), Tower)


BELL = f"{{_target_: {__name__}.Bell}}"


def test_targets_are_called_with_their_keys() -> None:
    tower = found(f"{{name: a, bells: {{big: {{_target_: {__name__}.Bell, pitch: 220}}}}}}")

    assert tower.bells == {"big": Bell(pitch=220)}


def test_where_a_dataclass_is_wanted_no_target_is_needed() -> None:
    assert found("{name: a, bells: {}, clock: {loudness: 2}}").clock == Bell(loudness=2)


def test_lists_become_tuples() -> None:
    assert found("{name: a, bells: {}, hours: [1, 2]}").hours == (1, 2)


def test_partial_leaves_arguments_for_later() -> None:
    tower = found(f"{{name: a, bells: {{}}, founder: {{_target_: {__name__}.Bell, _partial_: true, pitch: 5}}}}")

    assert tower.founder is not None
    assert tower.founder(loudness=3) == Bell(5, 3)


def test_interpolations_are_resolved() -> None:
    assert found("{name: a, bells: {}, hours: [3], clock: {pitch: '${hours[0]}'}}").clock.pitch == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{bells: {}}", "name is missing: "),
        ("{name: 3, bells: {}}", "name: found 3, wanted str"),
        ("{name: a, bells: {}, hours: 3}", "hours: found 3, wanted a list of int"),
        ("{name: a, bells: {}, hours: [x]}", "hours[0]: found 'x', wanted int"),
        ("{name: a, bells: {}, hours: [true]}", "hours[0]: found True, wanted int"),
        ("{name: a, bells: {}, clok: {}}", "Tower takes no 'clok' (known: name, bells, clock"),
        ("{name: a, bells: {}, clok: {}}", "did you mean 'clock'?"),
        ("{name: a, bells: {}, clock: {metal: tin}}", "clock.metal: found 'tin', wanted 'bronze' or 'brass'"),
        ("{name: a, bells: {}, clock: {pitch: -1}}", "clock: pitch -1 is not positive"),
        ("{name: a, bells: {}, guest: 3}", "guest: found 3, wanted Instrument or null"),
        ("{name: a, bells: {big: 3}}", "bells.big: found 3, wanted Instrument"),
        (f"{{name: a, bells: {{big: {{_target_: {__name__}.Room}}}}}}", "Room, wanted Instrument"),
        ("{name: a, bells: {big: {_target_: nowhere.Bell}}}", "found no class or function 'nowhere.Bell'"),
        ("{name: '${nobody}', bells: {}}", "nobody"),
        ('{name: "???", bells: {}}', "name"),
    ],
)
def test_what_does_not_fit_is_named(text: str, told: str) -> None:
    with pytest.raises(ConfigError) as error:
        found(text)

    assert told in str(error.value)


def test_a_complete_configuration_says_every_default_and_builds_the_same() -> None:
    config = configuration(f"{{name: a, bells: {{big: {BELL}}}}}")

    completed = complete(config, Tower)

    assert completed.bells.big == {"_target_": f"{__name__}.Bell", "pitch": 440, "loudness": 1.0, "metal": "bronze"}
    assert completed.hours == [6, 12]
    assert completed.clock == {**completed.bells.big, "overtones": {}}
    assert completed.spares == [completed.clock]
    assert build(completed, Tower) == build(config, Tower)
    assert complete(completed, Tower) == completed
