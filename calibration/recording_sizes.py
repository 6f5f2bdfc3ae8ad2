"""Recordings whose units or gains differ must not be trained together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bci_online.errors import RecordingError

__all__ = ["refuse_other_sizes"]

MOST_RATIO = 5.0
"""Two sessions of one amplifier and subject differ in size by a smaller factor."""


def refuse_other_sizes(
    names: Sequence[str], run: NDArray[np.int64], peak_to_peak: NDArray[np.float64], unit: str
) -> None:
    """Refuse recordings of one training whose signals differ in size by more than five times.

    Stated units and scaling factors were applied before, so what is left is stated wrong or not at
    all. Nothing tells which of the sizes a live stream will have, so none is matched to another.

    Parameters
    ----------
    names : sequence of str
        Of the recordings, for the message.
    run : ndarray of int, shape (n_epochs,)
        Number of each epoch's recording.
    peak_to_peak : ndarray, shape (n_epochs, n_channels)
        Of each epoch, in the stream's unit.
    unit : str
        That unit.

    Raises
    ------
    RecordingError
        With both names and sizes.

    See Also
    --------
    bci_online.acquisition.channel_units : Applies stated units.

    Examples
    --------
    >>> size = np.array([[40.0, 50.0], [800.0, 1000.0]])
    >>> refuse_other_sizes(["a.xdf", "b.xdf"], np.array([0, 1]), size, "microvolts")
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bci_online.errors.RecordingError: a.xdf and b.xdf: their signals differ in size by 20 times, ...
    """
    runs = np.unique(run)
    sizes = np.array([np.median(peak_to_peak[run == one], axis=0) for one in runs])
    # A channel that is bad in one recording says nothing about the gain of all.
    ratios = np.median(np.maximum(sizes, 1e-12) / np.maximum(sizes[:1], 1e-12), axis=1)
    least, most = int(ratios.argmin()), int(ratios.argmax())
    if ratios[most] <= MOST_RATIO * ratios[least]:
        return
    two = " and ".join(names[runs[one]] for one in sorted((least, most)))
    low, high = (float(np.median(sizes[one])) for one in (least, most))
    raise RecordingError(
        f"{two}: their signals differ in size by {ratios[most] / ratios[least]:.3g} times, "
        f"{low:.3g} and {high:.3g} {unit} peak to peak: their units or gains differ; train them "
        "apart, or, for flashes, give one with --pool, which scales each recording on its own"
    )
