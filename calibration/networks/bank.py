"""FBMSNet's nine bands, the same for cut epochs and for the running signal."""

import numpy as np
from numpy.typing import NDArray

from bci_online.config import FilterSpec
from bci_online.preprocessing.filters import bandpass

__all__ = ["BANK", "bank_sections"]

BANK = FilterSpec(l_freq=4.0, h_freq=40.0, band_width=4.0)
"""The filter of a configuration whose running signal is to have these bands."""


def bank_sections(sfreq: float) -> NDArray[np.float64]:
    """Return causal second-order sections of each band, shape (n_bands, n_sections, 6).

    Parameters
    ----------
    sfreq : float
        Sampling rate in Hz.

    Returns
    -------
    sos : ndarray, shape (n_bands, n_sections, 6)
        Second-order sections of FBMSNet's nine bands, 4 to 40 Hz.

    Raises
    ------
    ValueError
        If the highest band does not fit under half of ``sfreq`` Hz.

    See Also
    --------
    bci_online.preprocessing.filters.bandpass : The sections of one band.

    Examples
    --------
    >>> bank_sections(250.0).shape[0]  # nine bands
    9
    """
    specs = [FilterSpec(l_freq=low, h_freq=high, order=BANK.order) for low, high in BANK.bands]
    return np.stack([bandpass(spec, sfreq) for spec in specs])
