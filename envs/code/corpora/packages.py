"""Files of installed packages, found without importing them: only their data is wanted, never their code."""

from importlib.util import find_spec
from pathlib import Path

INSTALL = "pip install -c constraints.txt -e '.[code]'"


def data_file(package: str, file: str) -> Path:
    """Returns the path of a file in an installed package.

    Raises:
        ModuleNotFoundError: if it is not installed, naming the command that does it.
        FileNotFoundError: if it is, and has no such file.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the package {package!r} is not installed; `{INSTALL}` brings it")
    path = Path(spec.origin).parent / file
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there; this release of {package!r} is another, `{INSTALL}` brings ours")
    return path
