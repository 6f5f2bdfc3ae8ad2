"""A network as a method of motor imagery."""

from typing import TYPE_CHECKING

from bci_online.config import DecoderHeader
from bci_online.errors import BciError
from calibration.motor_imagery.fitting import ClassifierMethod
from calibration.networks.bank import BANK
from calibration.networks.network_training import NetworkTraining

if TYPE_CHECKING:
    # Importing it imports PyTorch, which is not installed everywhere.
    from calibration.motor_imagery.window_classifier import WindowClassifier

__all__ = ["network_method"]


def network_method(training: NetworkTraining) -> ClassifierMethod:
    """Return a network as a method of windows.

    Parameters
    ----------
    training : NetworkTraining
        Which network, and how it is trained.

    Returns
    -------
    method : ClassifierMethod
        With the filter bank that the network needs, if it needs one.

    See Also
    --------
    calibration.motor_imagery.methods.method_of : The method of a request.

    Examples
    --------
    >>> from calibration.networks.network_training import NetworkTraining
    >>> network_method(NetworkTraining(network="fbmsnet")).name
    'fbmsnet (fixed)'
    """

    def make(header: DecoderHeader) -> "WindowClassifier":
        return _classifier(training, header)

    return ClassifierMethod(training.name, make, training.filter)


def _classifier(training: NetworkTraining, header: DecoderHeader) -> "WindowClassifier":
    preprocessing = header.preprocessing
    n_bands, wanted = len(preprocessing.filter.bands), len(BANK.bands)
    if n_bands != (1 if training.filter is None else wanted):
        raise BciError(
            f"{training.network} takes one band, the configuration's filter has {n_bands}: "
            "set filter.band_width = 0"
        )
    from calibration.motor_imagery.window_classifier import WindowClassifier

    parameters = training.parameters()
    if training.start is not None:
        parameters["start"] = training.start.ordered(header.classes)
    return WindowClassifier(preprocessing, training.trained, **parameters)
