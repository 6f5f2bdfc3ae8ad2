"""A network and how it is trained, as `bci-calibrate train` takes both, for any paradigm.

PyTorch is imported when something is trained, not before.
"""

import math
from collections.abc import Callable
from typing import Any, Self

import msgspec

from bci_online.config import EpochSpec, FilterSpec
from bci_online.errors import BciError
from calibration.networks.bank import BANK
from calibration.networks.history import EpochRecord, History
from calibration.networks.network_start import NetworkStart

__all__ = ["LIBRARIES", "LOSSES", "NetworkTraining", "check_latencies"]

LOSSES = {
    "min2net": ("triplet", "reconstruction", "classification"),
    "fbmsnet": ("centre", "classification"),
    "eegnet": ("classification",),
}
"""The losses of each network, in the order of their weights."""

LIBRARIES = {"uw": ("torchjd", "strategies"), "dwa": ("torchjd", "strategies")}
"""The library that a loss weighting needs, and the extra that installs it."""


FEWEST_LATENCIES = {"eegnet": 32}
"""It pools four and then eight samples into one; min2net takes any number."""


class NetworkTraining(msgspec.Struct, frozen=True, kw_only=True):
    """A network and how it is trained; the same seed gives the same decoder.

    Parameters
    ----------
    network : {"min2net", "fbmsnet", "eegnet"} or str
        Which network; or MODULE:NAME of one's own.
    loss_weighting : str
        A name of `calibration.method_names.WEIGHTINGS`.
    loss_weights : tuple of float, optional
        At the start, one for each loss; None: those of the weighting.
    step : float
        Of AlphaGrad.
    scaling : {"channel", "microvolts", "global"}, optional
        What epochs are divided by; None: what was best for network and weighting.
    start : NetworkStart, optional
        A trained network to go on from; None: drawn weights.
    tune : {"all", "head"}
        What learns after such a start.
    max_epochs : int
        Passes over the data, at most.
    patience : int
        Passes without a better one, after which the training ends.
    device : str
        Where to train, as PyTorch names it.
    threads : int
        Of the CPU.
    precision : {"float32", "bfloat16"}
        Of the layers while they learn.
    random_state : int
        Seed of the weights and of the order of the epochs.
    progress : callable, optional
        Called with each pass over the data.
    trained : callable, optional
        Called with the history of each training on imagery: first of those on parts of the data,
        last of the decoder's own.

    See Also
    --------
    calibration.networks.network_options.NetworkOptions : Make one from the command line.
    calibration.networks.network_classifier.NetworkClassifier : What is trained.

    Examples
    --------
    >>> NetworkTraining(network="min2net", loss_weighting="alphagrad").name
    'min2net (alphagrad)'
    """

    network: str
    loss_weighting: str = "fixed"
    loss_weights: tuple[float, ...] | None = None
    step: float = 0.01
    scaling: str | None = None
    start: NetworkStart | None = None
    tune: str = "all"
    max_epochs: int = 50
    patience: int = 15
    device: str = "cpu"
    threads: int = 1
    precision: str = "float32"
    random_state: int = 0
    progress: Callable[[EpochRecord], object] | None = None
    trained: Callable[[History], None] | None = None

    @property
    def name(self) -> str:
        """Name in the decoder's header, with the loss weighting if there is one."""
        # How many losses somebody's own network has is known when it is made.
        several = len(LOSSES.get(self.network, ("",) * 2)) > 1
        how = [self.loss_weighting] if several else []
        if self.start is not None:
            way = "pooled" if self.start.is_pool else "tuned"
            how.append(f"head {way}" if self.tune == "head" else way)
        return f"{self.network} ({', '.join(how)})" if how else self.network

    @property
    def from_nothing(self) -> Self:
        """The same training without a start, to compare with."""
        return msgspec.structs.replace(self, start=None, tune="all")

    @property
    def filter(self) -> FilterSpec | None:
        """The filter bank that the network needs; None if it takes the configuration's filter."""
        return BANK if self.network == "fbmsnet" else None

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of a `NetworkClassifier` that are set here."""
        shared = ("network", "loss_weighting", "loss_weights", "step", "scaling", "max_epochs")
        how = ("patience", "device", "threads", "precision", "random_state", "progress")
        names = (*shared, *how, "start", "tune")
        return {name: getattr(self, name) for name in names}

    def watched(
        self,
        note: Callable[[str], None],
        keep: Callable[[History], None] | None = None,
        ends: Callable[[int], bool] = lambda number: False,
    ) -> Self:
        """Return the same training that passes each pass to `note` and each history to `keep`.

        It ends with a pass of which `ends` says so.
        """

        def noted(record: EpochRecord) -> bool:
            note(str(record))
            return ends(record.number)

        return msgspec.structs.replace(self, progress=noted, trained=keep)


def check_latencies(network: str, epoch: EpochSpec) -> None:
    """Refuse latencies that are too few for a network, before anything is read.

    Parameters
    ----------
    network : str
        Its name.
    epoch : EpochSpec
        As configured.

    Raises
    ------
    BciError
        It names the distance of latencies that is small enough.

    See Also
    --------
    calibration.networks.network_options.NetworkOptions : The other settings.

    Examples
    --------
    >>> check_latencies("eegnet", EpochSpec())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.BciError: eegnet needs at least 32 latencies: ... epoch.step = 0.024 or less
    """
    least = FEWEST_LATENCIES.get(network, 0)
    if epoch.latencies.size >= least:
        return
    largest = math.floor(1000 * (epoch.tmax - epoch.tmin) / (least - 1)) / 1000
    way = f"set epoch.step = {largest:g} or less" if largest else "set a later epoch.tmax"
    raise BciError(
        f"{network} needs at least {least} latencies: epoch.step = {epoch.step:g} from "
        f"{epoch.tmin:g} to {epoch.tmax:g} s gives {epoch.latencies.size}; {way}"
    )
