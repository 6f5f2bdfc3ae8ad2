"""Which network an estimator trains, and of what size."""

from typing import Any

import msgspec

from bci_online.config import NetworkSpec
from bci_online.decoding.network.allowed_code import entry_point_of, source_of
from calibration.networks.bank import BANK
from calibration.networks.input_scale import scaling_for

__all__ = ["architecture", "is_own"]

NEED_SHARED_LAYER = ("alphagrad", "adamt")


def architecture(estimator: Any, shape: tuple[int, ...]) -> NetworkSpec:
    """Return the network that an estimator trains on epochs of X's shape.

    Parameters
    ----------
    estimator : NetworkClassifier
        Its ``classes_`` are known.
    shape : tuple of int
        Shape of X, as `checked_epochs` returns it.

    Returns
    -------
    spec : NetworkSpec
        Everything that `build_network` needs; it goes into the decoder's header.

    See Also
    --------
    bci_online.decoding.network.decoder.build_network : Build the network.

    Examples
    --------
    >>> import numpy as np
    >>> from calibration import NetworkClassifier
    >>> estimator = NetworkClassifier(network="eegnet", sfreq=100.0)
    >>> estimator.classes_ = np.array(["left", "right"])
    >>> spec = architecture(estimator, (20, 8, 200))
    >>> spec.n_channels, spec.n_times, spec.n_classes, spec.bank
    (8, 200, 2, 'none')
    """
    if estimator.start is not None:
        return _started(estimator, shape)
    has_bank = estimator.network == "fbmsnet"
    shared_layer = estimator.shared_layer
    if shared_layer is None:
        shared_layer = estimator.loss_weighting in NEED_SHARED_LAYER
    entry_point = ""
    if is_own(estimator.network):
        given = estimator.network
        entry_point = given if isinstance(given, str) else entry_point_of(given)
    name: Any = "own" if is_own(estimator.network) else estimator.network
    return NetworkSpec(
        name=name,
        entry_point=entry_point,
        source=source_of(entry_point),
        n_channels=shape[-2],
        n_times=shape[-1],
        n_classes=len(estimator.classes_),
        sfreq=float(estimator.sfreq),
        n_bands=len(BANK.bands) if has_bank else 0,
        bank="none" if not has_bank else "epoch" if len(shape) == 3 else "signal",
        shared_layer=bool(shared_layer),
        scaling=scaling_for(name, estimator.loss_weighting, estimator.scaling),
        subsampling=int(estimator.subsampling or 0),
        variant=estimator.variant,
    )


def _started(estimator: Any, shape: tuple[int, ...]) -> NetworkSpec:
    """Return the architecture of the network that an estimator goes on from."""
    start = estimator.start
    spec: NetworkSpec = start.spec
    bands = (spec.n_bands,) if spec.bank == "signal" else ()
    wanted = (*bands, spec.n_channels, spec.n_times), spec.n_classes, spec.sfreq
    given = shape[1:], len(estimator.classes_), float(estimator.sfreq)
    if wanted != given:
        what = "{} with {} classes at {:g} Hz"
        raise ValueError(
            f"the network of {start.name} takes epochs of {what.format(*wanted)}, X has "
            f"{what.format(*given)}"
        )
    scaling = spec.scaling if estimator.scaling is None else estimator.scaling
    return msgspec.structs.replace(spec, scaling=scaling, source=source_of(spec.entry_point))


def is_own(network: Any) -> bool:
    """Return whether a network is somebody's own code, and none of ours.

    Parameters
    ----------
    network : str or callable
        As `NetworkClassifier` takes it.

    Returns
    -------
    is_own : bool
        True for a callable, and for MODULE:NAME.

    See Also
    --------
    architecture : Its sizes.

    Examples
    --------
    >>> is_own("eegnet"), is_own("my_lab.networks:TinyNet"), is_own(lambda **sizes: None)
    (False, True, True)
    """
    return callable(network) or (isinstance(network, str) and ":" in network)
