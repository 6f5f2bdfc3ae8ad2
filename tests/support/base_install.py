"""A Python in which only what a plain ``pip install`` brings can be imported.

``python tests/support/base_install.py CODE`` runs code in it: libraries of extras are not found.
"""

import importlib.machinery
import sys
from typing import Any

# What the extras bring (a test holds this against pyproject.toml), and what they bring along.
OPTIONAL = frozenset(
    {"torch", "torchjd", "distributed", "dask", "moabb", "mne_bids", "curryreader", "defusedxml"}
)


class _OnlyTheBase(importlib.machinery.PathFinder):
    """Finds what Python itself finds, but no optional library."""

    @classmethod
    def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> Any:
        """Return where a module is; None says that it is not installed."""
        if fullname.partition(".")[0] in OPTIONAL:
            return None
        return super().find_spec(fullname, path, target)


if __name__ == "__main__":
    at = sys.meta_path.index(importlib.machinery.PathFinder)
    sys.meta_path[at] = _OnlyTheBase
    sys.argv = sys.argv[1:]
    exec(compile(sys.argv[0], "<base install>", "exec"), {"__name__": "base"})
