"""What a decoder file needs of a trained network."""

from typing import Any

import msgspec
from numpy.typing import NDArray

from bci_online.config import DecoderHeader
from bci_online.decoding.network.decoder import PREFIX, weights_of
from calibration.networks.bank import bank_sections
from calibration.networks.history import learning_curve

__all__ = ["decoder_parts"]


def decoder_parts(
    estimator: Any, header: DecoderHeader
) -> tuple[DecoderHeader, dict[str, NDArray[Any]]]:
    """Return the completed header and the arrays; see `NetworkClassifier.to_decoder`.

    Parameters
    ----------
    estimator : NetworkClassifier
        It is fitted.
    header : DecoderHeader
        What the recordings and the configuration say.

    Returns
    -------
    header : DecoderHeader
        With the architecture, the classes and the learning curve.
    arrays : dict of str to ndarray
        Weights, the scaling of the channels, and the bank's filters if there is one.

    Raises
    ------
    ValueError
        If the header is for another number of classes, or the network is of one's own and cannot
        be imported by name.

    See Also
    --------
    bci_online.decoding.decoder_file.make_decoder : Makes a decoder of the two.
    calibration.networks.network_classifier.NetworkClassifier : Its `to_decoder` returns them.

    Examples
    --------
    >>> import numpy as np
    >>> from bci_online.config.decoder import DecoderHeader, Preprocessing
    >>> from calibration import NetworkClassifier
    >>> X, y = np.random.default_rng(0).normal(size=(8, 2, 64)), np.tile([0, 1], 4)
    >>> estimator = NetworkClassifier("eegnet", sfreq=64.0, max_epochs=1, validation_fraction=0.0)
    >>> fitted = estimator.fit(X, y)
    >>> own = Preprocessing(ch_names=("C3", "C4"), sfreq=64.0)
    >>> three = DecoderHeader(method="eegnet", classes=("a", "b", "c"), preprocessing=own)
    >>> decoder_parts(fitted, three)
    Traceback (most recent call last):
    ValueError: the header names 3 classes, the network has 2
    """
    classes = header.classes
    if estimator.classes_.dtype.kind == "U":
        classes = tuple(estimator.classes_.tolist())
    if len(classes) != len(estimator.classes_):
        raise ValueError(
            f"the header names {len(classes)} classes, the network has {len(estimator.classes_)}"
        )
    if estimator.spec_.name == "own" and not estimator.spec_.entry_point:
        raise ValueError(
            "the network cannot be imported where the decoder runs: put its class or function at "
            "the top of a module, and give that one"
        )
    arrays: dict[str, NDArray[Any]] = {"center": estimator.center_, "scale": estimator.scale_}
    if estimator.spec_.bank == "epoch":
        arrays["sos"] = bank_sections(estimator.sfreq)
    for name, value in weights_of(estimator.network_).items():
        # Whole numbers are kept as the file has them, and read back as they were.
        arrays[PREFIX + name] = value.detach().float().numpy()
    changes = {"kind": "network", "network": estimator.spec_, "classes": classes}
    learning = learning_curve(estimator.history_)
    return msgspec.structs.replace(header, learning=learning, **changes), arrays
