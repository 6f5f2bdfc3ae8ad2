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

    Raises
    ------
    ValueError
        If the header is for another number of classes.
    """
    classes = header.classes
    if estimator.classes_.dtype.kind == "U":
        classes = tuple(estimator.classes_.tolist())
    if len(classes) != len(estimator.classes_):
        raise ValueError(
            f"the header names {len(classes)} classes, the network has {len(estimator.classes_)}"
        )
    arrays: dict[str, NDArray[Any]] = {"center": estimator.center_, "scale": estimator.scale_}
    if estimator.spec_.bank == "epoch":
        arrays["sos"] = bank_sections(estimator.sfreq)
    for name, value in weights_of(estimator.network_).items():
        arrays[PREFIX + name] = value.detach().numpy()
    changes = {"kind": "network", "network": estimator.spec_, "classes": classes}
    learning = learning_curve(estimator.history_)
    return msgspec.structs.replace(header, learning=learning, **changes), arrays
