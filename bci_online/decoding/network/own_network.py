"""Networks of one's own, in the form in which networks are trained and score.

Whatever such code raises is said in one line.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from bci_online.config import NetworkSpec

__all__ = ["OwnNetwork", "own", "reason_of"]


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
        """The module's own losses by name; empty: those that its outputs stand for.

        Raises
        ------
        ValueError
            If its code fails, or makes no functions by name.
        """
        stated = inspect.getattr_static(self.module, "losses", None)
        try:
            # Asked for by name, a property that fails would look like none: nn.Module hides it.
            losses = (
                stated.fget(self.module)
                if isinstance(stated, property) and stated.fget
                else getattr(self.module, "losses", {})
            )
        except (Exception, SystemExit) as error:
            raise ValueError(f"the network's losses fail: {reason_of(error)}") from error
        if not isinstance(losses, Mapping | nn.ModuleDict):
            found = type(losses).__name__
            raise ValueError(f"the network's losses must be functions by name, got {found}")
        for name, loss in losses.items():
            if not isinstance(name, str) or not callable(loss):
                raise ValueError(
                    f"the network's losses must be functions by name, got {loss!r} by {name!r}"
                )
        return dict(losses.items())

    def features(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return everything that the module returns; the logits are first.

        Raises
        ------
        ValueError
            If its code fails, returns something else than tensors, or changes the epochs.
        """
        # PyTorch counts what is done to a tensor in place, but not of one made to infer.
        version = 0 if x.is_inference() else x._version
        try:
            outputs = self.module(x)
        except (Exception, SystemExit) as error:
            kind = str(x.dtype).removeprefix("torch.")
            raise ValueError(
                f"the network fails on {kind} epochs of shape {tuple(x.shape)}: {reason_of(error)}"
            ) from error
        found = outputs if isinstance(outputs, tuple | list) else (outputs,)
        if not found or not all(isinstance(each, Tensor) for each in found):
            names = ", ".join(type(each).__name__ for each in found) or "nothing"
            raise ValueError(
                f"the network must return a tensor, or a tuple of tensors, got {names}"
            )
        if not x.is_inference() and x._version != version:
            raise ValueError(
                "the network changes the epochs that it is given: let it copy them first, as "
                "x.clone()"
            )
        return tuple(found)

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
        If the code fails, or returns no module, or one that does not learn or fits no file.

    See Also
    --------
    bci_online.decoding.network.allowed_code.allowed_network : The same for a decoder file.

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
    except (Exception, SystemExit) as error:
        raise ValueError(
            f"{name} cannot be made with n_chans, n_outputs, n_times and sfreq: {reason_of(error)}"
        ) from None
    if not isinstance(module, nn.Module):
        raise ValueError(f"{name} must return a torch.nn.Module, got {type(module).__name__}")
    state = module.state_dict()
    if lazy := [key for key, value in state.items() if is_lazy(value)]:
        raise ValueError(f"{name} has a lazy layer ({lazy[0]}): give its sizes")
    if not any(parameter.requires_grad for parameter in module.parameters()):
        raise ValueError(f"{name} has no parameter that learns")
    if numbers := [key for key, value in state.items() if value.is_complex()]:
        raise ValueError(f"{name} has complex numbers in {numbers[0]}; a file holds only real ones")
    return OwnNetwork(module)


def reason_of(error: BaseException) -> str:
    r"""Return what somebody's code raised, in one line.

    Parameters
    ----------
    error : BaseException
        As it was caught.

    Returns
    -------
    reason : str
        Its kind, and what it says.

    See Also
    --------
    own : Calls such code.

    Examples
    --------
    >>> reason_of(KeyError("two\nlines")), reason_of(ValueError())
    ("KeyError: 'two lines'", 'ValueError')
    """
    said = " ".join(str(error).replace("\\n", " ").split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
