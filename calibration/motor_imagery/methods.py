"""The methods of motor imagery: what every method is, and which one a request asks for."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bci_online.config import Config, DecoderHeader, FilterSpec
from bci_online.decoding.decoder import Decoder
from bci_online.errors import BciError
from calibration.discriminants.csp_lda import CspLDA, FilterBankCsp
from calibration.discriminants.riemannian import MinimumDistance, TangentSpaceLDA
from calibration.method_names import AUTO, NETWORKS
from calibration.motor_imagery.fitting import ClassifierMethod
from calibration.motor_imagery.networks import network_method
from calibration.motor_imagery.window_set import WindowSet
from calibration.progress import NO_PROGRESS, TrainingProgress
from calibration.training_request import TrainingRequest

__all__ = ["CANDIDATES", "CSP_LDA", "METHODS", "ImageryMethod", "check_request", "method_of"]


class ImageryMethod(Protocol):
    """A way to make a decoder from windows of imagery, such as `CSP_LDA` or a network.

    See Also
    --------
    method_of : The method of a request.
    calibration.p300.methods.FlashMethod : The same for flashes.
    """

    @property
    def name(self) -> str:
        """Name as it is shown, and in the decoder's header."""
        ...

    @property
    def needs_samples(self) -> bool:
        """Whether covariances of windows are not enough; see `compressed`."""
        ...

    def configured(self, config: Config) -> tuple[Config, tuple[str, ...]]:
        """Return the configuration that the method needs, and notes about what was changed."""
        ...

    def fit(
        self, windows: WindowSet, rows: NDArray[np.int64], config: Config, stopping: bool = True
    ) -> Decoder:
        """Fit everything that a decoder holds on the windows of these rows.

        Parameters
        ----------
        windows : WindowSet
            As the chain cut them.
        rows : ndarray of int
            The windows to learn from; no other is used.
        config : Config
            Artefact limit, stopping rule, and all that the header repeats.
        stopping : bool
            False leaves the evidence unfitted; see `ClassifierMethod.fit`.

        Raises
        ------
        BciError
            If the trials are too few for the method.
        """
        ...


def _csp_lda(header: DecoderHeader) -> CspLDA:
    n_bands = len(header.preprocessing.filter.bands)
    return CspLDA(n_bands=n_bands, idle=len(header.classes) if header.evidence.idle else None)


def _fbcsp(header: DecoderHeader) -> FilterBankCsp:
    n_bands = len(header.preprocessing.filter.bands)
    return FilterBankCsp(
        n_bands=n_bands, idle=len(header.classes) if header.evidence.idle else None
    )


CSP_LDA = ClassifierMethod("csp-lda", _csp_lda, needs_samples=False, knows_idle=True)
"""Common spatial patterns and LDA, on one band or on a bank of them."""

ONE_BAND = FilterSpec(l_freq=8.0, h_freq=30.0)

NINE_BANDS = FilterSpec(l_freq=4.0, h_freq=40.0, band_width=4.0)

FBCSP = ClassifierMethod("fbcsp", _fbcsp, NINE_BANDS, needs_samples=False, knows_idle=True)
"""The same on nine bands, with weights for the most informative powers alone."""

MDM = ClassifierMethod(
    "mdm", lambda header: MinimumDistance(), ONE_BAND, needs_samples=False, knows_idle=True
)
"""The class whose Riemannian mean covariance is nearest."""

TS = ClassifierMethod(
    "ts", lambda header: TangentSpaceLDA(), ONE_BAND, needs_samples=False, knows_idle=True
)
"""LDA of covariances in the tangent space of their mean."""

METHODS: Mapping[str, ClassifierMethod] = {one.name: one for one in (CSP_LDA, FBCSP, MDM, TS)}
"""The methods other than networks, by name."""

CANDIDATES = (CSP_LDA, FBCSP, MDM, TS)
"""What ``--method auto`` chooses from; of equally good ones the first is taken."""


def method_of(request: TrainingRequest, progress: TrainingProgress = NO_PROGRESS) -> ImageryMethod:
    """Return the method that a request asks for.

    Parameters
    ----------
    request : TrainingRequest
        Checked by `check_request`.
    progress : TrainingProgress
        Called with the passes of a network.

    Returns
    -------
    method : ImageryMethod
        A network if the request names one, else one of `METHODS`; for ``auto`` the first of
        `CANDIDATES`.

    See Also
    --------
    calibration.motor_imagery.method_choice.prepared : Chooses one where none is named.
    check_request : Refuse a request that does not fit together.
    calibration.p300.methods.method_of : The same for flashes.

    Examples
    --------
    >>> from pathlib import Path
    >>> request = TrainingRequest(
    ...     recordings=(Path("run.xdf"),), config=Config(paradigm="motor_imagery"),
    ...     output=Path("my.decoder"), method="csp-lda",
    ... )
    >>> method_of(request).name
    'csp-lda'
    """
    if request.network is not None:
        watched = request.network.watched(progress.passed, progress.trained, progress.ends)
        return network_method(watched)
    return METHODS.get(request.method, CANDIDATES[0])


def check_request(request: TrainingRequest) -> None:
    """Refuse options that do not fit together, before a recording is read.

    Parameters
    ----------
    request : TrainingRequest
        For motor imagery.

    Raises
    ------
    BciError
        It names the option and the way out.

    See Also
    --------
    method_of : The method of a request.
    calibration.p300.methods.check_request : The same for flashes.

    Examples
    --------
    >>> from pathlib import Path
    >>> check_request(TrainingRequest(  # doctest: +ELLIPSIS
    ...     recordings=(Path("run.xdf"),), config=Config(paradigm="motor_imagery"),
    ...     output=Path("my.decoder"), method="lda",
    ... ))
    Traceback (most recent call last):
    ...
    bci_online.errors.BciError: --method lda: is for flashes; for imagery there is csp-lda, ...
    """
    if request.chooses_sensors:
        options = "--sensors, --prefer and --refit"
        raise BciError(f"{options} are for flashes; leave them out with {request.config_path}")
    if request.scheduler:
        raise BciError("--scheduler: imagery is trained on this computer; leave it out")
    if request.library is not None:
        raise BciError("--library: keeps flashes, not imagery; name recordings with --pool")
    if request.pools and request.network is None:
        raise BciError(
            f"--pool: {request.method} learns one subject of imagery alone; a network learns "
            f"others first: --method {', '.join(NETWORKS)}"
        )
    if request.network is not None:
        return
    if request.method not in (AUTO, *METHODS):
        known = ", ".join((*METHODS, *NETWORKS))
        raise BciError(f"--method {request.method}: is for flashes; for imagery there is {known}")
    if request.figure is not None:
        raise BciError(f"--figure: of imagery it shows a network's training, not {request.method}")
