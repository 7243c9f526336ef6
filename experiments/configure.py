"""From choices on the command line to one configuration: Hydra composes it from YAML, ours and that of plug-ins.

`env=nim` picks files from a group; every other `key=value` sets a field of what is built from them, whether YAML
mentions it or not, for what there is to set is said by the classes (`build.py` refuses the rest).
"""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib.metadata import entry_points
from importlib.resources import files
from itertools import compress, product

from hydra import compose as hydra_compose
from hydra import initialize_config_module
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException, MissingConfigException
from omegaconf import DictConfig, open_dict
from omegaconf.errors import OmegaConfBaseException

from .. import configs

PLUGINS = "alphakata.configs"
"""The entry-point group; each value is a package that holds config groups of its own."""


class ConfigError(ValueError):
    """A configuration that cannot be: one paragraph that names the setting, found, wanted and the way out."""


def compose(overrides: Sequence[str] = (), name: str = "config") -> DictConfig:
    """Returns the configuration `name` as `overrides` change it; `ConfigError` where they name what is not there."""
    parsed = _parse(overrides)
    groups = groups_of_choices()
    lines = [_line(override, groups) for override in parsed]
    try:
        with initialize_config_module(configs.__name__, version_base="1.3"):
            config = hydra_compose(name, [_search_path(), *lines])
            _forget_other_agent(config, name, parsed, lines)
    except MissingConfigException as error:
        group, _, choice = (error.missing_cfg_file or "").rpartition("/")
        # Of a list, such as search=[...], Hydra does not say what there is.
        known = error.options or choices(group)
        raise ConfigError(f"there is no {group} {choice!r}{advice(choice, known)}") from error
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        raise ConfigError(f"{' '.join(overrides)}: {_first_lines(error)}") from error
    _forget_unchosen(config, parsed)
    return config


def choices(group: str) -> list[str]:
    """Returns what can be chosen in a config group, that of plug-ins included."""
    with initialize_config_module(configs.__name__, version_base="1.3"):
        loader = GlobalHydra.instance().config_loader()
        return loader.get_group_options(group, config_name="config", overrides=[_search_path()])


def groups_of_choices() -> list[str]:
    """Returns the names of the config groups: what stands before `=` to choose a file."""
    return sorted(entry.name for entry in files(configs).iterdir() if entry.is_dir() and "__" not in entry.name)


def sweep(overrides: Sequence[str]) -> Iterator[list[str]]:
    """Yields one list of overrides for every combination of `a=x,y` and `b=range(3)` among `overrides`."""
    choices = [
        [f"{override.get_key_element()}={value}" for value in override.sweep_string_iterator()]
        if override.is_sweep_override()
        else [override.input_line or ""]
        for override in _parse(overrides)
    ]
    return map(list, product(*choices))


def advice(found: str, choices: Sequence[str]) -> str:
    """Returns how an error about an unknown name goes on: the likeliest name meant, and all there are."""
    close = get_close_matches(found, choices, n=1)
    guess = f"; did you mean {close[0]!r}?" if close else ""
    return f" (known: {', '.join(choices) or 'none'}){guess}"


def _search_path() -> str:
    """Returns the override that lets Hydra look into plug-ins too."""
    return f"hydra.searchpath=[{','.join(f'pkg://{point.value}' for point in entry_points(group=PLUGINS))}]"


def _parse(overrides: Sequence[str]) -> list[Override]:
    try:
        return OverridesParser.create().parse_overrides(list(overrides))
    except HydraException as error:
        raise ConfigError(f"{_first_lines(error)}; an override is key=value, for example env=code") from error


def _first_lines(error: Exception) -> str:
    """Returns what Hydra says, in one line and without the address of its manual."""
    return " ".join(str(error).partition("\nSee http")[0].split())


def _line(override: Override, groups: Sequence[str]) -> str:
    """Returns `override` as Hydra wants it; one that sets a field adds it where YAML does not mention it."""
    line = override.input_line or ""
    if override.is_sweep_override():
        raise ConfigError(f"{line} asks for several runs: say so with -m, or write a list as [x,y]")
    sets_field = override.type is OverrideType.CHANGE and override.key_or_group not in groups
    return f"++{line}" if sets_field else line


def _forget_other_agent(config: DictConfig, name: str, overrides: Sequence[Override], lines: Sequence[str]) -> None:
    """Drops what an experiment would set on the kind of agent it has in mind where a user chose another kind."""
    if not any(override.key_or_group == "agent" for override in overrides):
        return
    about_it = [override.key_or_group.split(".")[0] == "agent" for override in overrides]
    others, own = ([_search_path(), *compress(lines, [of is kind for of in about_it])] for kind in (False, True))
    if hydra_compose(name, others).agent.get("_target_") != config.agent.get("_target_"):
        with open_dict(config):
            config.agent = hydra_compose(name, own).agent


def _forget_unchosen(config: DictConfig, overrides: Sequence[Override]) -> None:
    """Drops what an experiment would set on worlds and searches that were not chosen; a user's own words stay law."""
    for plural, group in (("envs", "env"), ("searches", "search")):
        chosen = config.get(plural, DictConfig({}))
        for name in [name for name, node in chosen.items() if "_target_" not in node]:
            with open_dict(chosen):
                del chosen[name]
            if any(f"{override.key_or_group}.".startswith(f"{plural}.{name}.") for override in overrides):
                raise ConfigError(f"{plural}.{name} is set, but no {group} {name!r} is chosen{advice(name, [*chosen])}")
