"""The options of `bci-calibrate train` that are for networks, read into a training."""

import math
from typing import Any

import msgspec

from bci_online.errors import BciError
from calibration.installed import check_installed
from calibration.networks.network_training import LIBRARIES, LOSSES, NetworkTraining

__all__ = ["NetworkOptions", "check_precision"]


class NetworkOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed of a network's training; None or empty where nothing was.

    Parameters
    ----------
    loss_weighting : str, optional
        A name of `calibration.method_names.WEIGHTINGS`.
    loss_weights : str
        Numbers with commas between them.
    loss_step : float, optional
        Of AlphaGrad.
    max_epochs : int, optional
        Passes over the data.
    scaling : str, optional
        A name of `calibration.method_names.SCALINGS`.
    device : str
        Where to train, as PyTorch names it.
    threads : int, optional
        Of the CPU.
    precision : str, optional
        A name of `calibration.method_names.PRECISIONS`.

    See Also
    --------
    calibration.networks.network_training.NetworkTraining : What is made, with its defaults.

    Examples
    --------
    >>> options = NetworkOptions(max_epochs=9)
    >>> options.given
    {'max_epochs': 9}
    >>> options.training("lda")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: --max-epochs: lda is not a network; use one of min2net, ...
    """

    loss_weighting: str | None = None
    loss_weights: str = ""
    loss_step: float | None = None
    max_epochs: int | None = None
    scaling: str | None = None
    device: str = ""
    threads: int | None = None
    precision: str | None = None

    @property
    def given(self) -> dict[str, Any]:
        """What was typed, by its name."""
        return {name: value for name, value in msgspec.structs.asdict(self).items()
                if value not in (None, "")}  # fmt: skip

    def training(self, method: str) -> NetworkTraining | None:
        """Return how a network is trained; None if the method is not a network.

        Parameters
        ----------
        method : str
            Name of any method, or MODULE:NAME of a network.

        Returns
        -------
        training : NetworkTraining or None
            None if the method is not a network.

        Raises
        ------
        BciError
            If an option is for networks and the method is none, an option is wrong, or a library
            is missing.
        """
        names, given = LOSSES.get(method), self.given
        typed = [f"--{name.replace('_', '-')}" for name in given]
        if names is None and ":" not in method:
            if typed:
                known = ", ".join(LOSSES)
                raise BciError(f"{typed[0]}: {method} is not a network; use one of {known}")
            return None
        of_losses = [name for name in typed if name.startswith("--loss")]
        if names is not None and len(names) == 1 and of_losses:
            raise BciError(f"{of_losses[0]}: {method} has one loss, there is nothing to weigh")
        self._check()
        check_installed("torch", "networks", f"--method {method}")
        if (weighting := self.loss_weighting) in LIBRARIES:
            check_installed(*LIBRARIES[weighting], f"--loss-weighting {weighting}")
        if self.loss_weights:
            given["loss_weights"] = _weights(self.loss_weights, names)
        if self.loss_step is not None:
            given["step"] = given.pop("loss_step")
        return NetworkTraining(network=method, **given)

    def _check(self) -> None:
        """Refuse what does not go together."""
        step, weighting = self.loss_step, self.loss_weighting
        if step is not None and not (0 < step < math.inf and weighting == "alphagrad"):
            raise BciError(
                f"--loss-step {step:g}: must be a positive number, and is alphagrad's alone"
            )
        if weighting in LIBRARIES and self.loss_weights:
            raise BciError(f"--loss-weights: {weighting} learns its own; leave them out")
        check_precision(self.precision, self.device)


def check_precision(precision: str | None, device: str) -> None:
    """Refuse half precision on a CPU, which has no faster arithmetic for it.

    Parameters
    ----------
    precision : str, optional
        A name of `calibration.method_names.PRECISIONS`.
    device : str
        Where to train; empty: the CPU.

    Raises
    ------
    BciError
        It names both ways out.

    See Also
    --------
    NetworkOptions : Checks it before anything is read.

    Examples
    --------
    >>> check_precision("bfloat16", "cuda:1")
    >>> check_precision("bfloat16", "")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: --precision bfloat16: is for a GPU; add --device cuda, or leave ...
    """
    if precision == "bfloat16" and device.partition(":")[0] in ("", "cpu"):
        raise BciError(
            "--precision bfloat16: is for a GPU; add --device cuda, or leave --precision out"
        )


def _weights(text: str, names: tuple[str, ...] | None) -> tuple[float, ...]:
    try:
        weights = tuple(float(part) for part in text.split(","))
    except ValueError:
        weights = ()
    usable = all(0 <= weight < math.inf for weight in weights) and sum(weights) > 0
    if not usable or (names is not None and len(weights) != len(names)):
        many = "" if names is None else f"{len(names)} "
        losses = "" if names is None else f", for {', '.join(names)}"
        raise BciError(
            f"--loss-weights {text}: must be {many}numbers, not negative and not all 0{losses}"
        )
    return weights
