"""The price of each sensor: lower near places where a response is known to be."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bci_online.acquisition.montage import sensor_positions, topography
from bci_online.errors import BciError

__all__ = ["sensor_prices"]

WIDTH, FAR = 30.0, 2.0


def sensor_prices(ch_names: Sequence[str], preferred: Sequence[str]) -> NDArray[np.float64]:
    """Return the price ω_g of each sensor's norm, shape (n_channels,).

    It is 1 at a preferred place and ``2 − exp(−angle²/(2·30°²))`` at an angle from the nearest one:
    2 far away, and for channels that the 10-10 system does not have.

    Parameters
    ----------
    ch_names : sequence of str
        As the recording spells them.
    preferred : sequence of str
        Places of the 10-10 system.

    Returns
    -------
    prices : ndarray, shape (n_channels,)
        From 1 to 2.

    Raises
    ------
    BciError
        If a preferred place is not in the 10-10 system.

    See Also
    --------
    calibration.sparse.estimators.group_svm.GroupSVM : Takes them as ``sensor_weights``.
    calibration.p300.fitting.LinearMethod : Takes the preferred places.

    Examples
    --------
    >>> sensor_prices(("Cz", "elsewhere"), ("Cz",)).round(3).tolist()
    [1.0, 2.0]
    """
    known = {name.casefold(): place for name, place in sensor_positions().items()}
    unknown = [name for name in preferred if name.casefold() not in known]
    if unknown or not preferred:
        raise BciError(
            f"--prefer: {', '.join(unknown) or 'nothing'} is not a position of the 10-10 system; "
            "name some such as Cz,Pz,PO7,PO8"
        )
    centres = np.array([known[name.casefold()] for name in preferred])
    prices = np.full(len(ch_names), FAR)
    for sensor, name in enumerate(ch_names):
        if name.casefold() in known:
            near = topography(known[name.casefold()][np.newaxis], centres, WIDTH).max()
            prices[sensor] = FAR - (FAR - 1.0) * near
    return prices
