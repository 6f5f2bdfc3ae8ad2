"""Code that a decoder file names, and that only its user can allow.

A file never decides what is imported: its entry point must stand, letter by letter, in the
environment variable `ALLOWED_VARIABLE`, or have been named in this process to train it.
"""

import functools
import hashlib
import importlib
import inspect
import logging
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from bci_online.config import NetworkSpec
from bci_online.decoding.network.own_network import OwnNetwork, own, reason_of
from bci_online.errors import DecoderMismatchError

__all__ = ["ALLOWED_VARIABLE", "allow", "allowed_network", "entry_point_of", "source_of"]

_logger = logging.getLogger(__name__)

ALLOWED_VARIABLE = "BCI_ONLINE_NETWORKS"

_allowed_here: dict[str, Callable[..., Any]] = {}


def entry_point_of(make: Callable[..., Any]) -> str:
    """Return where code can be imported from, as MODULE:NAME; empty where it cannot.

    Parameters
    ----------
    make : callable
        A class or function.

    Returns
    -------
    entry_point : str
        Empty for what was made inside a function or typed at a prompt.

    See Also
    --------
    allow : What it is for.

    Examples
    --------
    >>> from bci_online.decoding.network.min2net import MIN2Net
    >>> entry_point_of(MIN2Net), entry_point_of(lambda: None)
    ('bci_online.decoding.network.min2net:MIN2Net', '')
    """
    module, name = getattr(make, "__module__", ""), getattr(make, "__qualname__", "")
    found = f"{module}:{name}"
    # A script's own module has another name where the decoder runs.
    is_importable = re.fullmatch(r"[\w.]+:\w+", found) and module != "__main__"
    return found if is_importable else ""


def source_of(entry_point: str) -> str:
    """Return a hash of the text of the module that defines it, without line ends.

    Parameters
    ----------
    entry_point : str
        MODULE:NAME, of a module that was imported; it may have the name from another one.

    Returns
    -------
    digest : str
        32 hexadecimal digits; empty where there is no text to read.

    See Also
    --------
    allowed_network : Says where it has changed since a training.

    Examples
    --------
    >>> len(source_of(f"{__name__}:allow")), source_of("sys:exit")
    (32, '')
    >>> source_of(f"{__name__}:OwnNetwork") == source_of(f"{OwnNetwork.__module__}:OwnNetwork")
    True
    """
    name, _, attribute = entry_point.partition(":")
    module = sys.modules.get(name)
    made = getattr(module, attribute, None)
    if inspect.isclass(made) or inspect.isfunction(made):
        # A package often imports its networks from its modules.
        module = sys.modules.get(made.__module__, module)
    try:
        text = "" if module is None else inspect.getsource(module)
    except (OSError, TypeError):
        text = ""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return hashlib.sha256(lines.encode()).hexdigest()[:32] if lines else ""


def allow(entry_point: str) -> Callable[..., Any]:
    """Import what a user has named in this process, and let its decoders be read here.

    Parameters
    ----------
    entry_point : str
        MODULE:NAME, as the user wrote it; never from a file.

    Returns
    -------
    make : callable
        What is called there.

    Raises
    ------
    ValueError
        If nothing can be imported there.

    See Also
    --------
    allowed_network : What a file names.

    Examples
    --------
    >>> allow("nowhere:Net")
    Traceback (most recent call last):
    ValueError: nowhere:Net cannot be imported: ModuleNotFoundError: No module named 'nowhere'
    """
    if entry_point not in _allowed_here:
        _allowed_here[entry_point] = _imported(entry_point)
    return _allowed_here[entry_point]


def allowed_network(spec: NetworkSpec) -> OwnNetwork:
    """Return the network that a file names, if its user allows it.

    Parameters
    ----------
    spec : NetworkSpec
        From the file; nothing in it is trusted.

    Returns
    -------
    network : OwnNetwork
        With new weights.

    Raises
    ------
    DecoderMismatchError
        If the entry point is not allowed, or its code fails. Nothing is imported then.

    See Also
    --------
    allow : Allows one in this process.

    Examples
    --------
    >>> sizes = {"n_channels": 2, "n_times": 64, "n_classes": 2}
    >>> spec = NetworkSpec(name="own", entry_point="os:system", **sizes)
    >>> allowed_network(spec)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.DecoderMismatchError: holds the network os:system, code that ...
    """
    entry_point = spec.entry_point
    stated = re.split(r"[\s,]+", os.environ.get(ALLOWED_VARIABLE, ""))
    if not entry_point or (entry_point not in stated and entry_point not in _allowed_here):
        raise DecoderMismatchError(
            f"holds the network {entry_point or 'of an unknown place'}, code that is not part of "
            f"this program; if you trust that code, allow it: {ALLOWED_VARIABLE}={entry_point}"
        )
    try:
        network = own(allow(entry_point), spec)
    except ValueError as error:
        raise DecoderMismatchError(f"holds a network whose code fails: {error}") from None
    # Either is empty where the text could not be read: then nothing is known.
    if spec.source and source_of(entry_point) not in {"", spec.source}:
        _say_changed(entry_point)
    return network


@functools.cache
def _say_changed(entry_point: str) -> None:
    """Say it once: a run makes the same network several times."""
    _logger.warning(
        "the code of %s is not that of the training: its scores may be others; use that code, or "
        "train it again",
        entry_point,
    )


def _imported(entry_point: str) -> Callable[..., Any]:
    module, _, name = entry_point.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    # Whatever somebody's code raises is one line here.
    except (Exception, SystemExit) as error:
        raise ValueError(f"{entry_point} cannot be imported: {reason_of(error)}") from None
    if not callable(found):
        raise ValueError(f"{entry_point} cannot be called: it is {type(found).__name__}")
    made: Callable[..., Any] = found
    return made
