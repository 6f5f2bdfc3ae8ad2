"""Networks as methods of `bci-calibrate train`: by name, for windows of imagery and for flashes.

PyTorch is imported when something is trained, not before.
"""

import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, FilterSpec, Preprocessing
from bci_online.errors import BciError
from calibration.networks.bank import BANK
from calibration.networks.history import EpochRecord, History

if TYPE_CHECKING:
    from calibration.motor_imagery.fitting import ImageryMethod
    from calibration.motor_imagery.window_classifier import WindowClassifier
    from calibration.p300.networks import FittedNetwork

__all__ = ["LOSSES", "NetworkMethod", "check_installed", "network_method"]

LOSSES = {
    "min2net": ("triplet", "reconstruction", "classification"),
    "fbmsnet": ("centre", "classification"),
    "eegnet": ("classification",),
}
"""Each network's losses, in the order of their weights."""

LIBRARIES = {"uw": ("torchjd", "strategies"), "dwa": ("torchjd", "strategies")}


class NetworkMethod(msgspec.Struct, frozen=True, kw_only=True):
    """A network and how it is trained; the same seed gives the same decoder.

    ``progress`` is told every pass over the data, ``trained`` the history of every training: of
    those on parts of the data first, and last of the decoder's own.
    """

    network: str
    loss_weighting: str = "fixed"
    loss_weights: tuple[float, ...] | None = None
    step: float = 0.01
    max_epochs: int = 50
    patience: int = 15
    device: str = "cpu"
    random_state: int = 0
    progress: Callable[[EpochRecord], None] | None = None
    trained: Callable[[History], None] | None = None

    @property
    def name(self) -> str:
        """What the decoder's header calls it."""
        several = len(LOSSES[self.network]) > 1
        return f"{self.network} ({self.loss_weighting})" if several else self.network

    @property
    def filter(self) -> FilterSpec | None:
        """The bands that it needs the signal in; None: the configuration's."""
        return BANK if self.network == "fbmsnet" else None

    def parameters(self) -> dict[str, Any]:
        """Return those of a `NetworkClassifier` that the method states."""
        shared = ("network", "loss_weighting", "loss_weights", "step", "max_epochs", "patience")
        names = (*shared, "device", "random_state", "progress")
        return {name: getattr(self, name) for name in names}

    def watched(self, note: Callable[[str], None], keep: Callable[[History], None]) -> Self:
        """Return the method with someone to tell its passes and histories."""

        def told(record: EpochRecord) -> None:
            note(str(record))

        return msgspec.structs.replace(self, progress=told, trained=keep)

    def for_imagery(self) -> "ImageryMethod":
        """Return it as a method of imagery."""
        from calibration.motor_imagery.fitting import ImageryMethod

        return ImageryMethod(self.name, self._windows, self.filter)

    def _windows(self, preprocessing: Preprocessing) -> "WindowClassifier":
        n_bands, wanted = len(preprocessing.filter.bands), len(BANK.bands)
        if n_bands != (1 if self.filter is None else wanted):
            raise BciError(
                f"{self.network} takes one band, the configuration's filter has {n_bands}: "
                "set filter.band_width = 0"
            )
        from calibration.motor_imagery.window_classifier import WindowClassifier

        return WindowClassifier(preprocessing, self.trained, **self.parameters())

    def fit_flashes(
        self, pick: Callable[[tuple[str, ...]], Any], rows: NDArray[np.int64], config: Config
    ) -> "FittedNetwork":
        """Fit all that a decoder of flashes holds, on all sensors; see `fit_decoder`."""
        from calibration.p300.networks import fit_network

        return fit_network(self, pick(()), rows, config)


def check_installed(library: str, extra: str, what: str) -> None:
    """Refuse what needs a library that is not there.

    Raises
    ------
    BciError
        Saying how to install it.
    """
    if find_spec(library) is None:
        name = "PyTorch" if library == "torch" else library
        raise BciError(f"{what} needs {name}: pip install 'bci-online[{extra}]'")


def network_method(
    method: str,
    loss_weighting: str | None,
    loss_weights: str,
    step: float | None = None,
    max_epochs: int | None = None,
    device: str = "",
) -> NetworkMethod | None:
    """Read what the command line says of networks; None where the method is none.

    Parameters
    ----------
    method : str
        Of any kind.
    loss_weighting : str, optional
        A name of `calibration.networks.loss_weighting.STRATEGIES`.
    loss_weights : str
        Numbers with commas between them, or nothing.
    step : float, optional
        AlphaGrad's.
    max_epochs : int, optional
        Passes over the data.
    device : str
        Where to train; empty: on the CPU.

    Raises
    ------
    BciError
        If an option is for networks and the method is none, or a library is missing.
    """
    options = {
        "--loss-weighting": loss_weighting,
        "--loss-weights": loss_weights,
        "--loss-step": step,
        "--max-epochs": max_epochs,
        "--device": device,
    }
    given = [name for name, value in options.items() if value not in (None, "")]
    if method not in LOSSES:
        if given:
            raise BciError(f"{given[0]}: {method} is no network; use one of {', '.join(LOSSES)}")
        return None
    of_losses = [name for name in given if name.startswith("--loss")]
    if len(LOSSES[method]) == 1 and of_losses:
        raise BciError(f"{of_losses[0]}: {method} has one loss, there is nothing to weigh")
    if step is not None and not (0 < step < math.inf and loss_weighting == "alphagrad"):
        raise BciError(f"--loss-step {step:g}: must be positive, and is alphagrad's alone")
    check_installed("torch", "networks", f"--method {method}")
    if loss_weighting in LIBRARIES:
        check_installed(*LIBRARIES[loss_weighting], f"--loss-weighting {loss_weighting}")
        if loss_weights:
            raise BciError(f"--loss-weights: {loss_weighting} learns its own; leave them out")
    return NetworkMethod(
        network=method,
        loss_weighting=loss_weighting or "fixed",
        loss_weights=_weights(loss_weights, LOSSES[method]) if loss_weights else None,
        step=step or 0.01,
        max_epochs=max_epochs or 50,
        device=device or "cpu",
    )


def _weights(text: str, names: tuple[str, ...]) -> tuple[float, ...]:
    try:
        weights = tuple(float(part) for part in text.split(","))
    except ValueError:
        weights = ()
    usable = all(0 <= weight < math.inf for weight in weights) and sum(weights) > 0
    if len(weights) != len(names) or not usable:
        raise BciError(
            f"--loss-weights {text}: must be {len(names)} numbers, not negative and not all 0, "
            f"for {', '.join(names)}"
        )
    return weights
