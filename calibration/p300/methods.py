"""The methods of flashes: what every method is, and which one a request asks for."""

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config
from bci_online.errors import BciError
from calibration.method_names import AUTO, EVERY_SENSOR, POOLED
from calibration.networks.network_training import NetworkTraining, check_latencies
from calibration.p300.estimators import check_pooling
from calibration.p300.fitted import Fitted
from calibration.p300.fitting import LinearMethod
from calibration.p300.method_choice import AutomaticMethod, names_epochs
from calibration.p300.networks import NetworkMethod
from calibration.p300.recorded_epochs import RecordedEpochs
from calibration.p300.sensor_prices import sensor_prices
from calibration.progress import NO_PROGRESS, TrainingProgress
from calibration.training_request import TrainingRequest
from calibration.workers import NOBODY, Workers

if TYPE_CHECKING:
    # It imports scikit-learn, which takes a second.
    from calibration.p300.pooling.sources import PoolSource

__all__ = ["FlashMethod", "check_request", "method_of"]


class FlashMethod(Protocol):
    """A way to make a decoder from flashes: `LinearMethod`, `AutomaticMethod`, `NetworkMethod`.

    See Also
    --------
    method_of : The method of a request.
    calibration.p300.fitting.LinearMethod : The linear methods.
    calibration.motor_imagery.methods.ImageryMethod : The same for imagery.
    """

    @property
    def name(self) -> str:
        """Name as it is shown."""
        ...

    @property
    def full_name(self) -> str:
        """Name in the decoder's header."""
        ...

    @property
    def ranks_sensors(self) -> bool:
        """Whether AUC can be measured against the number of sensors."""
        ...

    def shareable(self, recorded: RecordedEpochs, config: Config) -> "FlashMethod | None":
        """Return the method as other processes can have it; None if it needs this one.

        Epochs that `fit` asks for are cut then, so that no process cuts them again.
        """
        ...

    def fit(
        self,
        recorded: RecordedEpochs,
        rows: NDArray[np.int64],
        config: Config,
        resamples: int = 0,
        stopping: bool = True,
    ) -> Fitted:
        """Fit everything that a decoder holds on the epochs of these rows.

        Parameters
        ----------
        recorded : RecordedEpochs
            Gives the epochs for a set of sensors.
        rows : ndarray of int
            The epochs to learn from; no other is used.
        config : Config
            Artefact limit, stopping rule.
        resamples : int
            How often to choose the sensors again on resampled letters, where a method chooses.
        stopping : bool
            False leaves the threshold as it is by default: what is only scored needs none.

        Raises
        ------
        BciError
            If the epochs are too few for the method.
        """
        ...


def method_of(
    request: TrainingRequest,
    sources: "tuple[PoolSource, ...]" = (),
    progress: TrainingProgress = NO_PROGRESS,
    workers: Workers = NOBODY,
) -> FlashMethod:
    """Return the method that a request asks for.

    Parameters
    ----------
    request : TrainingRequest
        Checked by `check_request`.
    sources : tuple of PoolSource
        The pools of the request, opened.
    progress : TrainingProgress
        Called with the passes of a network.
    workers : Workers
        As for `LinearMethod`.

    Returns
    -------
    method : FlashMethod
        `NetworkMethod` if the request names a network, `AutomaticMethod` if it leaves the choice
        to the training, else `LinearMethod`.

    See Also
    --------
    check_request : Refuse a request that does not fit together.
    calibration.p300.evaluation.evaluate : Figures of a method.

    Examples
    --------
    >>> from pathlib import Path
    >>> request = TrainingRequest(
    ...     recordings=(Path("run.xdf"),), config=Config(), output=Path("my.decoder"),
    ...     method="gsvm-2", refit="none",
    ... )
    >>> method_of(request).full_name
    'gsvm-2 (refit none)'
    """
    if request.network is not None:
        return NetworkMethod(request.network.watched(progress.passed, ends=progress.ends))
    if request.method == AUTO:
        return AutomaticMethod(
            sensors=request.sensors,
            preferred=request.preferred,
            networks=request.networks,
            progress=progress,
        )
    similarity = None
    if request.library:
        from calibration.p300.library.similarity import similarity_of

        similarity = similarity_of(request.method, sources)
    return LinearMethod(
        name=request.method,
        refit=request.refit or "lda",
        sensors=request.sensors,
        preferred=request.preferred,
        sources=sources,
        similarity=similarity,
        workers=workers,
    )


def check_request(request: TrainingRequest) -> None:
    """Refuse options that do not fit together, before a recording is read.

    Parameters
    ----------
    request : TrainingRequest
        For flashes.

    Raises
    ------
    BciError
        It names the option and the way out.

    See Also
    --------
    method_of : The method of a request.
    calibration.motor_imagery.methods.check_request : The same for imagery.

    Examples
    --------
    >>> from pathlib import Path
    >>> check_request(TrainingRequest(  # doctest: +ELLIPSIS
    ...     recordings=(Path("run.xdf"),), config=Config(), output=Path("my.decoder"),
    ...     method="lda", sensors=4, preferred=("Nowhere",),
    ... ))
    Traceback (most recent call last):
    ...
    bci_online.errors.BciError: --prefer: Nowhere is not a position of the 10-10 system; ...
    """
    if request.library is not None and request.pools:
        raise BciError("--library: is in place of --pool; add those recordings to the library")
    if request.scheduler and (request.network is not None or request.networks):
        raise BciError(
            "--scheduler: a network is trained on this computer; leave it out, or compare several "
            "with: bci-calibrate evaluate"
        )
    if request.network is not None:
        _check_network(request, request.network)
        return
    if request.method == AUTO:
        _check_automatic(request)
    else:
        check_pooling(request.method, request.is_pooled)
        if request.refit is not None and (request.is_pooled or request.method in EVERY_SENSOR):
            how = f"{request.method}{' with --pool' * request.is_pooled}"
            raise BciError(f"--refit: {how} chooses no sensors whose weights could be replaced")
    if not request.preferred:
        return
    sensor_prices((), request.preferred)
    if request.sensors is None and (request.is_pooled or request.method in (AUTO, *EVERY_SENSOR)):
        how = f"{request.method}{' with --pool' * request.is_pooled}"
        raise BciError(f"--prefer: {how} gives sensors no price; say how many with --sensors")


def _check_automatic(request: TrainingRequest) -> None:
    if request.pools:
        raise BciError(
            f"--pool: auto learns one subject alone; use one of {', '.join(POOLED)} with it"
        )
    if request.refit is not None:
        raise BciError("--refit: is for gsvm methods, which auto does not try; name one of them")
    if names_epochs(request.config):
        for training in request.networks:
            check_latencies(training.network, request.config.epoch)


def _check_network(request: TrainingRequest, network: NetworkTraining) -> None:
    check_latencies(network.network, request.config.epoch)
    if network.filter is not None:
        raise BciError(
            f"--method {request.method}: reads the power of bands, which is for imagery; use "
            "min2net or eegnet, or a --config with paradigm = 'motor_imagery'"
        )
    if request.chooses_sensors:
        raise BciError(
            f"--sensors, --prefer and --refit: {request.method} takes every sensor; choose "
            "sensors with eeg.channels in the configuration"
        )
