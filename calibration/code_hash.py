"""Which code computes something: a hash of all of ours that its module imports, and versions."""

import ast
import functools
import hashlib
import platform
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import bci_online
import calibration

__all__ = ["OWN_CODE", "code_hash", "code_versions"]

OURS = tuple(package.__name__ for package in (bci_online, calibration))

OWN_CODE = "bci-online"
OTHERS = ("numpy", "scipy", "scikit-learn", "numba", "pyriemann", "torch")
"""Whose versions can change a result."""


@functools.cache
def code_hash(module: str) -> str:
    """Return a hash of a module's code, and of all modules of this project that it leads to.

    Imports inside functions count, too. Comments, docstrings and line breaks do not.

    Parameters
    ----------
    module : str
        Name of a module, such as ``calibration.experiments.simulated``.

    Returns
    -------
    digest : str
        32 hexadecimal digits; those of the name alone where the module has no source file.

    See Also
    --------
    calibration.experiments.cell_store.cell_key : Part of a cell's name.

    Examples
    --------
    >>> code_hash("calibration.folds") == code_hash("calibration.folds")
    True
    >>> code_hash("calibration.folds") == code_hash("calibration.bootstrap")
    False
    """
    known: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in known:
            known[name], leads_to = _read(name)
            waiting += leads_to
    text = "\n".join(f"{name} {known[name]}" for name in sorted(known) if known[name])
    return hashlib.sha256(f"{module}\n{text}".encode()).hexdigest()[:32]


@functools.cache
def code_versions(module: str) -> Mapping[str, str]:
    """Return what a result depends on, apart from its arguments: versions, and a hash of our code.

    Parameters
    ----------
    module : str
        What is called is in it.

    Returns
    -------
    versions : mapping of str to str
        By the name of a library; that of our code is its hash.

    See Also
    --------
    code_hash : The hash.

    Examples
    --------
    >>> sorted(code_versions("calibration.folds"))[:3]
    ['Python', 'bci-online', 'numba']
    """
    import_module(module)  # Of a module that is not ours the file is known once it is loaded.
    found = {OWN_CODE: code_hash(module), "Python": platform.python_version()}
    for name in OTHERS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


@functools.cache
def _read(name: str) -> tuple[str, tuple[str, ...]]:
    """Return a module's code without comments, and what it imports; both empty for other names."""
    path = _source(name)
    if path is None:
        return "", ()
    tree = _without_docstrings(ast.parse(path.read_bytes()))
    return ast.dump(tree), tuple(one for one in _imported(tree) if one.partition(".")[0] in OURS)


def _source(name: str) -> Path | None:
    """Return a module's file; None where there is none, as for a name within a module."""
    package, *parts = name.split(".")
    if package not in OURS:
        found = getattr(sys.modules.get(name), "__file__", None)
        return Path(found) if found else None
    # Nothing is imported for this: what a network imports takes seconds, or is not installed.
    folder = Path(sys.modules[package].__file__ or "").parent.joinpath(*parts)
    paths = (folder.with_suffix(".py"), folder / "__init__.py")
    return next((path for path in paths if path.is_file()), None)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            del body[0]
    return tree


def _is_text(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _imported(tree: ast.Module) -> list[str]:
    """Return the names that a module imports; one may be a module or what is in it."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
    return names
