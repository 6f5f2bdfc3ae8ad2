"""Which code computes something: a hash of its module and of all of ours that it imports."""

import ast
import functools
import hashlib
import sys
from pathlib import Path

import bci_online
import calibration

__all__ = ["code_hash"]

OURS = tuple(package.__name__ for package in (bci_online, calibration))


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
