"""Write the installed version of everything that the program needs into `constraints.txt`.

`make constraints` calls it once the tests have passed with these versions. The line of torch stays
as it is: which build of it is installed depends on the computer.
"""

from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CONSTRAINTS = Path(__file__).resolve().parents[1] / "constraints.txt"
PROJECT = "bci-online[all,dev]"
KEPT = "torch"


def needed(requirement: Requirement, found: dict[str, str], seen: set[str]) -> None:
    """Add what is installed of a requirement, and of all that it needs itself."""
    name = canonicalize_name(requirement.name)
    key = f"{name}[{','.join(sorted(requirement.extras))}]"
    if key in seen or name == KEPT:
        return
    seen.add(key)
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        # It is for another system or another Python.
        return
    for line in requires(name) or ():
        own = Requirement(line)
        extras = requirement.extras or {""}
        if own.marker is None or any(own.marker.evaluate({"extra": one}) for one in extras):
            needed(own, found, seen)


def main() -> None:
    """Write the file."""
    found: dict[str, str] = {}
    needed(Requirement(PROJECT), found, set())
    found.pop("bci-online", None)
    # A local version names a build, which others cannot install.
    lines = {name: f"{name}=={one.partition('+')[0]}" for name, one in found.items()}
    old = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    lines[KEPT] = next(line for line in old if line.startswith(f"{KEPT}=="))
    CONSTRAINTS.write_text(
        "\n".join(lines[name] for name in sorted(lines)) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
