"""Networks of one's own: code that a decoder file names, and that only its user can allow.

A file never decides what is imported: its entry point must stand, letter by letter, in the
environment variable `ALLOWED_VARIABLE`, or have been named in this process to train it.
"""

import importlib
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn

from bci_online.config import NetworkSpec
from bci_online.errors import DecoderMismatchError

__all__ = ["ALLOWED_VARIABLE", "OwnNetwork", "allow", "allowed_network", "entry_point_of", "own"]

ALLOWED_VARIABLE = "BCI_ONLINE_NETWORKS"

_allowed_here: dict[str, Callable[..., Any]] = {}


class _First(nn.Module):
    """The logits of what a network of one's own returns."""

    def forward(self, outputs: tuple[Tensor, ...]) -> Tensor:
        return outputs[0]


class OwnNetwork(nn.Module):
    """A module of somebody else in the form in which networks are trained and score.

    Parameters
    ----------
    module : nn.Module
        Given epochs (n_epochs, n_channels, n_times), it returns logits (n_epochs, n_classes), or a
        tuple that begins with them: logits, embedding, reconstruction and what its losses need. A
        linear layer called ``latent``, through which all losses pass, is what AlphaGrad and AdaMT
        weigh by. ``losses``, where it has them, is a mapping from a name to a function of the
        outputs, the epochs and their classes.

    See Also
    --------
    own : Makes one by calling somebody's code.
    calibration.networks.own_losses.OwnLosses : Its losses.

    Examples
    --------
    >>> import torch
    >>> network = OwnNetwork(nn.Sequential(nn.Flatten(), nn.Linear(8, 2)))
    >>> network(torch.zeros(3, 2, 4)).shape
    torch.Size([3, 2])
    """

    # Its layers are not known one by one.
    latent = None

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        self.classifier = _First()

    @property
    def shared(self) -> nn.Linear | None:
        """The layer that all losses pass through; None if the module names none."""
        layer = getattr(self.module, "latent", None)
        return layer if isinstance(layer, nn.Linear) else None

    @property
    def losses(self) -> Mapping[str, Callable[..., Tensor]]:
        """The module's own losses by name; empty: those that its outputs stand for."""
        losses = getattr(self.module, "losses", None)
        return losses if isinstance(losses, Mapping) else {}

    def features(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return everything that the module returns; the logits are first."""
        outputs = self.module(x)
        return (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (n_epochs, n_classes)."""
        return self.features(x)[0]


def own(make: Callable[..., Any], spec: NetworkSpec) -> OwnNetwork:
    """Return a network of one's own with new weights.

    Parameters
    ----------
    make : callable
        A class of modules, or a function that returns one. It is called with ``n_chans``,
        ``n_outputs``, ``n_times`` and ``sfreq``, the names that braindecode gives them.
    spec : NetworkSpec
        The sizes.

    Returns
    -------
    network : OwnNetwork
        In training mode.

    Raises
    ------
    ValueError
        If the code fails, or returns no module, or one with complex numbers.

    See Also
    --------
    bci_online.decoding.network.decoder.build_network : The same for a decoder file.

    Examples
    --------
    >>> spec = NetworkSpec(name="own", n_channels=2, n_times=4, n_classes=2)
    >>> own(lambda n_chans, n_outputs, n_times, sfreq: "a network", spec)
    Traceback (most recent call last):
    ValueError: <lambda> must return a torch.nn.Module, got str
    """
    name = spec.entry_point or getattr(make, "__name__", "network")
    sizes = {"n_chans": spec.n_channels, "n_outputs": spec.n_classes, "n_times": spec.n_times}
    try:
        module = make(**sizes, sfreq=spec.sfreq)
    # Whatever somebody's code raises is one line here.
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(
            f"{name} cannot be made with n_chans, n_outputs, n_times and sfreq: {reason}"
        ) from None
    if not isinstance(module, nn.Module):
        raise ValueError(f"{name} must return a torch.nn.Module, got {type(module).__name__}")
    if numbers := [key for key, value in module.state_dict().items() if value.is_complex()]:
        raise ValueError(f"{name} has complex numbers in {numbers[0]}; a file holds only real ones")
    return OwnNetwork(module)


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
    ValueError: nowhere:Net cannot be imported: No module named 'nowhere'
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
        return own(allow(entry_point), spec)
    except ValueError as error:
        raise DecoderMismatchError(f"holds a network whose code fails: {error}") from None


def _imported(entry_point: str) -> Callable[..., Any]:
    module, _, name = entry_point.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    # Whatever somebody's code raises is one line here.
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{entry_point} cannot be imported: {reason}") from None
    if not callable(found):
        raise ValueError(f"{entry_point} cannot be called: it is {type(found).__name__}")
    made: Callable[..., Any] = found
    return made
